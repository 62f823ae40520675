"""Stores on AWS's own DynamoDB engine, with every request's capacity checked against the engine's figure."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ |= {
    "NAMESPACE": "test",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "LOOKUP_SECRET": "lookup-secret",
}

from functions.graph import service as graph
from functions.graph.cache import PairCache
from heliograph import aws, live, sealed
from tests import capacity, database, lean
from tests.capacity import Meter
from tests.held_key import materials
from tests.stores import engine
from tests.stores.deviations import expected, reported
from tests.stores.engine import RUN, Notes

TOLERANCE = 1
# Asked for once in a run; tests that make other tables do not meter.
SCHEMAS: dict[str, capacity.Schema] = {}


@pytest.fixture(scope="session", autouse=True)
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The engine and its tables; without Java or Maven this fails, and says what is missing."""
    with database.running(tmp_path_factory.mktemp("engine")) as endpoint, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
        engine.create_tables()
        with lean.requests():
            yield


@pytest.fixture(autouse=True)
def meter() -> Iterator[Meter]:
    """Meters the test, and fails it if the engine's own count of any request differs by more than one unit."""
    with engine.asking(), capacity.metered(SCHEMAS) as meter:
        yield meter
    differing = []
    for request in meter.requests:
        counted = reported(request)
        if counted is not None:
            difference = abs(counted - expected(request))
            RUN.compared += 1
            RUN.largest = max(RUN.largest, difference)
            if difference > TOLERANCE:
                differing.append(f"metered {expected(request)}, engine {counted}: {request}")
    assert not differing, "\n".join(differing)


@pytest.fixture(scope="session", autouse=True)
def _keys() -> Iterator[None]:
    """What fields are sealed and looked up with."""
    held = materials()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "_materials", lambda: held)
        patch.setattr(aws, "secret", lambda name: name.encode())
        yield


@pytest.fixture(autouse=True)
def _unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has seen nothing of the graph when it begins, so its reads are its own."""
    monkeypatch.setattr(graph, "seen", PairCache())


@pytest.fixture(autouse=True)
def _defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Live documents are kept elsewhere."""
    monkeypatch.setattr(live, "fetch", lambda model: model())


@pytest.fixture(scope="session", autouse=True)
def _remembered() -> Iterator[None]:
    """Remembers which of the stores' functions are called."""
    with pytest.MonkeyPatch.context() as patch:
        for full_name, (module, name) in engine.public_functions().items():
            patch.setattr(module, name, engine.remembered(full_name, getattr(module, name)))
        yield


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Notes:
    """What all workers of this run have called; without workers, this process."""
    own = tmp_path_factory.getbasetemp()
    return Notes(own if worker_id == "master" else own.parent, worker_id)


@pytest.fixture(autouse=True)
def _noted(notes: Notes) -> Iterator[None]:
    yield
    notes.add()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What judges the whole suite runs after it."""
    items.sort(key=lambda item: item.path.name == "test_completeness.py")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over its figures."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = (RUN.compared, RUN.largest)  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The figures of a worker that has ended."""
    compared, largest = getattr(node, "workeroutput", {}).get("figures", (0, 0.0))
    RUN.compared += compared
    RUN.largest = max(RUN.largest, largest)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if RUN.compared:
        terminalreporter.write_line(
            f"capacity: {RUN.compared} requests compared with DynamoDB Local, largest difference {RUN.largest:g} units"
        )
