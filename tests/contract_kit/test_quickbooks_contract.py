"""QuickBooks' connector before the contract."""

from quickbooks_world import QuickBooksWorld

from arsync.testing import ConnectorContract


class TestQuickBooks(ConnectorContract):
    world = QuickBooksWorld
