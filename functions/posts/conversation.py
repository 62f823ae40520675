"""Use cases of likes and comments. Each changes together with its count, so the count is always their number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from pynamodb.transactions import TransactWrite

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.graph import service as graph
from functions.posts import service, store
from functions.posts.model import Comment
from functions.posts.store import CommentItem, LikeItem
from heliograph import clock, counters, ids, transactions
from heliograph.counters import Counter
from heliograph.errors import Forbidden, Invalid, NotFound
from heliograph.events import CommentAdded, CommentDeleted, DomainEvent, PostLiked
from heliograph.outbox import Change
from heliograph.reading import Skeleton
from heliograph.tables import Slice
from heliograph.transactions import ConditionFailed

__all__ = ["Comment", "CommentItem", "LikeItem"]


@dataclass(frozen=True)
class SeenComment:
    """A comment with what decides whether the viewer may see it."""

    comment: Comment
    author: Profile
    viewer: graph.Viewer


# --- Likes ----------------------------------------------------------------------------------------------------------


def like(user_id: str, post_id: str) -> int:
    """Like a post, or still like it; the number of likes. Raises NotFound."""
    service.see_open(user_id, post_id)
    item = LikeItem(post_id, user_id, created_at=clock.now())

    def build(transaction: TransactWrite) -> None:
        store.put_like(transaction, item)
        counters.add(transaction, _likes_of(post_id), actor=user_id)

    _commit_unless_done(build)
    _still_there(post_id)
    return counters.total(_likes_of(post_id)).value


def unlike(user_id: str, post_id: str) -> int:
    """Do not like a post any more; the number of likes. Raises NotFound."""
    service.see_open(user_id, post_id)
    withdraw_like(user_id, post_id)
    return counters.total(_likes_of(post_id)).value


def withdraw_like(user_id: str, post_id: str) -> None:
    """Take a like back, whether its post can be seen or not."""

    def build(transaction: TransactWrite) -> None:
        store.delete_like(transaction, post_id, user_id)
        counters.remove(transaction, _likes_of(post_id), actor=user_id)

    _commit_unless_done(build)


def likers(viewer_id: str, post_id: str) -> Skeleton[str]:
    """Who likes a post. Raises NotFound."""
    service.see(viewer_id, post_id)
    return partial(store.likers, post_id)


# --- Comments -------------------------------------------------------------------------------------------------------


def add(user_id: str, post_id: str, content: str, parent_comment_id: str | None) -> SeenComment:
    """Comment on a post, or reply to a comment. Raises NotFound, Invalid (no such comment to reply to)."""
    service.see_open(user_id, post_id)
    comment = Comment(
        comment_id=ids.new_id(),
        post_id=post_id,
        user_id=user_id,
        content=content,
        created_at=clock.now(),
        parent_comment_id=parent_comment_id and _top_of_thread(user_id, post_id, parent_comment_id),
    )

    def build(transaction: TransactWrite) -> None:
        store.put_comment(transaction, comment)
        counters.add(transaction, _comments_on(post_id), actor=user_id)

    try:
        transactions.commit(build)
    except ConditionFailed:
        raise _no_such_parent() from None
    _still_there(post_id)
    return hydrate(user_id, [comment])[0]


def edit(user_id: str, comment_id: str, content: str) -> SeenComment:
    """Change the text of an own comment. Raises NotFound, Forbidden."""
    comment = _seen_comment(user_id, comment_id).comment
    if comment.user_id != user_id:
        raise Forbidden("Only its author may edit a comment")
    if not store.edit_comment(comment_id, content):
        raise NotFound
    return _seen_comment(user_id, comment_id)


def delete(user_id: str, comment_id: str) -> None:
    """Delete an own comment, or any under an own post, with its replies. Raises NotFound, Forbidden."""
    comment = _seen_comment(user_id, comment_id).comment
    if user_id not in (comment.user_id, service.see(user_id, comment.post_id).post.user_id):
        raise Forbidden("Only its author and the post's author may delete a comment")
    withdraw(comment)


def withdraw(comment: Comment) -> None:
    """Delete a comment with its replies, whether its post can be seen or not."""
    # Replies first, so that a broken attempt can be repeated; then those that came in until the comment was gone.
    _delete_replies(comment)
    _delete(comment.comment_id, comment.post_id)
    _delete_replies(comment)


def comments_on(viewer_id: str, post_id: str) -> Callable[[str | None, int], Slice[Comment]]:
    """The skeleton of the top-level comments on a post, the newest first. Raises NotFound."""
    service.see(viewer_id, post_id)
    return partial(store.thread, post_id, newest_first=True)


def replies_to(viewer_id: str, comment_id: str) -> Callable[[str | None, int], Slice[Comment]]:
    """The skeleton of the replies to a comment, the oldest first. Raises NotFound."""
    _seen_comment(viewer_id, comment_id)
    return partial(store.thread, comment_id, newest_first=False)


def hydrate(viewer_id: str, comments: list[Comment]) -> list[SeenComment]:
    authors = accounts.profiles(comment.user_id for comment in comments)
    viewer = graph.viewer(viewer_id, authors)
    return [SeenComment(item, authors[item.user_id], viewer) for item in comments if item.user_id in authors]


def visible(comments: list[SeenComment]) -> list[SeenComment]:
    """Comments under a visible post, but for those of people blocked in either direction."""
    return [item for item in comments if graph.may_view(item.viewer, item.author, "everyone")]


# --- After a post is gone -------------------------------------------------------------------------------------------


def forget(post_id: str) -> None:
    """Delete the likes, comments and counts of a post that is gone. A new run goes on where one broke off."""
    store.delete_likes(post_id)
    store.delete_comments(post_id)
    counters.forget(_likes_of(post_id))
    counters.forget(_comments_on(post_id))


# --- Events ---------------------------------------------------------------------------------------------------------


def like_announced(change: Change[LikeItem]) -> Iterator[DomainEvent]:
    """The events that a change to the likes table means."""
    if change.new is not None and change.old is None:
        yield PostLiked(post_id=change.new.post_id, user_id=change.new.user_id)


def comment_announced(change: Change[CommentItem]) -> Iterator[DomainEvent]:
    """The events that a change to the comments table means."""
    if change.old is None and change.new is not None:
        yield CommentAdded(comment_id=change.new.comment_id, post_id=change.new.post_id, author_id=change.new.user_id)
    elif change.old is not None and change.new is None:
        yield CommentDeleted(comment_id=change.old.comment_id, post_id=change.old.post_id)


# --- Shared ---------------------------------------------------------------------------------------------------------


def _likes_of(post_id: str) -> Counter:
    return Counter("post", post_id, "likes")


def _comments_on(post_id: str) -> Counter:
    return Counter("post", post_id, "comments")


def _commit_unless_done(build: Callable[[TransactWrite], None]) -> None:
    try:
        transactions.commit(build)
    except ConditionFailed:  # it was so before: saying it twice is no error
        return


def _still_there(post_id: str) -> None:
    """A post deleted between being read and being written about has been forgotten already: forget it once more."""
    if service.is_gone(post_id):
        forget(post_id)
        raise NotFound


def _seen_comment(viewer_id: str, comment_id: str) -> SeenComment:
    """Raises NotFound, also where the viewer may not see the post or its author. A post's author sees every comment."""
    comment = store.comment(comment_id)
    if comment is None:
        raise NotFound
    seen_post = service.see(viewer_id, comment.post_id)
    seen = hydrate(viewer_id, [comment])
    shown = seen if seen_post.post.user_id == viewer_id else visible(seen)
    if not shown:
        raise NotFound
    return shown[0]


def _top_of_thread(user_id: str, post_id: str, parent_comment_id: str) -> str:
    """Threads are one deep: a reply to a reply hangs on the same comment."""
    try:
        parent = _seen_comment(user_id, parent_comment_id).comment
    except NotFound:
        raise _no_such_parent() from None
    if parent.post_id != post_id:
        raise _no_such_parent()
    return parent.parent_comment_id or parent.comment_id


def _no_such_parent() -> Invalid:
    return Invalid.field("parentCommentId", "no such comment on this post")


def _delete_replies(comment: Comment) -> None:
    for reply_id in store.whole_thread(comment.comment_id):
        _delete(reply_id, comment.post_id)


def _delete(comment_id: str, post_id: str) -> None:
    def build(transaction: TransactWrite) -> None:
        store.delete_comment(transaction, comment_id)
        counters.remove(transaction, _comments_on(post_id), actor=comment_id)

    _commit_unless_done(build)
