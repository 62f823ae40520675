"""What a change to posts, likes or comments tells the rest of the platform."""

from typing import Any

import pytest

from functions.posts import conversation, service
from functions.posts.store import CommentItem, LikeItem, PostItem
from heliograph import events, outbox
from heliograph.outbox import Change, change_of
from tests.unit.feed.samples import ANNA, NOON, POST, sample

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
        (stored(), stored(like_count=7, comment_count=2, version=9), []),
        (stored(), None, [deleted(version=4, was_published=True)]),
        (stored(is_archived=True), None, [deleted(version=4, was_published=True)]),
        (stored(status="failed"), None, [deleted(version=4, was_published=False)]),
    ],
)
def test_what_a_change_to_a_post_means(
    old: PostItem | None, new: PostItem | None, announced: list[events.DomainEvent]
) -> None:
    assert list(service.announced(Change(old, new))) == announced


def told(name: str, model: Any, translate: Any) -> list[list[str]]:
    """The names of the events of each record of a sample."""
    return [
        [type(event).__name__ for event in translate(change_of(model, record))] for record in sample(name)["Records"]
    ]


def test_the_life_of_a_post_as_its_stream_tells_it() -> None:
    """Written, published, liked, edited, archived, brought back, deleted."""
    assert told("dynamodb_posts", PostItem, service.announced) == [
        [],
        ["PostPublished"],
        [],
        ["PostChanged"],
        ["PostChanged"],
        ["PostPublished"],
        ["PostDeleted"],
    ]


def test_a_like_is_news_and_its_withdrawal_is_not() -> None:
    assert told("dynamodb_likes", LikeItem, conversation.like_announced) == [["PostLiked"], []]


def test_a_comment_is_news_when_it_comes_and_when_it_goes() -> None:
    assert told("dynamodb_comments", CommentItem, conversation.comment_announced) == [
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
        "PostChanged",
        "PostChanged",
        "PostPublished",
        "PostDeleted",
        "PostLiked",
        "CommentAdded",
        "CommentDeleted",
    ]
    assert {entry["EventBusName"] for entry in sent} == {"test"}
