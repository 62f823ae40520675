"""The words of this capability: what a post, a like and a comment are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from heliograph.events import PostAudience

Status = Literal["processing", "published", "failed"]
MediaType = Literal["image", "video", "carousel"]

MAX_MEDIA = 10
MAX_PINNED = 3


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
    rejected, for status failed. `likes_hidden`: how many like it is the author's to know. `version` grows by one with
    every write.
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
    comments_off: bool = False
    likes_hidden: bool = False
    pinned_comments: frozenset[str] = frozenset()
    like_count: int = 0
    comment_count: int = 0

    @property
    def is_open(self) -> bool:
        """Whether others can come across it at all: published, and not put away by its author."""
        return self.status == "published" and not self.is_archived


@dataclass(frozen=True)
class Comment:
    """A comment on a post, or a reply to one: threads are one deep, so `parent_comment_id` is a top-level comment.

    `post_author_id`: whose post it is. `answered_user_id`: to whom it replies, who may have replied themselves.
    """

    comment_id: str
    post_id: str
    post_author_id: str
    user_id: str
    content: str
    created_at: datetime
    mentioned_users: tuple[Mention, ...] = ()
    parent_comment_id: str | None = None
    answered_user_id: str | None = None
    is_edited: bool = False
    like_count: int = 0
    reply_count: int = 0

    @property
    def thread_id(self) -> str:
        """What the comment hangs on: its post, or the comment it replies to."""
        return self.parent_comment_id or self.post_id
