from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.media import service
from functions.media.model import MAX_IMAGE_BYTES, Rendition
from functions.media.store import MediaItem
from heliograph import clock
from heliograph.errors import NotFound, TooLarge, UnsupportedType
from heliograph.events import MediaReady, MediaRejected
from heliograph.outbox import Change
from tests.unit.media.fakes import FakeS3, FakeStore
from tests.unit.media.test_processing import MEDIA

THUMB = Rendition("thumb", 150, 150, "image/jpeg", 5377, "m/m1/2/thumb.jpg")


def stored(**changes: Any) -> MediaItem:
    values: dict[str, Any] = {
        "user_id": "u1",
        "purpose": "post",
        "content_type": "image/jpeg",
        "byte_size": 10,
        "media_type": "image",
        "created_at": MEDIA.created_at,
        "version": 3,
    }
    return MediaItem("m1", **{**values, **changes})


def test_an_upload_is_promised_and_its_form_says_what_may_come(s3: FakeS3, table: FakeStore, now: datetime) -> None:
    request = service.request_upload("u1", "image/png", 1234, "story")

    media = table.items[request.media_id]
    assert (media.user_id, media.status, media.purpose, media.version) == ("u1", "awaitingUpload", "story", 1)
    assert table.expiries[request.media_id] == clock.epoch(now + timedelta(days=2))
    assert s3.form["Key"] == f"uploads/{request.media_id}"
    assert {"Content-Type": "image/png"} in s3.form["Conditions"]
    assert ["content-length-range", 1, 1234] in s3.form["Conditions"]
    assert s3.form["ExpiresIn"] == 900
    assert request.expires_at == now + timedelta(minutes=15)


@pytest.mark.parametrize("content_type", ["image/heic", "image/svg+xml", "video/x-msvideo", "image/jpeg;x=y", ""])
def test_other_types_are_refused(s3: FakeS3, table: FakeStore, content_type: str) -> None:
    with pytest.raises(UnsupportedType):
        service.request_upload("u1", content_type, 10, "post")
    assert table.items == {}


def test_a_photo_may_be_as_large_as_the_cap(s3: FakeS3, table: FakeStore) -> None:
    service.request_upload("u1", "image/jpeg", MAX_IMAGE_BYTES, "post")

    with pytest.raises(TooLarge):
        service.request_upload("u1", "image/jpeg", MAX_IMAGE_BYTES + 1, "post")


def test_media_are_found_by_their_owner_only(table: FakeStore) -> None:
    table.items["m1"] = MEDIA

    assert service.get("u1", "m1") == MEDIA
    with pytest.raises(NotFound):
        service.get("u2", "m1")
    with pytest.raises(NotFound):
        service.get("u1", "m2")


def test_owned_keeps_the_order_asked_for(table: FakeStore) -> None:
    for media_id in ("m1", "m2", "m3"):
        table.items[media_id] = replace(MEDIA, media_id=media_id)

    assert [media.media_id for media in service.owned("u1", ["m3", "m1"])] == ["m3", "m1"]


@pytest.mark.parametrize(("user_id", "media_ids"), [("u1", ["m1", "m9"]), ("u2", ["m1"])])
def test_owned_is_all_or_nothing(table: FakeStore, user_id: str, media_ids: list[str]) -> None:
    table.items["m1"] = MEDIA

    with pytest.raises(NotFound):
        service.owned(user_id, media_ids)


def test_views_carry_signed_urls(table: FakeStore, now: datetime) -> None:
    table.items["m1"] = replace(MEDIA, status="ready", width=699, height=900, renditions=(THUMB,))

    views = service.views(["m1", "gone"])

    assert list(views) == ["m1"]
    answer = views["m1"].model_dump(by_alias=True)
    assert {name: answer[name] for name in ("mediaId", "status", "mediaType", "width", "height")} == {
        "mediaId": "m1",
        "status": "ready",
        "mediaType": "image",
        "width": 699,
        "height": 900,
    }
    url = answer["renditions"][0].pop("url")
    assert url.startswith(f"https://media.heliograph.example/{THUMB.key}?e=")
    assert answer["renditions"] == [
        {"name": "thumb", "width": 150, "height": 150, "contentType": "image/jpeg", "bytes": 5377}
    ]


def test_alternative_text_is_the_owners(table: FakeStore) -> None:
    table.items["m1"] = MEDIA

    service.describe("u1", "m1", "Two dogs at a window")
    with pytest.raises(NotFound):
        service.describe("u2", "m1", "mine")

    assert table.items["m1"].alt_text == "Two dogs at a window"


def test_erasing_forgets_item_and_files_and_may_be_repeated(s3: FakeS3, table: FakeStore) -> None:
    table.items |= {"m1": replace(MEDIA, attached_to="post#p1"), "m2": replace(MEDIA, media_id="m2")}
    kept = {("test-media", "m/m2/2/thumb.jpg"): b"2", ("test-media", "originals/m2"): b"2"}
    s3.objects |= {("test-media", THUMB.key): b"1", ("test-media", "originals/m1"): b"1", **kept}

    for _ in range(2):
        service.erase(["m1"], "post#p1")

    assert list(table.items) == ["m2"]
    assert s3.objects == kept


def test_erasing_spares_what_belongs_to_something_else(s3: FakeS3, table: FakeStore) -> None:
    table.items["m1"] = replace(MEDIA, attached_to="story#s1")

    service.erase(["m1"], "post#p1")

    assert list(table.items) == ["m1"]


def test_a_verdict_is_announced_once() -> None:
    before = stored(status="processing", attached_to="post#p1")
    ready = stored(status="ready", attached_to="post#p1", version=4)

    assert list(service.announced(Change(before, ready))) == [
        MediaReady(media_id="m1", owner_id="u1", attached_to="post#p1", version=4)
    ]
    assert list(service.announced(Change(ready, stored(status="ready", alt_text="new", version=5)))) == []


def test_a_rejection_is_announced_with_its_reason() -> None:
    rejected = stored(status="rejected", reason="corrupt")

    assert list(service.announced(Change(stored(status="awaitingUpload"), rejected))) == [
        MediaRejected(media_id="m1", owner_id="u1", attached_to=None, version=3, reason="corrupt")
    ]


@pytest.mark.parametrize(
    "change",
    [
        Change(None, stored(status="awaitingUpload")),
        Change(stored(status="awaitingUpload"), stored(status="processing")),
        Change(stored(status="ready"), None),
    ],
)
def test_other_changes_are_no_news(change: Change[MediaItem]) -> None:
    assert list(service.announced(change)) == []
