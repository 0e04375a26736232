"""A tenant's rate budget, shared by every process of the practice through one small SQLite file."""

from __future__ import annotations

import re
from pathlib import Path

from pyrate_limiter import Duration, Limiter, Rate, SQLiteBucket


def budget(folder: Path, tenant: str, *, per_minute: int, per_second: int | None = None) -> Limiter:
    """A limiter that lets through at most so many calls in any minute (and second) of a tenant.

    The bucket's clock is the machine's own, never ``ARSYNC_NOW``: it paces real requests.
    """
    rates = [Rate(per_second, Duration.SECOND)] if per_second else []
    rates.append(Rate(per_minute, Duration.MINUTE))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    table = "calls_" + re.sub(r"[^a-zA-Z0-9]", "_", tenant)
    bucket = SQLiteBucket.init_from_file(
        rates, table=table, db_path=str(folder / "limits.db"), use_file_lock=True
    )
    return Limiter(bucket)
