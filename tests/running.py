"""A running Heliograph and people to use it with, over HTTP only: the fixtures of tests/integration and tests/security.

By default every run starts, deploys and stops a cloud of its own: the one that CLOUD and SEARCH name. To work on a test
against a cloud that is already up: `HELIOGRAPH_ENDPOINTS=.local/endpoints.json pytest tests/integration`.
"""

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import coverage
import pytest

from local import aws as local_aws
from local.client import Client
from local.cloud import Cloud
from local.clouds import DEFAULT, EMULATORS, Lane
from local.instance import ROOT, Endpoints, Instance
from local.operate import faults
from local.temporary import temporary_cloud
from tests import evidence

PASSWORD = "quiet-harbour-19"
# Functions that tests deploy to fail on purpose are named so.
FAILING = "heliograph-test-"
# Words of faults that tests have provoked in functions of the platform.
provoked: list[tuple[str, ...]] = []
NOT_OFFERED = pytest.StashKey[list[str]]()
_CLOUD = pytest.StashKey[Cloud]()
_BEGAN = pytest.StashKey[datetime]()


@cache
def _lane() -> Lane:
    if running := _running():
        return running.lane
    return Lane.of(os.environ.get("CLOUD", ""), os.environ.get("SEARCH", ""))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests marked `needs(Feature...)` whose cloud lacks it; they are listed by name at the end.

    What the default cloud lacks is marked as the business of the reference: `-m reference` selects it.
    """
    chosen, missing = [], []
    for item in items:
        needs = {feature for marker in item.iter_markers("needs") for feature in marker.args}
        if needs - EMULATORS[DEFAULT].offers:
            item.add_marker("reference")
        if lacking := needs and needs - _lane().emulator.offers:
            config.stash[NOT_OFFERED].append(f"{item.nodeid} ({', '.join(sorted(lacking))})")
            missing.append(item)
        else:
            chosen.append(item)
    if missing:
        config.hook.pytest_deselected(items=missing)
        items[:] = chosen


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_OFFERED] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Workers of xdist select the tests; their controller lists what was deselected, and gets it from the first."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not offered"] = session.config.stash[NOT_OFFERED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[NOT_OFFERED] = getattr(node, "workeroutput", {}).get("not offered", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what was deselected; also in a file beside JUnit's report, which has no place for it."""
    lines = config.stash[NOT_OFFERED]
    for line in lines:
        terminalreporter.write_line(f"not offered by {_lane().emulator.title}: {line}")
    if lines and config.option.xmlpath:
        Path(config.option.xmlpath).with_suffix(".not-offered").write_text("".join(f"{line}\n" for line in lines))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails on a cloud says what happened behind the API since it began."""
    report = yield
    if call.when == "setup":
        item.stash[_BEGAN] = datetime.fromtimestamp(call.start, UTC)
    cloud = item.config.stash.get(_CLOUD, None)
    if report.failed and cloud and "cloud" in getattr(item, "fixturenames", ()):
        report.sections.append(("behind the API", evidence.gathered(cloud, item.stash[_BEGAN])))
    return report


@pytest.fixture(scope="session")
def lane() -> Lane:
    """What the cloud under test consists of."""
    return _lane()


@pytest.fixture(scope="session")
def cloud(lane: Lane, pytestconfig: pytest.Config) -> Iterator[Cloud]:
    """The cloud under test. A run is only good if nothing broke behind the API either."""
    if running := _running():
        pytestconfig.stash[_CLOUD] = running
        yield running
        return
    with temporary_cloud(lane, _coverage_environment()) as cloud:
        pytestconfig.stash[_CLOUD] = cloud
        yield cloud
        del pytestconfig.stash[_CLOUD]
        found = [fault for fault in faults(cloud) if not fault.startswith(FAILING) and not _is_provoked(fault)]
        assert not found, "\n".join(["behind the API:", *found])


def _is_provoked(fault: str) -> bool:
    return any(all(word in fault for word in words) for words in provoked)


@pytest.fixture(scope="session")
def endpoints(cloud: Cloud) -> Endpoints:
    """Where the cloud under test answers."""
    return Endpoints.read(cloud.instance.endpoints_file)


@pytest.fixture(scope="session")
def aws(cloud: Cloud) -> Callable[[str], Any]:
    """boto3 clients of the cloud under test, with administrator credentials."""
    return lambda service: local_aws.client(service, cloud.instance)


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
