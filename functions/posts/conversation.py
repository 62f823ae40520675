"""Use cases of likes and comments. Each changes together with its count, so the count is always their number."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from pynamodb.transactions import TransactWrite

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.graph import service as graph
from functions.posts import comments, mentions, service, store, text
from functions.posts.comments import CommentLikeItem
from functions.posts.model import Comment, Post
from functions.posts.store import LikeItem
from heliograph import clock, counters, ids, limits, transactions
from heliograph.counters import Counter
from heliograph.errors import Forbidden, Invalid, NotFound
from heliograph.limits import Limit
from heliograph.reading import Skeleton
from heliograph.tables import Slice
from heliograph.transactions import ConditionFailed

__all__ = ["Comment"]

# Faster than anybody reads; slower than who likes everything to be noticed.
LIKE_COMMENT = Limit("like-comment", burst=120, per_second=600 / 3600, batch=5)


@dataclass(frozen=True)
class SeenComment:
    """A comment with what decides whether the viewer may see it, and what is needed to show it.

    `liked`: by the viewer.
    """

    comment: Comment
    post: Post
    author: Profile
    viewer: graph.Viewer
    liked: bool

    @property
    def pinned(self) -> bool:
        return self.comment.comment_id in self.post.pinned_comments


# --- Likes of posts -------------------------------------------------------------------------------------------------


def like(user_id: str, post_id: str) -> int | None:
    """Like a post, or still like it; the number of likes, None where it is hidden. Raises NotFound, Conflict."""
    seen = service.see_open(user_id, post_id)
    item = LikeItem(post_id, user_id, author_id=seen.post.user_id, created_at=clock.now())

    def build(transaction: TransactWrite) -> None:
        store.put_like(transaction, item)
        counters.add(transaction, _likes_of(post_id), actor=user_id)

    _commit_unless_done(build)
    _still_there(post_id)
    return _likes_shown(seen)


def unlike(user_id: str, post_id: str) -> int | None:
    """Do not like a post any more; the number of likes, None where it is hidden. Raises NotFound, Conflict."""
    seen = service.see_open(user_id, post_id)
    withdraw_like(user_id, post_id)
    return _likes_shown(seen)


def withdraw_like(user_id: str, post_id: str) -> None:
    """Take a like back, whether its post can be seen or not."""

    def build(transaction: TransactWrite) -> None:
        store.delete_like(transaction, post_id, user_id)
        counters.remove(transaction, _likes_of(post_id), actor=user_id)

    _commit_unless_done(build)


def likers(viewer_id: str, post_id: str) -> Skeleton[str]:
    """Who likes a post. Raises NotFound, Forbidden (the author hides how many do)."""
    if not service.see(viewer_id, post_id).likes_shown:
        raise Forbidden("The author does not show who likes this post")
    return partial(store.likers, post_id)


# --- Comments -------------------------------------------------------------------------------------------------------


def add(user_id: str, post_id: str, content: str, parent_comment_id: str | None) -> SeenComment:
    """Comment on a post, or reply to a comment.

    Raises NotFound, Conflict, Forbidden (comments are off), Invalid (no such comment to reply to, too many mentions).
    """
    post = service.see_open(user_id, post_id).post
    if post.comments_off:
        raise Forbidden("Comments on this post are turned off")
    answered = _answered(user_id, post_id, parent_comment_id) if parent_comment_id else None
    comment = Comment(
        comment_id=ids.new_id(),
        post_id=post_id,
        post_author_id=post.user_id,
        user_id=user_id,
        content=content,
        created_at=clock.now(),
        mentioned_users=service.mentioned(user_id, text.names_in_comment(content)),
        # Threads are one deep: a reply to a reply hangs on the same comment.
        parent_comment_id=answered and (answered.parent_comment_id or answered.comment_id),
        answered_user_id=answered and answered.user_id,
    )

    def build(transaction: TransactWrite) -> None:
        comments.put(transaction, comment)
        mentions.put(transaction, f"comment#{comment.comment_id}", comment.mentioned_users)
        for counter in _counted(comment):
            counters.add(transaction, counter, actor=comment.comment_id)

    try:
        transactions.commit(build)
    except ConditionFailed:
        raise _no_such_parent() from None
    _still_there(post_id)
    return hydrate(user_id, post, [comment])[0]


def edit(user_id: str, comment_id: str, content: str) -> SeenComment:
    """Change the text of an own comment. Raises NotFound, Forbidden, Invalid (too many mentions)."""
    if see(user_id, comment_id).comment.user_id != user_id:
        raise Forbidden("Only its author may edit a comment")
    named = service.mentioned(user_id, text.names_in_comment(content))
    rewrite(comment_id, lambda before: replace(before, content=content, mentioned_users=named, is_edited=True))
    return see(user_id, comment_id)


def rewrite(comment_id: str, change: Callable[[Comment], Comment]) -> None:
    """Change what a comment says as it is now, and whom it mentions. Nothing to do for one that is gone."""

    def attempt() -> None:
        before = comments.comment(comment_id)
        after = before and change(before)
        if before is None or after is None or after == before:
            return

        def build(transaction: TransactWrite) -> None:
            comments.edit(transaction, before, after)
            mentions.replace(transaction, f"comment#{comment_id}", before.mentioned_users, after.mentioned_users)

        transactions.commit(build)

    transactions.while_unchanged(attempt)


def delete(user_id: str, comment_id: str) -> None:
    """Delete an own comment, or any under an own post, with its replies. Raises NotFound, Forbidden."""
    comment = see(user_id, comment_id).comment
    if user_id not in (comment.user_id, comment.post_author_id):
        raise Forbidden("Only its author and the post's author may delete a comment")
    withdraw(comment)


def withdraw(comment: Comment) -> None:
    """Delete a comment with its replies, whether its post can be seen or not."""
    # Replies first, so that a broken attempt can be repeated; then those that came in until the comment was gone.
    _delete_replies(comment)
    _delete(comment)
    _delete_replies(comment)
    if comment.parent_comment_id is None:
        store.unpin(comment.post_id, comment.comment_id)


def replies_to(comment_id: str, after: str | None, limit: int) -> Slice[Comment]:
    """The replies to a comment, the oldest first."""
    return comments.thread(comment_id, after, limit, newest_first=False)


def see(viewer_id: str, comment_id: str) -> SeenComment:
    """A comment, if the viewer may see the post and its author; a post's author sees every one. Raises NotFound."""
    comment = comments.comment(comment_id)
    if comment is None:
        raise NotFound
    post = service.see(viewer_id, comment.post_id).post
    seen = hydrate(viewer_id, post, [comment])
    shown = seen if post.user_id == viewer_id else visible(seen)
    if not shown:
        raise NotFound
    return shown[0]


