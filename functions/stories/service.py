"""Use cases of stories: publish for a day, show the tray, count the views."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from operator import itemgetter

from pynamodb.transactions import TransactWrite

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.graph import service as graph
from functions.media import service as media_service
from functions.media.service import Media, MediaView
from functions.posts import service as posts
from functions.posts.service import Location
from functions.stories import store
from functions.stories.model import LIFETIME, Story
from functions.stories.store import StoryItem, ViewItem
from heliograph import clock, counters, ids, tables, transactions
from heliograph.counters import Counter
from heliograph.errors import Forbidden, NotFound
from heliograph.events import DomainEvent, PostAudience, StoryDeleted, StoryPublished
from heliograph.outbox import Change
from heliograph.reading import Skeleton
from heliograph.tables import Slice
from heliograph.transactions import ConditionFailed

__all__ = ["StoryItem"]

# A tray looks at this many followees; beyond that it would read more than a page is worth.
TRAY_FOLLOWEES = 500
# How many stories of one author a tray shows.
TRAY_STORIES = 100


@dataclass(frozen=True)
class Draft:
    """What somebody wants to show for a day."""

    media_id: str
    caption: str = ""
    location: Location | None = None
    audience: PostAudience = "followers"
    edits: media_service.Edits | None = None


@dataclass(frozen=True)
class HydratedStory:
    """A story with all that is needed to decide who may see it, and to show it. `seen`: by the viewer."""

    story: Story
    author: Profile
    viewer: graph.Viewer
    media: MediaView
    seen: bool


@dataclass(frozen=True)
class Reel:
    """One author's entry in a tray: the stories in the order in which they play."""

    author: Profile
    stories: list[HydratedStory]


# --- Writing --------------------------------------------------------------------------------------------------------


def create(author_id: str, draft: Draft) -> HydratedStory:
    """Write a story: published when its medium is ready, and as it is to be shown; else processing.

    It lives for a day from now on either way.

    Raises Invalid (too many hashtags, a rejected medium), NotFound (somebody else's medium), Conflict (used already).
    """
    caption = posts.read_caption(draft.caption)
    named = posts.mentioned(author_id, caption.usernames)
    # To the second, so that createdAt and expiresAt are exactly a day apart.
    story_id, now = ids.new_id(), clock.now().replace(microsecond=0)

    def write(media: list[Media]) -> None:
        story = with_status(
            Story(
                story_id=story_id,
                user_id=author_id,
                status="processing",
                media_id=draft.media_id,
                media_type=media[0].media_type,
                audience=draft.audience,
                created_at=now,
                expires_at=now + LIFETIME,
                caption=caption.text,
                hashtags=caption.hashtags,
                mentioned_users=named,
                location=draft.location,
            ),
            media_service.edited(media[0], draft.edits),
        )

        def build(transaction: TransactWrite) -> None:
            store.put(transaction, story)
            posts.mentions.put(transaction, f"story#{story_id}", named, expires_at=story.expires_at)
            edits = {draft.media_id: draft.edits} if draft.edits else {}
            media_service.attach(transaction, media, f"story#{story_id}", edits=edits)
            if story.status == "published":
                store.show_in_tray(transaction, story, until=clock.now() + LIFETIME)

        transactions.commit(build)

    posts.with_media(author_id, [draft.media_id], "story", write)
    return read(author_id, story_id)


def with_status(story: Story, medium: Media) -> Story:
    """The story as its medium allows it to be. Pure."""
    story = replace(story, status=posts.status_with([medium]), failure_reason=posts.failure_reason([medium]))
    if story.status != "published":
        return story
    return replace(
        story,
        # What was announced as a picture may have become a video: an animation.
        media_type=medium.media_type,
        media_url=posts.largest(medium),
        filter=posts.filter_of(medium),
    )


