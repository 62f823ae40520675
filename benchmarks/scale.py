"""500 million users on paper: `python -m benchmarks.scale` prints the figures of docs/scale.md, `--write` writes them.

Everything follows from the assumptions here, the units of `costs.py` and the prices of `prices.py`.
"""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

from benchmarks import costs, prices
from benchmarks.costs import Units

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
BEGIN, END = "<!-- computed by benchmarks/scale.py -->\n", "<!-- end -->\n"
DAY, MONTH = 86_400, 30
PARTITION_WRITES, PARTITION_READS, PARTITION_GB = 1_000, 3_000, 10


@dataclass(frozen=True)
class Assumptions:
    """Of one day, per active user. `peak`: the busiest hour over the mean. `mean_followers`: of a post's author."""

    users: float = 500e6
    active: float = 250e6
    peak: float = 2.0
    pages: float = 12
    posts: float = 0.1
    likes: float = 8
    comments: float = 0.5
    follows: float = 0.3
    story_views: float = 10
    other_requests: float = 10
    mean_followers: float = 150
    pictures_per_page: float = 20
    picture_kb: float = 80
    # Of a like: the transaction of two items and its index, reads, events (PostLiked, CounterChanged), the count that
    # is written onto the post, at the rate at which counts change: a queue's batch settles several likes at once.
    like_writes: float = 7
    like_reads: float = 6
    like_events: float = 2
    like_queues: float = 2
    request_reads: float = 5
    years_kept: float = 3
    bytes_per_like: float = 300
    bytes_per_post: float = 2_000


@dataclass(frozen=True)
class Load:
    """Per second, at the mean."""

    requests: float
    posts: float
    interactions: float
    pushes: float
    writes: float
    reads: float
    events: float
    messages: float
    lambdas: float

    @classmethod
    def of(cls, assumed: Assumptions, units: Units) -> "Load":
        """Interactions (likes, comments, follows, views of stories) all cost what a like costs."""
        per_second = assumed.active / DAY
        interactions = (assumed.likes + assumed.comments + assumed.follows + assumed.story_views) * per_second
        pages, posts, others = (each * per_second for each in (assumed.pages, assumed.posts, assumed.other_requests))
        requests = pages + posts + interactions + others
        pushes = posts * assumed.mean_followers * units.active
        fanout_pages = posts * math.ceil(assumed.mean_followers / units.followers_per_page)
        messages = (
            posts * units.post_events * units.queues_per_event + interactions * assumed.like_queues + fanout_pages
        )
        events = posts * units.post_events + interactions * assumed.like_events
        # Consumers and publishers work in tens.
        consuming = (messages + events) / 10 * units.consumer_seconds
        return cls(
            requests=requests,
            posts=posts,
            interactions=interactions,
            pushes=pushes,
            writes=posts * units.post_writes + interactions * assumed.like_writes + pushes * units.writes_per_active,
            reads=pages * units.page_reads
            + posts * (units.post_reads + assumed.mean_followers * units.reads_per_follower)
            + interactions * assumed.like_reads
            + others * assumed.request_reads,
            events=events,
            messages=messages,
            lambdas=requests * units.api_seconds
            + consuming
            + posts * units.photo_seconds
            + fanout_pages * units.fanout_seconds,
        )


def monthly(assumed: Assumptions, units: Units, load: Load) -> dict[str, float]:
    """Dollars of one month by service, one region, all of it served from there."""
    month = DAY * MONTH
    pictures = assumed.active * assumed.pages * assumed.pictures_per_page * MONTH
    photos = load.posts * month * 12 * assumed.years_kept
    likes = assumed.active * assumed.likes * MONTH * 12 * assumed.years_kept
    stored = photos * assumed.bytes_per_post + likes * assumed.bytes_per_like
    return {
        "CloudFront": pictures * prices.CDN_REQUEST + prices.tiered(pictures * assumed.picture_kb / 1e6, prices.CDN_GB),
        "DynamoDB, requests": month * (load.writes * prices.WRITE_UNIT + load.reads * prices.READ_UNIT),
        "DynamoDB, storage": stored / prices.GB * prices.TABLE_GB_MONTH,
        "S3": prices.tiered(photos * units.photo_size, prices.OBJECT_GB_MONTH)
        + load.posts * month * units.photo_objects * prices.OBJECT_PUT,
        "Lambda": prices.tiered(_gb_seconds(load, units) * month, prices.GB_SECOND)
        + (load.requests + (load.messages + load.events) / 10) * month * prices.INVOCATION,
        "API Gateway": prices.tiered(load.requests * month, prices.API_REQUEST),
        "EventBridge": load.events * month * prices.EVENT,
        "SQS": prices.tiered(load.messages * (1 + 2 / 10) * month, prices.QUEUE_REQUEST),
    }


def _gb_seconds(load: Load, units: Units) -> float:
    """Per second. What does not serve requests or resize photos has the memory of a consumer."""
    serving, resizing = load.requests * units.api_seconds, load.posts * units.photo_seconds
    behind = load.lambdas - serving - resizing
    return serving * units.api_gb + resizing * units.photo_gb + behind * units.consumer_gb


