"""Tables posts and likes: both models and every query of them. Comments are in `comments.py`."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import cast

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.posts.attributes import LocationAttribute, MentionsAttribute, TextsAttribute
from functions.posts.model import MAX_PINNED, MediaType, Post, Status
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
    comments_off = BooleanAttribute(attr_name="commentsOff", default=False)
    likes_hidden = BooleanAttribute(attr_name="likesHidden", default=False)
    pinned_comments = UnicodeSetAttribute(attr_name="pinnedComments", null=True)
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
    author_id = UnicodeAttribute(attr_name="authorId")
    created_at = TimeAttribute(attr_name="createdAt")

    by_user = LikesByUser()


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
    """Write the fields of the author in which the two differ; refused when the caption is another by now, or no more.

    Only those, so that an edit never takes back a count or a publication that came in between.
    """
    fields = [
        (PostItem.caption, before.caption, after.caption),
        (PostItem.hashtags, before.hashtags, after.hashtags),
        (PostItem.mentioned_users, before.mentioned_users, after.mentioned_users),
        (PostItem.location, before.location, after.location),
        (PostItem.comments_off, before.comments_off, after.comments_off),
        (PostItem.likes_hidden, before.likes_hidden, after.likes_hidden),
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


def pin(transaction: TransactWrite, post_id: str, comment_id: str) -> None:
    """Pin a comment; refused when it would be one too many. One that is pinned stays so."""
    pinned = PostItem.pinned_comments
    transaction.update(
        PostItem(post_id),
        actions=[pinned.add({comment_id}), PostItem.version.add(1)],
        condition=PostItem.post_id.exists()
        & (pinned.does_not_exist() | (size(pinned) < MAX_PINNED) | pinned.contains(comment_id)),
    )


def unpin(post_id: str, comment_id: str) -> None:
    """Nothing to do for one that is not pinned."""
    tables.update_if(
        PostItem(post_id),
        [PostItem.pinned_comments.delete({comment_id}), PostItem.version.add(1)],
        PostItem.pinned_comments.contains(comment_id),
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


def posts(post_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Post]:
    return {item.post_id: as_post(item) for item in tables.batch_get(PostItem, post_ids, consistent=consistent)}


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
        comments_off=item.comments_off,
        likes_hidden=item.likes_hidden,
        pinned_comments=frozenset(item.pinned_comments or ()),
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
