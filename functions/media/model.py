"""The words of this capability: what is accepted, and what a media item is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

Status = Literal["awaitingUpload", "processing", "ready", "rejected"]
Reason = Literal["unsupportedFormat", "corrupt", "tooLarge", "tooManyPixels", "tooLong", "malicious", "contentPolicy"]
Purpose = Literal["post", "story", "profile", "message"]
MediaType = Literal["image", "video"]
# From mild to strict.
Verdict = Literal["allow", "sensitive", "review", "block"]
# What a reviewer is asked: may it be shown, whose is it?
Subject = Literal["content", "copyright"]

IMAGE_TYPES = frozenset(
    {"image/avif", "image/gif", "image/heic", "image/heif", "image/jpeg", "image/png", "image/webp"}
)
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


class Picture(TypedDict):
    """What a rendering of a photo is recorded by.

    `width`, `height`: of what is shown, in pixels of the original. `placeholder`: base64 ThumbHash. `dominant_color`:
    `#rrggbb`. `share_key`: of the file with the author's name on it.
    """

    width: int
    height: int
    placeholder: str
    dominant_color: str
    renditions: Sequence[Rendition]
    share_key: str | None


@dataclass(frozen=True)
class Location:
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Capture:
    """How a photo was taken, for its owner alone. Nothing of it is in any rendition.

    `taken_at`: ISO 8601, the camera's local time, with its offset from UTC where the camera knows it.
    """

    taken_at: str | None = None
    camera: str | None = None
    location: Location | None = None


@dataclass(frozen=True)
class Appraisal:
    """What was found out about a picture before it is shown.

    `labels`: what a model saw, each between 0 and 1. `fingerprint`: PDQ in hexadecimal, None for too plain a picture.
    `is_copy`: another account had it first. Of whom is asked anew (`fingerprints.first`), for they may leave.
    """

    verdict: Verdict
    labels: dict[str, float]
    fingerprint: str | None = None
    is_copy: bool = False

    @property
    def sensitive(self) -> bool:
        return self.verdict in ("sensitive", "review")

    @property
    def review(self) -> Subject | None:
        """What a person should look at it for."""
        if self.verdict == "review":
            return "content"
        return "copyright" if self.is_copy and self.verdict != "block" else None


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

    `keep_location`: whether the owner wants the location in `capture` kept.
    `watermark`: what is written on the picture that is shared.
    `width` to `renditions`: see Picture. `edits`: in the form of `edits.stored`; `edit_revision` grows by one whenever
    they change, `rendered_revision` is the one that the renditions show, and files of revisions below
    `retired_revision` are put away.
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
    keep_location: bool = False
    capture: Capture | None = None
    appraisal: Appraisal | None = None
    watermark: str | None = None
    share_key: str | None = None
    edit_revision: int = 0
    rendered_revision: int = 0
    retired_revision: int = 0
    video: Video | None = None
    upload_id: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it can be shown as its owner wants it."""
        return self.status == "ready" and self.rendered_revision == self.edit_revision