def hydrate(viewer_id: str, post: Post, found: list[Comment]) -> list[SeenComment]:
    """Comments on a post with what is needed to judge and show them, batched."""
    authors = accounts.profiles(comment.user_id for comment in found)
    viewer = graph.viewer(viewer_id, authors)
    liked = comments.liked(viewer_id, (comment.comment_id for comment in found))
    return [
        SeenComment(comment, post, authors[comment.user_id], viewer, comment.comment_id in liked)
        for comment in found
        if comment.user_id in authors
    ]


def visible(seen: list[SeenComment]) -> list[SeenComment]:
    """Comments under a visible post, but for those of people blocked in either direction."""
    return [item for item in seen if graph.may_view(item.viewer, item.author, "everyone")]


# --- Likes of comments ----------------------------------------------------------------------------------------------


def like_comment(user_id: str, comment_id: str) -> int:
    """Like a comment, or still like it; the number of likes. Raises NotFound, Conflict, Exhausted."""
    comment = _open_comment(user_id, comment_id)
    item = CommentLikeItem(
        user_id, comment_id, post_id=comment.post_id, author_id=comment.user_id, created_at=clock.now()
    )

    def build(transaction: TransactWrite) -> None:
        comments.put_like(transaction, item)
        counters.add(transaction, _likes_of_comment(comment_id), actor=user_id)

    _commit_unless_done(build)
    if comments.comment(comment_id) is None:
        forget_comment(comment_id)
        raise NotFound
    return counters.total(_likes_of_comment(comment_id)).value


