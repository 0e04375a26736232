"""Who hears what, when, and why: the ladder, the holds and plan(). Pure."""
