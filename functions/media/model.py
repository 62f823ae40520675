"""The words of this capability: what is accepted, and what a media item is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["awaitingUpload", "processing", "ready", "rejected"]
Reason = Literal["unsupportedFormat", "corrupt", "tooLarge", "tooManyPixels", "tooLong", "malicious", "contentPolicy"]
Purpose = Literal["post", "story", "profile", "message"]
MediaType = Literal["image", "video"]

ACCEPTED_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
VIDEO_TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm"})
MAX_IMAGE_BYTES = 30 * 1024 * 1024
MAX_VIDEO_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Rendition:
    """One derived file in the media bucket. Sizes in pixels and bytes."""

    name: str
    width: int
    height: int
    content_type: str
    bytes: int
    key: str


@dataclass(frozen=True)
class Video:
    """A video as it is served: everything is below `folder` in the media bucket."""

    duration_seconds: float
    folder: str

    @property
    def hls(self) -> str:
        """The folder of playlists and segments; who may see it may see all in it."""
        return f"{self.folder}/hls"

    @property
    def preview(self) -> str:
        return f"{self.folder}/preview.mp4"

    @property
    def poster(self) -> str:
        return f"{self.folder}/poster.jpg"

    @property
    def thumbnails(self) -> list[str]:
        return [f"{self.folder}/frame{number}.jpg" for number in (1, 2, 3)]


@dataclass(frozen=True)
class Media:
    """A media item. `version` grows by one with every write; `attached_to` is `post#<id>`, `story#<id>` or None.

    `width`, `height`: the upright original. `placeholder`: base64 ThumbHash. `dominant_color`: `#rrggbb`.
    `upload_id`: of the upload in parts, if it was asked for as one.
    """

    media_id: str
    user_id: str
    status: Status
    purpose: Purpose
    content_type: str
    byte_size: int
    media_type: MediaType
    created_at: datetime
    version: int
    reason: Reason | None = None
    width: int | None = None
    height: int | None = None
    placeholder: str | None = None
    dominant_color: str | None = None
    alt_text: str | None = None
    renditions: tuple[Rendition, ...] = ()
    attached_to: str | None = None
    edits: dict[str, Any] | None = None
    video: Video | None = None
    upload_id: str | None = None
