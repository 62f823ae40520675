"""A search engine in memory, a clone of it for each test."""

from collections.abc import Iterator

import pytest
from osmem_server import OsmemServer


@pytest.fixture(scope="session")
def osmem_server() -> Iterator[OsmemServer]:
    with OsmemServer.start(freeze=True, japanese=False) as server:
        yield server
    assert server.process.stdout
    server.process.stdout.close()
