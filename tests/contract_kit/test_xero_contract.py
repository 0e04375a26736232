"""Xero's connector before the contract."""

from world_of_xero import XeroWorld

from arsync.testing import ConnectorContract


class TestXero(ConnectorContract):
    world = XeroWorld
