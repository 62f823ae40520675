"""Tables comments and comment-likes: both models and every query of them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.posts import mentions
from functions.posts.attributes import MentionsAttribute
from functions.posts.model import Comment
from heliograph import tables
from heliograph.counters import Total
from heliograph.tables import Slice, TimeAttribute


class CommentsByThread(GlobalSecondaryIndex["CommentItem"]):
    class Meta:
        index_name = "byThread"
        projection = AllProjection()

    thread_id = UnicodeAttribute(hash_key=True, attr_name="threadId")
    comment_id = UnicodeAttribute(range_key=True, attr_name="commentId")


class CommentsByAuthor(GlobalSecondaryIndex["CommentItem"]):
    class Meta:
        index_name = "byAuthor"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    comment_id = UnicodeAttribute(range_key=True, attr_name="commentId")


class CommentItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("comments")

    comment_id = UnicodeAttribute(hash_key=True, attr_name="commentId")
    thread_id = UnicodeAttribute(attr_name="threadId")
    post_id = UnicodeAttribute(attr_name="postId")
    post_author_id = UnicodeAttribute(attr_name="postAuthorId")
    user_id = UnicodeAttribute(attr_name="userId")
    content = UnicodeAttribute()
    mentioned_users = MentionsAttribute(attr_name="mentionedUsers", default=())
    created_at = TimeAttribute(attr_name="createdAt")
    is_edited = BooleanAttribute(attr_name="isEdited", default=False)
    parent_comment_id = UnicodeAttribute(attr_name="parentCommentId", null=True)
    answered_user_id = UnicodeAttribute(attr_name="answeredUserId", null=True)
    like_count = NumberAttribute(attr_name="likeCount", default=0)
    like_operations = NumberAttribute(attr_name="likeOperations", default=0)
    reply_count = NumberAttribute(attr_name="replyCount", default=0)
    reply_operations = NumberAttribute(attr_name="replyOperations", default=0)

    by_thread = CommentsByThread()
    by_author = CommentsByAuthor()


class CommentLikesByComment(GlobalSecondaryIndex["CommentLikeItem"]):
    class Meta:
        index_name = "byComment"
        projection = KeysOnlyProjection()

    comment_id = UnicodeAttribute(hash_key=True, attr_name="commentId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")


class CommentLikeItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("comment-likes")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    comment_id = UnicodeAttribute(range_key=True, attr_name="commentId")
    post_id = UnicodeAttribute(attr_name="postId")
    author_id = UnicodeAttribute(attr_name="authorId")
    created_at = TimeAttribute(attr_name="createdAt")

    by_comment = CommentLikesByComment()


# --- Comments -------------------------------------------------------------------------------------------------------


def put(transaction: TransactWrite, comment: Comment) -> None:
    """Write a new comment; a reply is refused when what it replies to is gone."""
    if comment.parent_comment_id:
        must_exist(transaction, comment.parent_comment_id)
    transaction.save(
        CommentItem(
            comment.comment_id,
            thread_id=comment.thread_id,
            post_id=comment.post_id,
            post_author_id=comment.post_author_id,
            user_id=comment.user_id,
            content=comment.content,
            mentioned_users=comment.mentioned_users,
            created_at=comment.created_at,
            is_edited=comment.is_edited,
            parent_comment_id=comment.parent_comment_id,
            answered_user_id=comment.answered_user_id,
        ),
        condition=CommentItem.comment_id.does_not_exist(),
    )


def must_exist(transaction: TransactWrite, comment_id: str) -> None:
    """Nothing of the transaction is written if the comment is gone."""
    transaction.condition_check(CommentItem, comment_id, condition=CommentItem.comment_id.exists())


def edit(transaction: TransactWrite, before: Comment, after: Comment) -> None:
    """Write what the comment says; refused when it says something else by now, or is gone."""
    transaction.update(
        CommentItem(before.comment_id),
        actions=[
            CommentItem.content.set(after.content),
            tables.written(CommentItem.mentioned_users, after.mentioned_users),
            CommentItem.is_edited.set(after.is_edited),
        ],
        condition=CommentItem.content == before.content,
    )


def delete(transaction: TransactWrite, comment_id: str) -> None:
    """Refused when it is gone."""
    transaction.delete(CommentItem(comment_id), condition=CommentItem.comment_id.exists())


def comment(comment_id: str) -> Comment | None:
    """One comment, read consistently."""
    item = tables.find(CommentItem, comment_id, consistent=True)
    return item and as_comment(item)


def comments(comment_ids: Iterable[str]) -> dict[str, Comment]:
    return {item.comment_id: as_comment(item) for item in tables.batch_get(CommentItem, comment_ids)}


def thread(thread_id: str, after: str | None, limit: int, *, newest_first: bool) -> Slice[Comment]:
    """The comments that hang on a post or on a comment."""
    beyond: Callable[[str], Condition] = (
        CommentItem.comment_id.__lt__ if newest_first else CommentItem.comment_id.__gt__
    )
    items = CommentItem.by_thread.query(
        thread_id,
        beyond(after) if after else None,
        scan_index_forward=not newest_first,
        limit=limit + 1,
    )
    return tables.cut(map(as_comment, items), limit, lambda comment: comment.comment_id)


def whole_thread(thread_id: str) -> list[Comment]:
    """All comments that hang on a post or on a comment, the oldest first."""
    return [as_comment(item) for item in CommentItem.by_thread.query(thread_id)]


def written_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all comments that an account has written, the oldest first."""
    items = CommentItem.by_author.query(user_id, CommentItem.comment_id > after if after else None, limit=limit + 1)
    return tables.cut((item.comment_id for item in items), limit, str)


