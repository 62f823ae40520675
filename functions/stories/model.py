"""The words of this capability: what a story is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.posts.service import Location, Mention, Status
from heliograph.events import PostAudience

MediaType = Literal["image", "video"]

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Story:
    """A story as stored. `created_at` is kept to the second, the unit in which the table expires it.

    `media_url`: key in the media bucket of the largest picture, filled at publication. `filter`: the medium's named
    filter. `failure_reason`: why the medium was rejected, for status failed.
    """

    story_id: str
    user_id: str
    status: Status
    media_id: str
    media_type: MediaType
    audience: PostAudience
    created_at: datetime
    expires_at: datetime
    version: int = 1
    failure_reason: str | None = None
    media_url: str | None = None
    filter: str | None = None
    caption: str = ""
    hashtags: tuple[str, ...] = ()
    mentioned_users: tuple[Mention, ...] = ()
    location: Location | None = None
    view_count: int = 0
