"""Tables posts, likes and comments: every model and every query of them."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import cast

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.posts.attributes import LocationAttribute, MentionsAttribute, TextsAttribute
from functions.posts.model import Comment, MediaType, Post, Status
from heliograph import tables
from heliograph.counters import Total
from heliograph.events import PostAudience
from heliograph.tables import Slice, TimeAttribute

LIKES_AMONG = 100


class PostsByUser(GlobalSecondaryIndex["PostItem"]):
    class Meta:
        index_name = "byUser"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")


class PostItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("posts")

    post_id = UnicodeAttribute(hash_key=True, attr_name="postId")
    user_id = UnicodeAttribute(attr_name="userId")
    status = UnicodeAttribute()
    failure_reason = UnicodeAttribute(attr_name="failureReason", null=True)
    media_ids = TextsAttribute(attr_name="mediaIds")
    media_urls = TextsAttribute(attr_name="mediaUrls")
    media_type = UnicodeAttribute(attr_name="mediaType")
    filter = UnicodeAttribute(null=True)
    caption = UnicodeAttribute()
    hashtags = TextsAttribute()
    mentioned_users = MentionsAttribute(attr_name="mentionedUsers")
    location = LocationAttribute(null=True)
    audience = UnicodeAttribute()
    created_at = TimeAttribute(attr_name="createdAt")
    is_archived = BooleanAttribute(attr_name="isArchived")
    like_count = NumberAttribute(attr_name="likeCount", default=0)
    like_operations = NumberAttribute(attr_name="likeOperations", default=0)
    comment_count = NumberAttribute(attr_name="commentCount", default=0)
    comment_operations = NumberAttribute(attr_name="commentOperations", default=0)
    version = NumberAttribute()

    by_user = PostsByUser()


class LikesByUser(GlobalSecondaryIndex["LikeItem"]):
    class Meta:
        index_name = "byUser"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")


class LikeItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("likes")

    post_id = UnicodeAttribute(hash_key=True, attr_name="postId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    created_at = TimeAttribute(attr_name="createdAt")

    by_user = LikesByUser()


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
    user_id = UnicodeAttribute(attr_name="userId")
    content = UnicodeAttribute()
    created_at = TimeAttribute(attr_name="createdAt")
    is_edited = BooleanAttribute(attr_name="isEdited", default=False)
    parent_comment_id = UnicodeAttribute(attr_name="parentCommentId", null=True)

    by_thread = CommentsByThread()
    by_author = CommentsByAuthor()


# --- Posts ----------------------------------------------------------------------------------------------------------


def put(transaction: TransactWrite, post: Post) -> None:
    """Write a new post."""
    transaction.save(_post_item(post), condition=PostItem.post_id.does_not_exist())


def publish(transaction: TransactWrite, post: Post) -> None:
    """Turn a processing post into a published one, with what `post` says of its media."""
    actions: list[Action] = [
        PostItem.status.set("published"),
        PostItem.media_type.set(post.media_type),
        tables.written(PostItem.media_urls, post.media_urls),
        tables.written(PostItem.filter, post.filter),
        PostItem.version.add(1),
    ]
    transaction.update(PostItem(post.post_id), actions, condition=PostItem.status == "processing")


def fail(post_id: str, reason: str) -> None:
    """Turn a processing post into a failed one; anything else stays as it is."""
    tables.update_if(
        PostItem(post_id),
        [PostItem.status.set("failed"), PostItem.failure_reason.set(reason), PostItem.version.add(1)],
        PostItem.status == "processing",
    )


def edit(transaction: TransactWrite, before: Post, after: Post) -> None:
    """Write the fields of the text in which the two differ; refused when the caption is another by now, or no more.

    Only those, so that an edit never takes back a count or a publication that came in between.
    """
    fields = [
        (PostItem.caption, before.caption, after.caption),
        (PostItem.hashtags, before.hashtags, after.hashtags),
        (PostItem.mentioned_users, before.mentioned_users, after.mentioned_users),
        (PostItem.location, before.location, after.location),
    ]
    actions = [tables.written(attribute, new) for attribute, old, new in fields if old != new]
    transaction.update(
        PostItem(before.post_id), [*actions, PostItem.version.add(1)], condition=PostItem.caption == before.caption
    )


def archive(transaction: TransactWrite, post_id: str, *, archived: bool) -> None:
    """Put a published post away, or bring it back; refused when it is so already."""
    transaction.update(
        PostItem(post_id),
        actions=[PostItem.is_archived.set(archived), PostItem.version.add(1)],
        condition=(PostItem.status == "published") & (PostItem.is_archived == (not archived)),
    )


def delete(transaction: TransactWrite, post: Post) -> None:
    """Delete a post; refused when it is gone, or is no longer in the state of `post`."""
    transaction.delete(
        PostItem(post.post_id),
        condition=(PostItem.status == post.status) & (PostItem.is_archived == post.is_archived),
    )


def post(post_id: str) -> Post | None:
    """One post, read consistently."""
    item = tables.find(PostItem, post_id, consistent=True)
    return item and as_post(item)


def posts(post_ids: Iterable[str]) -> dict[str, Post]:
    return {item.post_id: as_post(item) for item in tables.batch_get(PostItem, post_ids)}


def published_by(user_id: str, after: str | None, limit: int, *, archived: bool) -> Slice[str]:
    """The ids of somebody's published posts, the newest first: those in view, or those put away."""
    items = PostItem.by_user.query(
        user_id,
        PostItem.post_id < after if after else None,
        filter_condition=(PostItem.status == "published") & (PostItem.is_archived == archived),
        scan_index_forward=False,
        limit=limit + 1,
    )
    return tables.cut((item.post_id for item in items), limit, lambda post_id: post_id)


