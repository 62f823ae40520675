"""What the benchmark of reindexing works on: accounts, posts and hashtags, the same in every process."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from functions.accounts.store import UserItem
from functions.posts.model import Post
from functions.posts.store import PostItem
from heliograph import batches, config, ids
from heliograph.counters import Counter, CounterShard

POSTS_OF_AN_AUTHOR = 50
POSTS_OF_A_HASHTAG = 200
# Accounts and posts that nobody touches: they must be found at any time.
QUIET_AUTHORS = 4
YEAR = timedelta(days=365)
WORDS = ["ferry", "harbour", "sunset", "café", "東京", "сад", "lighthouse", "dune", "orchard", "tram"]
CHUNK = 2_000


@dataclass(frozen=True)
class World:
    """A community by the number of its posts, made over the last year."""

    posts: int

    @cached_property
    def authors(self) -> list[str]:
        return [_id(datetime(2025, 1, 1, tzinfo=UTC), 1, number) for number in range(self.posts // POSTS_OF_AN_AUTHOR)]

    @property
    def hashtags(self) -> list[str]:
        return [f"tag{number}" for number in range(self.posts // POSTS_OF_A_HASHTAG)]

    def post_ids(self) -> list[str]:
        moments = random.Random(7)
        begin = datetime(2025, 12, 1, tzinfo=UTC)
        return [_id(begin + moments.random() * YEAR, 2, number) for number in range(self.posts)]

    def author_of(self, number: int) -> int:
        """Of a post, by its number."""
        return number % len(self.authors)

    def fill(self) -> None:
        """Write it into empty tables."""
        authors = self.authors
        batches.put(_user(user_id, number) for number, user_id in enumerate(authors))
        batches.put(_shard(tag) for tag in self.hashtags)
        numbered = enumerate(self.post_ids())
        for part in _chunks(_post_item(post_id, authors[self.author_of(number)]) for number, post_id in numbered):
            batches.put(part)


def new_post(author_id: str, moment: datetime, number: int) -> Post:
    """A published post with a caption of its own."""
    post_id = _id(moment, 3, number)
    return Post(
        post_id=post_id,
        user_id=author_id,
        status="published",
        media_ids=(),
        media_type="image",
        audience="followers",
        created_at=moment,
        caption=caption(number),
    )


def caption(number: int) -> str:
    return " ".join(random.Random(number).sample(WORDS, 4)) + f" {number}"


def counter(tag: str) -> Counter:
    return Counter("hashtag", tag, "posts")


def _id(moment: datetime, kind: int, number: int) -> str:
    """A UUIDv7."""
    return f"{ids.prefix_at(moment)}-7{kind:03x}-8000-{number:012x}"


def _user(user_id: str, number: int) -> UserItem:
    return UserItem(
        user_id,
        username=f"user{number}",
        full_name=caption(number),
        email=b"sealed",
        password_hash="hash",
        created_at=ids.created_at(user_id),
        last_active=ids.created_at(user_id),
        follower_count=number,
    )


def _post_item(post_id: str, author_id: str) -> PostItem:
    return PostItem(
        post_id,
        user_id=author_id,
        status="published",
        media_ids=(),
        media_urls=(),
        media_type="image",
        caption=caption(int(post_id[-12:], 16)),
        hashtags=(),
        mentioned_users=(),
        audience="followers",
        created_at=ids.created_at(post_id),
        is_archived=False,
        version=1,
    )


def _shard(tag: str) -> CounterShard:
    return CounterShard(counter(tag).key, config.read(config.Deployment).aws_region, added=POSTS_OF_A_HASHTAG)


def _chunks(items: Iterator[PostItem]) -> Iterator[list[PostItem]]:
    part: list[PostItem] = []
    for item in items:
        part.append(item)
        if len(part) == CHUNK:
            yield part
            part = []
    yield part
