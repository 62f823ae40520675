"""What a change to posts, likes or comments tells the rest of the platform."""

from typing import Any

import pytest

from functions.posts import announcements
from functions.posts.comments import CommentItem, CommentLikeItem
from functions.posts.model import Mention
from functions.posts.store import LikeItem, PostItem
from heliograph import events, outbox
from heliograph.outbox import Change, change_of
from tests.unit.feed.samples import ANNA, BEN, NOON, POST, sample

PICTURE = "019aab0f-0000-7000-8000-00000000000b"


def stored(**changes: Any) -> PostItem:
    values: dict[str, Any] = {
        "user_id": ANNA,
        "status": "published",
        "media_ids": (PICTURE,),
        "media_urls": (),
        "media_type": "image",
        "caption": "Dusk #sunset",
        "hashtags": ("sunset",),
        "mentioned_users": (),
        "audience": "followers",
        "created_at": NOON,
        "is_archived": False,
        "version": 3,
    }
    return PostItem(POST, **values | changes)


PUBLISHED = events.PostPublished(post_id=POST, author_id=ANNA, created_at=NOON, hashtags=["sunset"])

POPULAR = events.PopularityChanged(kind="post", id=POST)


def changed(*hashtags: str) -> events.PostChanged:
    return events.PostChanged(post_id=POST, author_id=ANNA, hashtags=list(hashtags), former_hashtags=["sunset"])


def deleted(*, version: int, was_published: bool) -> events.PostDeleted:
    return events.PostDeleted(
        post_id=POST,
        author_id=ANNA,
        media_ids=[PICTURE],
        hashtags=["sunset"],
        version=version,
        was_published=was_published,
    )


@pytest.mark.parametrize(
    ("old", "new", "announced"),
    [
        (None, stored(), [PUBLISHED]),
        (None, stored(status="processing"), []),
        (stored(status="processing"), stored(), [PUBLISHED]),
        (stored(status="processing"), stored(status="failed"), []),
        (stored(status="processing"), stored(status="processing", caption="other"), []),
        (stored(), stored(caption="Dusk", hashtags=()), [changed()]),
        (stored(), stored(audience="closeFriends"), [changed("sunset")]),
        (stored(), stored(is_archived=True), [changed("sunset")]),
        (stored(is_archived=True), stored(), [PUBLISHED]),
        (stored(), stored(like_count=7, comment_count=2, version=9), [POPULAR]),
        (stored(like_count=200), stored(like_count=207, version=9), []),
        (stored(like_count=207), stored(like_count=208, version=9), [POPULAR]),
        (stored(is_archived=True), stored(is_archived=True, like_count=7), []),
        (stored(), None, [deleted(version=4, was_published=True)]),
        (stored(is_archived=True), None, [deleted(version=4, was_published=True)]),
        (stored(status="failed"), None, [deleted(version=4, was_published=False)]),
    ],
)
def test_post_change_gives_its_events(
    old: PostItem | None, new: PostItem | None, announced: list[events.DomainEvent]
) -> None:
    assert list(announcements.post_announced(Change(old, new))) == announced


# --- Likes, comments, mentions --------------------------------------------------------------------------------------


BENS = "019aab10-0000-7000-8000-00000000000c"
FIRST = "019aab10-0000-7000-8000-00000000000d"
CARL = "019aa1b2-0000-7000-8000-000000000003"


def said(**changes: Any) -> CommentItem:
    """Ben's comment on Anna's post."""
    values: dict[str, Any] = {
        "thread_id": POST,
        "post_id": POST,
        "post_author_id": ANNA,
        "user_id": BEN,
        "content": "What a light!",
        "created_at": NOON,
    }
    return CommentItem(BENS, **values | changes)


ADDED = events.CommentAdded(comment_id=BENS, post_id=POST, post_author_id=ANNA, author_id=BEN)
REPLIED = events.ReplyAdded(
    comment_id=BENS, parent_comment_id=FIRST, answered_user_id=CARL, post_id=POST, author_id=BEN
)


def named(user_id: str, *, by: str = BEN, comment_id: str | None = BENS) -> events.Mentioned:
    return events.Mentioned(user_id=user_id, author_id=by, post_id=POST, comment_id=comment_id)


