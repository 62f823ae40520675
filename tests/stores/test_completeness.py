"""Runs last: nothing that a store offers may go untested on the real engine."""

import pytest

from tests.stores import engine
from tests.stores.engine import RUN


def test_the_suite_has_called_every_public_function_of_every_store(request: pytest.FixtureRequest) -> None:
    # given a run of the whole suite; a part of it cannot know
    collected = {item.path for item in request.session.items}
    if not set(request.path.parent.glob("test_*.py")) <= collected:
        pytest.skip("only a part of tests/stores was asked for")
    # then no function is left
    assert set(engine.public_functions()) - RUN.called == set()