def settle(story_id: str) -> None:
    """Publish or fail a processing story if its medium allows it by now. Idempotent."""
    known = store.story(story_id)
    if known is None or known.status != "processing":
        return
    try:
        [medium] = media_service.owned(known.user_id, [known.media_id])
    except NotFound:  # erased: the story has been deleted since it was read
        return
    story = with_status(known, medium)
    if story.failure_reason is not None:
        store.fail(story_id, story.failure_reason)
    elif story.status == "published":
        _publish(story)


def delete(author_id: str, story_id: str) -> None:
    """Raises NotFound, Forbidden (not the author)."""
    remove(_own(author_id, story_id))


def remove(story: Story) -> None:
    """Delete a story, expired or not, and whom it mentions with it. Idempotent."""

    def build(transaction: TransactWrite) -> None:
        store.delete(transaction, story.story_id)
        posts.mentions.delete(transaction, f"story#{story.story_id}", story.mentioned_users)

    transactions.commit(build)


def forget_mention(story_id: str, user_id: str) -> None:
    """Take an account's name out of a story that mentions it. Nothing to do where it does not, or is gone."""

    def attempt() -> None:
        before = store.story(story_id)
        if before is None:
            return
        caption, kept = posts.without_mention(before.caption, before.mentioned_users, user_id)
        after = replace(before, caption=caption, mentioned_users=kept)
        if after != before:
            transactions.commit(lambda transaction: store.rewrite(transaction, before, after))

    transactions.while_unchanged(attempt)


def view(viewer_id: str, story_id: str) -> None:
    """Note that somebody has seen a story, once; authors do not count. Raises NotFound."""
    story = read(viewer_id, story_id).story
    if story.user_id == viewer_id:
        return
    item = ViewItem(story_id, viewer_id, created_at=clock.now(), expires_at=story.expires_at)

    def build(transaction: TransactWrite) -> None:
        store.put_view(transaction, item)
        counters.add(transaction, _views_of(story_id), actor=viewer_id)

    _commit_unless_done(build)
    if store.story(story_id) is None:  # deleted, and forgotten, since it was read: forget it once more
        forget(story_id)


def withdraw_view(viewer_id: str, story_id: str) -> None:
    """Take a view back, whether its story can be seen or not."""

    def build(transaction: TransactWrite) -> None:
        store.delete_view(transaction, story_id, viewer_id)
        counters.remove(transaction, _views_of(story_id), actor=viewer_id)

    _commit_unless_done(build)


def materialise(counter: Counter) -> None:
    """Write the true number of views onto the story."""
    counters.settle(counter, partial(store.write_count, counter.id))


def forget(story_id: str) -> None:
    """Delete the views and the count of a story that is gone. Idempotent."""
    store.delete_views(story_id)
    counters.forget(_views_of(story_id))


# --- Reading --------------------------------------------------------------------------------------------------------


def read(viewer_id: str, story_id: str) -> HydratedStory:
    """One story as last written; its author sees it in any state until it expires. Raises NotFound."""
    story, now = store.story(story_id), clock.now()
    if story is None or story.expires_at <= now:
        raise NotFound
    hydrated = hydrate(viewer_id, [story])
    shown = hydrated if story.user_id == viewer_id else visible(now, hydrated)
    if not shown:
        raise NotFound
    return shown[0]


def stories_of(viewer_id: str, user_id: str) -> Skeleton[Story]:
    """The skeleton of an account's stories, the oldest first. Raises NotFound."""
    graph.seen_profile(viewer_id, user_id)
    return partial(store.live_by, user_id, now=clock.now())


def viewers(author_id: str, story_id: str) -> Skeleton[str]:
    """Who has seen an own story. Raises NotFound, Forbidden (not the author)."""
    _own(author_id, story_id)
    return partial(store.viewers, story_id)


