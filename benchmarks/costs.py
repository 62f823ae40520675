"""Dollars of one post and of one feed page, by the author's followers: `python -m benchmarks.costs`.

Computed: list prices (`prices.py`) times the units below. Units of DynamoDB are those that the tests' meter counts;
seconds of Lambda are assumptions, because a local cloud's are not those of AWS. Correct a unit here, and everything
follows, also docs/scale.md.
"""

import math
from dataclasses import dataclass

from benchmarks import prices

FOLLOWERS = tuple(10**power for power in range(1, 8))


@dataclass(frozen=True)
class Units:
    """What the work consists of. Durations in seconds, memory in GB, sizes in GB."""

    # A post: the request, the transaction and its indexes, what consumers write, search left out.
    post_writes: float = 30
    post_reads: float = 40
    # PostPublished and PostChanged, CounterChanged, those of its media; each is delivered to so many queues.
    post_events: float = 6
    queues_per_event: float = 2
    consumer_seconds: float = 0.05
    consumer_gb: float = 0.5
    # A photo: the resizer's time, its objects, and what they weigh.
    photo_seconds: float = 0.5
    photo_gb: float = 3.5
    photo_objects: float = 9
    photo_size: float = 0.005

    # Fan-out, in pages of followers over a queue: an edge is read, whether its owner is active is read, and what is
    # active is written to.
    active: float = 0.6
    threshold: int = 2_500_000
    followers_per_page: int = 1000
    reads_per_follower: float = 0.02 + 0.5
    writes_per_active: float = 1
    fanout_seconds: float = 1.5
    fanout_gb: float = 0.5

    # A feed page, and what the timeline of a large author adds to it that no process has read just now.
    page_reads: float = 40
    reads_per_timeline: float = 0.5
    api_seconds: float = 0.08
    api_gb: float = 1


# To send a message, to receive it and to delete it. Consumers do it in tens, as far as there are ten.
REQUESTS_PER_MESSAGE = 3


def post(followers: int, units: Units) -> float:
    """Dollars of one published photo; its storage for a month."""
    return _publication(units) + fanout(followers, units)


def fanout(followers: int, units: Units) -> float:
    """Dollars of writing a post into the feeds of an author's active followers; nothing above the threshold."""
    if followers >= units.threshold:
        return 0.0
    writes = followers * units.active * units.writes_per_active
    reads = followers * units.reads_per_follower
    pages = math.ceil(followers / units.followers_per_page)
    working = prices.INVOCATION + units.fanout_seconds * units.fanout_gb * prices.first(prices.GB_SECOND)
    queueing = REQUESTS_PER_MESSAGE * prices.first(prices.QUEUE_REQUEST)
    return writes * prices.WRITE_UNIT + reads * prices.READ_UNIT + pages * (working + queueing)


def page(timelines: float, units: Units) -> float:
    """Dollars of one feed page for which the timelines of so many large authors have to be read."""
    reads = units.page_reads + timelines * units.reads_per_timeline
    return _request(units) + reads * prices.READ_UNIT


def _publication(units: Units) -> float:
    consumed = units.post_events * units.queues_per_event
    consuming = prices.INVOCATION + units.consumer_seconds * units.consumer_gb * prices.first(prices.GB_SECOND)
    return (
        _request(units)
        + units.post_writes * prices.WRITE_UNIT
        + units.post_reads * prices.READ_UNIT
        + units.post_events * prices.EVENT
        + consumed * (REQUESTS_PER_MESSAGE * prices.first(prices.QUEUE_REQUEST) + consuming)
        + prices.INVOCATION
        + units.photo_seconds * units.photo_gb * prices.first(prices.GB_SECOND)
        + units.photo_objects * prices.OBJECT_PUT
        + units.photo_size * prices.first(prices.OBJECT_GB_MONTH)
    )


def _request(units: Units) -> float:
    lasting = units.api_seconds * units.api_gb * prices.first(prices.GB_SECOND)
    return prices.first(prices.API_REQUEST) + prices.INVOCATION + lasting


def table(units: Units) -> str:
    """Dollars by followers, in Markdown. The last column: a page of someone who follows ten such authors."""
    rows = [
        "| followers | one post, dollars | of that fan-out | one feed page, dollars |",
        "|---:|---:|---:|---:|",
    ]
    for followers in FOLLOWERS:
        timelines = 10 if followers >= units.threshold else 0
        figures = (post(followers, units), fanout(followers, units), page(timelines, units))
        rows.append(f"| {followers:,} | " + " | ".join(f"{dollars:.6f}" for dollars in figures) + " |")
    return "\n".join(rows)


def main() -> None:
    units = Units()
    print(table(units))
    print(f"\nabove {units.threshold:,} followers posts are pulled")
    print(f"cost_of_a_post_to_1000 {post(1000, units):.6f} dollars computed")


if __name__ == "__main__":
    main()
