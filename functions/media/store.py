"""Table media: the model and every query of it."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Unpack, cast

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)  # fmt: skip
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.media.model import (
    Appraisal,
    Capture,
    Location,
    Media,
    MediaType,
    Picture,
    Purpose,
    Reason,
    Rendition,
    Status,
    Subject,
    Video,
)  # fmt: skip
from heliograph import tables
from heliograph.tables import Slice, TimeAttribute


class RenditionMap(MapAttribute[str, str | int]):
    name = UnicodeAttribute()
    width = NumberAttribute()
    height = NumberAttribute()
    content_type = UnicodeAttribute(attr_name="contentType")
    bytes = NumberAttribute()
    key = UnicodeAttribute()


class CaptureMap(MapAttribute[str, str | float]):
    taken_at = UnicodeAttribute(attr_name="takenAt", null=True)
    camera = UnicodeAttribute(null=True)
    latitude = NumberAttribute(null=True)
    longitude = NumberAttribute(null=True)


class VideoMap(MapAttribute[str, str | int | float]):
    duration_seconds = NumberAttribute(attr_name="durationSeconds")
    folder = UnicodeAttribute()


class MediaByUser(GlobalSecondaryIndex["MediaItem"]):
    class Meta:
        index_name = "byUser"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    media_id = UnicodeAttribute(range_key=True, attr_name="mediaId")


class MediaByReview(GlobalSecondaryIndex["MediaItem"]):
    """What a person should look at, the oldest first. Most items are not in it."""

    class Meta:
        index_name = "byReview"
        projection = KeysOnlyProjection()

    review = UnicodeAttribute(hash_key=True)
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
    keep_location = BooleanAttribute(attr_name="keepLocation", default=False)
    capture = CaptureMap(null=True)
    appraisal = JSONAttribute(null=True)
    review = UnicodeAttribute(null=True)
    watermark = UnicodeAttribute(null=True)
    share_key = UnicodeAttribute(attr_name="shareKey", null=True)
    edit_revision = NumberAttribute(attr_name="editRevision", default=0)
    rendered_revision = NumberAttribute(attr_name="renderedRevision", default=0)
    retired_revision = NumberAttribute(attr_name="retiredRevision", default=0)
    video: VideoMap = VideoMap(null=True)
    upload_id = UnicodeAttribute(attr_name="uploadId", null=True)
    created_at = TimeAttribute(attr_name="createdAt")
    version = NumberAttribute(default=1)
    expires_at = NumberAttribute(attr_name="expiresAt", null=True)

    by_user = MediaByUser()
    by_review = MediaByReview()


UNDECIDED = MediaItem.status.is_in("awaitingUpload", "processing")


def create(media: Media, *, expires_at: int) -> None:
    """Write a new item; DynamoDB deletes it after `expires_at` (epoch seconds) unless it is attached before."""
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
        keep_location=media.keep_location,
        watermark=media.watermark,
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
        [MediaItem.status.set("processing")],
        MediaItem.status == "awaitingUpload",
    )


def reject(media_id: str, reason: Reason) -> bool:
    """Record the verdict; False if there is one already, or no item any more."""
    return _write(
        media_id,
        [MediaItem.status.set("rejected"), MediaItem.reason.set(reason)],
        UNDECIDED,
    )


def appraise(media_id: str, appraisal: Appraisal) -> bool:
    """Record what was found out, before publication; False after a verdict, or if there is no item any more."""
    actions: list[Action] = [
        MediaItem.appraisal.set(asdict(appraisal)),
        tables.written(MediaItem.review, appraisal.review),
    ]
    return _write(media_id, actions, UNDECIDED)


def to_review(subject: Subject, after: str | None, limit: int) -> Slice[str]:
    """The ids of items that a person should look at, the oldest first."""
    items = MediaItem.by_review.query(subject, MediaItem.media_id > after if after else None, limit=limit + 1)
    return tables.cut((item.media_id for item in items), limit, str)


def finish(
    media_id: str,
    *,
    capture: Capture | None = None,
    video: Video | None = None,
    revision: int = 0,
    **picture: Unpack[Picture],
) -> bool:
    """Record that the renditions are there, with the edits of this revision.

    With a `video` the item is one, whatever was announced: an animation becomes a video.
    False if a verdict was recorded before, or there is no item any more.
    """
    actions: list[Action] = [MediaItem.status.set("ready"), *_shown(picture, revision)]
    if capture is not None:
        actions.append(MediaItem.capture.set(_map_of_capture(capture)))
    if video is not None:
        item = VideoMap(duration_seconds=video.duration_seconds, folder=video.folder)
        # Only photos can be edited, and it may have been taken for one.
        actions += [
            MediaItem.media_type.set("video"), MediaItem.video.set(item),
            MediaItem.edits.remove(), MediaItem.edit_revision.set(0),
        ]  # fmt: skip
    return _write(media_id, actions, UNDECIDED)


def show(media_id: str, *, revision: int, **picture: Unpack[Picture]) -> bool:
    """Replace the renditions by those of this revision of the edits.

    False if they show it already, or it is no longer the latest.
    """
    latest = (MediaItem.edit_revision == revision) & (MediaItem.rendered_revision < revision)
    return _write(media_id, _shown(picture, revision), (MediaItem.status == "ready") & latest)


def retire(media_id: str, *, before: int) -> None:
    """Record that the files of all revisions below `before` are put away."""
    _write(media_id, [MediaItem.retired_revision.set(before)], MediaItem.retired_revision < before)


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
    """Add to the transaction: the item belongs to `attached_to`, with the edits of `edited`, and expires no more.

    The condition: it belongs to nothing, and its status and its revisions are those of `media`.
    """
    actions: list[Action] = [
        MediaItem.attached_to.set(attached_to), MediaItem.expires_at.remove(), MediaItem.version.add(1),
    ]  # fmt: skip
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
        tables.written(MediaItem.share_key, picture["share_key"]),
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
        keep_location=bool(item.keep_location),
        capture=item.capture and _capture_of(item.capture),
        appraisal=item.appraisal and Appraisal(**item.appraisal),
        watermark=item.watermark,
        share_key=item.share_key,
        edit_revision=int(item.edit_revision),
        rendered_revision=int(item.rendered_revision),
        retired_revision=int(item.retired_revision),
        video=item.video and Video(float(item.video.duration_seconds), item.video.folder),
        upload_id=item.upload_id,
    )


def _rendition_of(item: RenditionMap) -> Rendition:
    return Rendition(item.name, int(item.width), int(item.height), item.content_type, int(item.bytes), item.key)


def _capture_of(item: CaptureMap) -> Capture:
    located = item.latitude is not None and item.longitude is not None
    location = Location(float(item.latitude), float(item.longitude)) if located else None
    return Capture(item.taken_at, item.camera, location)


def _map_of_capture(capture: Capture) -> CaptureMap:
    location = capture.location
    return CaptureMap(
        taken_at=capture.taken_at,
        camera=capture.camera,
        latitude=location and location.latitude,
        longitude=location and location.longitude,
    )


def _map_of(rendition: Rendition) -> RenditionMap:
    return RenditionMap(
        name=rendition.name,
        width=rendition.width,
        height=rendition.height,
        content_type=rendition.content_type,
        bytes=rendition.bytes,
        key=rendition.key,
    )
