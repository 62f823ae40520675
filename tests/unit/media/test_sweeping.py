from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.media import sweeping
from functions.media.model import Rendition
from heliograph import clock, ids
from tests.unit.media.fakes import FakeS3, FakeStore
from tests.unit.media.test_processing import MEDIA

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)


def media_id(time: datetime) -> str:
    """As `ids.new_id` makes them, at another time."""
    made = f"{ids.prefix_at(time)}-7000-8000-000000000001"
    assert ids.created_at(made) == time
    return made


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    fake = FakeStore()
    monkeypatch.setattr(sweeping, "store", fake)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return fake


def stored(s3: FakeS3, owner: str, *versions: int) -> None:
    s3.objects["test-media", f"originals/{owner}"] = b"original"
    for version in versions:
        for name in ("w1080.jpg", "w640.jpg"):
            s3.objects["test-media", f"m/{owner}/{version}/{name}"] = b"rendition"


def item(owner: str, version: int, **changes: Any) -> Any:
    shown = Rendition("w640", 640, 480, "image/jpeg", 9, f"m/{owner}/{version}/w640.jpg")
    return replace(MEDIA, media_id=owner, status="ready", renditions=(shown,), **changes)


def swept(s3: FakeS3, context: Any) -> set[str]:
    """Keys that a run deletes."""
    before = set(s3.keys("test-media"))
    sweeping.handler({}, context)
    return before - set(s3.keys("test-media"))


def test_files_without_an_item_are_swept(s3: FakeS3, table: FakeStore, context: Any) -> None:
    # given files of three days ago, of which one item is gone
    gone, there = (media_id(NOW - timedelta(days=3, minutes=minutes)) for minutes in (1, 2))
    stored(s3, gone, 2)
    stored(s3, there, 2)
    table.items[there] = item(there, 2)

    assert swept(s3, context) == {f"originals/{gone}", f"m/{gone}/2/w1080.jpg", f"m/{gone}/2/w640.jpg"}
    assert swept(s3, context) == set()


def test_files_of_what_was_rejected_are_swept(s3: FakeS3, table: FakeStore, context: Any) -> None:
    # given a worker that had begun to store renditions when another rejected the upload
    owner = media_id(NOW - timedelta(days=3, minutes=5))
    stored(s3, owner, 0)
    table.items[owner] = replace(item(owner, 0), status="rejected")

    assert len(swept(s3, context)) == 3


def test_revisions_of_edits_are_left_to_the_lifecycle(s3: FakeS3, table: FakeStore, context: Any) -> None:
    owner = media_id(NOW - timedelta(days=3, minutes=5))
    stored(s3, owner, 0, 1)
    table.items[owner] = item(owner, 1)

    assert swept(s3, context) == set()


@pytest.mark.parametrize("age", [timedelta(days=2), timedelta(days=3, minutes=-1), timedelta(days=3, minutes=11)])
def test_media_of_other_ages_are_left_to_other_runs(s3: FakeS3, table: FakeStore, context: Any, age: timedelta) -> None:
    stored(s3, media_id(NOW - age), 2)

    assert swept(s3, context) == set()


def test_sweep_reads_media_in_several_batches(s3: FakeS3, table: FakeStore, context: Any) -> None:
    owners = [media_id(NOW - timedelta(days=3, seconds=second)) for second in range(1, 251)]
    for owner in owners:
        stored(s3, owner, 2)

    assert len(swept(s3, context)) == 3 * 250
