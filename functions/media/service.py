"""The use cases of media: ask for an upload, look at it, attach it to a post or a story, forget it.

Turning pixels into renditions is in `processing.py`: nothing that imports this module loads an imaging library.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pynamodb.transactions import TransactWrite

from functions.media import multipart, objects, store
from functions.media.model import (
    ACCEPTED_TYPES,
    MAX_IMAGE_BYTES,
    MAX_VIDEO_BYTES,
    VIDEO_TYPES,
    Media,
    MediaType,
    Purpose,
    Reason,
    Rendition,
    Status,
)
from functions.media.multipart import PartUrl
from functions.media.objects import Form, original
from functions.media.presentation import MediaView, RenditionView, present
from functions.media.store import MediaItem
from heliograph import clock, ids
from heliograph.errors import Conflict, Invalid, NotFound, TooLarge, UnsupportedType
from heliograph.events import DomainEvent, MediaReady, MediaRejected
from heliograph.observability import logger
from heliograph.outbox import Change

__all__ = [
    "Form",
    "Media",
    "MediaItem",
    "MediaView",
    "PartUrl",
    "PartsRequest",
    "Purpose",
    "Reason",
    "Rendition",
    "RenditionView",
    "Status",
    "UploadRequest",
    "announced",
    "attach",
    "complete_upload",
    "describe",
    "erase",
    "get",
    "missing_parts",
    "original",
    "owned",
    "request_parts",
    "request_upload",
    "usable",
    "view",
    "views",
]

FORM_SECONDS = 15 * 60
# A large file takes its time; whoever needs longer asks for the missing parts again.
PARTS_SECONDS = 3600
# Longer than the uploads bucket keeps an object: an upload that is worked on late still finds its item.
NEVER_UPLOADED = timedelta(days=2)


@dataclass(frozen=True)
class UploadRequest:
    """A promised upload: the item that waits for it, and the form that S3 will accept."""

    media_id: str
    form: Form
    expires_at: datetime


@dataclass(frozen=True)
class PartsRequest:
    """A promised upload in parts: where each goes, in any order, and again if need be."""

    media_id: str
    parts: list[PartUrl]
    expires_at: datetime


def request_upload(user_id: str, content_type: str, byte_size: int, purpose: Purpose) -> UploadRequest:
    """Announce an upload of `byte_size` bytes. Raises UnsupportedType, TooLarge, Invalid."""
    media = _announced_media(user_id, content_type, byte_size, purpose)
    store.create(media, expires_at=clock.epoch(media.created_at + NEVER_UPLOADED))
    form = objects.form(_upload_key(media), content_type, byte_size, seconds=FORM_SECONDS)
    return UploadRequest(media.media_id, form, media.created_at + timedelta(seconds=FORM_SECONDS))


def request_parts(user_id: str, content_type: str, byte_size: int, purpose: Purpose) -> PartsRequest:
    """Announce an upload in parts, which can be interrupted and resumed. Raises UnsupportedType, TooLarge, Invalid."""
    media = _announced_media(user_id, content_type, byte_size, purpose)
    upload_id = multipart.begin(_upload_key(media), content_type)
    media = replace(media, upload_id=upload_id)
    store.create(media, expires_at=clock.epoch(media.created_at + NEVER_UPLOADED))
    return _parts_request(media, upload_id, multipart.numbers(byte_size))


def missing_parts(user_id: str, media_id: str) -> PartsRequest:
    """The parts that have not come yet, with new URLs. Raises NotFound, Conflict if nothing is waited for."""
    media, upload_id = _in_parts(user_id, media_id)
    sent = multipart.sent(_upload_key(media), upload_id) if media.status == "awaitingUpload" else None
    if sent is None:
        raise Conflict("This upload is complete, or was given up")
    complete = {part.number for part in sent if part.bytes == multipart.length(part.number, media.byte_size)}
    return _parts_request(media, upload_id, [n for n in multipart.numbers(media.byte_size) if n not in complete])


def complete_upload(user_id: str, media_id: str) -> Media:
    """Put the parts together; processing begins. Once it is done, it may be asked for again.

    Raises NotFound, Conflict naming the parts that are missing or of the wrong size.
    """
    media, upload_id = _in_parts(user_id, media_id)
    sent = multipart.sent(_upload_key(media), upload_id) if media.status == "awaitingUpload" else None
    if sent is None:
        return media
    complete = [part for part in sent if part.bytes == multipart.length(part.number, media.byte_size)]
    missing = sorted({*multipart.numbers(media.byte_size)} - {part.number for part in complete})
    if missing:
        raise Conflict(f"Parts are missing: {', '.join(map(str, missing))}")
    multipart.complete(_upload_key(media), upload_id, complete)
    return media


def _in_parts(user_id: str, media_id: str) -> tuple[Media, str]:
    media = get(user_id, media_id)
    if media.upload_id is None:
        raise Conflict("This upload was not asked for in parts")
    return media, media.upload_id


def _parts_request(media: Media, upload_id: str, numbers: Iterable[int]) -> PartsRequest:
    parts = multipart.urls(_upload_key(media), upload_id, numbers, media.byte_size, seconds=PARTS_SECONDS)
    return PartsRequest(media.media_id, parts, clock.now() + timedelta(seconds=PARTS_SECONDS))


def _upload_key(media: Media) -> str:
    """Where the upload goes decides who works on it."""
    return objects.video_key(media.media_id) if media.media_type == "video" else objects.upload_key(media.media_id)


def _announced_media(user_id: str, content_type: str, byte_size: int, purpose: Purpose) -> Media:
    """Raises UnsupportedType, TooLarge, Invalid."""
    media_type: MediaType = "video" if content_type in VIDEO_TYPES else "image"
    if content_type not in ACCEPTED_TYPES | VIDEO_TYPES:
        raise UnsupportedType(f"Send one of {', '.join(sorted(ACCEPTED_TYPES | VIDEO_TYPES))}")
    longest = MAX_VIDEO_BYTES if media_type == "video" else MAX_IMAGE_BYTES
    if byte_size > longest:
        raise TooLarge(f"A {'video' if media_type == 'video' else 'photo'} has at most {longest} bytes")
    if media_type == "video" and purpose == "profile":
        raise Invalid.field("purpose", "a profile picture is a photo")
    now = clock.now()
    return Media(
        media_id=ids.new_id(),
        user_id=user_id,
        status="awaitingUpload",
        purpose=purpose,
        content_type=content_type,
        byte_size=byte_size,
        media_type=media_type,
        created_at=now,
        version=1,
    )


def get(user_id: str, media_id: str) -> Media:
    """An item of this account. Raises NotFound."""
    media = store.find(media_id)
    if media is None or media.user_id != user_id:
        raise NotFound
    return media


def owned(user_id: str, media_ids: Iterable[str]) -> list[Media]:
    """Items of this account as last written, in the order asked for. Raises NotFound if any is not this account's."""
    wanted = list(media_ids)
    found = store.find_all(wanted, consistent=True)
    if any(media_id not in found or found[media_id].user_id != user_id for media_id in wanted):
        raise NotFound("No such media")
    return [found[media_id] for media_id in wanted]


