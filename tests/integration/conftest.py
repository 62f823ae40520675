"""A running Heliograph and people to use it with, over HTTP only.

By default every run starts, deploys and stops a cloud of its own. To work on a test against a cloud that is already up:
`HELIOGRAPH_ENDPOINTS=.local/endpoints.json pytest tests/integration`.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import coverage
import pytest

from local.client import Client
from local.instance import ROOT, Endpoints
from local.temporary import temporary_cloud

PASSWORD = "quiet-harbour-19"


@pytest.fixture(scope="session")
def endpoints() -> Iterator[Endpoints]:
    """Where the cloud under test answers."""
    if running := os.environ.get("HELIOGRAPH_ENDPOINTS"):
        yield Endpoints.read(Path(running))
        return
    with temporary_cloud(extra_environment=_coverage_environment()) as cloud:
        yield Endpoints.read(cloud.instance.endpoints_file)


@pytest.fixture(scope="session")
def connect(endpoints: Endpoints) -> Iterator[Callable[[], Client]]:
    """Make anonymous clients; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Client(endpoints.api_url))


@pytest.fixture(scope="session")
def join(connect: Callable[[], Client]) -> Callable[[str], Client]:
    """Sign somebody up under a name that nobody has yet, and in."""

    def joined(name: str) -> Client:
        client = connect()
        username = f"{name}.{uuid.uuid4().hex[:8]}"
        client.sign_up(username, PASSWORD, full_name=name.capitalize())
        client.sign_in(username, PASSWORD)
        return client

    return joined


def _coverage_environment() -> dict[str, str]:
    """Under `coverage run`, the functions that the cloud runs are measured too."""
    if coverage.Coverage.current() is None:
        return {}
    return {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"), "COVERAGE_FILE": str(ROOT / ".coverage")}