def unlike_comment(user_id: str, comment_id: str) -> int:
    """Do not like a comment any more; the number of likes. Raises NotFound, Conflict, Exhausted."""
    _open_comment(user_id, comment_id)
    withdraw_comment_like(user_id, comment_id)
    return counters.total(_likes_of_comment(comment_id)).value


def withdraw_comment_like(user_id: str, comment_id: str) -> None:
    """Take a like back, whether its comment can be seen or not."""

    def build(transaction: TransactWrite) -> None:
        comments.delete_like(transaction, comment_id, user_id)
        counters.remove(transaction, _likes_of_comment(comment_id), actor=user_id)

    _commit_unless_done(build)


# --- Afterwards -----------------------------------------------------------------------------------------------------


def materialise(counter: Counter) -> None:
    """Write the true value of one of a comment's counters onto the comment."""
    counters.settle(counter, lambda total: comments.write_count(counter.id, counter.name, total))


def forget(post_id: str) -> None:
    """Delete the likes, comments and counts of a post that is gone. A new run goes on where one broke off."""
    store.delete_likes(post_id)
    comments.delete_all(post_id)
    counters.forget(_likes_of(post_id))
    counters.forget(_comments_on(post_id))


def forget_comment(comment_id: str) -> None:
    """Delete the likes and counts of a comment that is gone. Idempotent."""
    comments.delete_likes(comment_id)
    counters.forget(_likes_of_comment(comment_id))
    counters.forget(_replies_to(comment_id))


# --- Shared ---------------------------------------------------------------------------------------------------------


def _likes_of(post_id: str) -> Counter:
    return Counter("post", post_id, "likes")


def _comments_on(post_id: str) -> Counter:
    return Counter("post", post_id, "comments")


def _likes_of_comment(comment_id: str) -> Counter:
    return Counter("comment", comment_id, "likes")


def _replies_to(comment_id: str) -> Counter:
    return Counter("comment", comment_id, "replies")


def _counted(comment: Comment) -> list[Counter]:
    """The counts that a comment is in."""
    replies = [_replies_to(comment.parent_comment_id)] if comment.parent_comment_id else []
    return [_comments_on(comment.post_id), *replies]


def _likes_shown(seen: service.SeenPost) -> int | None:
    return counters.total(_likes_of(seen.post.post_id)).value if seen.likes_shown else None


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


def _open_comment(user_id: str, comment_id: str) -> Comment:
    """A comment to like, or to like no more."""
    limits.spend(LIKE_COMMENT, user_id)
    seen = see(user_id, comment_id)
    service.require_open(seen.post)
    return seen.comment


def _answered(user_id: str, post_id: str, comment_id: str) -> Comment:
    """The comment on this post to reply to."""
    try:
        answered = see(user_id, comment_id).comment
    except NotFound:
        raise _no_such_parent() from None
    if answered.post_id != post_id:
        raise _no_such_parent()
    return answered


def _no_such_parent() -> Invalid:
    return Invalid.field("parentCommentId", "no such comment on this post")


def _delete_replies(comment: Comment) -> None:
    for reply in comments.whole_thread(comment.comment_id):
        _delete(reply)


def _delete(comment: Comment) -> None:
    def build(transaction: TransactWrite) -> None:
        comments.delete(transaction, comment.comment_id)
        mentions.delete(transaction, f"comment#{comment.comment_id}", comment.mentioned_users)
        for counter in _counted(comment):
            counters.remove(transaction, counter, actor=comment.comment_id)

    _commit_unless_done(build)
