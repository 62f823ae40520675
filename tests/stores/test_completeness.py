"""Runs last: nothing that a store offers may go untested on the real engine."""

import pytest

from local.client import wait_until
from tests.stores import engine
from tests.stores.engine import Notes

PATIENCE_SECONDS = 300.0


def test_run_calls_every_public_function_of_every_store(request: pytest.FixtureRequest, notes: Notes) -> None:
    # given a run of the whole suite; a part of it cannot know
    collected = {item.path for item in request.session.items}
    if not set(request.path.parent.glob("test_*.py")) <= collected:
        pytest.skip("only a part of tests/stores was asked for")
    # when all other tests have ended, those of another worker too
    others = len(request.session.items) - 1
    wait_until(lambda: len(notes.tests()) >= others, PATIENCE_SECONDS, "the end of all other tests")
    # then no function is left
    assert set(engine.public_functions()) - {name for test in notes.tests() for name in test} == set()
