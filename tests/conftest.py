"""Puts this folder on the import path, for what several rooms' tests share (`day_book`)."""
