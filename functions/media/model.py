"""The words of this capability: what is accepted, and what a media item is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

Status = Literal["awaitingUpload", "processing", "ready", "rejected"]
Reason = Literal["unsupportedFormat", "corrupt", "tooLarge", "tooManyPixels", "tooLong", "malicious", "contentPolicy"]
Purpose = Literal["post", "story", "profile", "message"]
MediaType = Literal["image", "video"]

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


class Picture(TypedDict):
    """What a rendering of a photo is recorded by.

    `width`, `height`: of what is shown, in pixels of the original. `placeholder`: base64 ThumbHash. `dominant_color`:
    `#rrggbb`.
    """

    width: int
    height: int
    placeholder: str
    dominant_color: str
    renditions: Sequence[Rendition]


@dataclass(frozen=True)
class Media:
    """A media item. `version` grows by one with every write; `attached_to` is `post#<id>`, `story#<id>` or None.

    `width` to `renditions`: see Picture. `edits`: in the form of `edits.stored`; `edit_revision` grows by one whenever
    they change, and `rendered_revision` is the one that the renditions show.
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
    edit_revision: int = 0
    rendered_revision: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether it can be shown as its owner wants it."""
        return self.status == "ready" and self.rendered_revision == self.edit_revision
