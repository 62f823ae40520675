"""How stories appear in answers."""

from functions.accounts.views import ProfileSummary, summary
from functions.media.service import MediaView
from functions.posts.service import Status
from functions.posts.views import LocationView, MentionView
from functions.stories.service import HydratedStory, Reel
from heliograph.events import PostAudience
from heliograph.http import Time, View


class StoryViewerView(View):
    """What the story is to whoever asked."""

    seen: bool


class StoryView(View):
    story_id: str
    status: Status
    failure_reason: str | None
    author: ProfileSummary
    media: MediaView
    caption: str
    hashtags: list[str]
    mentioned_users: list[MentionView]
    location: LocationView | None
    audience: PostAudience
    created_at: Time
    expires_at: Time
    view_count: int
    viewer: StoryViewerView


class ReelView(View):
    """One author's entry in the tray."""

    author: ProfileSummary
    stories: list[StoryView]
    all_seen: bool


def present(hydrated: list[HydratedStory]) -> list[StoryView]:
    return [present_story(item) for item in hydrated]


def present_story(item: HydratedStory) -> StoryView:
    story = item.story
    return StoryView(
        story_id=story.story_id,
        status=story.status,
        failure_reason=story.failure_reason,
        author=summary(item.author),
        media=item.media,
        caption=story.caption,
        hashtags=list(story.hashtags),
        mentioned_users=[MentionView.model_validate(user) for user in story.mentioned_users],
        location=story.location and LocationView.model_validate(story.location),
        audience=story.audience,
        created_at=story.created_at,
        expires_at=story.expires_at,
        view_count=story.view_count,
        viewer=StoryViewerView(seen=item.seen),
    )


def present_tray(reels: list[Reel]) -> list[ReelView]:
    return [
        ReelView(
            author=summary(reel.author),
            stories=present(reel.stories),
            all_seen=all(item.seen for item in reel.stories),
        )
        for reel in reels
    ]
