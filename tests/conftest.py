"""Puts this folder on the import path, for what several rooms' tests share (`day_book`), and keeps
the wall clock out of the property tests: a slow machine is no failure."""

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