def usable(user_id: str, media_ids: Iterable[str], purpose: Purpose, field: str) -> list[Media]:
    """Items of this account as last written, fit to be attached (though they may be in processing still).

    `field`: what the client calls them. Raises NotFound (not this account's), Invalid (another purpose, rejected),
    Conflict (used already).
    """
    media = owned(user_id, media_ids)
    for medium in media:
        if medium.purpose != purpose:
            raise Invalid.field(field, f"{medium.media_id} was uploaded for another purpose: {medium.purpose}")
        if medium.attached_to is not None:
            raise Conflict(f"{medium.media_id} is in use already")
        if medium.status == "rejected":
            raise Invalid.field(field, f"{medium.media_id} was rejected: {medium.reason}")
    return media


def view(media: Media) -> MediaView:
    return present(media)


def views(media_ids: Iterable[str]) -> dict[str, MediaView]:
    """Views by id, in one batched read; unknown ids are left out."""
    return {media_id: present(media) for media_id, media in store.find_all(media_ids).items()}


def attach(
    transaction: TransactWrite, media: Iterable[Media], attached_to: str, alt_texts: Mapping[str, str] | None = None
) -> None:
    """Add to the transaction one write per item: it belongs to `attached_to` from now on.

    `attached_to`: `post#<id>`, `story#<id>` or `profile#<id>`.
    The transaction's condition fails if an item belongs to something already, or its status is no longer the one in
    `media`, so a decision made on these statuses is never made on old ones. `alt_texts`: by media id.
    """
    for item in media:
        store.attach(transaction, item, attached_to, (alt_texts or {}).get(item.media_id))


def describe(user_id: str, media_id: str, alt_text: str | None) -> None:
    """Set the alternative text of an own item; None clears it. Raises NotFound."""
    if not store.describe(media_id, user_id, alt_text):
        raise NotFound("No such media")


def erase(media_ids: Iterable[str], attached_to: str) -> None:
    """Forget what belonged to something that is gone: files first, then the item, so that a retry finds the rest."""
    for media_id, media in store.find_all(media_ids, consistent=True).items():
        if media.attached_to != attached_to:
            logger.warning("media belongs to something else", extra={"mediaId": media_id, "attachedTo": attached_to})
            continue
        objects.erase(media_id)
        store.delete(media_id)


def announced(change: Change[MediaItem]) -> Iterator[DomainEvent]:
    """The events that a change to the media table means: a verdict was given."""
    if change.new is None or (change.old is not None and change.old.status == change.new.status):
        return
    media = store.media_of(change.new)
    if media.status == "ready":
        yield MediaReady(
            media_id=media.media_id,
            owner_id=media.user_id,
            attached_to=media.attached_to,
            version=media.version,
        )
    elif media.status == "rejected" and media.reason is not None:
        yield MediaRejected(
            media_id=media.media_id,
            owner_id=media.user_id,
            attached_to=media.attached_to,
            version=media.version,
            reason=media.reason,
        )
