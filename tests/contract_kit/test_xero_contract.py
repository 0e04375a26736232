"""Xero's connector before the contract."""

from xero_world import XeroWorld

from arsync.testing import ConnectorContract


class TestXero(ConnectorContract):
    world = XeroWorld
