"""Table media: the model and every query of it."""

from collections.abc import Iterable
from typing import Any, Unpack, cast

from pynamodb.attributes import JSONAttribute, ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.media.model import Media, MediaType, Picture, Purpose, Reason, Rendition, Status
from heliograph import tables
from heliograph.tables import Slice, TimeAttribute


class RenditionMap(MapAttribute[str, str | int]):
    name = UnicodeAttribute()
    width = NumberAttribute()
    height = NumberAttribute()
    content_type = UnicodeAttribute(attr_name="contentType")
    bytes = NumberAttribute()
    key = UnicodeAttribute()


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
    edit_revision = NumberAttribute(attr_name="editRevision", default=0)
    rendered_revision = NumberAttribute(attr_name="renderedRevision", default=0)
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


def finish(media_id: str, *, revision: int = 0, **picture: Unpack[Picture]) -> bool:
    """Record that the renditions are there, with the edits of this revision.

    False if a verdict was recorded before, or there is no item any more.
    """
    ready = [MediaItem.status.set("ready"), MediaItem.expires_at.remove()]
    return _write(media_id, [*ready, *_shown(picture, revision)], UNDECIDED)


def show(media_id: str, *, revision: int, **picture: Unpack[Picture]) -> bool:
    """Replace the renditions by those of this revision of the edits.

    False if they show it already, or it is no longer the latest.
    """
    latest = (MediaItem.edit_revision == revision) & (MediaItem.rendered_revision < revision)
    return _write(media_id, _shown(picture, revision), (MediaItem.status == "ready") & latest)


def edit(media_id: str, user_id: str, edits: dict[str, Any] | None) -> bool:
    """Keep new edits (None: none at all) as the next revision.

    False if the item is not this account's, was rejected, or is a profile picture: profiles know theirs by its key.
    """
    return _write(
        media_id,
        [tables.written(MediaItem.edits, edits), MediaItem.edit_revision.add(1)],
        (MediaItem.user_id == user_id)
        & (MediaItem.status != "rejected")
        & ~MediaItem.attached_to.startswith("profile#"),
    )


def describe(media_id: str, user_id: str, alt_text: str | None) -> bool:
    """Set or clear the alternative text; False if the item is not this account's."""
    action = MediaItem.alt_text.remove() if alt_text is None else MediaItem.alt_text.set(alt_text)
    return _write(media_id, [action], MediaItem.user_id == user_id)


def attach(transaction: TransactWrite, media: Media, attached_to: str, alt_text: str | None, edited: Media) -> None:
    """Add to the transaction: the item belongs to `attached_to`, with the edits of `edited`.

    The condition: it belongs to nothing, and its status and its revisions are those of `media`.
    """
    actions: list[Action] = [MediaItem.attached_to.set(attached_to), MediaItem.version.add(1)]
    if alt_text is not None:
        actions.append(MediaItem.alt_text.set(alt_text))
    if edited.edit_revision != media.edit_revision:
        actions += [
            tables.written(MediaItem.edits, edited.edits),
            MediaItem.edit_revision.set(edited.edit_revision),
        ]
    transaction.update(
        MediaItem(media.media_id),
        actions=actions,
        condition=(MediaItem.user_id == media.user_id)
        & MediaItem.attached_to.does_not_exist()
        & (MediaItem.status == media.status)
        & (MediaItem.edit_revision == media.edit_revision)
        & (MediaItem.rendered_revision == media.rendered_revision),
    )


def delete(media_id: str) -> None:
    tables.delete(MediaItem(media_id))


def _shown(picture: Picture, revision: int) -> list[Action]:
    return [
        MediaItem.width.set(picture["width"]),
        MediaItem.height.set(picture["height"]),
        MediaItem.placeholder.set(picture["placeholder"]),
        MediaItem.dominant_color.set(picture["dominant_color"]),
        MediaItem.renditions.set([_map_of(rendition) for rendition in picture["renditions"]]),
        MediaItem.rendered_revision.set(revision),
    ]


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
        edit_revision=int(item.edit_revision),
        rendered_revision=int(item.rendered_revision),
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
