"""QuickBooks' connector before the contract."""

from world_of_quickbooks import QuickBooksWorld

from arsync.testing import ConnectorContract


class TestQuickBooks(ConnectorContract):
    world = QuickBooksWorld
