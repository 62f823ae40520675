"""What posts, likes, comments and mentions know of one person, for state machines: see `heliograph.personal`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.accounts import service as accounts
from functions.posts import comments, conversation, mentions, saves, saving, service, store
from functions.posts.model import Comment, Post
from heliograph import limits, personal
from heliograph.errors import NotFound
from heliograph.tables import Slice

EXPORTED = 100
ERASED = 25


@dataclass(frozen=True)
class GivenLike:
    """A like as it is exported. `author`: the username of whose post it is, None if the post is gone."""

    post_id: str
    author: str | None
    created_at: datetime


@dataclass(frozen=True)
class GivenCommentLike:
    """A like of a comment as it is exported. `author`: the username of who wrote it, None if the comment is gone."""

    comment_id: str
    author: str | None
    created_at: datetime


@dataclass(frozen=True)
class SavedPost:
    """A saved post as it is exported. `author`: the username of whose post it is, None if the post is gone."""

    post_id: str
    author: str | None
    saved_at: datetime


@dataclass(frozen=True)
class WrittenComment:
    """A comment as it is exported. `post_author`: a username, None if the post is gone."""

    comment: Comment
    post_author: str | None


# --- Exports --------------------------------------------------------------------------------------------------------


def _posts(user_id: str, after: Any) -> Slice[Post]:
    return store.written_by(user_id, after, EXPORTED).looked_up(store.posts)


def _likes(user_id: str, after: Any) -> Slice[GivenLike]:
    def find(post_ids: list[str]) -> dict[str, GivenLike]:
        authors = _authors(post_ids)
        since = store.liked(user_id, post_ids)
        return {post_id: GivenLike(post_id, authors.get(post_id), since[post_id]) for post_id in since}

    return store.liked_by(user_id, after, EXPORTED).looked_up(find)


def _comment_likes(user_id: str, after: Any) -> Slice[GivenCommentLike]:
    page = comments.liked_by(user_id, after, EXPORTED)
    found = comments.comments(comment_id for comment_id, _ in page.items)
    authors = _usernames({comment.comment_id: comment.user_id for comment in found.values()})
    return Slice([GivenCommentLike(one, authors.get(one), since) for one, since in page.items], page.next)


def _saved(user_id: str, after: Any) -> Slice[SavedPost]:
    page = saves.times(user_id, after, EXPORTED)
    authors = _authors(post_id for post_id, _ in page.items)
    return Slice([SavedPost(post_id, authors.get(post_id), at) for post_id, at in page.items], page.next)


def _comments(user_id: str, after: Any) -> Slice[WrittenComment]:
    def find(comment_ids: list[str]) -> dict[str, WrittenComment]:
        found = comments.comments(comment_ids)
        authors = _authors(comment.post_id for comment in found.values())
        return {item.comment_id: WrittenComment(item, authors.get(item.post_id)) for item in found.values()}

    return comments.written_by(user_id, after, EXPORTED).looked_up(find)


def _authors(post_ids: Iterable[str]) -> dict[str, str]:
    """The usernames of the authors of posts, by post."""
    return _usernames({post.post_id: post.user_id for post in store.posts(post_ids).values()})


def _usernames(owners: Mapping[str, str]) -> dict[str, str]:
    """The usernames of the owners of things, by thing."""
    profiles = accounts.profiles(owners.values())
    return {thing: profiles[owner].username for thing, owner in owners.items() if owner in profiles}


# --- Erasures -------------------------------------------------------------------------------------------------------


def _erase_posts(user_id: str, after: Any) -> Slice[str]:
    page = store.written_by(user_id, after, ERASED)
    for post_id in page.items:
        try:
            service.delete(user_id, post_id)
        except NotFound:  # by an earlier attempt; the index had not heard of it yet
            continue
    return page


def _erase_likes(user_id: str, after: Any) -> Slice[str]:
    page = store.liked_by(user_id, after, ERASED)
    for post_id in page.items:
        conversation.withdraw_like(user_id, post_id)
    return page


def _erase_saves(user_id: str, after: Any) -> Slice[str]:
    page = saves.saved_by(user_id, after, ERASED)
    for post_id in page.items:
        saves.delete(user_id, post_id)
    if page.next is None:
        limits.forget(saving.SAVE, user_id)
    return page


def _erase_comment_likes(user_id: str, after: Any) -> Slice[tuple[str, datetime]]:
    page = comments.liked_by(user_id, after, ERASED)
    for comment_id, _ in page.items:
        conversation.withdraw_comment_like(user_id, comment_id)
    if page.next is None:
        limits.forget(conversation.LIKE_COMMENT, user_id)
    return page


def _erase_comments(user_id: str, after: Any) -> Slice[Comment]:
    page = comments.written_by(user_id, after, ERASED).looked_up(comments.comments)
    for comment in page.items:
        conversation.withdraw(comment)
    return page


def _erase_post_mentions(user_id: str, _after: Any) -> Slice[str]:
    def without(post: Post) -> Post:
        caption, kept = service.without_mention(post.caption, post.mentioned_users, user_id)
        return replace(post, caption=caption, mentioned_users=kept)

    return _erase_mentions(user_id, "post", lambda post_id: service.rewrite(post_id, without))


def _erase_comment_mentions(user_id: str, _after: Any) -> Slice[str]:
    def without(comment: Comment) -> Comment:
        content, kept = service.without_mention(comment.content, comment.mentioned_users, user_id)
        return replace(comment, content=content, mentioned_users=kept)

    return _erase_mentions(user_id, "comment", lambda comment_id: conversation.rewrite(comment_id, without))


def _erase_mentions(user_id: str, kind: str, rewrite: Callable[[str], None]) -> Slice[str]:
    """What others wrote forgets whom it mentioned. What is erased is no longer found, so each page is the first."""
    found = mentions.first(user_id, kind, ERASED)
    for content_id in found:
        rewrite(content_id)
        mentions.drop(user_id, f"{kind}#{content_id}")
    return Slice(found, "more" if len(found) == ERASED else None)


EXPORTS: dict[str, personal.Section] = {
    "posts": _posts,
    "likes": _likes,
    "comments": _comments,
    "comment_likes": _comment_likes,
    "saved": _saved,
}
ERASURES: dict[str, personal.Section] = {
    "posts": _erase_posts,
    "likes": _erase_likes,
    "saved": _erase_saves,
    "comment_likes": _erase_comment_likes,
    "comments": _erase_comments,
    "post_mentions": _erase_post_mentions,
    "comment_mentions": _erase_comment_mentions,
}

handler = personal.handler(EXPORTS, ERASURES)
