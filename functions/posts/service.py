"""Use cases of posts: write, publish, read, edit, archive, delete. Likes and comments are in `conversation.py`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict, TypeVar

from pynamodb.transactions import TransactWrite

from functions.accounts.service import Profile
from functions.graph import service as graph
from functions.media import service as media_service
from functions.media.service import Media, MediaView
from functions.posts import hot, mentions, saves, store
from functions.posts.attributes import LocationAttribute, MentionsAttribute, TextsAttribute
from functions.posts.captions import mentioned, read_caption, without_mention
from functions.posts.model import Location, MediaType, Mention, Post, Status
from functions.posts.publication import failure_reason, filter_of, largest, status_with, with_media
from heliograph import clock, counters, ids, transactions
from heliograph.counters import Counter
from heliograph.errors import Conflict, Forbidden, Invalid, NotFound
from heliograph.events import PostAudience
from heliograph.tables import Slice
from heliograph.transactions import ConditionFailed

__all__ = [
    "Draft",
    "Edits",
    "HydratedPost",
    "Location",
    "LocationAttribute",
    "Mention",
    "MentionsAttribute",
    "Post",
    "Status",
    "TextsAttribute",
    "failure_reason",
    "filter_of",
    "largest",
    "mentioned",
    "mentions",
    "read_caption",
    "status_with",
    "with_media",
    "without_mention",
]


@dataclass(frozen=True)
class Draft:
    """What somebody wants to post. `alt_texts`, `edits`: by media id."""

    media_ids: tuple[str, ...]
    caption: str = ""
    alt_texts: dict[str, str] = field(default_factory=dict[str, str])
    location: Location | None = None
    audience: PostAudience = "followers"
    edits: dict[str, media_service.Edits] = field(default_factory=dict[str, media_service.Edits])


class Edits(TypedDict, total=False):
    """What somebody wants to change about a post; what is not named stays. `alt_texts`: by media id, None clears."""

    caption: str
    location: Location | None
    alt_texts: dict[str, str | None]
    comments_off: bool
    likes_hidden: bool


@dataclass(frozen=True)
class SeenPost:
    """A post with what decides whether the viewer may see it."""

    post: Post
    author: Profile
    viewer: graph.Viewer

    @property
    def likes_shown(self) -> bool:
        """Whether the viewer may know how many like the post, and who."""
        return not self.post.likes_hidden or self.viewer.user_id == self.post.user_id


@dataclass(frozen=True)
class HydratedPost(SeenPost):
    """A post with all that is needed to show it. `liked`, `saved`: by the viewer."""

    media: list[MediaView]
    liked: bool
    saved: bool


P = TypeVar("P", bound=SeenPost)


# --- Writing --------------------------------------------------------------------------------------------------------


def create(author_id: str, draft: Draft) -> HydratedPost:
    """Write a post: published when all its media are ready, and as they are to be shown; else processing.

    Raises Invalid (too many hashtags, a rejected medium), NotFound (somebody else's medium), Conflict (used already).
    """
    caption = read_caption(draft.caption)
    named = mentioned(author_id, caption.usernames)
    post_id, now = ids.new_id(), clock.now()

    def write(media: list[Media]) -> None:
        post = with_status(
            Post(
                post_id=post_id,
                user_id=author_id,
                status="processing",
                media_ids=draft.media_ids,
                media_type=_type_of(media),
                audience=draft.audience,
                created_at=now,
                caption=caption.text,
                hashtags=caption.hashtags,
                mentioned_users=named,
                location=draft.location,
            ),
            [media_service.edited(medium, draft.edits.get(medium.media_id)) for medium in media],
        )

        def build(transaction: TransactWrite) -> None:
            store.put(transaction, post)
            mentions.put(transaction, f"post#{post_id}", named)
            media_service.attach(transaction, media, f"post#{post_id}", draft.alt_texts, draft.edits)
            if post.is_open:
                counters.add(transaction, _posts_of(author_id), actor=post_id)

        transactions.commit(build)

    with_media(author_id, draft.media_ids, "post", write)
    return read(author_id, post_id)


def with_status(post: Post, media: Sequence[Media]) -> Post:
    """The post as its media allow it to be. Pure."""
    post = replace(post, status=status_with(media), failure_reason=failure_reason(media))
    if post.status != "published":
        return post
    # What was announced as a picture may have become a video: an animation.
    return replace(post, media_type=_type_of(media), media_urls=tuple(map(largest, media)), filter=filter_of(media[0]))


def _type_of(media: Sequence[Media]) -> MediaType:
    return media[0].media_type if len(media) == 1 else "carousel"


def settle(post_id: str) -> None:
    """Publish or fail a processing post if its media allow it by now. Idempotent."""
    known = store.post(post_id)
    if known is None or known.status != "processing":
        return
    try:
        media = media_service.owned(known.user_id, known.media_ids)
    except NotFound:  # erased: the post has been deleted since it was read
        return
    post = with_status(known, media)
    if post.failure_reason is not None:
        store.fail(post_id, post.failure_reason)
    elif post.status == "published":
        _publish(post)


def edit(author_id: str, post_id: str, edits: Edits) -> HydratedPost:
    """Change what a post says. Raises NotFound, Forbidden (not the author), Invalid."""
    post = _own(author_id, post_id)
    changed = {name: value for name, value in edits.items() if name in ("location", "comments_off", "likes_hidden")}
    if "caption" in edits:
        caption = read_caption(edits["caption"])
        named = mentioned(author_id, caption.usernames)
        changed |= {"caption": caption.text, "hashtags": caption.hashtags, "mentioned_users": named}
    alt_texts = edits.get("alt_texts", {})
    if not alt_texts.keys() <= set(post.media_ids):
        raise Invalid.field("altTexts", "names media that are not in this post")
    for media_id, alt_text in alt_texts.items():
        media_service.describe(author_id, media_id, alt_text)
    rewrite(post_id, lambda before: replace(before, **changed))
    return read(author_id, post_id)


def rewrite(post_id: str, change: Callable[[Post], Post]) -> None:
    """Change what its author says of a post as it is now, and whom it mentions. Nothing to do for one that is gone."""

    def attempt() -> None:
        before = store.post(post_id)
        after = before and change(before)
        if before is None or after is None or after == before:
            return

        def build(transaction: TransactWrite) -> None:
            store.edit(transaction, before, after)
            mentions.replace(transaction, f"post#{post_id}", before.mentioned_users, after.mentioned_users)

        transactions.commit(build)

    transactions.while_unchanged(attempt)


def archive(author_id: str, post_id: str, *, archived: bool) -> None:
    """Put a published post away, or bring it back. Raises NotFound, Forbidden (not the author), Conflict."""

    def attempt() -> None:
        post = _own(author_id, post_id)
        if post.status != "published":
            raise Conflict("Only a published post can be archived")
        if post.is_archived != archived:
            transactions.commit(build)

    def build(transaction: TransactWrite) -> None:
        store.archive(transaction, post_id, archived=archived)
        count = counters.remove if archived else counters.add
        count(transaction, _posts_of(author_id), actor=post_id)

    transactions.while_unchanged(attempt)


def delete(author_id: str, post_id: str) -> None:
    """Delete a post; what was derived from it forgets it by the event. Raises NotFound, Forbidden (not the author)."""

    def attempt() -> None:
        post = _own(author_id, post_id)

        def build(transaction: TransactWrite) -> None:
            store.delete(transaction, post)
            mentions.delete(transaction, f"post#{post_id}", post.mentioned_users)
            if post.is_open:
                counters.remove(transaction, _posts_of(author_id), actor=post_id)

        transactions.commit(build)

    transactions.while_unchanged(attempt)


def materialise(counter: Counter) -> None:
    """Write the true value of one of a post's counters onto the post."""
    counters.settle(counter, lambda total: store.write_count(counter.id, counter.name, total))


# --- Reading --------------------------------------------------------------------------------------------------------


def read(viewer_id: str, post_id: str) -> HydratedPost:
    """One post as last written. Raises NotFound."""
    return _hydrated([see(viewer_id, post_id)])[0]


def see(viewer_id: str, post_id: str) -> SeenPost:
    """A post as last written, if the viewer may see it; its author sees it in any state. Raises NotFound."""
    post = store.post(post_id)
    if post is None:
        raise NotFound
    seen = _seen([post], graph.viewer(viewer_id, [post.user_id]))
    shown = seen if post.user_id == viewer_id else visible(seen)
    if not shown:
        raise NotFound
    return shown[0]


def see_open(viewer_id: str, post_id: str) -> SeenPost:
    """A post to like or comment on. Raises NotFound, Conflict (own, but archived or not published)."""
    seen = see(viewer_id, post_id)
    require_open(seen.post)
    return seen


def require_open(post: Post) -> None:
    """Raises Conflict for a post that is archived or not published."""
    if not post.is_open:
        raise Conflict("The post is not published")


def is_gone(post_id: str) -> bool:
    """Whether a post is deleted, or never was: what was written about it since it was read has to be taken back."""
    return store.post(post_id) is None


def published(post_id: str) -> Post | None:
    """The post as last written, if it is published; look at `is_archived` before showing it to anybody."""
    post = store.post(post_id)
    return post if post is not None and post.status == "published" else None


def as_written(post_ids: Iterable[str]) -> dict[str, Post]:
    """Posts by id in any state, as just written, in one batched read; those that are gone are left out."""
    return store.posts(post_ids, consistent=True)


def published_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of somebody's posts that others can come across, the newest first."""
    return store.published_by(user_id, after, limit, archived=False)


def archived_by(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """The ids of the posts that somebody has put away, the newest first."""
    return store.published_by(user_id, after, limit, archived=True)


def hydrate(viewer_id: str, post_ids: Iterable[str]) -> list[HydratedPost]:
    """Posts by id with what is needed to judge and show them, batched; unknown ids are left out."""
    return _hydrated(seen(viewer_id, post_ids))


def hydrate_feed(viewer_id: str, post_ids: Iterable[str], known: Mapping[str, Post]) -> list[HydratedPost]:
    """The same for posts out of the viewer's own feed: see `graph.viewer_of_feed`. `known`: those read just before."""
    posts = _found(post_ids, known)
    close = {post.user_id for post in posts if post.audience == "closeFriends"}
    return _hydrated(_seen(posts, graph.viewer_of_feed(viewer_id, {post.user_id for post in posts}, close)))


def seen(viewer_id: str, post_ids: Iterable[str]) -> list[SeenPost]:
    """Posts by id with what is needed to judge them, batched; unknown ids are left out."""
    posts = _found(post_ids)
    return _seen(posts, graph.viewer(viewer_id, {post.user_id for post in posts}))


def known(post_ids: Iterable[str]) -> dict[str, Post]:
    """Posts by id, to rank them; unknown ids are left out. Nobody may be shown one for being in here."""
    return {post.post_id: post for post in _found(post_ids)}


def visible(posts: list[P]) -> list[P]:
    """The posts that may stand in a list for this viewer: published, not archived, of an author who shows them."""
    return [
        item for item in posts if item.post.is_open and graph.may_view(item.viewer, item.author, item.post.audience)
    ]


def archived(posts: list[P]) -> list[P]:
    """The posts that may stand in the list of what the viewer has put away."""
    return [item for item in posts if item.post.is_archived and item.post.user_id == item.viewer.user_id]


# --- Events ---------------------------------------------------------------------------------------------------------


# --- Shared ---------------------------------------------------------------------------------------------------------


def _posts_of(user_id: str) -> Counter:
    return Counter("user", user_id, "posts")


def _publish(post: Post) -> None:
    def build(transaction: TransactWrite) -> None:
        store.publish(transaction, post)
        counters.add(transaction, _posts_of(post.user_id), actor=post.post_id)

    try:
        transactions.commit(build)
    except ConditionFailed:  # another delivery of the event was faster, or the post is gone
        return


def _own(author_id: str, post_id: str) -> Post:
    post = see(author_id, post_id).post
    if post.user_id != author_id:
        raise Forbidden("Only its author may do this to a post")
    return post


def _found(post_ids: Iterable[str], known: Mapping[str, Post] | None = None) -> list[Post]:
    """Posts in the order asked for; unknown ones are left out."""
    wanted = list(post_ids)
    found = {**(known or {})}
    found |= hot.posts.get(post_id for post_id in wanted if post_id not in found)
    return [found[post_id] for post_id in wanted if post_id in found]


def _seen(posts: list[Post], viewer: graph.Viewer) -> list[SeenPost]:
    authors = hot.authors.get(post.user_id for post in posts)
    return [SeenPost(post, authors[post.user_id], viewer) for post in posts if post.user_id in authors]


def _hydrated(seen: list[SeenPost]) -> list[HydratedPost]:
    media = hot.media_of(item.post for item in seen)
    post_ids = {item.post.post_id for item in seen}
    viewer_id = seen[0].viewer.user_id if seen else ""
    liked = store.likes_among(viewer_id, post_ids) if seen else set[str]()
    saved = saves.saved(viewer_id, post_ids) if seen else set[str]()
    return [
        HydratedPost(
            post=item.post,
            author=item.author,
            viewer=item.viewer,
            media=[media[media_id] for media_id in item.post.media_ids if media_id in media],
            liked=item.post.post_id in liked,
            saved=item.post.post_id in saved,
        )
        for item in seen
    ]
