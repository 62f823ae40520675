"""Tables stories, story-tray and story-views: every model and every query of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.posts.service import LocationAttribute, MentionsAttribute, Status, TextsAttribute
from functions.stories.model import MediaType, Story
from heliograph import tables
from heliograph.counters import Total
from heliograph.events import PostAudience
from heliograph.tables import Slice, TimeAttribute


class StoriesByUser(GlobalSecondaryIndex["StoryItem"]):
    class Meta:
        index_name = "byUser"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    story_id = UnicodeAttribute(range_key=True, attr_name="storyId")


class StoryItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("stories")

    story_id = UnicodeAttribute(hash_key=True, attr_name="storyId")
    user_id = UnicodeAttribute(attr_name="userId")
    status = UnicodeAttribute()
    failure_reason = UnicodeAttribute(attr_name="failureReason", null=True)
    media_id = UnicodeAttribute(attr_name="mediaId")
    media_url = UnicodeAttribute(attr_name="mediaUrl", null=True)
    media_type = UnicodeAttribute(attr_name="mediaType")
    filter = UnicodeAttribute(null=True)
    caption = UnicodeAttribute()
    hashtags = TextsAttribute()
    mentioned_users = MentionsAttribute(attr_name="mentionedUsers")
    location = LocationAttribute(null=True)
    audience = UnicodeAttribute()
    created_at = TimeAttribute(attr_name="createdAt")
    expires_at = TTLAttribute(attr_name="expiresAt")
    view_count = NumberAttribute(attr_name="viewCount", default=0)
    view_operations = NumberAttribute(attr_name="viewOperations", default=0)
    version = NumberAttribute()

    by_user = StoriesByUser()


class TrayItem(Model):
    """An author who has published lately: the story last published, kept at least as long as any story lives."""

    class Meta(tables.Meta):
        table_name = tables.name("story-tray")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    story_id = UnicodeAttribute(attr_name="storyId")
    expires_at = TTLAttribute(attr_name="expiresAt")


class ViewsByUser(GlobalSecondaryIndex["ViewItem"]):
    class Meta:
        index_name = "byUser"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    story_id = UnicodeAttribute(range_key=True, attr_name="storyId")


class ViewItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("story-views")

    story_id = UnicodeAttribute(hash_key=True, attr_name="storyId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    created_at = TimeAttribute(attr_name="createdAt")
    expires_at = TTLAttribute(attr_name="expiresAt")

    by_user = ViewsByUser()


# --- Stories --------------------------------------------------------------------------------------------------------


def put(transaction: TransactWrite, story: Story) -> None:
    """Write a new story."""
    transaction.save(_story_item(story), condition=StoryItem.story_id.does_not_exist())


def publish(transaction: TransactWrite, story: Story) -> None:
    """Turn a processing story into a published one, with what `story` says of its medium."""
    actions: list[Action] = [
        StoryItem.status.set("published"),
        StoryItem.media_type.set(story.media_type),
        tables.written(StoryItem.media_url, story.media_url),
        tables.written(StoryItem.filter, story.filter),
        StoryItem.version.add(1),
    ]
    transaction.update(StoryItem(story.story_id), actions, condition=StoryItem.status == "processing")


def fail(story_id: str, reason: str) -> None:
    """Turn a processing story into a failed one; anything else stays as it is."""
    tables.update_if(
        StoryItem(story_id),
        [StoryItem.status.set("failed"), StoryItem.failure_reason.set(reason), StoryItem.version.add(1)],
        StoryItem.status == "processing",
    )


def rewrite(transaction: TransactWrite, before: Story, after: Story) -> None:
    """Write the caption and the mentions of `after`; refused when the caption is another by now, or no more."""
    actions: list[Action] = [
        StoryItem.caption.set(after.caption),
        tables.written(StoryItem.mentioned_users, after.mentioned_users),
        StoryItem.version.add(1),
    ]
    transaction.update(StoryItem(before.story_id), actions, condition=StoryItem.caption == before.caption)


def delete(transaction: TransactWrite, story_id: str) -> None:
    """Delete a story; there may be none."""
    transaction.delete(StoryItem(story_id))


def story(story_id: str) -> Story | None:
    """One story, read consistently; it may have expired."""
    item = tables.find(StoryItem, story_id, consistent=True)
    return item and as_story(item)


def stories(story_ids: Iterable[str]) -> dict[str, Story]:
    return {item.story_id: as_story(item) for item in tables.batch_get(StoryItem, story_ids)}


def written_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all stories of an account, in any state, the oldest first."""
    items = StoryItem.by_user.query(user_id, StoryItem.story_id > after if after else None, limit=limit + 1)
    return tables.cut((item.story_id for item in items), limit, str)


