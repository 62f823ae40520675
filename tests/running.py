"""A running Heliograph and people to use it with, over HTTP only: the fixtures of tests/integration and tests/security.

By default every run starts, deploys and stops a cloud of its own: the one that CLOUD and SEARCH name. CLOUD=process is
the quick one: the platform in the test process (tests/process). To work on a test against a cloud that is already up:
`HELIOGRAPH_ENDPOINTS=.local/endpoints.json pytest tests/integration`.
"""

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import coverage
import pytest

from local import aws as local_aws
from local.client import Client
from local.cloud import Cloud
from local.clouds import Lane
from local.clouds.emulator import Feature, Mail
from local.instance import ROOT, Endpoints, Instance
from local.operate import faults
from local.temporary import temporary_cloud
from tests import evidence
from tests.process import platform as process
from tests.process.platform import Platform

PASSWORD = "quiet-harbour-19"
# Functions that tests deploy to fail on purpose are named so.
FAILING = "heliograph-test-"
# Words of faults that tests have provoked in functions of the platform.
provoked: list[tuple[str, ...]] = []
IN_PROCESS = os.environ.get("CLOUD") == "process"
if IN_PROCESS:
    os.environ |= process.COMMON
_EVIDENCE = pytest.StashKey[Callable[[datetime], str]]()
_BEGAN = pytest.StashKey[datetime]()


@dataclass(frozen=True)
class UnderTest:
    """What the cloud under test is called, and what it offers."""

    title: str
    offers: frozenset[Feature]


def cloud_under_test() -> UnderTest:
    """The cloud that CLOUD names, or the one that runs already."""
    if IN_PROCESS:
        return UnderTest(process.TITLE, process.OFFERS)
    emulator = _lane().emulator
    return UnderTest(emulator.title, emulator.offers)


@cache
def _lane() -> Lane:
    if running := _running():
        return running.lane
    return Lane.of(os.environ.get("CLOUD", ""), os.environ.get("SEARCH", ""))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails on a cloud says what happened behind the API since it began."""
    report = yield
    if call.when == "setup":
        item.stash[_BEGAN] = datetime.fromtimestamp(call.start, UTC)
    gathered = item.config.stash.get(_EVIDENCE, None)
    if report.failed and gathered and "endpoints" in getattr(item, "fixturenames", ()):
        report.sections.append(("behind the API", gathered(item.stash[_BEGAN])))
    return report


@pytest.fixture(scope="session")
def lane() -> Lane:
    """What the cloud under test consists of."""
    return _lane()


@pytest.fixture(scope="session")
def cloud(lane: Lane, pytestconfig: pytest.Config) -> Iterator[Cloud]:
    """The cloud under test. A run is only good if nothing broke behind the API either."""
    if running := _running():
        pytestconfig.stash[_EVIDENCE] = partial(evidence.gathered, running)
        yield running
        return
    with temporary_cloud(lane, _coverage_environment()) as cloud:
        pytestconfig.stash[_EVIDENCE] = partial(evidence.gathered, cloud)
        yield cloud
        del pytestconfig.stash[_EVIDENCE]
        _assert_nothing_broke(faults(cloud))


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Platform]:
    """The platform in this process, held to the same."""
    with process.running(tmp_path_factory.mktemp("platform")) as platform:
        pytestconfig.stash[_EVIDENCE] = platform.evidence
        yield platform
        del pytestconfig.stash[_EVIDENCE]
        _assert_nothing_broke(platform.faults)


def _assert_nothing_broke(faults: list[str]) -> None:
    found = [fault for fault in faults if not fault.startswith(FAILING) and not _is_provoked(fault)]
    assert not found, "\n".join(["behind the API:", *found])


def _is_provoked(fault: str) -> bool:
    return any(all(word in fault for word in words) for words in provoked)


@pytest.fixture(scope="session")
def endpoints(request: pytest.FixtureRequest) -> Endpoints:
    """Where the cloud under test answers."""
    if IN_PROCESS:
        return request.getfixturevalue("platform").endpoints
    return Endpoints.read(request.getfixturevalue("cloud").instance.endpoints_file)


@pytest.fixture(scope="session")
def aws(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """boto3 clients of the cloud under test, with administrator credentials."""
    if IN_PROCESS:
        return request.getfixturevalue("platform").aws
    instance = request.getfixturevalue("cloud").instance
    return lambda service: local_aws.client(service, instance)


@pytest.fixture(scope="session")
def mails(request: pytest.FixtureRequest) -> Callable[[], list[Mail]]:
    """The e-mails that the cloud under test has sent."""
    if IN_PROCESS:
        return request.getfixturevalue("platform").mails
    cloud = request.getfixturevalue("cloud")
    return lambda: cloud.lane.emulator.mails(cloud.instance)


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


def _running() -> Cloud | None:
    if path := os.environ.get("HELIOGRAPH_ENDPOINTS"):
        port = urlsplit(Endpoints.read(Path(path)).aws_endpoint).port
        assert port, f"{path} names no port"
        return Cloud.on(Instance.on(port))
    return None


def _coverage_environment() -> dict[str, str]:
    """Under `coverage run`, the functions that the cloud runs are measured too."""
    if coverage.Coverage.current() is None:
        return {}
    return {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"), "COVERAGE_FILE": str(ROOT / ".coverage")}
