"""The connector for files before the contract."""

from world_of_csv import FilesWorld

from arsync.testing import ConnectorContract


class TestFiles(ConnectorContract):
    world = FilesWorld
