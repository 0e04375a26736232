"""A tenant's budget of calls, shared by every process of the practice through one small SQLite file.

A minute and a second are paced by waiting; how many calls are under way at once is kept by locks that
the system frees when a process dies; a day or a month that is used up ends the book's run, and tells
when the next call makes sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from pyrate_limiter import Duration, Limiter, Rate, RateItem, SingleBucketFactory, SQLiteBucket

from arsync.connector.allowance import Allowance
from arsync.connector.spending import FILE, Spending, explained
from arsync.connector.thrift import next_day, next_month
from arsync.errors import TryLater, UsedUp

Clock = Callable[[], datetime]
Sleep = Callable[[float], None]

# A rest that the service asked for and that is longer than this ends the book's run instead.
LONGEST_PAUSE = timedelta(seconds=90)
# For a place among the calls under way: none takes longer than its time-outs.
PLACE_SECONDS, LOOK_SECONDS = 30.0, 0.05
# For the lock under which a call is counted, which takes no time.
LOCK_SECONDS = 30.0
# Where a service refuses for the rest of its day and does not tell when that ends.
UNTOLD = timedelta(hours=1)


def budget(folder: Path, tenant: str, *, per_minute: int, per_second: int | None = None) -> Limiter:
    """A limiter that lets through at most so many calls in any minute (and second) of a tenant.

    The bucket's clock is the machine's own, never ``ARSYNC_NOW``: it paces real requests. Raises TryLater
    where another process does not let go of the counts.
    """
    # The library takes no rate beside one that keeps it anyway.
    rates = []
    if per_second and per_second < per_minute:
        rates.append(Rate(per_second, Duration.SECOND))
    if not rates or per_minute < 60 * rates[0].limit:
        rates.append(Rate(per_minute, Duration.MINUTE))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE
    with explained(path):
        for each in (path, path.with_name(f"{FILE}.lock")):  # the library's own would be open to others
            each.touch(mode=0o600)
        try:
            with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
                pass  # the library itself would wait for it without end
        except Timeout:
            raise _kept(path) from None
        bucket = _Bucket.init_from_file(
            rates, table=f"calls_{_plain(tenant)}", db_path=str(path), use_file_lock=True
        )
    bucket.lock.timeout = LOCK_SECONDS  # type: ignore[attr-defined]  # a FileLock
    return _Counted(bucket, path)


class _Bucket(SQLiteBucket):
    """The library's counts of the last minute. What is older goes with each call: the library's own sweeper
    is a thread, which prints a traceback where the counts are locked. What a clock ahead of ours wrote down
    goes, too: it would be waited for until our own clock comes there."""

    def put(self, item: RateItem) -> bool:
        span = int(Duration.MINUTE)
        sql = f"DELETE FROM '{self.table}' WHERE item_timestamp < ? OR item_timestamp > ?"  # noqa: S608 - ours
        with self.lock, self.conn:
            self.conn.execute(sql, (item.timestamp - span, item.timestamp + span)).close()
            return super().put(item)


class _Counted(Limiter):
    """The library's limiter, where counts that are kept locked let nothing through: it waits for room for as
    long as that takes, and only tells by its answer that a call could not be counted."""

    def __init__(self, bucket: SQLiteBucket, path: Path) -> None:
        super().__init__(SingleBucketFactory(bucket, schedule_leak=False))
        self.lock = (bucket.lock, self.lock)
        self._path = path

    def try_acquire(
        self, name: str = "call", weight: int = 1, blocking: bool = True, timeout: int | float = -1
    ) -> bool:
        with explained(self._path):
            if not super().try_acquire(name, weight, blocking, timeout):
                raise _kept(self._path)
        return True


def _kept(path: Path) -> TryLater:
    """A process that was stopped while it counted a call keeps the counts; it is not waited for for ever."""
    return TryLater(f"another process keeps the counts of calls in {path} locked; try again, or end it")


class TenantBudget:
    """The budget of one book's calls to its tenant: ``Budget`` and ``Metered`` in one.

    ``clock`` is the practice's: by it days and months pass, and pauses end.
    """

    def __init__(
        self,
        folder: Path,
        book: str,
        allowance: Allowance,
        limiter: Limiter,
        *,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self._book, self._allowance, self._limiter = book, allowance, limiter
        self._clock, self._sleep = clock, sleep
        self._spending = Spending(folder)
        self._spending.register(allowance)
        self._places = Places(folder, allowance.tenant, allowance.in_flight or 0, sleep)
        self._rest: datetime | None = None  # the pause that this process has asked for or waited out

    def close(self) -> None:
        """End the hold on the counts; the limiter is its maker's to close."""
        self._spending.close()

    @property
    def paused_until(self) -> datetime | None:
        """Until when the service asked the tenant to rest; None where it may be called."""
        return self._spending.state(self._allowance.tenant).pause(self._clock())

    def pause(self, seconds: float) -> None:
        """All processes let the tenant rest for so long."""
        now = self._clock()
        self._rest = now + timedelta(seconds=seconds)
        self._spending.pause(self._allowance.tenant, now, self._rest)

    def try_acquire(self, name: str = "call", weight: int = 1) -> object:
        """Let a call through, after a wait if need be. ``name`` "write" is for one that asks for no data.

        Raises UsedUp where the day or the month has none left, TryLater where the service has asked for
        a rest that is too long to be waited out; neither call is made.
        """
        self._check_day()
        if name != "write":
            self._check_month()
        self._rest_out()
        return self._limiter.try_acquire(name, weight)

    @contextmanager
    def turn(self, *, reading: bool) -> Iterator[_Turn]:
        """A call under way: it has its place, and is counted from the first moment on."""
        with self._places.one():
            begun = self._clock()
            self._spending.begun(self._book, self._allowance, begun)
            yield _Turn(self, reading, begun)

    def _check_day(self) -> None:
        now, allowance = self._clock(), self._allowance
        state = self._spending.state(allowance.tenant)
        if until := state.used_up(now):
            raise UsedUp(
                f"the calls that the service gives for a day are used up; from {until:%Y-%m-%d %H:%M} UTC on "
                "it answers again",
                at=until,
            )
        # What the service has told is its own matter: it refuses a call too many, and tells until when.
        if allowance.per_day is None or state.told_at is not None:
            return
        if self._spending.today(allowance.tenant, now) >= allowance.per_day:
            until = next_day(now)
            raise UsedUp(
                f"the {allowance.per_day:,} calls of the day are used up; the next are made from "
                f"{until:%Y-%m-%d %H:%M} UTC on",
                at=until,
            )

    def _check_month(self) -> None:
        allowance = self._allowance
        if not allowance.metered or allowance.reads_a_month is None:
            return
        now = self._clock()
        if self._spending.reads(allowance.pool, now) < allowance.reads_a_month:
            return
        until = next_month(now)
        hint = f"; if your plan gives more, set {allowance.month_key}" if allowance.month_key else ""
        raise UsedUp(
            f"the {allowance.reads_a_month:,} reads that the plan gives for a month are used up; the next "
            f"are made from {until:%Y-%m-%d %H:%M} UTC on{hint}",
            at=until,
        )

    def _rest_out(self) -> None:
        tenant = self._allowance.tenant
        while True:
            now = self._clock()
            state = self._spending.state(tenant)
            until = state.pause(now)
            # A clock that stands still (ARSYNC_NOW) never reaches the end of a rest: once is enough.
            if until is None or (until == self._rest and now == state.paused_at):
                return
            left = until - now
            if left > LONGEST_PAUSE:
                raise TryLater(f"the service asked to wait until {until:%Y-%m-%d %H:%M} UTC", at=until)
            self._sleep(left.total_seconds())
            if self._clock() < until:  # it stands still, or was set back
                self._rest = until
                return
            self._rest = until

    def _answered(
        self, reading: bool, begun: datetime, headers: Mapping[str, str], size: int, good: bool
    ) -> None:
        allowance = self._allowance
        told = headers.get(allowance.day_left_header or "", "").strip()
        left = int(told) if told.isascii() and told.isdigit() and len(told) <= 9 else None
        self._spending.ended(
            self._book,
            allowance,
            begun,
            self._clock(),
            read=reading and good and allowance.metered,
            written=good and not reading,
            size=size,
            left=left,
        )
        if good and self._rest is not None:
            self._spending.rested(allowance.tenant, self._rest)
            self._rest = None

    def _used_up(self, until: datetime | None) -> None:
        now = self._clock()
        until = until or now + UNTOLD
        minute = until.replace(second=0, microsecond=0)  # the next whole one, as it is told to people
        until = minute if minute == until else minute + timedelta(minutes=1)
        self._spending.used_up(self._allowance.tenant, now, until)


