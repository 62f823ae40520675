"""The pure rules of posts: who comes across them, and what their media allow."""

from typing import Any

import pytest

from functions.graph.service import Relationship
from functions.media import service as media_service
from functions.media.service import Media, Rendition
from functions.posts import service
from functions.posts.publication import with_media
from functions.posts.service import HydratedPost
from heliograph import resilience
from heliograph.errors import Conflict, DomainError, Invalid, Unavailable
from heliograph.transactions import ConditionFailed
from tests.unit.feed.samples import ANNA, BEN, NOON, hydrated, post

FOLLOWING = Relationship(following="yes")


def medium(media_id: str = "m1", **changes: Any) -> Media:
    values: dict[str, Any] = {
        "media_id": media_id,
        "user_id": ANNA,
        "status": "ready",
        "purpose": "post",
        "content_type": "image/jpeg",
        "byte_size": 10,
        "media_type": "image",
        "created_at": NOON,
        "version": 2,
        "renditions": tuple(
            Rendition(name, width, width, f"image/{kind}", 1, f"m/{media_id}/2/{name}.{kind}")
            for name, width in (("w320", 320), ("w640", 640))
            for kind in ("jpeg", "webp")
        ),
    }
    return Media(**values | changes)


# --- Who comes across a post ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (hydrated(), True),
        (hydrated(viewer_id=ANNA), True),
        (hydrated(status="processing"), False),
        (hydrated(status="failed"), False),
        (hydrated(is_archived=True), False),
        (hydrated(viewer_id=ANNA, is_archived=True), False),
        (hydrated(audience="closeFriends", relationship=FOLLOWING), False),
        (hydrated(audience="closeFriends", relationship=Relationship(following="yes", close_friend_of=True)), True),
        (hydrated(relationship=Relationship(following="yes", blocked_by=True)), False),
    ],
)
def test_list_shows_visible_posts_only(seen: HydratedPost, shown: bool) -> None:
    assert bool(service.visible([seen])) is shown


def test_archive_shows_the_owners_archived_posts() -> None:
    own = hydrated(viewer_id=ANNA, is_archived=True)

    assert service.archived([own, hydrated(viewer_id=ANNA), hydrated(viewer_id=BEN, is_archived=True)]) == [own]


# --- What media allow -----------------------------------------------------------------------------------------------


def test_a_post_of_ready_media_is_published_with_its_largest_pictures() -> None:
    media = [medium("m1", edits={"filter": "ember"}), medium("m2")]

    published = service.with_status(post(status="processing"), media)

    assert (published.status, published.failure_reason) == ("published", None)
    assert published.media_urls == ("m/m1/2/w640.jpeg", "m/m2/2/w640.jpeg")
    assert published.filter == "ember"


@pytest.mark.parametrize(
    "waits", [{"status": "awaitingUpload"}, {"status": "processing"}, {"edit_revision": 2, "rendered_revision": 1}]
)
def test_a_post_waits_for_every_medium(waits: dict[str, Any]) -> None:
    waiting = service.with_status(post(status="processing"), [medium("m1"), medium("m2", **waits)])

    assert (waiting.status, waiting.media_urls) == ("processing", ())


@pytest.mark.parametrize("other", ["ready", "processing"])
def test_a_post_with_a_rejected_medium_has_failed_for_its_reason(other: str) -> None:
    media = [medium("m1", status=other), medium("m2", status="rejected", reason="corrupt")]

    failed = service.with_status(post(status="processing"), media)

    assert (failed.status, failed.failure_reason) == ("failed", "corrupt")


@pytest.mark.parametrize(
    ("unusable", "error"),
    [
        ({"attached_to": "post#other"}, Conflict),
        ({"status": "rejected", "reason": "corrupt"}, Invalid),
        ({"purpose": "profile"}, Invalid),
    ],
)
def test_unusable_media_are_refused(
    monkeypatch: pytest.MonkeyPatch, unusable: dict[str, Any], error: type[DomainError]
) -> None:
    monkeypatch.setattr(media_service, "owned", lambda user_id, media_ids: [medium(), medium("m2", **unusable)])
    written: list[Any] = []

    with pytest.raises(error):
        with_media(ANNA, ["m1", "m2"], "post", written.append)
    assert written == []


def test_media_that_become_ready_meanwhile_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([[medium(status="processing")], [medium()]])
    monkeypatch.setattr(media_service, "owned", lambda user_id, media_ids: next(readings))
    monkeypatch.setattr(resilience.time, "sleep", lambda seconds: None)
    seen: list[str] = []

    def write(media: list[Media]) -> None:
        seen.append(media[0].status)
        if len(seen) == 1:
            raise ConditionFailed(frozenset({1}))

    with_media(ANNA, ["m1"], "post", write)

    assert seen == ["processing", "ready"]


def test_post_with_changing_media_is_retried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_service, "owned", lambda user_id, media_ids: [medium()])
    monkeypatch.setattr(resilience.time, "sleep", lambda seconds: None)

    def write(media: list[Media]) -> None:
        raise ConditionFailed(frozenset({0}))

    with pytest.raises(Unavailable):
        with_media(ANNA, ["m1"], "post", write)
