"""Fan-out on write: a post is pushed into the feeds of its author's followers, and out of them when it is deleted.

Posts of large authors are not: their followers pull them (see `hybrid`). Who begins to follow gets the author's newest
posts; who ceases to, loses them all.
"""

import zlib
from itertools import chain

from functions.accounts import service as accounts
from functions.feed import fanout, hybrid, queue, readers, rebuilding, store, timelines
from functions.feed.fanout import Action, Page
from functions.feed.hybrid import Feed
from functions.graph import service as graph
from functions.posts import service as posts
from functions.posts.service import Post
from heliograph import batches, clock, ids, live

# One in so many pushes into a feed also trims it.
TRIMMED = 100


def publish(post_id: str, author_id: str) -> None:
    """Note a post in its author's timeline and feed, and push it to the followers, unless they pull it."""
    timeline = timelines.add(author_id, post_id)
    followers = _followers(author_id)
    large = hybrid.is_large(followers, live.read(Feed, patient=True).threshold, was=timeline.is_large)
    if large and not timeline.is_large:
        # From now on who follows pulls; those who did so before learn it by the fan-out of this very post.
        timelines.cross(author_id, post_id)
    if timeline.is_large and not large:
        timelines.cross_back(author_id)
    crossing = large and timeline.crossed_by in (None, post_id)
    if large and not crossing:
        there = _settle(post_id, [author_id])
    else:
        there = _fan_out("enlist" if crossing else "push", post_id, author_id, followers)
    if not there:
        timelines.remove(author_id, post_id)


def forget(post_id: str, author_id: str) -> None:
    """Take a post that is deleted or archived out of its author's timeline, and of all feeds it was pushed into.

    What was pushed before its author became large stays until it expires; reading leaves it out.
    """
    timeline = timelines.find(author_id)
    if timeline.is_large and timeline.crossed_by != post_id:
        there = _settle(post_id, [author_id])
    else:
        there = _fan_out("forget", post_id, author_id, _followers(author_id))
    if not there:
        timelines.remove(author_id, post_id)


def change(post_id: str, author_id: str) -> None:
    """A post that was archived is forgotten. (One that is brought back is published again.)"""
    post = posts.published(post_id)
    if post is not None and post.is_archived:
        forget(post_id, author_id)


def fan_out_page(page: Page) -> None:
    """Push or forget a post for one page of followers, and pass on to the next page."""
    followers = graph.follower_page(page.author_id, page.shard, page.after, fanout.PAGE_SIZE)
    if followers.items and _goes_on(page.action, _serve(page.action, page.post_id, page.author_id, followers.items)):
        queue.send([fanout.next_page(page, followers.next)] if followers.next else [])


def settle_tie(owner_id: str, author_id: str) -> None:
    """Make a feed agree with whether its owner follows an author: the author's newest posts, or none.

    What the graph says is read again after the writes: of two events at once, neither can have a wrong last word.
    """
    while True:
        follows = graph.follows(owner_id, author_id)
        if not follows:
            store.forget_creator(owner_id, author_id)
            rebuilding.pull_no_more(owner_id, author_id)
        elif timelines.find(author_id).is_large:
            rebuilding.pull(owner_id, author_id)
        else:
            _push_newest(owner_id, author_id)
        if graph.follows(owner_id, author_id) == follows:
            return


def _fan_out(action: Action, post_id: str, author_id: str, followers: int) -> bool:
    """At once for the author and the first followers of each shard, then page by page. Whether the post is there."""
    heads = [graph.follower_page(author_id, shard, None, fanout.HEAD_SIZE) for shard in range(graph.FOLLOWER_SHARDS)]
    there = _serve(action, post_id, author_id, list(chain.from_iterable(head.items for head in heads)), also=author_id)
    many = followers >= fanout.MANY
    if _goes_on(action, there):
        queue.send(
            [
                Page(action=action, post_id=post_id, author_id=author_id, shard=shard, after=head.next, many=many)
                for shard, head in enumerate(heads)
                if head.next
            ]
        )
    return there


def _goes_on(action: Action, there: bool) -> bool:  # noqa: FBT001
    """A push ends where its post is gone or archived, and forgetting where it is back; enlisting reaches everybody."""
    return action == "enlist" or there == (action == "push")


def _serve(action: Action, post_id: str, author_id: str, followers: list[str], *, also: str | None = None) -> bool:
    """Settle a post in the feeds of those followers who are active. Whether the post is there."""
    active = readers.active(followers, clock.now())
    owners = [follower for follower in followers if follower in active]
    there = _settle(post_id, [*owners, also] if also else owners)
    if action == "enlist":
        batches.at_once(lambda owner: rebuilding.pull(owner, author_id), owners)
    return there


def _push_newest(owner_id: str, author_id: str) -> None:
    for post_id in posts.published_by(author_id, None, fanout.NEWEST).items:
        if ids.created_at(post_id) > clock.now() - store.KEPT_FOR:
            _settle(post_id, [owner_id])


def _settle(post_id: str, owners: list[str]) -> bool:
    """Make feeds agree with whether there is a post to show: it is in all of them, or in none. Which of the two.

    A post may be deleted or archived, or be brought back, while its feeds are written, and the fan-out of the one
    overtake that of the other. So what is true is read again after the writes: whatever becomes true later starts a
    fan-out of its own later than these writes.
    """
    while True:
        post = _open(post_id)
        if post:
            _put(post, owners)
        else:
            store.remove(post_id, owners)
        if bool(_open(post_id)) == bool(post):
            return bool(post)


def _open(post_id: str) -> Post | None:
    """The post, if others can come across it."""
    post = posts.published(post_id)
    return post if post and post.is_open else None


def _put(post: Post, owners: list[str]) -> None:
    store.put(fanout.entries(post, owners))
    for owner in owners:
        if zlib.crc32(f"{owner}{post.post_id}".encode()) % TRIMMED == 0:
            store.trim(owner)


def _followers(author_id: str) -> int:
    profile = accounts.profiles([author_id]).get(author_id)
    return profile.follower_count if profile else 0