class _Turn:
    def __init__(self, budget: TenantBudget, reading: bool, begun: datetime) -> None:
        self._budget, self._reading, self._begun = budget, reading, begun

    def answered(self, headers: Mapping[str, str], size: int, *, good: bool) -> None:
        self._budget._answered(self._reading, self._begun, headers, size, good)

    def throttled(self, seconds: float) -> None:
        self._budget.pause(seconds)

    def used_up(self, until: datetime | None) -> None:
        self._budget._used_up(until)


class Places:
    """Room for so many calls to a tenant at once, over all processes; 0 for as many as there are."""

    def __init__(self, folder: Path, tenant: str, count: int, sleep: Sleep) -> None:
        names = [folder / f"call-{_plain(tenant)}-{number}.lock" for number in range(count)]
        self._locks = [FileLock(name, timeout=0, mode=0o600) for name in names]
        self._folder, self._sleep = folder, sleep

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place. Raises TryLater where none becomes free."""
        if not self._locks:
            yield
            return
        lock = self._taken()
        try:
            yield
        finally:
            lock.release()

    def _taken(self) -> FileLock:
        waited = 0.0
        while True:
            for lock in self._locks:
                with explained(self._folder), suppress(Timeout):
                    lock.acquire()
                    return lock
            if waited >= PLACE_SECONDS:
                raise TryLater(
                    f"{len(self._locks)} calls to this company are under way at once, as many as the service "
                    "takes; try again later"
                )
            self._sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS


def _plain(tenant: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", "_", tenant)
