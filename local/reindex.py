"""Make the index anew from the tables, beside the one that is read, and put it in its place; writes go on meanwhile.

    export NAMESPACE=heliograph AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
    SEARCH_ENDPOINT=https://... INDEX_SCALE=large python -m local.reindex

It goes by the environment of the SDK, so it works on AWS as on a local cloud; the credentials must be allowed to scan
the tables users, posts and counters, to read media and hashtags, and to write the index. `--compare` only compares the
index that is read with the tables, and mends it. `--keep` keeps the former index, which nobody writes any more, until
the next run.

It may be killed at any time; the next run clears away what was left. Two at once are refused. Ends with 1 if something
differs and could not be mended: the index that was read before is then read still. See docs/operations/search-index.md.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from itertools import groupby
from operator import add
from typing import TypeVar

from functions.accounts.store import UserItem
from functions.discovery import generations, rebuilding
from functions.discovery.generations import Generation
from functions.discovery.index import Key
from functions.discovery.mappings import Kind
from functions.discovery.rebuilding import Comparison, Look
from functions.posts.store import PostItem
from heliograph import batches, counters
from heliograph.counters import Counter, CounterShard
from heliograph.errors import Unavailable
from local import lease
from local.errors import CloudError

R = TypeVar("R")
SEGMENTS = 4
Scan = Callable[[int, int], Iterator[str]]


class Different(CloudError):
    """Something differs, and could not be mended."""


def main() -> None:
    """Print both sides, and what was done."""
    parser = argparse.ArgumentParser(prog="python -m local.reindex", description=__doc__)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--segments", type=int, default=SEGMENTS, help="parts of a table that are scanned at once")
    arguments = parser.parse_args()
    try:
        if arguments.compare:
            compare(arguments.segments)
        else:
            reindex(keep=arguments.keep, segments=arguments.segments)
    except (CloudError, Unavailable) as error:
        sys.exit(str(error))


def reindex(*, keep: bool = False, segments: int = SEGMENTS) -> Generation:
    """Make a generation, fill it, compare it, read it, and remove the former. Raises Held, Different, Unavailable."""
    with lease.held("reindexing") as held:
        used = generations.in_use()
        _clear_away(used)
        new = generations.begin()
        _say(f"{new} is begun beside {', '.join(sorted({*used.values()}))}")
        _settle()
        left = [key for kind in SCANS for key in _filled(kind, new, segments)]
        left = left or _left([_comparison(kind, new, segments) for kind in SCANS])
        if left:
            _clear_away(used)
            raise Different(_named(left))
        held.check()
        _take_over(used, new, keep=keep)
        return new


def compare(segments: int = SEGMENTS) -> list[Comparison]:
    """Compare the generation that is read with the tables, and mend it. Raises Held, Different, Unavailable."""
    with lease.held("reindexing"):
        used = generations.in_use()
        comparisons = [_comparison(kind, used[kind], segments) for kind in SCANS]
    left = _left(comparisons)
    if left:
        raise Different(_named(left))
    return comparisons


def _take_over(used: Mapping[Kind, Generation], new: Generation, *, keep: bool) -> None:
    generations.switch(used, new)
    _say(f"{new} is read")
    reading = dict.fromkeys(used, new)
    generations.end(reading)
    _settle()
    if not keep:
        generations.remove(reading)


def _clear_away(used: Mapping[Kind, Generation]) -> None:
    """End and remove what is not read: of a run that was killed, or has failed, or has kept it."""
    if generations.end(used):
        _settle()
    generations.remove(used)


def _filled(kind: Kind, generation: Generation, segments: int) -> list[Key]:
    """Fill a generation; what it refuses."""
    refused = _over(kind, segments, partial(rebuilding.fill, kind, generation))
    _say(f"{kind} are in {generation}")
    return sorted(set[Key]().union(*refused))


def _left(comparisons: list[Comparison]) -> list[Key]:
    return [key for comparison in comparisons for key in comparison.left]


def _comparison(kind: Kind, generation: Generation, segments: int) -> Comparison:
    tables = reduce(add, _over(kind, segments, partial(rebuilding.look_at_tables, kind, generation)), Look())
    found = rebuilding.look_at_index(kind, generation)
    differing = tables.differing | found.differing
    comparison = Comparison(kind, tables.side, found.side, left=rebuilding.mended(differing, generation))
    comparison.mended = len(differing) - len(comparison.left)
    _say(
        f"{kind:<9} tables {tables.side.count:>9} {tables.side.checksum:016x}   "
        f"index {found.side.count:>9} {found.side.checksum:016x}   "
        f"{'equal' if comparison.equal else f'{comparison.mended} mended, {len(comparison.left)} left'}"
    )
    return comparison


def _over(kind: Kind, segments: int, work: Callable[[Iterator[str]], R]) -> list[R]:
    """Work on the ids of a kind, segment by segment of its table, several at once."""
    return batches.at_once(lambda segment: work(SCANS[kind](segment, segments)), range(segments))


def _settle() -> None:
    """Until every writer knows which generations there are, and what was sent before has arrived."""
    time.sleep(generations.SETTLE_SECONDS)


def _named(left: list[Key]) -> str:
    names = [f"{kind} {document_id}" for kind, document_id in left]
    return "\n".join(["not in the index as in the tables, and not to be mended:", *names])


def _say(text: str) -> None:
    print(text, flush=True)


# --- What there is ----------------------------------------------------------------------------------------------------


def _users(segment: int, segments: int) -> Iterator[str]:
    found = UserItem.scan(segment=segment, total_segments=segments, attributes_to_get=["userId"])
    return (item.user_id for item in found)


def _posts(segment: int, segments: int) -> Iterator[str]:
    found = PostItem.scan(segment=segment, total_segments=segments, attributes_to_get=["postId"])
    return (item.post_id for item in found)


def _counted(label: counters.Kind, segment: int, segments: int) -> Iterator[str]:
    found = CounterShard.scan(segment=segment, total_segments=segments, attributes_to_get=["entity"])
    known = (Counter.of_key(key) for key, _ in groupby(shard.entity for shard in found))
    return (counter.id for counter in known if (counter.kind, counter.name) == (label, "posts"))


SCANS: dict[Kind, Scan] = {
    "users": _users,
    "posts": _posts,
    "hashtags": partial(_counted, "hashtag"),
    "places": partial(_counted, "place"),
}

if __name__ == "__main__":
    main()
