"""What changes to the tables of posts mean to the rest of the platform: the events of likes, comments and mentions.

Each names who did it, whose it is, and what it is about, so that nobody needs to be told of what they did themselves.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.posts import comments, store
from functions.posts.comments import CommentItem, CommentLikeItem
from functions.posts.model import Comment, Mention, Post
from functions.posts.store import LikeItem, PostItem
from heliograph import counters
from heliograph.events import (
    CommentAdded,
    CommentDeleted,
    CommentLiked,
    CommentUnliked,
    DomainEvent,
    Mentioned,
    PopularityMoved,
    PostChanged,
    PostDeleted,
    PostLiked,
    PostPublished,
    PostUnliked,
    ReplyAdded,
)
from heliograph.outbox import Change

__all__ = [
    "CommentItem",
    "CommentLikeItem",
    "LikeItem",
    "PostItem",
    "comment_announced",
    "comment_like_announced",
    "like_announced",
    "post_announced",
]


def post_announced(change: Change[PostItem]) -> Iterator[DomainEvent]:
    """The events that a change to the posts table means. Counts are no news: their counters announce themselves."""
    old = change.old and store.as_post(change.old)
    new = change.new and store.as_post(change.new)
    if new is None:
        if old is not None:
            yield _deleted_post(old)
    elif new.is_open and not (old and old.is_open):
        yield PostPublished(
            post_id=new.post_id, author_id=new.user_id, created_at=new.created_at, hashtags=list(new.hashtags)
        )
    elif old is not None and new.status == "published" and _shown(old) != _shown(new):
        yield PostChanged(
            post_id=new.post_id,
            author_id=new.user_id,
            hashtags=list(new.hashtags),
            former_hashtags=list(old.hashtags),
        )
    if old is not None and new is not None and new.is_open and _popularity(old) != _popularity(new):
        yield PopularityMoved(kind="post", id=new.post_id)
    if new is not None:
        yield from _mentioned(old, new)


def like_announced(change: Change[LikeItem]) -> Iterator[DomainEvent]:
    """The events that a change to the likes table means."""
    if change.new is not None and change.old is None:
        yield PostLiked(post_id=change.new.post_id, author_id=change.new.author_id, user_id=change.new.user_id)
    elif change.old is not None and change.new is None:
        yield PostUnliked(post_id=change.old.post_id, author_id=change.old.author_id, user_id=change.old.user_id)


def comment_announced(change: Change[CommentItem]) -> Iterator[DomainEvent]:
    """The events that a change to the comments table means."""
    old, new = (image and comments.as_comment(image) for image in (change.old, change.new))
    if new is None:
        if old is not None:
            yield CommentDeleted(comment_id=old.comment_id, post_id=old.post_id)
        return
    if old is None:
        yield from _added(new)
    for mention in _newly(old.mentioned_users if old else (), new.mentioned_users):
        yield Mentioned(user_id=mention.user_id, author_id=new.user_id, post_id=new.post_id, comment_id=new.comment_id)


def comment_like_announced(change: Change[CommentLikeItem]) -> Iterator[DomainEvent]:
    """The events that a change to the comment-likes table means."""
    old, new = change.old, change.new
    if new is not None and old is None:
        yield CommentLiked(comment_id=new.comment_id, post_id=new.post_id, author_id=new.author_id, user_id=new.user_id)
    elif old is not None and new is None:
        yield CommentUnliked(
            comment_id=old.comment_id, post_id=old.post_id, author_id=old.author_id, user_id=old.user_id
        )


def _shown(post: Post) -> tuple[Any, ...]:
    return (post.caption, post.hashtags, post.location, post.audience, post.is_archived)


def _popularity(post: Post) -> tuple[int, int]:
    return counters.magnitude(post.like_count), counters.magnitude(post.comment_count)


def _deleted_post(post: Post) -> PostDeleted:
    return PostDeleted(
        post_id=post.post_id,
        author_id=post.user_id,
        media_ids=list(post.media_ids),
        hashtags=list(post.hashtags),
        version=post.version + 1,
        was_published=post.status == "published",
    )


def _mentioned(old: Post | None, new: Post) -> Iterator[DomainEvent]:
    """Whoever is mentioned hears of it once others can come across the post."""
    if new.is_open:
        for mention in _newly(old.mentioned_users if old and old.is_open else (), new.mentioned_users):
            yield Mentioned(user_id=mention.user_id, author_id=new.user_id, post_id=new.post_id)


def _added(comment: Comment) -> Iterator[DomainEvent]:
    yield CommentAdded(
        comment_id=comment.comment_id,
        post_id=comment.post_id,
        post_author_id=comment.post_author_id,
        author_id=comment.user_id,
    )
    if comment.parent_comment_id and comment.answered_user_id:
        yield ReplyAdded(
            comment_id=comment.comment_id,
            parent_comment_id=comment.parent_comment_id,
            answered_user_id=comment.answered_user_id,
            post_id=comment.post_id,
            author_id=comment.user_id,
        )


def _newly(before: Iterable[Mention], after: Iterable[Mention]) -> Iterator[Mention]:
    known = {mention.user_id for mention in before}
    return (mention for mention in after if mention.user_id not in known)
