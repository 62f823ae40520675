"""Writing the index when there is nothing to write to."""

import pytest
from opensearchpy.exceptions import ConnectionError as Unreachable

from functions.discovery import index
from local.processes import free_port


def test_an_engine_that_cannot_be_reached_is_raised_and_not_logged_besides(caplog: pytest.LogCaptureFixture) -> None:
    client = index.connect(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable):
        client.index(index="posts", id="1", body={})
    assert [record for record in caplog.records if record.name.startswith("opensearch")] == []
