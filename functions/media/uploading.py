"""How uploads begin: asked for, in one form or in parts that can be interrupted and resumed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.media import multipart, objects, store
from functions.media.model import (
    IMAGE_TYPES,
    MAX_IMAGE_BYTES,
    MAX_VIDEO_BYTES,
    VIDEO_TYPES,
    Media,
    MediaType,
    Purpose,
)  # fmt: skip
from functions.media.multipart import PartUrl
from functions.media.objects import Form
from functions.media.service import get
from heliograph import clock, ids
from heliograph.errors import Conflict, Invalid, TooLarge, UnsupportedType

FORM_SECONDS = 15 * 60
# A large file takes its time; whoever needs longer asks for the missing parts again.
PARTS_SECONDS = 3600
# What nothing was made of by then is forgotten. Longer than the uploads bucket keeps an object: an upload that is
# worked on late still finds its item.
NEVER_ATTACHED = timedelta(days=2)


@dataclass(frozen=True)
class Wishes:
    """`keep_location`: whether to keep what the photo says about where it was taken. `watermark`: what is to be written
    on the picture that is shared.
    """

    keep_location: bool = False
    watermark: str | None = None


@dataclass(frozen=True)
class Announcement:
    """What somebody wants to upload."""

    content_type: str
    byte_size: int
    purpose: Purpose
    wishes: Wishes = Wishes()


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


def request_upload(user_id: str, announced: Announcement) -> UploadRequest:
    """Promise an upload. Raises UnsupportedType, TooLarge, Invalid."""
    media = _awaited(user_id, announced)
    _create(media)
    form = objects.form(_upload_key(media), media.content_type, media.byte_size, seconds=FORM_SECONDS)
    return UploadRequest(media.media_id, form, media.created_at + timedelta(seconds=FORM_SECONDS))


def request_parts(user_id: str, announced: Announcement) -> PartsRequest:
    """Promise an upload in parts. Raises UnsupportedType, TooLarge, Invalid."""
    media = _awaited(user_id, announced)
    upload_id = multipart.begin(_upload_key(media), media.content_type)
    _create(replace(media, upload_id=upload_id))
    return _parts_request(media, upload_id, multipart.numbers(media.byte_size))


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


def _create(media: Media) -> None:
    store.create(media, expires_at=clock.epoch(media.created_at + NEVER_ATTACHED))


def _awaited(user_id: str, announced: Announcement) -> Media:
    """Raises UnsupportedType, TooLarge, Invalid."""
    media_type: MediaType = "video" if announced.content_type in VIDEO_TYPES else "image"
    if announced.content_type not in IMAGE_TYPES | VIDEO_TYPES:
        raise UnsupportedType(f"Send one of {', '.join(sorted(IMAGE_TYPES | VIDEO_TYPES))}")
    longest = MAX_VIDEO_BYTES if media_type == "video" else MAX_IMAGE_BYTES
    if announced.byte_size > longest:
        raise TooLarge(f"A {'video' if media_type == 'video' else 'photo'} has at most {longest} bytes")
    if media_type == "video" and announced.purpose == "profile":
        raise Invalid.field("purpose", "a profile picture is a photo")
    return Media(
        media_id=ids.new_id(),
        user_id=user_id,
        status="awaitingUpload",
        purpose=announced.purpose,
        content_type=announced.content_type,
        byte_size=announced.byte_size,
        media_type=media_type,
        created_at=clock.now(),
        version=1,
        keep_location=announced.wishes.keep_location,
        watermark=announced.wishes.watermark,
    )
