"""Each test runs on each engine. One of each is started per run, and shared; tests that write have own indexes.

Two workers (`-n 2`) share the engines out: one has the tests that need this OpenSearch, the other the rest.
"""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

os.environ |= {
    "NAMESPACE": "test",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "CURSOR_SECRET": "cursor-secret",
}

from tests.engines import corpus
from tests.engines.corpus import Truth
from tests.engines.engines import COMMANDS, Engine, running, scratch, used

CORPUS = "corpus"
# These compare the two engines.
ON_BOTH = ("test_agreement", "test_explore", "test_relevance")
_numbers = count()


@pytest.fixture(scope="session")
def osmem() -> Iterator[Engine]:
    """osmem, with the corpus in it."""
    with scratch() as directory, running("osmem", directory) as engine:
        _fill(engine)
        yield engine


@pytest.fixture(scope="session")
def opensearch() -> Iterator[Engine]:
    """OpenSearch, with the corpus in it."""
    with scratch() as directory, running("opensearch", directory) as engine:
        _fill(engine)
        yield engine


@pytest.fixture(params=list(COMMANDS))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def filled(engine: Engine) -> Iterator[Engine]:
    """An engine with the corpus, in use; for tests that only read."""
    with used(engine, CORPUS):
        yield engine


@pytest.fixture
def empty(engine: Engine) -> Iterator[Engine]:
    """An engine where nothing was written yet, in use."""
    with used(engine, f"empty{next(_numbers)}"):
        yield engine


@pytest.fixture
def truth() -> Iterator[Truth]:
    """Tables that are empty; a test fills them."""
    truth = Truth()
    with truth.told():
        yield truth


def _fill(engine: Engine) -> None:
    with used(engine, CORPUS):
        corpus.world().index()


class _ByEngine(LoadScopeScheduling):
    """All tests that share OpenSearch are for one worker."""

    def _split_scope(self, nodeid: str) -> str:
        shared = "[opensearch" in nodeid and "test_outage" not in nodeid
        return "shared OpenSearch" if shared or any(name in nodeid for name in ON_BOTH) else "others"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _ByEngine(config, log)
