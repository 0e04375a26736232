"""arsync keeps receivables in step with the accounting system and chases what is overdue.

Facts come in through connectors, are kept in one SQLite file a practice, and are turned into
decisions by pure functions: ``ledger`` says what is owed, ``policy`` says who hears what and why.
"""

__version__ = "0.1.0"
