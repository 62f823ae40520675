"""The words of this capability: what is accepted, and what a media item is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["awaitingUpload", "processing", "ready", "rejected"]
Reason = Literal["unsupportedFormat", "corrupt", "tooLarge", "tooManyPixels", "tooLong", "malicious", "contentPolicy"]
Purpose = Literal["post", "story", "profile", "message"]
MediaType = Literal["image", "video"]
# From mild to strict.
Verdict = Literal["allow", "sensitive", "review", "block"]
# What a reviewer is asked: may it be shown, whose is it?
Subject = Literal["content", "copyright"]

ACCEPTED_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
MAX_IMAGE_BYTES = 30 * 1024 * 1024


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
class Copy:
    """The first picture that looks like another account's later one. `distance`: in bits of their fingerprints."""

    media_id: str
    user_id: str
    distance: int


@dataclass(frozen=True)
class Appraisal:
    """What was found out about a picture before it is shown.

    `labels`: what a model saw, each between 0 and 1. `fingerprint`: PDQ in hexadecimal, None for too plain a picture.
    """

    verdict: Verdict
    labels: dict[str, float]
    fingerprint: str | None = None
    copy_of: Copy | None = None

    @property
    def sensitive(self) -> bool:
        return self.verdict in ("sensitive", "review")

    @property
    def review(self) -> Subject | None:
        """What a person should look at it for."""
        if self.verdict == "review":
            return "content"
        return "copyright" if self.copy_of and self.verdict != "block" else None


@dataclass(frozen=True)
class Media:
    """A media item. `version` grows by one with every write; `attached_to` is `post#<id>`, `story#<id>` or None.

    `width`, `height`: the upright original. `placeholder`: base64 ThumbHash. `dominant_color`: `#rrggbb`.
    `watermark`: what is written on the picture that is shared, which is the file `share_key`.
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
    appraisal: Appraisal | None = None
    watermark: str | None = None
    share_key: str | None = None
