"""Compare every counter with the set that it counts; `--repair` corrects it, in the region that this runs in.

    export NAMESPACE=heliograph AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
    python -m local.counters [--repair] [post#likes#<id> ...]

It goes by the environment of the SDK, so it works on AWS as on a local cloud; the credentials must be allowed to scan
the table counters. Traffic may go on: what moves while it is being looked at is left alone, and named. Ends with 1 if a
counter is not known to be right.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from functions.discovery import store as hashtags
from functions.discovery.labels import label_of_place
from functions.graph import store as graph
from functions.posts import comments
from functions.posts import store as posts
from functions.stories import store as stories
from heliograph import clock, counters_repair
from heliograph.counters import Counter, CounterShard
from heliograph.counters_repair import Busy, Finding
from heliograph.tables import Slice

# What is on its way between regions has arrived by then: a like and its count travel separately.
PAUSE_SECONDS = 10.0
PAGE = 1_000


def main() -> None:
    """Print what differs, and what was done about it."""
    parser = argparse.ArgumentParser(prog="python -m local.counters", description=__doc__)
    parser.add_argument("--repair", action="store_true")
    parser.add_argument("keys", nargs="*", help="counters to look at (all)")
    arguments = parser.parse_args()
    chosen = map(Counter.of_key, arguments.keys) if arguments.keys else known()
    drifting, busy = look(chosen)
    time.sleep(PAUSE_SECONDS if drifting else 0)
    drifting, moving = confirmed(drifting)
    for counter in [*busy, *moving]:
        print(f"{counter.key}: moving; ask again when it is calmer")
    left = [finding for finding in drifting if not (arguments.repair and counters_repair.correct(finding))]
    for finding in drifting:
        print(f"{finding.counter.key}: {finding.drift:+}{'' if finding in left else ', corrected'}")
    print(f"{len(drifting)} counters differ from their sets, {len(drifting) - len(left)} corrected")
    sys.exit(bool(left or busy or moving))


def known() -> Iterator[Counter]:
    """Every counter that has a shard."""
    keys = (shard.entity for shard in CounterShard.scan(attributes_to_get=["entity"]))
    return (Counter.of_key(key) for key, _ in groupby(keys))


def look(chosen: Iterable[Counter]) -> tuple[list[Finding], list[Counter]]:
    """What differs from its set now, and what moved too much to tell."""
    drifting: list[Finding] = []
    busy: list[Counter] = []
    for counter in chosen:
        try:
            finding = counters_repair.examine(counter, partial(SIZES[counter.kind, counter.name], counter.id))
        except Busy:
            busy.append(counter)
        else:
            drifting += [finding] if finding and finding.drift else []
    return drifting, busy


def confirmed(suspected: list[Finding]) -> tuple[list[Finding], list[Counter]]:
    """The findings that a second look finds just so, and what has moved since the first."""
    again, busy = look(finding.counter for finding in suspected)
    moved = [finding.counter for finding in again if finding not in suspected]
    return [finding for finding in again if finding in suspected], [*busy, *moved]


def _length(page: Callable[[Any, int], Slice[Any]]) -> int:
    """How many there are on all pages."""
    found = page(None, PAGE)
    number = len(found.items)
    while found.next is not None:
        found = page(found.next, PAGE)
        number += len(found.items)
    return number


def _replies(comment_id: str) -> int:
    return len(comments.whole_thread(comment_id))


def _comments(post_id: str) -> int:
    return sum(1 + _replies(comment.comment_id) for comment in comments.whole_thread(post_id))


def _labelled(label: str) -> int:
    """Posts of private accounts are not counted."""
    number, before = 0, None
    while found := hashtags.rows(label, before, PAGE):
        number, before = number + sum(not row.is_private for row in found), found[-1].post_id
    return number


def _views(story_id: str) -> int | None:
    """Views expire with their story, one by one; its counter goes when it is gone."""
    story = stories.story(story_id)
    return _length(partial(stories.viewers, story_id)) if story and story.expires_at > clock.now() else None


SIZES: dict[tuple[str, str], Callable[[str], int | None]] = {
    ("post", "likes"): lambda post_id: _length(partial(posts.likers, post_id)),
    ("post", "comments"): _comments,
    ("comment", "likes"): lambda comment_id: _length(partial(comments.likers, comment_id)),
    ("comment", "replies"): _replies,
    ("user", "posts"): lambda user_id: _length(partial(posts.published_by, user_id, archived=False)),
    ("user", "followers"): lambda user_id: _length(partial(graph.all_followers, user_id)),
    ("user", "following"): lambda user_id: _length(partial(graph.followees, user_id)),
    ("hashtag", "posts"): _labelled,
    ("place", "posts"): lambda key: _labelled(label_of_place(key)),
    ("story", "views"): _views,
}

if __name__ == "__main__":
    main()