def live_by(user_id: str, after: str | None, limit: int, *, now: datetime) -> Slice[Story]:
    """Somebody's published stories that have not expired, the oldest first."""
    items = StoryItem.by_user.query(
        user_id,
        StoryItem.story_id > after if after else None,
        filter_condition=(StoryItem.status == "published") & (StoryItem.expires_at > now),
        limit=limit + 1,
    )
    return tables.cut(map(as_story, items), limit, lambda story: story.story_id)


def write_count(story_id: str, total: Total) -> None:
    """Materialise the number of views unless a later reading is already there."""
    tables.update_if(
        StoryItem(story_id),
        [
            StoryItem.view_count.set(total.value),
            StoryItem.view_operations.set(total.operations),
            StoryItem.version.add(1),
        ],
        StoryItem.story_id.exists() & (StoryItem.view_operations < total.operations),
    )


def as_story(item: StoryItem) -> Story:
    return Story(
        story_id=item.story_id,
        user_id=item.user_id,
        status=cast("Status", item.status),
        media_id=item.media_id,
        media_type=cast("MediaType", item.media_type),
        audience=cast("PostAudience", item.audience),
        created_at=item.created_at,
        expires_at=item.expires_at,
        version=int(item.version),
        failure_reason=item.failure_reason,
        media_url=item.media_url,
        filter=item.filter,
        caption=item.caption,
        hashtags=item.hashtags,
        mentioned_users=item.mentioned_users,
        location=item.location,
        view_count=int(item.view_count),
    )


def _story_item(story: Story) -> StoryItem:
    return StoryItem(
        story.story_id,
        user_id=story.user_id,
        status=story.status,
        media_id=story.media_id,
        media_url=story.media_url,
        media_type=story.media_type,
        filter=story.filter,
        caption=story.caption,
        hashtags=story.hashtags,
        mentioned_users=story.mentioned_users,
        location=story.location,
        audience=story.audience,
        created_at=story.created_at,
        expires_at=story.expires_at,
        version=story.version,
    )


# --- The tray -------------------------------------------------------------------------------------------------------


def show_in_tray(transaction: TransactWrite, story: Story, *, until: datetime) -> None:
    """Note that the author has published. `until` grows with every publication, so an author never leaves too early."""
    transaction.save(TrayItem(story.user_id, story_id=story.story_id, expires_at=until))


def in_tray(user_ids: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Which of these accounts published lately: the id of the story they published last, by account."""
    items = tables.batch_get(TrayItem, user_ids)
    return {item.user_id: item.story_id for item in items if item.expires_at > now}


def leave_tray(user_id: str) -> bool:
    """Forget that an account has published; False if it had not, lately."""
    return tables.delete_if(TrayItem(user_id), TrayItem.user_id.exists())


# --- Views ----------------------------------------------------------------------------------------------------------


def put_view(transaction: TransactWrite, view: ViewItem) -> None:
    """Refused when it is there already."""
    transaction.save(view, condition=ViewItem.story_id.does_not_exist())


def delete_view(transaction: TransactWrite, story_id: str, user_id: str) -> None:
    """Refused when there is none."""
    transaction.delete(ViewItem(story_id, user_id), condition=ViewItem.story_id.exists())


def seen(user_id: str, story_ids: Iterable[str]) -> dict[str, datetime]:
    """Which of the stories this account has viewed, and when."""
    items = tables.batch_get(ViewItem, [(story_id, user_id) for story_id in story_ids])
    return {item.story_id: item.created_at for item in items}


def seen_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all stories that an account has viewed, in the order of their ids."""
    items = ViewItem.by_user.query(user_id, ViewItem.story_id > after if after else None, limit=limit + 1)
    return tables.cut((item.story_id for item in items), limit, str)


def viewers(story_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of the accounts that have viewed a story, in the order of their ids."""
    items = ViewItem.query(story_id, ViewItem.user_id > after if after else None, limit=limit + 1)
    return tables.cut((item.user_id for item in items), limit, lambda user_id: user_id)


def delete_views(story_id: str) -> None:
    """Delete every view of a story that is gone."""
    with ViewItem.batch_write() as batch:
        for view in ViewItem.query(story_id, consistent_read=True):
            batch.delete(view)
