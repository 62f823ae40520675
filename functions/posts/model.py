"""The words of this capability: what a post, a like and a comment are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from heliograph.events import PostAudience

Status = Literal["processing", "published", "failed"]
MediaType = Literal["image", "video", "carousel"]

MAX_MEDIA = 10


@dataclass(frozen=True)
class Location:
    """A named place; degrees, WGS 84."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Mention:
    user_id: str
    username: str


@dataclass(frozen=True)
class Post:
    """A post as stored.

    `media_urls`: keys in the media bucket of each medium's largest picture, filled at publication; signed URLs are
    made when a post is shown. `filter`: the named filter of the first medium. `failure_reason`: why a medium was
    rejected, for status failed. `version` grows by one with every write.
    """

    post_id: str
    user_id: str
    status: Status
    media_ids: tuple[str, ...]
    media_type: MediaType
    audience: PostAudience
    created_at: datetime
    version: int = 1
    failure_reason: str | None = None
    media_urls: tuple[str, ...] = ()
    filter: str | None = None
    caption: str = ""
    hashtags: tuple[str, ...] = ()
    mentioned_users: tuple[Mention, ...] = ()
    location: Location | None = None
    is_archived: bool = False
    like_count: int = 0
    comment_count: int = 0

    @property
    def is_open(self) -> bool:
        """Whether others can come across it at all: published, and not put away by its author."""
        return self.status == "published" and not self.is_archived


@dataclass(frozen=True)
class Comment:
    """A comment on a post, or a reply to one: threads are one deep, so `parent_comment_id` is a top-level comment."""

    comment_id: str
    post_id: str
    user_id: str
    content: str
    created_at: datetime
    parent_comment_id: str | None = None
    is_edited: bool = False

    @property
    def thread_id(self) -> str:
        """What the comment hangs on: its post, or the comment it replies to."""
        return self.parent_comment_id or self.post_id