def written_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all posts of an account, in any state, the oldest first."""
    items = PostItem.by_user.query(user_id, PostItem.post_id > after if after else None, limit=limit + 1)
    return tables.cut((item.post_id for item in items), limit, str)


def write_count(post_id: str, name: str, total: Total) -> None:
    """Materialise one counter (likes, comments) unless a later reading is already there."""
    value, operations = {
        "likes": (PostItem.like_count, PostItem.like_operations),
        "comments": (PostItem.comment_count, PostItem.comment_operations),
    }[name]
    tables.update_if(
        PostItem(post_id),
        [value.set(total.value), operations.set(total.operations), PostItem.version.add(1)],
        PostItem.post_id.exists() & (operations < total.operations),
    )


def as_post(item: PostItem) -> Post:
    return Post(
        post_id=item.post_id,
        user_id=item.user_id,
        status=cast("Status", item.status),
        media_ids=item.media_ids,
        media_type=cast("MediaType", item.media_type),
        audience=cast("PostAudience", item.audience),
        created_at=item.created_at,
        version=int(item.version),
        failure_reason=item.failure_reason,
        media_urls=item.media_urls,
        filter=item.filter,
        caption=item.caption,
        hashtags=item.hashtags,
        mentioned_users=item.mentioned_users,
        location=item.location,
        is_archived=item.is_archived,
        like_count=int(item.like_count),
        comment_count=int(item.comment_count),
    )


def _post_item(post: Post) -> PostItem:
    return PostItem(
        post.post_id,
        user_id=post.user_id,
        status=post.status,
        failure_reason=post.failure_reason,
        media_ids=post.media_ids,
        media_urls=post.media_urls,
        media_type=post.media_type,
        filter=post.filter,
        caption=post.caption,
        hashtags=post.hashtags,
        mentioned_users=post.mentioned_users,
        location=post.location,
        audience=post.audience,
        created_at=post.created_at,
        is_archived=post.is_archived,
        version=post.version,
    )


# --- Likes ----------------------------------------------------------------------------------------------------------


def put_like(transaction: TransactWrite, like: LikeItem) -> None:
    """Refused when it is there already."""
    transaction.save(like, condition=LikeItem.post_id.does_not_exist())


def delete_like(transaction: TransactWrite, post_id: str, user_id: str) -> None:
    """Refused when there is none."""
    transaction.delete(LikeItem(post_id, user_id), condition=LikeItem.post_id.exists())


def liked(user_id: str, post_ids: Iterable[str]) -> dict[str, datetime]:
    """Which of the posts this account likes, and since when."""
    items = tables.batch_get(LikeItem, [(post_id, user_id) for post_id in post_ids])
    return {item.post_id: item.created_at for item in items}


def likes_among(user_id: str, post_ids: Collection[str]) -> set[str]:
    """Which of the posts this account likes: of several by one read of all its likes from the oldest to the newest.

    One alone is read by its key, and so are all where the likes between are too many.
    """
    if len(post_ids) <= 1:
        return {*liked(user_id, post_ids)}
    stretch = LikeItem.post_id.between(min(post_ids), max(post_ids))
    found = {item.post_id for item in LikeItem.by_user.query(user_id, stretch, limit=LIKES_AMONG + 1)}
    return found & {*post_ids} if len(found) <= LIKES_AMONG else {*liked(user_id, post_ids)}


def liked_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all posts that an account likes, in the order of their ids."""
    items = LikeItem.by_user.query(user_id, LikeItem.post_id > after if after else None, limit=limit + 1)
    return tables.cut((item.post_id for item in items), limit, str)


