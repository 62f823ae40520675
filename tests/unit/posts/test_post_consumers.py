"""What the queues of posts make the service do."""

from typing import Any

import pytest

from functions.posts import conversation, events, saving, service
from heliograph.counters import Counter
from heliograph.events import CommentDeleted, CounterChanged, wrap
from tests.unit.feed.samples import POST, sample
from tests.unit.requests import queued

DONE = {"batchItemFailures": []}


def test_a_verdict_on_a_medium_settles_the_post_it_belongs_to(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    settled: list[str] = []
    monkeypatch.setattr(service, "settle", settled.append)

    assert events.publish_ready(sample("sqs_media_verdicts"), context) == DONE
    assert settled == [POST]


def test_a_post_that_cannot_be_settled_now_comes_again(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    def unavailable(post_id: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(service, "settle", unavailable)
    batch = sample("sqs_media_verdicts")

    answer = events.publish_ready(batch, context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}


def test_a_counter_that_moved_is_written_onto_its_post(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    moved: list[Counter] = []
    monkeypatch.setattr(service, "materialise", moved.append)

    assert events.materialise(sample("sqs_counter_changed"), context) == DONE
    assert set(moved) == {Counter("post", POST, "likes")}


def test_a_counter_of_a_comment_is_written_onto_the_comment(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    moved: list[Counter] = []
    monkeypatch.setattr(conversation, "materialise", moved.append)
    replied = wrap(CounterChanged(kind="comment", id="c1", name="replies"), event_id="e1")

    assert events.materialise(queued(replied), context) == DONE
    assert moved == [Counter("comment", "c1", "replies")]


def test_a_deleted_comment_is_forgotten(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(conversation, "forget_comment", forgotten.append)

    assert events.forget(queued(wrap(CommentDeleted(comment_id="c1", post_id=POST), event_id="e1")), context) == DONE
    assert forgotten == ["c1"]


def test_only_a_deleted_post_is_forgotten(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    forgotten: list[str] = []
    for kept in (conversation, saving):
        monkeypatch.setattr(kept, "forget", forgotten.append)

    assert events.forget(sample("sqs_post_events"), context) == DONE
    assert forgotten == [POST, POST]
