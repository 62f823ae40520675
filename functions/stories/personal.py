"""What stories and views know of one person, for state machines: see `heliograph.personal`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.accounts import service as accounts
from functions.posts.service import mentions
from functions.stories import service, store
from functions.stories.model import Story
from heliograph import personal
from heliograph.tables import Slice

EXPORTED = 100
ERASED = 25


@dataclass(frozen=True)
class StoryView:
    """A view as it is exported. `author`: the username of whose story it was, None if the story is gone."""

    story_id: str
    author: str | None
    created_at: datetime


def _stories(user_id: str, after: Any) -> Slice[Story]:
    return store.written_by(user_id, after, EXPORTED).looked_up(store.stories)


def _views(user_id: str, after: Any) -> Slice[StoryView]:
    def find(story_ids: list[str]) -> dict[str, StoryView]:
        seen, stories = store.seen(user_id, story_ids), store.stories(story_ids)
        profiles = accounts.profiles(story.user_id for story in stories.values())
        authors = {id_: profiles[item.user_id].username for id_, item in stories.items() if item.user_id in profiles}
        return {story_id: StoryView(story_id, authors.get(story_id), seen[story_id]) for story_id in seen}

    return store.seen_by(user_id, after, EXPORTED).looked_up(find)


def _erase_stories(user_id: str, after: Any) -> Slice[Story]:
    page = store.written_by(user_id, after, ERASED).looked_up(store.stories)
    for story in page.items:
        service.remove(story)
    return page


def _erase_tray(user_id: str, _after: Any) -> Slice[str]:
    return Slice([user_id] if store.leave_tray(user_id) else [], None)


def _erase_views(user_id: str, after: Any) -> Slice[str]:
    page = store.seen_by(user_id, after, ERASED)
    for story_id in page.items:
        service.withdraw_view(user_id, story_id)
    return page


def _erase_mentions(user_id: str, _after: Any) -> Slice[str]:
    """Other people's stories forget whom they mentioned. What is erased is no longer found: each page is the first."""
    found = mentions.first(user_id, "story", ERASED)
    for story_id in found:
        service.forget_mention(story_id, user_id)
        mentions.drop(user_id, f"story#{story_id}")
    return Slice(found, "more" if len(found) == ERASED else None)


EXPORTS: dict[str, personal.Section] = {"stories": _stories, "story_views": _views}
ERASURES: dict[str, personal.Section] = {
    "stories": _erase_stories,
    "story_tray": _erase_tray,
    "story_views": _erase_views,
    "story_mentions": _erase_mentions,
}

handler = personal.handler(EXPORTS, ERASURES)