def likers(post_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of the accounts that like a post, in the order of their ids."""
    items = LikeItem.query(post_id, LikeItem.user_id > after if after else None, limit=limit + 1)
    return tables.cut((item.user_id for item in items), limit, lambda user_id: user_id)


def delete_likes(post_id: str) -> None:
    """Delete every like of a post that is gone."""
    with LikeItem.batch_write() as batch:
        for like in LikeItem.query(post_id, consistent_read=True):
            batch.delete(like)


# --- Comments -------------------------------------------------------------------------------------------------------


def put_comment(transaction: TransactWrite, comment: Comment) -> None:
    """Write a new comment; a reply is refused when what it replies to is gone."""
    if comment.parent_comment_id:
        transaction.condition_check(CommentItem, comment.parent_comment_id, condition=CommentItem.comment_id.exists())
    transaction.save(
        CommentItem(
            comment.comment_id,
            thread_id=comment.thread_id,
            post_id=comment.post_id,
            user_id=comment.user_id,
            content=comment.content,
            created_at=comment.created_at,
            is_edited=comment.is_edited,
            parent_comment_id=comment.parent_comment_id,
        ),
        condition=CommentItem.comment_id.does_not_exist(),
    )


def edit_comment(comment_id: str, content: str) -> bool:
    """False when the comment is gone."""
    return tables.update_if(
        CommentItem(comment_id),
        [CommentItem.content.set(content), CommentItem.is_edited.set(True)],
        CommentItem.comment_id.exists(),
    )


def delete_comment(transaction: TransactWrite, comment_id: str) -> None:
    """Refused when it is gone."""
    transaction.delete(CommentItem(comment_id), condition=CommentItem.comment_id.exists())


def comment(comment_id: str) -> Comment | None:
    """One comment, read consistently."""
    item = tables.find(CommentItem, comment_id, consistent=True)
    return item and as_comment(item)


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


def comments(comment_ids: Iterable[str]) -> dict[str, Comment]:
    return {item.comment_id: as_comment(item) for item in tables.batch_get(CommentItem, comment_ids)}


def comments_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all comments that an account has written, the oldest first."""
    items = CommentItem.by_author.query(user_id, CommentItem.comment_id > after if after else None, limit=limit + 1)
    return tables.cut((item.comment_id for item in items), limit, str)


def whole_thread(thread_id: str) -> list[str]:
    """The ids of all comments that hang on a post or on a comment."""
    return [item.comment_id for item in CommentItem.by_thread.query(thread_id)]


def delete_comments(post_id: str) -> None:
    """Delete every comment and reply of a post that is gone; replies first, so that a new run finds what is left."""
    for comment_id in whole_thread(post_id):
        with CommentItem.batch_write() as batch:
            for reply_id in whole_thread(comment_id):
                batch.delete(CommentItem(reply_id))
        tables.delete(CommentItem(comment_id))


def as_comment(item: CommentItem) -> Comment:
    return Comment(
        comment_id=item.comment_id,
        post_id=item.post_id,
        user_id=item.user_id,
        content=item.content,
        created_at=item.created_at,
        parent_comment_id=item.parent_comment_id,
        is_edited=item.is_edited,
    )
