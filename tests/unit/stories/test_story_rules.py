"""The pure rules of stories: who sees them, for how long, and whose stand in a tray."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.graph import service as graph
from functions.graph.service import Relationship
from functions.media import service as media_service
from functions.media.service import Media, Rendition
from functions.posts import service as posts
from functions.stories import service, store
from functions.stories.service import Draft, HydratedStory, Reel
from heliograph import clock, transactions
from heliograph.errors import NotFound
from heliograph.tables import Slice
from tests.unit.feed.samples import ANNA, BEN, post_id, profile
from tests.unit.stories.samples import OVER, STORY, TOLD, hydrated, story

SECOND = timedelta(seconds=1)
CLOSE = Relationship(following="yes", close_friend_of=True)


def medium(**changes: Any) -> Media:
    values: dict[str, Any] = {
        "media_id": "m1",
        "user_id": ANNA,
        "status": "ready",
        "purpose": "story",
        "content_type": "image/jpeg",
        "byte_size": 10,
        "media_type": "image",
        "created_at": TOLD,
        "version": 2,
        "renditions": (Rendition("w1080", 1080, 1080, "image/jpeg", 1, "m/m1/2/w1080.jpg"),),
    }
    return Media(**values | changes)


# --- Who sees a story, and for how long -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (hydrated(), True),
        (hydrated(viewer_id=ANNA), True),
        (hydrated(status="processing"), False),
        (hydrated(status="failed"), False),
        (hydrated(audience="closeFriends"), False),
        (hydrated(audience="closeFriends", relationship=CLOSE), True),
        (hydrated(relationship=Relationship(following="yes", blocking=True)), False),
    ],
)
def test_visible_stories_are_shown(seen: HydratedStory, shown: bool) -> None:
    assert bool(service.visible(TOLD, [seen])) is shown


@pytest.mark.parametrize(("now", "shown"), [(OVER - SECOND, True), (OVER, False), (OVER + SECOND, False)])
def test_a_story_is_seen_until_it_expires_even_by_its_author(now: datetime, shown: bool) -> None:
    assert bool(service.visible(now, [hydrated(viewer_id=ANNA)])) is shown


@pytest.mark.parametrize(
    ("viewer_id", "changes", "shown"),
    [
        (ANNA, {}, True),
        (ANNA, {"audience": "closeFriends"}, True),
        (ANNA, {"expires_at": TOLD}, False),
        (BEN, {}, True),
        (BEN, {"audience": "closeFriends"}, False),
        (BEN, {"expires_at": TOLD}, False),
    ],
)
def test_a_story_is_read_by_its_id_by_whom_it_is_for(
    monkeypatch: pytest.MonkeyPatch, viewer_id: str, changes: dict[str, Any], shown: bool
) -> None:
    monkeypatch.setattr(clock, "now", lambda: TOLD)
    monkeypatch.setattr(store, "story", lambda story_id: story(story_id, **changes))
    monkeypatch.setattr(service, "hydrate", lambda viewer_id, stories: [hydrated(viewer_id=viewer_id, **changes)])

    if shown:
        assert service.read(viewer_id, STORY).story.story_id == STORY
    else:
        with pytest.raises(NotFound):
            service.read(viewer_id, STORY)


# --- What its medium allows -----------------------------------------------------------------------------------------


def test_a_story_of_a_ready_medium_is_published() -> None:
    told = service.with_status(story(status="processing"), medium(edits={"filter": "ember"}))

    assert (told.status, told.media_url, told.filter) == ("published", "m/m1/2/w1080.jpg", "ember")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "awaitingUpload"}, ("processing", None, None)),
        ({"status": "processing"}, ("processing", None, None)),
        ({"edit_revision": 1}, ("processing", None, None)),
        ({"status": "rejected", "reason": "corrupt"}, ("failed", "corrupt", None)),
    ],
)
def test_a_story_waits_for_its_medium(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    told = service.with_status(story(status="processing"), medium(**changes))

    assert (told.status, told.failure_reason, told.media_url) == expected


def test_a_story_lives_for_exactly_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a clock between two seconds
    monkeypatch.setattr(clock, "now", lambda: TOLD.replace(microsecond=789_000))
    written: list[Any] = []
    monkeypatch.setattr(posts, "with_media", lambda owner_id, ids, purpose, write: write([medium()]))
    monkeypatch.setattr(transactions, "commit", lambda build: build(None))
    monkeypatch.setattr(store, "put", lambda transaction, story: written.append(story))
    monkeypatch.setattr(
        media_service, "attach", lambda transaction, media, attached_to, edits: written.append(attached_to)
    )
    monkeypatch.setattr(store, "show_in_tray", lambda transaction, story, *, until: written.append(until))
    monkeypatch.setattr(service, "read", lambda viewer_id, story_id: story_id)

    # When a story is told
    story_id = service.create(ANNA, Draft("m1"))

    # Then it is published at once, and is over a day later, to the second in which the table expires it
    told, attached_to, until = written
    assert (told.status, told.created_at, told.expires_at) == ("published", TOLD, OVER)
    assert attached_to == f"story#{story_id}"
    assert until >= told.expires_at


# --- The tray -------------------------------------------------------------------------------------------------------


def test_tray_is_ordered_by_latest_story_page_by_page(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    followees = [f"user-{number}" for number in range(5)]
    newest = {author: post_id(number) for number, author in enumerate([*followees, BEN]) if author != "user-3"}
    monkeypatch.setattr(graph, "followees", lambda user_id, after, limit: Slice(followees, None))
    monkeypatch.setattr(
        store, "in_tray", lambda user_ids, *, now: {one: newest[one] for one in user_ids if one in newest}
    )

    first = service.tray(BEN, None, 3)
    second = service.tray(BEN, first.next, 3)

    assert first.items == [BEN, "user-4", "user-2"]
    assert (second.items, second.next) == (["user-1", "user-0"], None)


def test_a_tray_keeps_the_order_of_authors_and_of_their_stories(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    told = {ANNA: [story("s1"), story("s3")], BEN: [story("s2", BEN)], "nobody": []}
    monkeypatch.setattr(store, "live_by", lambda user_id, after, limit, *, now: Slice(told[user_id], None))
    monkeypatch.setattr(
        service, "hydrate", lambda viewer_id, stories: [hydrated(one.story_id, user_id=one.user_id) for one in stories]
    )

    reels = service.hydrate_tray(BEN, [BEN, "nobody", ANNA])

    assert [(reel.author.user_id, [item.story.story_id for item in reel.stories]) for reel in reels] == [
        (BEN, ["s2"]),
        (ANNA, ["s1", "s3"]),
    ]


def test_a_tray_has_no_muted_authors_and_no_empty_reels() -> None:
    muted = Relationship(following="yes", muting_stories=True)
    only_posts_muted = Relationship(following="yes", muting_posts=True)
    shown = hydrated("s1", relationship=only_posts_muted)
    reel = Reel(profile(), [shown, hydrated("s2", audience="closeFriends")])
    hidden = [
        Reel(profile(), [hydrated(relationship=muted)]),
        Reel(profile(), [hydrated(audience="closeFriends")]),
        Reel(profile(), [hydrated(expires_at=TOLD)]),
    ]

    assert service.visible_tray(TOLD, [*hidden, reel]) == [replace(reel, stories=[shown])]


# --- Views ----------------------------------------------------------------------------------------------------------


def test_authors_do_not_count_among_their_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "read", lambda viewer_id, story_id: hydrated(viewer_id=viewer_id))
    committed: list[Any] = []
    monkeypatch.setattr(transactions, "commit", committed.append)
    monkeypatch.setattr(store, "story", lambda story_id: story())

    service.view(ANNA, "s1")
    assert committed == []
    service.view(BEN, "s1")
    assert len(committed) == 1


def test_a_view_of_a_story_deleted_meanwhile_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "read", lambda viewer_id, story_id: hydrated())
    monkeypatch.setattr(transactions, "commit", lambda build: None)
    monkeypatch.setattr(store, "story", lambda story_id: None)
    forgotten: list[str] = []
    monkeypatch.setattr(service, "forget", forgotten.append)

    service.view(BEN, "s1")

    assert forgotten == ["s1"]