def write_count(comment_id: str, name: str, total: Total) -> None:
    """Materialise one counter (likes, replies) unless a later reading is already there."""
    value, operations = {
        "likes": (CommentItem.like_count, CommentItem.like_operations),
        "replies": (CommentItem.reply_count, CommentItem.reply_operations),
    }[name]
    tables.update_if(
        CommentItem(comment_id),
        [value.set(total.value), operations.set(total.operations)],
        CommentItem.comment_id.exists() & (operations < total.operations),
    )


def delete_all(post_id: str) -> None:
    """Delete every comment and reply of a post that is gone; replies first, so that a new run finds what is left."""
    for first in whole_thread(post_id):
        replies = whole_thread(first.comment_id)
        for one in (*replies, first):
            for mention in one.mentioned_users:
                mentions.drop(mention.user_id, f"comment#{one.comment_id}")
        with CommentItem.batch_write() as batch:
            for reply in replies:
                batch.delete(CommentItem(reply.comment_id))
        tables.delete(CommentItem(first.comment_id))


def as_comment(item: CommentItem) -> Comment:
    return Comment(
        comment_id=item.comment_id,
        post_id=item.post_id,
        post_author_id=item.post_author_id,
        user_id=item.user_id,
        content=item.content,
        created_at=item.created_at,
        mentioned_users=item.mentioned_users,
        parent_comment_id=item.parent_comment_id,
        answered_user_id=item.answered_user_id,
        is_edited=item.is_edited,
        like_count=int(item.like_count),
        reply_count=int(item.reply_count),
    )


# --- Likes of comments ----------------------------------------------------------------------------------------------


def put_like(transaction: TransactWrite, like: CommentLikeItem) -> None:
    """Refused when it is there already."""
    transaction.save(like, condition=CommentLikeItem.comment_id.does_not_exist())


def delete_like(transaction: TransactWrite, comment_id: str, user_id: str) -> None:
    """Refused when there is none."""
    transaction.delete(CommentLikeItem(user_id, comment_id), condition=CommentLikeItem.comment_id.exists())


def liked(user_id: str, comment_ids: Iterable[str]) -> set[str]:
    """Which of the comments this account likes."""
    key = CommentLikeItem.comment_id
    return tables.among(CommentLikeItem, user_id, key, comment_ids, lambda item: item.comment_id)


def liked_by(user_id: str, after: str | None, limit: int) -> Slice[tuple[str, datetime]]:
    """All comments that an account likes, by id, and since when. A position is the id of a comment."""
    items = CommentLikeItem.query(user_id, CommentLikeItem.comment_id > after if after else None, limit=limit + 1)
    return tables.cut(((item.comment_id, item.created_at) for item in items), limit, lambda liked: liked[0])


def likers(comment_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of the accounts that like a comment, in the order of their ids."""
    newer = CommentLikeItem.user_id > after if after else None
    items = CommentLikeItem.by_comment.query(comment_id, newer, limit=limit + 1)
    return tables.cut((item.user_id for item in items), limit, str)


def delete_likes(comment_id: str) -> None:
    """Delete every like of a comment that is gone."""
    with CommentLikeItem.batch_write() as batch:
        for item in CommentLikeItem.by_comment.query(comment_id):
            batch.delete(CommentLikeItem(item.user_id, comment_id))
