"""The connector for files before the contract."""

from csv_world import FilesWorld

from arsync.testing import ConnectorContract


class TestFiles(ConnectorContract):
    world = FilesWorld
