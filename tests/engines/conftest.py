"""Each test runs on each engine. One of each is started per run, and shared; tests that write have own indexes."""

import os
from collections.abc import Iterator
from itertools import count

import pytest

os.environ |= {
    "NAMESPACE": "test",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "CURSOR_SECRET": "cursor-secret",
}

from tests.engines import corpus
from tests.engines.corpus import Truth
from tests.engines.engines import COMMANDS, Engine, running, used

CORPUS = "corpus"
_numbers = count()


@pytest.fixture(scope="session")
def osmem() -> Iterator[Engine]:
    """osmem, with the corpus in it."""
    with running("osmem") as engine:
        _fill(engine)
        yield engine


@pytest.fixture(scope="session")
def opensearch() -> Iterator[Engine]:
    """OpenSearch, with the corpus in it."""
    with running("opensearch") as engine:
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
