"""Table media: the model and every query of it."""

from collections.abc import Iterable
from typing import cast

from pynamodb.attributes import JSONAttribute, ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.media.model import Media, MediaType, Purpose, Reason, Rendition, Status, Video
from heliograph import tables
from heliograph.tables import Slice, TimeAttribute


class RenditionMap(MapAttribute[str, str | int]):
    name = UnicodeAttribute()
    width = NumberAttribute()
    height = NumberAttribute()
    content_type = UnicodeAttribute(attr_name="contentType")
    bytes = NumberAttribute()
    key = UnicodeAttribute()


class VideoMap(MapAttribute[str, str | int | float]):
    duration_seconds = NumberAttribute(attr_name="durationSeconds")
    folder = UnicodeAttribute()


class MediaByUser(GlobalSecondaryIndex["MediaItem"]):
    class Meta:
        index_name = "byUser"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    media_id = UnicodeAttribute(range_key=True, attr_name="mediaId")


class MediaItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("media")

    media_id = UnicodeAttribute(hash_key=True, attr_name="mediaId")
    user_id = UnicodeAttribute(attr_name="userId")
    status = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    purpose = UnicodeAttribute()
    content_type = UnicodeAttribute(attr_name="contentType")
    byte_size = NumberAttribute(attr_name="byteSize")
    media_type = UnicodeAttribute(attr_name="mediaType")
    width = NumberAttribute(null=True)
    height = NumberAttribute(null=True)
    placeholder = UnicodeAttribute(null=True)
    dominant_color = UnicodeAttribute(attr_name="dominantColor", null=True)
    alt_text = UnicodeAttribute(attr_name="altText", null=True)
    renditions = ListAttribute(of=RenditionMap, default=list)
    attached_to = UnicodeAttribute(attr_name="attachedTo", null=True)
    edits = JSONAttribute(null=True)
    video: VideoMap = VideoMap(null=True)
    upload_id = UnicodeAttribute(attr_name="uploadId", null=True)
    created_at = TimeAttribute(attr_name="createdAt")
    version = NumberAttribute(default=1)
    expires_at = NumberAttribute(attr_name="expiresAt", null=True)

    by_user = MediaByUser()


UNDECIDED = MediaItem.status.is_in("awaitingUpload", "processing")


def create(media: Media, *, expires_at: int) -> None:
    """Write a new item; DynamoDB deletes it after `expires_at` (epoch seconds) if no upload ever comes."""
    MediaItem(
        media.media_id,
        user_id=media.user_id,
        status=media.status,
        purpose=media.purpose,
        content_type=media.content_type,
        byte_size=media.byte_size,
        media_type=media.media_type,
        created_at=media.created_at,
        version=media.version,
        upload_id=media.upload_id,
        expires_at=expires_at,
    ).save()


def find(media_id: str, *, consistent: bool = False) -> Media | None:
    item = tables.find(MediaItem, media_id, consistent=consistent)
    return item and media_of(item)


def find_all(media_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Media]:
    """Items by id, in one batched read; unknown ids are left out."""
    items = tables.batch_get(MediaItem, media_ids, consistent=consistent)
    return {item.media_id: media_of(item) for item in items}


def owned_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of all items of an account, in any state, the oldest first."""
    items = MediaItem.by_user.query(user_id, MediaItem.media_id > after if after else None, limit=limit + 1)
    return tables.cut((item.media_id for item in items), limit, str)


def begin(media_id: str) -> bool:
    """Note that the upload has come and is being worked on; False if that was noted before."""
    return _write(
        media_id,
        [MediaItem.status.set("processing"), MediaItem.expires_at.remove()],
        MediaItem.status == "awaitingUpload",
    )


def reject(media_id: str, reason: Reason) -> bool:
    """Record the verdict; False if there is one already, or no item any more."""
    return _write(
        media_id,
        [MediaItem.status.set("rejected"), MediaItem.reason.set(reason), MediaItem.expires_at.remove()],
        UNDECIDED,
    )


def finish(
    media_id: str,
    *,
    width: int,
    height: int,
    placeholder: str,
    dominant_color: str,
    renditions: Iterable[Rendition],
    video: Video | None = None,
) -> bool:
    """Record that the renditions are there; False if a verdict was recorded before, or there is no item any more.

    With a `video` the item is one, whatever was announced: an animation becomes a video.
    """
    actions: list[Action] = [
        MediaItem.status.set("ready"),
        MediaItem.width.set(width),
        MediaItem.height.set(height),
        MediaItem.placeholder.set(placeholder),
        MediaItem.dominant_color.set(dominant_color),
        MediaItem.renditions.set([_map_of(rendition) for rendition in renditions]),
        MediaItem.expires_at.remove(),
    ]
    if video is not None:
        item = VideoMap(duration_seconds=video.duration_seconds, folder=video.folder)
        actions += [MediaItem.media_type.set("video"), MediaItem.video.set(item)]
    return _write(media_id, actions, UNDECIDED)


def describe(media_id: str, user_id: str, alt_text: str | None) -> bool:
    """Set or clear the alternative text; False if the item is not this account's."""
    action = MediaItem.alt_text.remove() if alt_text is None else MediaItem.alt_text.set(alt_text)
    return _write(media_id, [action], MediaItem.user_id == user_id)


def attach(transaction: TransactWrite, media: Media, attached_to: str, alt_text: str | None) -> None:
    """Add to the transaction: the item belongs to `attached_to`, if its status is as seen and it belongs to nothing."""
    actions: list[Action] = [MediaItem.attached_to.set(attached_to), MediaItem.version.add(1)]
    if alt_text is not None:
        actions.append(MediaItem.alt_text.set(alt_text))
    transaction.update(
        MediaItem(media.media_id),
        actions=actions,
        condition=(MediaItem.user_id == media.user_id)
        & MediaItem.attached_to.does_not_exist()
        & (MediaItem.status == media.status),
    )


def delete(media_id: str) -> None:
    tables.delete(MediaItem(media_id))


def _write(media_id: str, actions: list[Action], condition: Condition) -> bool:
    return tables.update_if(MediaItem(media_id), [*actions, MediaItem.version.add(1)], condition)


def media_of(item: MediaItem) -> Media:
    """The typed item. The words in it are those that this module wrote."""
    return Media(
        media_id=item.media_id,
        user_id=item.user_id,
        status=cast("Status", item.status),
        reason=cast("Reason | None", item.reason),
        purpose=cast("Purpose", item.purpose),
        content_type=item.content_type,
        byte_size=int(item.byte_size),
        media_type=cast("MediaType", item.media_type),
        created_at=item.created_at,
        version=int(item.version),
        width=None if item.width is None else int(item.width),
        height=None if item.height is None else int(item.height),
        placeholder=item.placeholder,
        dominant_color=item.dominant_color,
        alt_text=item.alt_text,
        renditions=tuple(_rendition_of(rendition) for rendition in item.renditions),
        attached_to=item.attached_to,
        edits=item.edits,
        video=item.video and Video(float(item.video.duration_seconds), item.video.folder),
        upload_id=item.upload_id,
    )


def _rendition_of(item: RenditionMap) -> Rendition:
    return Rendition(item.name, int(item.width), int(item.height), item.content_type, int(item.bytes), item.key)


def _map_of(rendition: Rendition) -> RenditionMap:
    return RenditionMap(
        name=rendition.name,
        width=rendition.width,
        height=rendition.height,
        content_type=rendition.content_type,
        bytes=rendition.bytes,
        key=rendition.key,
    )
