"""Into how many shards the posts with a label are spread: as many as its popularity asks for. Pure.

Posts lie in shards by when they were made, which their UUIDv7 tells: a label has epochs, one for each growth. So where
a post's row is follows from the post and the epochs alone, whoever asks, and nothing is ever moved:

    epoch     since ""      since 019aab10-0000 (growth to 4)     since 019b...  (growth to 16)
    shards    1             4                                     16

A growth begins GRACE after it was decided, when no process believes in what it read before. From then on all write and
read the new shards; whoever reads on to older posts reads the old ones.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from heliograph import ids

# (posts of public accounts from which on, shards).
POPULARITY = ((0, 1), (1_000, 4), (30_000, 16), (1_000_000, 64))
# How long a process believes in epochs that it has read, and how long a growth waits: longer, and clocks differ.
BELIEVED_SECONDS = 30.0
GRACE = timedelta(seconds=120)


@dataclass(frozen=True, order=True)
class Epoch:
    """`since`: the beginning of the ids of the first posts in it; those of all before are below it as text."""

    since: str
    shards: int

    def partitions(self, label: str) -> list[str]:
        return [self._partition(label, number) for number in range(self.shards)]

    def partition(self, label: str, post_id: str) -> str:
        return self._partition(label, zlib.crc32(post_id.encode()) % self.shards)

    def _partition(self, label: str, number: int) -> str:
        return f"{label}#{self.shards}-{number}"


# Oldest first.
Epochs = tuple[Epoch, ...]
FIRST = Epoch("", 1)


def epochs(grown: Iterable[str]) -> Epochs:
    """The epochs of a label that has grown so often, each as `text` wrote it."""
    parts = (text.rpartition("@") for text in grown)
    return (FIRST, *sorted(Epoch(since, int(shards)) for since, _, shards in parts))


def text(epoch: Epoch) -> str:
    return f"{epoch.since}@{epoch.shards}"


def epoch_of(post_id: str, known: Epochs) -> Epoch:
    """The one in which a post lies."""
    return next(epoch for epoch in reversed(known) if epoch.since <= post_id)


def growth(known: Epochs, posts: int, now: datetime) -> Epoch | None:
    """The epoch that a label with so many posts is to begin; None if it has shards enough, or is about to grow."""
    wanted = max(shards for least, shards in POPULARITY if posts >= least)
    is_coming = known[-1].since > ids.prefix_at(now)
    return None if is_coming or wanted <= known[-1].shards else Epoch(ids.prefix_at(now + GRACE), wanted)
