"""Fan-out on write, the pure part: the heads of all shards at once, then one message per further page of a shard.

Most authors have no further page, so their post is in every feed after one invocation and without a message.

A page sends its successor only after its own writes. A crash in between repeats the page, which writes the same
entries again. Sent first, a page that keeps failing would start another chain of successors with each try.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from functions.feed.model import Entry
from functions.posts.service import Post
from heliograph import ids

# "enlist": push, and let each follower pull the author from now on.
Action = Literal["push", "enlist", "forget"]

PAGE_SIZE = 1000
# Followers of each shard that are served at once: with eight shards, as much work as a page.
HEAD_SIZE = 125
# Followers from which on the pages of a post wait in a queue of their own, behind other long ones only.
MANY = 20 * PAGE_SIZE
# Posts of an author that come into the feed of a new follower.
NEWEST = 10
# What a table of feeds is expected to hold. A rank is made when the feed is read: tastes change, entries do not.
SCORE = 1.0


class Page(BaseModel):
    """A message of the fan-out queues: push or forget a post for one page of a shard of its author's followers.

    `after`: the last follower served before. `many`: the page is one of many, and waits in their queue.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    action: Action
    post_id: str
    author_id: str
    shard: int
    after: str
    many: bool = False


def next_page(page: Page, after: str) -> Page:
    return page.model_copy(update={"after": after})


def pulled_entry(owner: str, author_id: str, post_id: str) -> Entry:
    """The same for a post of which only the id is known, and that tells the time."""
    return Entry(owner, post_id, author_id, ids.created_at(post_id), SCORE)


def entries(post: Post, owners: Iterable[str]) -> list[Entry]:
    """What a push writes into the feeds of `owners`: the same whenever and however often it is done."""
    return [Entry(owner, post.post_id, post.user_id, post.created_at, SCORE) for owner in owners]
