"""What a post and a page of the feed cost, on AWS's own DynamoDB engine: units metered, times side by side.

    python -m benchmarks.feed_capacity [--rounds 40] [--followers 100 1000]

Each page is the first of 20 posts, all of different authors where so many are followed, one photo each; beside them
some large authors are pulled. "Cold": by a process that remembers nothing, which is what counts; "warm": by one that
has read the same within the last seconds. Times: of pages for the two viewers in turn, cold, on this machine, with
DynamoDB Local beside it.
"""

import argparse
import os
import statistics
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
    "MEDIA_DELIVERY": "cdn",
    "MEDIA_BASE_URL": "https://media.example",
    "MEDIA_BUCKET": "media",
    "MEDIA_SECRET": "secret",
}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "layers" / "shared" / "python"))

from functions.feed import store, timelines
from functions.feed.candidates import PULLED
from functions.feed.fanout import pulled_entry
from functions.feed.home import home
from functions.feed.hybrid import Feed
from heliograph import aws, ids
from tests import capacity, database
from tests.stores import engine
from tests.stores import feed_scene as scene

FEW, MANY = 10, 2000
WINDOW = 100
PAGE = 20


@dataclass(frozen=True)
class Page:
    """Of one viewer: read units of the first page, and how long it takes (95th percentile, milliseconds)."""

    cold: float
    warm: float
    p95: float


@dataclass(frozen=True)
class Target:
    """The last lines: what must be reached."""

    name: str
    value: float
    unit: str
    most: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--followers", type=int, nargs=2, default=(100, 1000))
    given = parser.parse_args()
    low, high = sorted(given.followers)
    aws.secret = lambda name: name.encode()
    with tempfile.TemporaryDirectory() as directory, database.running(Path(directory)) as endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        engine.create_tables()
        pushed = {followers: _post(followers, large=False) for followers in (low, high)}
        pulled = {followers: _post(followers, large=True) for followers in (low, high)}
        with scene.fan_out(Feed()):
            pages = _pages([_viewer(FEW), _viewer(MANY)], given.rounds)
    few, many = pages
    print("| a post | write units | read units |")
    print("|---|---|---|")
    for name, costs in (("pushed", pushed), ("above the threshold", pulled)):
        for followers, (writes, reads) in costs.items():
            print(f"| {name}, {followers} active followers | {writes:g} | {reads:g} |")
    print()
    print("| a page of 20 | read units, cold | warm | p95, ms |")
    print("|---|---|---|---|")
    for followees, page in ((FEW, few), (MANY, many)):
        print(f"| {followees} followed, {PULLED} large ones | {page.cold:g} | {page.warm:g} | {page.p95:.0f} |")
    per_follower = (pushed[high][0] - pushed[low][0]) / (high - low)
    targets = (
        Target("feed_post_units_per_follower", per_follower, "write-units", 1),
        Target("feed_post_constant_units", pushed[low][0] - low * per_follower, "write-units", 4),
        Target("feed_large_post_units", pulled[high][0], "write-units", pulled[low][0]),
        Target("feed_page_units", max(few.cold, many.cold), "read-units", 40),
        Target("feed_page_units_ratio", many.cold / few.cold, "times", 1.2),
        Target("feed_page_p95_ratio", many.p95 / few.p95, "times", 1.5),
    )
    for target in targets:
        print(f"{target.name} {target.value:.3g} {target.unit} {target.most:g}")
    return 0 if all(target.value <= target.most for target in targets) else 1


def _post(followers: int, *, large: bool) -> tuple[float, float]:
    """Write and read units of bringing a post to so many active followers."""
    [author] = scene.accounts(1, followers=followers)
    follower_ids = [ids.new_id() for _ in range(followers)]
    scene.follow(follower_ids, [author])
    scene.visit(follower_ids)
    if large:
        earlier = scene.post(author)
        timelines.add(author, earlier)
        timelines.cross(author, earlier)
    post_id = scene.post(author, at=1)
    feed = Feed(threshold=followers if large else 10**9)
    with scene.fan_out(feed) as pages, capacity.metered() as meter:
        scene.publish(pages, post_id, author)
    return meter.write_units, meter.read_units


def _viewer(followees: int) -> str:
    """Who follows so many, and large authors beside; a window of their feed is full."""
    viewer, *authors = scene.accounts(followees + 1)
    large = scene.accounts(PULLED, followers=10**7)
    scene.follow([viewer], [*authors, *large])
    scene.visit([viewer])
    newest = [authors[number % followees] for number in range(WINDOW)]
    store.put(pulled_entry(viewer, author, scene.post(author, at=number)) for number, author in enumerate(newest))
    for number, author in enumerate(large):
        timelines.add(author, scene.post(author, at=10 * number))
    scene.pull(viewer, large)
    return viewer


def _pages(viewers: list[str], rounds: int) -> list[Page]:
    units: list[list[float]] = []
    for viewer in viewers:
        scene.cold()
        units.append([_units(viewer), _units(viewer)])
    times: dict[str, list[float]] = {viewer: [] for viewer in viewers}
    for _ in range(rounds):
        for viewer in viewers:
            scene.cold()
            began = time.perf_counter()
            _read(viewer)
            times[viewer].append((time.perf_counter() - began) * 1000)
    return [
        Page(cold, warm, statistics.quantiles(times[viewer], n=20)[-1])
        for viewer, (cold, warm) in zip(viewers, units, strict=True)
    ]


def _units(viewer: str) -> float:
    with capacity.metered() as meter:
        _read(viewer)
    return meter.read_units


def _read(viewer: str) -> None:
    page = home(viewer, "ranked").page(None, PAGE)
    if len(page.items) != PAGE:
        raise RuntimeError(f"a page of {len(page.items)}")


if __name__ == "__main__":
    sys.exit(main())
