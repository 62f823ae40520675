"""What a change to a story tells others, and what the queues of stories make the service do."""

from typing import Any

import pytest

from functions.stories import events, service
from functions.stories.store import StoryItem
from heliograph.counters import Counter
from heliograph.events import StoryDeleted, StoryPublished
from heliograph.outbox import change_of
from tests.unit.feed.samples import ANNA, NOON, sample
from tests.unit.stories.samples import PICTURE, STORY

DONE = {"batchItemFailures": []}


def test_story_stream_records_give_its_events() -> None:
    """Written, published, viewed, deleted by the table when its time was over."""
    records = sample("dynamodb_stories")["Records"]
    over = NOON.replace(day=23, hour=14)

    announced = [list(service.announced(change_of(StoryItem, record))) for record in records]

    assert announced == [
        [],
        [StoryPublished(story_id=STORY, author_id=ANNA, expires_at=over)],
        [],
        [StoryDeleted(story_id=STORY, author_id=ANNA, media_ids=[PICTURE])],
    ]


def test_a_story_told_of_a_ready_medium_is_published_at_once() -> None:
    [record] = [record for record in sample("dynamodb_stories")["Records"] if record["eventName"] == "MODIFY"][:1]
    inserted = {**record, "dynamodb": {"NewImage": record["dynamodb"]["NewImage"]}}

    [event] = service.announced(change_of(StoryItem, inserted))

    assert isinstance(event, StoryPublished)


def test_a_verdict_on_a_medium_settles_the_story_it_belongs_to(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    settled: list[str] = []
    monkeypatch.setattr(service, "settle", settled.append)

    assert events.publish_ready(sample("sqs_media_verdicts"), context) == DONE
    assert settled == [STORY]


def test_a_counter_that_moved_is_written_onto_its_story(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    moved: list[Counter] = []
    monkeypatch.setattr(service, "materialise", moved.append)

    assert events.materialise(sample("sqs_counter_changed"), context) == DONE
    assert len(moved) == 1


def test_a_deleted_story_is_forgotten(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(service, "forget", forgotten.append)

    assert events.forget(sample("sqs_story_deleted"), context) == DONE
    assert forgotten == [STORY]
