import json

import pytest

from functions.media import dispatch
from heliograph import config, counters, queues
from heliograph.counters import Counter, Total
from tests.unit.media.fakes import FakeStore
from tests.unit.media.test_processing import MEDIA

SENT = list[tuple[str, str | None, dict[str, str]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> SENT:
    """Queue, group and body of every message."""
    messages: SENT = []

    def send(url: str, bodies: list[str], *, group: str | None = None) -> None:
        messages.extend((url, group, json.loads(body)) for body in bodies)

    monkeypatch.setattr(queues, "send", send)
    monkeypatch.setenv("PHOTOS_QUEUE_URL", "photos")
    monkeypatch.setenv("FIRST_QUEUE_URL", "first")
    config.forget()
    return messages


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    fake = FakeStore()
    fake.items["m1"] = MEDIA
    monkeypatch.setattr(dispatch, "store", fake)
    return fake


@pytest.mark.parametrize(("followers", "queue"), [(0, "photos"), (999, "photos"), (1000, "first")])
def test_uploads_of_popular_authors_go_first(
    sent: SENT, table: FakeStore, monkeypatch: pytest.MonkeyPatch, followers: int, queue: str
) -> None:
    asked: list[Counter] = []

    def total(counter: Counter) -> Total:
        asked.append(counter)
        return Total(followers, followers)

    monkeypatch.setattr(counters, "total", total)

    dispatch.dispatch("uploads/m1")

    # each in the group of its owner, so that SQS can be fair
    assert sent == [(queue, "u1", {"mediaId": "m1"})]
    assert asked == [Counter("user", "u1", "followers")]


@pytest.mark.parametrize("key", ["somewhere/else", "uploads/unknown"])
def test_unannounced_uploads_are_ignored(sent: SENT, table: FakeStore, key: str) -> None:
    dispatch.dispatch(key)

    assert sent == []
