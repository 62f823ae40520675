"""Stories for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from functions.graph.service import Relationship, Viewer
from functions.media.service import MediaView
from functions.stories.model import Story
from functions.stories.service import HydratedStory
from tests.unit.feed.samples import ANNA, BEN, profile

STORY = "019aab10-0000-7000-8000-00000000000d"
PICTURE = "019aab0f-0000-7000-8000-00000000000e"
TOLD = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OVER = TOLD + timedelta(hours=24)


def story(story_id: str = STORY, user_id: str = ANNA, **changes: Any) -> Story:
    values: dict[str, Any] = {
        "status": "published",
        "media_id": PICTURE,
        "media_type": "image",
        "audience": "followers",
        "created_at": TOLD,
        "expires_at": OVER,
        "caption": "Right now",
    }
    return Story(story_id, user_id, **values | changes)


def hydrated(
    story_id: str = STORY,
    viewer_id: str = BEN,
    *,
    relationship: Relationship | None = None,
    seen: bool = False,
    **changes: Any,
) -> HydratedStory:
    """A story of Anna's (or of `user_id`) as the viewer meets it."""
    told = story(story_id, **changes)
    viewer = Viewer(viewer_id, {told.user_id: relationship or Relationship(following="yes")})
    return HydratedStory(told, profile(told.user_id), viewer, picture(), seen)


def picture() -> MediaView:
    return MediaView(
        media_id=PICTURE,
        status="ready",
        reason=None,
        media_type="image",
        width=1080,
        height=1080,
        placeholder=None,
        dominant_color=None,
        alt_text=None,
        renditions=[],
        edits=None,
        sensitive=False,
        share_url=None,
    )
