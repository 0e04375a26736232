"""Puts this folder on the import path, for what several rooms' tests share (`day_book`), and says how
property tests draw: the same examples in each run, so that no change is blamed for what was there before it,
and new ones with ARSYNC_DRAWS=anew (`make nightly`). The wall clock is kept out: a slow machine is no fault.
"""

import os

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("anew", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("ARSYNC_DRAWS", "steady"))
