"""An outage of each engine: nothing that was told meanwhile is lost."""

from contextlib import ExitStack
from typing import Any

import pytest

from functions.discovery import engine, generations, index_events, indexing, service
from heliograph.errors import Unavailable
from tests.engines.corpus import Truth
from tests.engines.engines import COMMANDS, refresh, scratch, started, stored, used
from tests.unit.conftest import Context
from tests.unit.feed.samples import ANNA, POST, post, post_id, profile, sample


@pytest.mark.parametrize("name", list(COMMANDS))
def test_messages_of_outage_are_indexed_after_it(name: str, truth: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an engine of our own, with a post in it
    waiting: list[str] = []
    monkeypatch.setattr(index_events, "index", index_events.batch_consumer(index_events._index, later=waiting.extend))
    truth.people, truth.posts = {ANNA: profile()}, {POST: post()}
    with ExitStack() as stack:
        start, stop, own = stack.enter_context(started(name, stack.enter_context(scratch())))
        stack.enter_context(used(own, "outage"))
        start()
        indexing.settle([("posts", POST)])
        # When it is down, and posts are published and changed
        stop()
        truth.posts |= {post_id(number): post(post_id(number)) for number in range(1, 30)}
        told = [_published(number) for number in range(1, 30)]
        for _ in range(2):
            assert index_events.index({"Records": told}, Context()) == {"batchItemFailures": []}
        # Then the queue has them all again, and the breaker spares us the waiting
        assert sorted(waiting) == sorted([record["body"] for record in told] * 2)
        assert _unavailable_at_once()
        # When it is back
        start()
        engine.breaker.half_open()
        again = [{"messageId": str(number), "body": body} for number, body in enumerate(waiting)]
        assert index_events.index({"Records": again}, Context()) == {"batchItemFailures": []}
        # Then they are in the index, which was rebuilt where the engine keeps nothing
        assert all(stored("posts", one) for one in truth.posts if one != POST)
        assert (stored("posts", POST) is None) == (name == "osmem")
        refresh()
        assert len(service.found_ids("posts", "#sunset", None, 50).items) == (29 if name == "osmem" else 30)


def _published(number: int) -> dict[str, Any]:
    record = sample("sqs_index_events")["Records"][1]
    return {"messageId": str(number), "body": record["body"].replace(POST, post_id(number))}


def _unavailable_at_once() -> bool:
    with pytest.raises(Unavailable) as raised:
        generations.written("posts")
    return type(raised.value.__cause__).__name__ == "CircuitBreakerError"
