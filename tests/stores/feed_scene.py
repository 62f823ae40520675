"""Accounts, followers and posts for tests and benchmarks of the feed, and a queue that outlives a crash."""

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock
from typing import Any
from unittest import mock

from functions.accounts.store import UserItem
from functions.feed import candidates, pushing, queue, readers
from functions.feed.fanout import Page
from functions.feed.hybrid import Feed
from functions.feed.readers import ReaderItem
from functions.graph import service as graph
from functions.graph.cache import PairCache
from functions.graph.store import FOLLOWER_SHARDS, EdgeItem
from functions.media.store import MediaItem, RenditionMap
from functions.posts import hot
from functions.posts.store import PostItem
from heliograph import batches, clock, ids, live
from tests import capacity

SIZES = (("w1080", 1080), ("w640", 640), ("w320", 320), ("thumb", 150))
TYPES = ("image/jpeg", "image/webp")


class Crash(Exception):
    """The process ends here."""


@capacity.unmetered()
def accounts(count: int, *, followers: int = 0) -> list[str]:
    """Ids of new accounts, of which each is said to have so many followers."""
    user_ids = [ids.new_id() for _ in range(count)]
    now = clock.now()
    batches.put(
        UserItem(
            user_id,
            username=f"name-{user_id[-12:]}",
            email=b"sealed" * 40,
            password_hash="$argon2id$" + "x" * 90,
            full_name="Ada Lovelace",
            bio="Light, mostly in the morning. " * 3,
            profile_picture_url=f"m/{user_id}/thumb.jpg",
            created_at=now,
            last_active=now,
            follower_count=followers,
        )
        for user_id in user_ids
    )
    return user_ids


@capacity.unmetered()
def follow(follower_ids: Iterable[str], author_ids: Sequence[str]) -> None:
    """Each of these follows each of those."""
    now = clock.now()

    def edge(name: str, other: str, follower: str, author: str) -> EdgeItem:
        return EdgeItem(
            name, other, follower_id=follower, followee_id=author, created_at=now, following="yes", token=ids.new_id()
        )

    def edges() -> Iterator[EdgeItem]:
        for follower in follower_ids:
            for author in author_ids:
                yield edge(f"out#{follower}", author, follower, author)
                shard = zlib.crc32(follower.encode()) % FOLLOWER_SHARDS
                yield edge(f"in#{author}#{shard}", follower, follower, author)

    batches.put(edges())


def pull(viewer: str, authors: Iterable[str]) -> None:
    """Let somebody pull these large authors."""
    readers.revise(viewer, lambda known: replace(known, pulled=tuple(authors)))


@capacity.unmetered()
def visit(reader_ids: Iterable[str], *, days_ago: int = 0) -> None:
    """They have read their feeds, and these were filled."""
    active_at = clock.now() - timedelta(days=days_ago)
    expires_at = clock.epoch(active_at + timedelta(days=31))
    batches.put(
        ReaderItem(reader_id, active_at=active_at, pulled=(), is_filled=True, expires_at=expires_at)
        for reader_id in reader_ids
    )


@capacity.unmetered()
def post(author_id: str, *, at: float = 0) -> str:
    """The id of a published post of one photo; `at`: seconds by which its id sorts it after others of now."""
    post_id = ids.prefix_at(clock.now() + timedelta(seconds=at)) + ids.new_id()[13:]
    media_id = ids.new_id()
    renditions = [
        RenditionMap(
            name=name,
            width=width,
            height=width,
            content_type=kind,
            bytes=90_000,
            key=f"m/{media_id}/1/{name}.{kind[6:]}",
        )
        for name, width in SIZES
        for kind in TYPES
    ]
    MediaItem(
        media_id,
        user_id=author_id,
        status="ready",
        purpose="post",
        content_type="image/jpeg",
        byte_size=4_000_000,
        media_type="image",
        width=4000,
        height=4000,
        placeholder="x" * 32,
        dominant_color="#336699",
        renditions=renditions,
        attached_to=f"post#{post_id}",
        created_at=clock.now(),
    ).save()
    PostItem(
        post_id,
        user_id=author_id,
        status="published",
        media_ids=(media_id,),
        media_urls=(f"m/{media_id}/1/w1080.jpeg",),
        media_type="image",
        caption="The first light over the harbour, and nobody there to see it but the gulls. #sunrise #harbour",
        hashtags=("sunrise", "harbour"),
        mentioned_users=(),
        audience="followers",
        created_at=clock.now() + timedelta(seconds=at),
        is_archived=False,
        version=1,
    ).save()
    return post_id


class Pages:
    """The fan-out queue: what was sent and has not been worked off. A message that crashes is delivered again."""

    def __init__(self) -> None:
        self.waiting: deque[Page] = deque()
        self.served = 0

    def send(self, pages: Sequence[Page]) -> None:
        self.waiting.extend(pages)

    def deliver(self, work: Callable[[], None]) -> None:
        """An event or a message, until it succeeds."""
        while True:
            try:
                work()
            except Crash:
                continue
            return

    def work_off(self) -> None:
        while self.waiting:
            page = self.waiting.popleft()
            self.deliver(lambda page=page: pushing.fan_out_page(page))
            self.served += 1


@contextmanager
def fan_out(feed: Feed) -> Iterator[Pages]:
    """Functions of the feed with a queue in memory, and with `feed` in force."""
    pages = Pages()
    live.forget()
    with (
        mock.patch.object(queue, "send", pages.send),
        mock.patch.object(live, "fetch", lambda model: feed if model is Feed else model()),
    ):
        yield pages
    live.forget()


def publish(pages: Pages, post_id: str, author_id: str) -> None:
    """What the event of a new post sets in motion, to its end."""
    pages.deliver(lambda: pushing.publish(post_id, author_id))
    pages.work_off()


@dataclass
class Writes:
    """Batched writes since counting began, and the items in them."""

    count: int = 0
    items: int = 0


@contextmanager
def crashing_at(*numbers: int) -> Iterator[Writes]:
    """The process dies before these of its batched writes, counted from 1."""
    writes = Writes()
    lock = Lock()

    def around(_client: Any, operation: str, params: Any, proceed: Callable[[Any], Any]) -> Any:
        if operation == "BatchWriteItem":
            with lock:
                writes.count += 1
                if writes.count in numbers:
                    raise Crash
                writes.items += sum(map(len, params["RequestItems"].values()))
        return proceed(params)

    with capacity.intercepted(around):
        yield writes


def cold() -> None:
    """As a process that has just started: nothing is remembered."""
    graph.seen = PairCache()
    for cache in (candidates.seen, hot.posts, hot.authors):
        cache.clear()
