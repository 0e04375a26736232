"""Puts this folder on the import path, for what several rooms' tests share (`day_book`), and says how
property tests draw: the same examples in each run, so that no change is blamed for what was there before it,
and new ones with ARSYNC_DRAWS=anew (`make nightly`). The wall clock is kept out: a slow machine is no fault,
and one that stands still for a while is no mail server that does not answer.
"""

import os
from contextlib import suppress

from hypothesis import HealthCheck, settings

from arsync.mail import MailServer

TOO_SLOW = [HealthCheck.too_slow]
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=TOO_SLOW)
settings.register_profile(
    "anew", deadline=None, derandomize=False, print_blob=True, suppress_health_check=TOO_SLOW
)
settings.load_profile(os.environ.get("ARSYNC_DRAWS", "steady"))

# Ten seconds are for a network.
MailServer.__init__.__kwdefaults__["connect_timeout"] = 60.0

if settings().derandomize:
    # Left alone, it draws from the numbers and words in the source of all our modules that are loaded: which
    # those are depends on the tests that came before in the same process. There is no setting for it, and
    # where another version keeps it in another place, test_draws.py says so.
    with suppress(ImportError):
        from hypothesis.internal.conjecture import providers
        from hypothesis.internal.constants_ast import Constants

        providers._get_local_constants = Constants
