"""Fan-out of one post to 1,000, 3,000 and 10,000 followers, on AWS's own DynamoDB engine.

    python -m benchmarks.fanout [--sizes 1000 3000 10000]

A fifth of the followers are away. Pages wait in a queue in memory that, like SQS, delivers a message again when the
process dies. Each size is fanned out twice: without a fault, which is timed, and killed again and again half-way.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ |= {
    "NAMESPACE": "benchmark",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "layers" / "shared" / "python"))

from functions.feed import hybrid
from functions.feed.store import FeedItem
from heliograph import batches, ids
from tests import database
from tests.stores import engine
from tests.stores import feed_scene as scene

AWAY = 5
# Followers of a first fan-out that is not measured: connections are made, and the engine's code is compiled.
WARMING = 1000
# Of the batched writes of a fan-out, those before which the process dies.
DEATHS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Outcome:
    """Of one size. `missing` and `surplus`: feeds that should have the post and do not, or the other way round."""

    followers: int
    active: int
    written: int
    seconds: float
    messages: int
    missing_after_deaths: int
    surplus_after_deaths: int
    repeated_writes: int

    @property
    def milliseconds_each(self) -> float:
        return self.seconds * 1000 / self.active


@dataclass(frozen=True)
class Target:
    """The last lines: what must be reached."""

    name: str
    value: float
    unit: str
    most: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000, 10_000])
    sizes = sorted(parser.parse_args().sizes)
    with tempfile.TemporaryDirectory() as directory, database.running(Path(directory)) as endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        engine.create_tables()
        _outcome(WARMING)
        outcomes = [_outcome(size) for size in sizes]
    print("| followers | active | feeds written | seconds | ms each | messages | killed: missing | surplus | repeats |")
    print("|---|---|---|---|---|---|---|---|---|")
    for outcome in outcomes:
        killed = f"{outcome.missing_after_deaths} | {outcome.surplus_after_deaths} | {outcome.repeated_writes}"
        print(
            f"| {outcome.followers} | {outcome.active} | {outcome.written} | {outcome.seconds:.1f} "
            f"| {outcome.milliseconds_each:.2f} | {outcome.messages} | {killed} |"
        )
    first, last = outcomes[0], outcomes[-1]
    targets = (
        Target("fanout_wrong_feeds", sum(abs(each.written - each.active) for each in outcomes), "feeds", 0),
        Target(
            "fanout_wrong_feeds_after_deaths",
            sum(each.missing_after_deaths + each.surplus_after_deaths for each in outcomes),
            "feeds",
            0,
        ),
        Target("fanout_growth", last.milliseconds_each / first.milliseconds_each, "times-per-follower", 1.25),
    )
    for target in targets:
        print(f"{target.name} {target.value:.3g} {target.unit} {target.most:g}")
    return 0 if all(target.value <= target.most for target in targets) else 1


def _outcome(size: int) -> Outcome:
    [author] = scene.accounts(1, followers=size)
    followers = [ids.new_id() for _ in range(size)]
    away = followers[::AWAY]
    active = {*followers} - {*away}
    scene.follow(followers, [author])
    scene.visit(active)
    scene.visit(away, days_ago=31)
    with scene.fan_out(hybrid.Feed(threshold=10**9)) as pages:
        whole, killed = scene.post(author), scene.post(author, at=1)
        began = time.perf_counter()
        with scene.crashing_at() as writes:
            scene.publish(pages, whole, author)
        seconds, messages = time.perf_counter() - began, pages.served
        with scene.crashing_at(*(round(share * writes.count) for share in DEATHS)) as repeated:
            scene.publish(pages, killed, author)
    having = _having(killed, followers)
    return Outcome(
        followers=size,
        active=len(active),
        written=len(_having(whole, followers)),
        seconds=seconds,
        messages=messages,
        missing_after_deaths=len(active - having),
        surplus_after_deaths=len(having - active),
        repeated_writes=repeated.items - writes.items,
    )


def _having(post_id: str, owners: list[str]) -> set[str]:
    """Who of them has the post in their feed."""
    return {item.user_id for item in batches.get(FeedItem, [(owner, post_id) for owner in owners])}


if __name__ == "__main__":
    sys.exit(main())