def hydrate(viewer_id: str, stories: list[Story]) -> list[HydratedStory]:
    """Stories with what is needed to judge and show them, batched. Authors have seen their own."""
    authors = accounts.profiles(story.user_id for story in stories)
    viewer = graph.viewer(viewer_id, authors)
    media = media_service.views(story.media_id for story in stories)
    seen = store.seen(viewer_id, (story.story_id for story in stories))
    return [
        HydratedStory(
            story=story,
            author=authors[story.user_id],
            viewer=viewer,
            media=media[story.media_id],
            seen=story.user_id == viewer_id or story.story_id in seen,
        )
        for story in stories
        if story.user_id in authors and story.media_id in media
    ]


def visible(now: datetime, stories: list[HydratedStory]) -> list[HydratedStory]:
    """The stories that may stand in an answer to this viewer at this time. Pure."""
    return [
        item
        for item in stories
        if item.story.status == "published"
        and item.story.expires_at > now
        and graph.may_view(item.viewer, item.author, item.story.audience)
    ]


# --- The tray -------------------------------------------------------------------------------------------------------


def tray(viewer_id: str, position: str | None, limit: int) -> Slice[str]:
    """The ids of the authors in somebody's tray, who published last first: themselves and whom they follow.

    `position` is the story id of the last author on the page before.
    """
    authors = [viewer_id, *graph.followees(viewer_id, None, TRAY_FOLLOWEES).items]
    newest = store.in_tray(authors, now=clock.now())
    entries = sorted(((story_id, author_id) for author_id, story_id in newest.items()), reverse=True)
    page = tables.cut((entry for entry in entries if position is None or entry[0] < position), limit, itemgetter(0))
    return Slice([author_id for _, author_id in page.items], page.next)


def hydrate_tray(viewer_id: str, author_ids: list[str]) -> list[Reel]:
    """The authors' reels, in the order of `author_ids`."""
    now = clock.now()
    stories = [
        story for author_id in author_ids for story in store.live_by(author_id, None, TRAY_STORIES, now=now).items
    ]
    reels: dict[str, Reel] = {}
    for item in hydrate(viewer_id, stories):
        reels.setdefault(item.author.user_id, Reel(item.author, [])).stories.append(item)
    return list(reels.values())


def visible_tray(now: datetime, reels: list[Reel]) -> list[Reel]:
    """The reels of authors whose stories the viewer has not muted, with what the viewer may see. Pure."""
    shown = [replace(reel, stories=visible(now, [item for item in reel.stories if not _muted(item)])) for reel in reels]
    return [reel for reel in shown if reel.stories]


# --- Events ---------------------------------------------------------------------------------------------------------


def announced(change: Change[StoryItem]) -> Iterator[DomainEvent]:
    """The events that a change to the stories table means; expiry deletes too."""
    old = change.old and store.as_story(change.old)
    new = change.new and store.as_story(change.new)
    if new is None:
        if old is not None:
            yield StoryDeleted(story_id=old.story_id, author_id=old.user_id, media_ids=[old.media_id])
    elif new.status == "published" and (old is None or old.status != "published"):
        yield StoryPublished(story_id=new.story_id, author_id=new.user_id, expires_at=new.expires_at)


# --- Shared ---------------------------------------------------------------------------------------------------------


def _views_of(story_id: str) -> Counter:
    return Counter("story", story_id, "views")


def _publish(story: Story) -> None:
    def build(transaction: TransactWrite) -> None:
        store.publish(transaction, story)
        store.show_in_tray(transaction, story, until=clock.now() + LIFETIME)

    _commit_unless_done(build)


def _commit_unless_done(build: Callable[[TransactWrite], None]) -> None:
    try:
        transactions.commit(build)
    except ConditionFailed:  # another delivery or an earlier request was faster, or the story is gone
        return


def _own(author_id: str, story_id: str) -> Story:
    story = read(author_id, story_id).story
    if story.user_id != author_id:
        raise Forbidden("Only its author may do this to a story")
    return story


def _muted(item: HydratedStory) -> bool:
    return item.viewer.towards(item.author.user_id).muting_stories
