"""Use cases of pinned comments: those that a post's author wants to be read first."""

from functions.posts import comments, conversation, store
from functions.posts.model import MAX_PINNED, Comment, Post
from heliograph import transactions
from heliograph.errors import Conflict, Forbidden, NotFound
from heliograph.tables import Slice
from heliograph.transactions import ConditionFailed

# What a position begins with while it is among the pinned comments.
PINNED = "pinned#"


def pin(user_id: str, comment_id: str) -> None:
    """Show a comment before all others. Raises NotFound, Forbidden (not the post's author), Conflict (a reply, or
    one too many).
    """
    comment = _own(user_id, comment_id)
    if comment.parent_comment_id:
        raise Conflict("Only a comment on the post itself can be pinned")

    def build(transaction: transactions.TransactWrite) -> None:
        comments.must_exist(transaction, comment_id)
        store.pin(transaction, comment.post_id, comment_id)

    try:
        transactions.commit(build)
    except ConditionFailed as failure:
        if 0 in failure.positions:
            raise NotFound from None
        raise Conflict(f"At most {MAX_PINNED} comments can be pinned") from None


def unpin(user_id: str, comment_id: str) -> None:
    """Show a comment in its own place again. Raises NotFound, Forbidden (not the post's author)."""
    store.unpin(_own(user_id, comment_id).post_id, comment_id)


def comments_on(post: Post, after: str | None, limit: int) -> Slice[Comment]:
    """The top-level comments on a post: the pinned ones, then the others, each the newest first."""
    left: list[str] = []
    if after is None or after.startswith(PINNED):
        beyond = (after or "").removeprefix(PINNED)
        left = [one for one in sorted(post.pinned_comments, reverse=True) if not beyond or one < beyond]
        after = None
    if len(left) >= limit:
        return Slice(_found(left[:limit]), PINNED + left[limit - 1])
    page = comments.thread(post.post_id, after, limit - len(left), newest_first=True)
    others = [comment for comment in page.items if comment.comment_id not in post.pinned_comments]
    return Slice([*_found(left), *others], page.next)


def _found(comment_ids: list[str]) -> list[Comment]:
    found = comments.comments(comment_ids)
    return [found[comment_id] for comment_id in comment_ids if comment_id in found]


def _own(user_id: str, comment_id: str) -> Comment:
    comment = conversation.see(user_id, comment_id).comment
    if comment.post_author_id != user_id:
        raise Forbidden("Only the post's author may do this to a comment")
    return comment