def partitions(assumed: Assumptions, units: Units, load: Load) -> dict[str, tuple[float, float, float]]:
    """Of the busiest tables: write units a second at the peak, gigabytes, and partitions for the larger of the two."""
    days = 365 * assumed.years_kept
    likes = assumed.active * assumed.likes
    wanted = {
        "feeds": (load.pushes * units.writes_per_active, assumed.active * 800 * 150 / prices.GB),
        "likes": (likes / DAY * 3, likes * days * assumed.bytes_per_like / prices.GB),
        "counters": (load.interactions * 2, load.posts * DAY * days * 2 * 150 / prices.GB),
        "posts": (
            load.posts * units.post_writes + load.interactions,
            load.posts * DAY * days * assumed.bytes_per_post / prices.GB,
        ),
    }
    return {
        name: (
            writes * assumed.peak,
            stored,
            max(math.ceil(writes * assumed.peak / PARTITION_WRITES), math.ceil(stored / PARTITION_GB)),
        )
        for name, (writes, stored) in wanted.items()
    }


def limits(assumed: Assumptions, units: Units, load: Load) -> list[tuple[str, float, float]]:
    """What is needed at the peak, and the quota that an account has before anyone asks; the tightest first.

    Sources: the quota pages of API Gateway, Lambda, EventBridge and DynamoDB, us-east-1.
    """
    busiest = max(writes for writes, _, _ in partitions(assumed, units, load).values())
    found = [
        ("API Gateway, requests a second", load.requests * assumed.peak, 10_000.0),
        ("Lambda, executions at once", load.lambdas * assumed.peak, 1_000.0),
        ("EventBridge, events put a second", load.events * assumed.peak, 10_000.0),
        ("EventBridge, deliveries a second", load.messages * assumed.peak, 18_750.0),
        ("DynamoDB, write units a second of the busiest table", busiest, 40_000.0),
    ]
    return sorted(found, key=lambda limit: limit[2] / limit[1])


def hot_post(milliseconds: float = 10, shards: int = 64, units_per_like: float = 2) -> dict[str, float]:
    """Likes a second of one post, as each limit would have it. A transaction holds its shard for so long."""
    return {
        "one shard, one transaction after the other": 1000 / milliseconds,
        "one partition of likes, before it splits": PARTITION_WRITES / units_per_like,
        "64 shards, one transaction after the other": shards * 1000 / milliseconds,
    }


def report(assumed: Assumptions, units: Units) -> str:
    """All tables, in Markdown."""
    load = Load.of(assumed, units)
    costs_by_service = monthly(assumed, units, load)
    whole = sum(costs_by_service.values())
    rates = {
        "API requests": load.requests, "posts": load.posts, "likes, comments, follows, story views": load.interactions,
        "entries pushed into feeds": load.pushes, "DynamoDB write units": load.writes,
        "DynamoDB read units": load.reads, "events": load.events, "queue messages": load.messages,
        "Lambda executions at once": load.lambdas,
    }  # fmt: skip
    return "\n".join([
        "| per second | mean | peak |", "|---|---:|---:|",
        *(f"| {name} | {_round(rate)} | {_round(rate * assumed.peak)} |" for name, rate in rates.items()),
        "", "| table | write units a second, peak | stored, GB | partitions |", "|---|---:|---:|---:|",
        *(
            f"| {name} | {_round(writes)} | {_round(stored)} | {_round(number)} |"
            for name, (writes, stored, number) in partitions(assumed, units, load).items()
        ),
        "", "| one post | likes a second |", "|---|---:|",
        *(f"| {name} | {_round(rate)} |" for name, rate in hot_post().items()),
        "", "| limit | needed at the peak | quota | times over |", "|---|---:|---:|---:|",
        *(
            f"| {name} | {_round(needed)} | {quota:,.0f} | {needed / quota:.1f} |"
            for name, needed, quota in limits(assumed, units, load)
        ),
        "", "| service | dollars a month | share |", "|---|---:|---:|",
        *(
            f"| {name} | {_round(dollars)} | {dollars / whole:.0%} |"
            for name, dollars in sorted(costs_by_service.items(), key=lambda item: -item[1])
        ),
        f"| all | {_round(whole)} | 100% |",
        "", f"That is {whole / assumed.users * 100:.1f} cents a user and month.",
        "", costs.table(units), "",
    ])  # fmt: skip


def _round(number: float) -> str:
    """To three digits: more would be a promise."""
    digits = 0 if number == 0 else 2 - math.floor(math.log10(abs(number)))
    return f"{round(number, digits):,.0f}" if digits <= 0 else f"{round(number, digits):g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    computed = report(Assumptions(), Units())
    if parser.parse_args().write:
        before, rest = DOCUMENT.read_text().split(BEGIN)
        DOCUMENT.write_text(before + BEGIN + "\n" + computed + "\n" + END + rest.split(END)[1])
    else:
        print(computed)


if __name__ == "__main__":
    main()
