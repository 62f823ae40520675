from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.media import service, uploading
from functions.media.edits import Edits
from functions.media.model import MAX_IMAGE_BYTES, Appraisal, Rendition
from functions.media.store import MediaItem
from functions.media.uploading import Announcement
from heliograph import clock
from heliograph.errors import Conflict, Invalid, NotFound, TooLarge, UnsupportedType
from heliograph.events import MediaEdited, MediaForgotten, MediaReady, MediaRejected
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
    request = uploading.request_upload("u1", Announcement("image/png", 1234, "story"))

    media = table.items[request.media_id]
    assert (media.user_id, media.status, media.purpose, media.version) == ("u1", "awaitingUpload", "story", 1)
    assert table.expiries[request.media_id] == clock.epoch(now + timedelta(days=2))
    assert s3.form["Key"] == f"uploads/{request.media_id}"
    assert {"Content-Type": "image/png"} in s3.form["Conditions"]
    assert ["content-length-range", 1, 1234] in s3.form["Conditions"]
    assert s3.form["ExpiresIn"] == 900
    assert request.expires_at == now + timedelta(minutes=15)


@pytest.mark.parametrize("content_type", ["image/tiff", "image/svg+xml", "video/x-msvideo", "image/jpeg;x=y", ""])
def test_other_types_are_refused(s3: FakeS3, table: FakeStore, content_type: str) -> None:
    with pytest.raises(UnsupportedType):
        uploading.request_upload("u1", Announcement(content_type, 10, "post"))
    assert table.items == {}


def test_a_photo_may_be_as_large_as_the_cap(s3: FakeS3, table: FakeStore) -> None:
    uploading.request_upload("u1", Announcement("image/jpeg", MAX_IMAGE_BYTES, "post"))

    with pytest.raises(TooLarge):
        uploading.request_upload("u1", Announcement("image/jpeg", MAX_IMAGE_BYTES + 1, "post"))


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
def test_owned_returns_all_media_or_fails(table: FakeStore, user_id: str, media_ids: list[str]) -> None:
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


def test_alternative_text_is_set_by_the_owner_only(table: FakeStore) -> None:
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


@pytest.mark.parametrize("waits", ["awaitingUpload", "processing"])
def test_edits_before_the_verdict_are_not_announced(waits: str) -> None:
    change = Change(stored(status=waits), stored(status=waits, edits={"rotate": 90}, edit_revision=1))

    assert list(service.announced(change)) == []


def test_edits_are_announced_and_so_is_that_they_can_be_seen() -> None:
    ready = stored(status="ready")
    edited = stored(status="ready", edits={"rotate": 90}, edit_revision=1, version=4)
    again = stored(status="ready", edit_revision=2, version=5)
    shown = stored(status="ready", edit_revision=2, rendered_revision=2, version=6)

    news = [list(service.announced(Change(*pair))) for pair in ((ready, edited), (edited, again), (again, shown))]

    assert news == [
        [MediaEdited(media_id="m1", revision=1)],
        [MediaEdited(media_id="m1", revision=2)],
        [MediaReady(media_id="m1", owner_id="u1", version=6)],
    ]


def test_edits_that_came_while_the_upload_was_worked_on_are_rendered_next() -> None:
    before = stored(status="processing", edit_revision=1)

    assert list(service.announced(Change(before, stored(status="ready", edit_revision=1)))) == [
        MediaEdited(media_id="m1", revision=1)
    ]


def test_repeated_edits_by_the_owner_change_nothing(table: FakeStore) -> None:
    table.items["m1"] = replace(MEDIA, status="ready")

    for _ in range(2):
        service.edit("u1", "m1", Edits(filter="ember", strength=40))

    assert table.items["m1"] == replace(
        MEDIA, status="ready", edits={"filter": "ember", "strength": 40}, edit_revision=1, version=2
    )
    # and none at all brings the original back, as a revision of its own
    service.edit("u1", "m1", Edits())
    assert (table.items["m1"].edits, table.items["m1"].edit_revision) == (None, 2)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"user_id": "u2"}, NotFound),
        ({"media_type": "video"}, Invalid),
        ({"status": "rejected", "reason": "corrupt"}, Conflict),
        ({"status": "ready", "attached_to": "profile#u1"}, Conflict),
    ],
)
def test_media_that_cannot_be_edited_are_refused(
    table: FakeStore, changes: dict[str, Any], error: type[Exception]
) -> None:
    table.items["m1"] = media = replace(MEDIA, **changes)

    with pytest.raises(error):
        service.edit("u1", "m1", Edits(rotate=90))

    assert table.items["m1"] == media


@pytest.mark.parametrize(
    "change",
    [
        Change(None, stored(status="awaitingUpload")),
        Change(stored(status="awaitingUpload"), stored(status="processing")),
        Change(stored(status="ready", attached_to="post#p1"), None),
    ],
)
def test_other_changes_are_not_announced(change: Change[MediaItem]) -> None:
    assert list(service.announced(change)) == []


def test_removal_of_a_media_item_is_announced() -> None:
    gone = Change(stored(status="ready"), None)

    assert list(service.announced(gone)) == [MediaForgotten(media_id="m1", owner_id="u1")]


def test_pictures_are_told_apart_by_their_hashes_unless_they_are_too_plain(table: FakeStore) -> None:
    looked_at = {"m1": Appraisal("allow", {}, "ab" * 32), "m2": Appraisal("allow", {}), "m3": None}
    for media_id, appraisal in looked_at.items():
        table.items[media_id] = replace(MEDIA, media_id=media_id, appraisal=appraisal)
    assert service.looks([*looked_at, "unknown"]) == {"m1": "ab" * 32}