@pytest.mark.parametrize(
    ("old", "new", "announced"),
    [
        (None, said(), [ADDED]),
        (None, said(thread_id=FIRST, parent_comment_id=FIRST, answered_user_id=CARL), [ADDED, REPLIED]),
        (None, said(mentioned_users=(Mention(CARL, "carl"),)), [ADDED, named(CARL)]),
        (said(), said(like_count=3, reply_count=1), []),
        (
            said(mentioned_users=(Mention(CARL, "carl"),)),
            said(mentioned_users=(Mention(CARL, "carl"), Mention(ANNA, "anna"))),
            [named(ANNA)],
        ),
        (said(), None, [events.CommentDeleted(comment_id=BENS, post_id=POST)]),
    ],
)
def test_comment_change_gives_its_events(
    old: CommentItem | None, new: CommentItem | None, announced: list[events.DomainEvent]
) -> None:
    assert list(announcements.comment_announced(Change(old, new))) == announced


def test_comment_like_event_names_liker_author_and_comment() -> None:
    like = CommentLikeItem(CARL, BENS, post_id=POST, author_id=BEN, created_at=NOON)

    assert list(announcements.comment_like_announced(Change(None, like))) == [
        events.CommentLiked(comment_id=BENS, post_id=POST, author_id=BEN, user_id=CARL)
    ]
    assert list(announcements.comment_like_announced(Change(like, None))) == [
        events.CommentUnliked(comment_id=BENS, post_id=POST, author_id=BEN, user_id=CARL)
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"status": "processing"}, {}, [BEN]),
        ({"status": "processing"}, {"status": "processing"}, []),
        ({}, {"caption": "other"}, []),
        ({"mentioned_users": ()}, {}, [BEN]),
        ({"mentioned_users": ()}, {"is_archived": True}, []),
        ({}, {"mentioned_users": (Mention(CARL, "carl"),)}, [CARL]),
    ],
)
def test_mentions_are_announced_when_the_post_is_published(
    old: dict[str, Any], new: dict[str, Any], told: list[str]
) -> None:
    with_ben = {"mentioned_users": (Mention(BEN, "ben"),)}
    found = announcements.post_announced(Change(stored(**with_ben | old), stored(**with_ben | new)))

    assert [event for event in found if isinstance(event, events.Mentioned)] == [
        named(user_id, by=ANNA, comment_id=None) for user_id in told
    ]


def told(name: str, model: Any, translate: Any) -> list[list[str]]:
    """The names of the events of each record of a sample."""
    return [
        [type(event).__name__ for event in translate(change_of(model, record))] for record in sample(name)["Records"]
    ]


def test_post_stream_records_give_its_events() -> None:
    """Written, published, liked, edited, archived, brought back, deleted."""
    assert told("dynamodb_posts", PostItem, announcements.post_announced) == [
        [],
        ["PostPublished", "Mentioned"],
        ["PopularityChanged"],
        ["PostChanged"],
        ["PostChanged"],
        ["PostPublished"],
        ["PostDeleted"],
    ]


def test_like_and_unlike_are_published() -> None:
    assert told("dynamodb_likes", LikeItem, announcements.like_announced) == [["PostLiked"], ["PostUnliked"]]


def test_comment_like_and_unlike_are_published() -> None:
    assert told("dynamodb_comment_likes", CommentLikeItem, announcements.comment_like_announced) == [
        ["CommentLiked"],
        ["CommentUnliked"],
    ]


def test_comment_creation_and_deletion_are_published() -> None:
    assert told("dynamodb_comments", CommentItem, announcements.comment_announced) == [
        ["CommentAdded"],
        [],
        ["CommentDeleted"],
    ]


def test_the_publishers_put_the_events_on_the_bus(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    from functions.posts.events import publish_comments, publish_likes, publish_posts

    sent: list[dict[str, str]] = []

    class Bus:
        def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  (boto3's name)
            sent.extend(Entries)
            return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}

    monkeypatch.setattr(outbox.aws, "client", lambda service: Bus())

    for handler, name in ((publish_posts, "posts"), (publish_likes, "likes"), (publish_comments, "comments")):
        assert handler(sample(f"dynamodb_{name}"), context) == {"batchItemFailures": []}

    assert [entry["DetailType"] for entry in sent] == [
        "PostPublished",
        "Mentioned",
        "PopularityChanged",
        "PostChanged",
        "PostChanged",
        "PostPublished",
        "PostDeleted",
        "PostLiked",
        "PostUnliked",
        "CommentAdded",
        "CommentDeleted",
    ]
    assert {entry["EventBusName"] for entry in sent} == {"test"}
