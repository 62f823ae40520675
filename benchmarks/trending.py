"""How soon and how surely bursts are found, and what that costs: `python -m benchmarks.trending [--labels 300]`.

Found: three days of hashtags are made up, with a rhythm of the day, a long tail, some that come up every evening,
people who post the same tag a thousand times, and crowds of accounts made for the day. Into the third day bursts are
planted. Every five minutes a list of ten is made, by the formula of `functions.discovery.bursts` and by plain counts of
posts. A burst is found if its label enters the list within MINUTES of its beginning; an entry is right if it is of a
burst. Shares are medians of seven worlds.

Cost: units of DynamoDB, metered on AWS's own engine.
"""

import argparse
import math
import os
import random
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

os.environ |= {
    "NAMESPACE": "benchmark",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "LOOKUP_SECRET": "lookup-secret",
}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "layers" / "shared" / "python"))

from benchmarks import prices
from functions.discovery import activity, bursts, labels, tagging, trending, trends
from functions.discovery.activity import People
from functions.discovery.bursts import Baseline
from heliograph import aws, batches, clock
from tests import capacity, database
from tests.stores import engine
from tests.stores import feed_scene as scene
from tests.stores.samples import written_post

WORLDS = 7
SLOTS_A_DAY = timedelta(days=1) // bursts.SLOT
DAYS = 3
SHOWN = 10
TARGET = 2.0
MINUTES = 15
# An entry is right while the burst is in the hour that is looked at.
AFTERGLOW = bursts.WINDOW_SLOTS


@dataclass(frozen=True)
class Burst:
    """People who come on top, per slot, from `start` for `slots`."""

    start: int
    slots: int
    people: float

    def at(self, slot: int) -> float:
        return self.people if self.start <= slot < self.start + self.slots else 0.0


@dataclass
class Label:
    """`rate`: people in a slot, on average. `peak`: when in the day; `sharp`: how narrow the rhythm is."""

    name: int
    rate: float
    peak: float
    sharp: float
    burst: Burst | None = None
    # In the slot that is a key: how many posts of one person, and how many throwaway accounts.
    spam: dict[int, int] = field(default_factory=dict[int, int])
    crowd: dict[int, int] = field(default_factory=dict[int, int])
    baseline: Baseline = field(default_factory=Baseline)
    recent: deque[tuple[People, int]] = field(default_factory=lambda: deque(maxlen=bursts.WINDOW_SLOTS))

    def pace(self, slot: int) -> float:
        """A von Mises bell around the peak hour: its mean over the day is the rate."""
        angle = 2 * math.pi * (slot % SLOTS_A_DAY / SLOTS_A_DAY - self.peak)
        rhythm = math.exp(self.sharp * math.cos(angle)) / _bessel(self.sharp)
        return self.rate * rhythm + (self.burst.at(slot) if self.burst else 0.0)

    def live(self, slot: int, dice: random.Random) -> tuple[float, int, float]:
        """One slot goes by: (people of the last hour, posts of the last hour, the score)."""
        came = _poisson(self.pace(slot), dice)
        # Who uses a tag uses it again: the people of a label are some hundred times those of an hour.
        pool = max(50, int(self.rate * bursts.WINDOW_SLOTS * 100))
        there = People({f"{dice.randrange(pool)}" for _ in range(came)})
        posts = came + self.spam.get(slot, 0)
        if slot in self.spam:
            there.established.add("spammer")
        there.newcomers.update(f"new{slot}-{number}" for number in range(self.crowd.get(slot, 0)))
        self.recent.append((there, posts + self.crowd.get(slot, 0)))
        met = People()
        for others, _ in self.recent:
            met.meet(others)
        x = met.weight
        z = bursts.score(x, slot, self.baseline)
        self.baseline = bursts.learned(self.baseline, slot, x)
        return x, sum(number for _, number in self.recent), z


def _bessel(kappa: float) -> float:
    """I0, the mean of exp(kappa cos)."""
    return sum((kappa / 2) ** (2 * k) / math.factorial(k) ** 2 for k in range(20))


def _poisson(mean: float, dice: random.Random) -> int:
    if mean > 50:
        return max(0, round(dice.gauss(mean, mean**0.5)))
    limit, product, number = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        number += 1
    return number


def world(count: int, dice: random.Random) -> list[Label]:
    """Labels by Zipf's law; one in ten has a burst on the last day, some are spammed."""
    labels = [
        Label(number, 20 / (number + 1), dice.gauss(0.75, 0.08), dice.choice([0.3, 1, 1, 2, 8]))
        for number in range(count)
    ]
    first = (DAYS - 1) * SLOTS_A_DAY
    chosen = dice.sample(labels, count // 10 + 40)
    for label in chosen[: count // 10]:
        people = label.rate * dice.uniform(3, 10) + dice.uniform(2, 12)
        label.burst = Burst(first + dice.randrange(SLOTS_A_DAY - 24), dice.randrange(6, 25), people)
    for label in chosen[count // 10 : -20]:
        start = first + dice.randrange(SLOTS_A_DAY - 12)
        label.spam = {start + number: 84 for number in range(12)}
    for label in chosen[-20:]:
        start = first + dice.randrange(SLOTS_A_DAY - 12)
        label.crowd = {start + number: 25 for number in range(12)}
    return labels


@dataclass(frozen=True)
class Outcome:
    """Shares of the planted bursts that were found in time, and of the entries into the list that were right."""

    recall: float
    precision: float
    spam: int
    minutes: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.recall * self.precision / (self.recall + self.precision)


def judged(labels: Sequence[Label], lists: dict[int, list[int]]) -> Outcome:
    by_name = {label.name: label for label in labels}
    entries = [(slot, name) for slot, there in lists.items() for name in there if name not in lists.get(slot - 1, [])]
    right = [(slot, name) for slot, name in entries if _is_on(by_name[name].burst, slot)]
    delays: dict[int, int] = {}
    for slot, there in lists.items():
        for name in there:
            burst = by_name[name].burst
            if _is_on(burst, slot) and burst:
                delays.setdefault(name, (slot - burst.start + 1) * 5)
    planted = sum(label.burst is not None for label in labels)
    return Outcome(
        recall=sum(delay <= MINUTES for delay in delays.values()) / planted,
        precision=len(right) / len(entries) if entries else 0.0,
        spam=sum(bool(by_name[name].spam or by_name[name].crowd) for _, name in entries),
        minutes=median(delays.values()) if delays else math.inf,
    )


def _is_on(burst: Burst | None, slot: int) -> bool:
    return burst is not None and burst.start <= slot < burst.start + burst.slots + AFTERGLOW


def simulated(count: int, seed: int) -> dict[str, Outcome]:
    """What both lists have shown on the last day."""
    dice = random.Random(seed)
    labels = world(count, dice)
    found: dict[str, dict[int, list[int]]] = {"bursts": {}, "counts": {}}
    for slot in range(DAYS * SLOTS_A_DAY):
        lived = [(label.name, *label.live(slot, dice)) for label in labels]
        if slot >= (DAYS - 1) * SLOTS_A_DAY:
            trends = sorted(((-z, name) for name, x, _, z in lived if bursts.trends(x, z)))
            found["bursts"][slot] = [name for _, name in trends[:SHOWN]]
            found["counts"][slot] = [name for name, *_ in sorted(lived, key=lambda one: -one[2])[:SHOWN]]
    return {name: judged(labels, lists) for name, lists in found.items()}


# --- Cost -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Units. `use`: of one hashtag by a post, everything that is written of it, with and without a place; `minute`: of
    one run over 1,000 active labels, by whether it learns a slot, which one run in five does.
    """

    use_writes: float
    use_reads: float
    minute_reads: float
    learning_writes: float
    list_reads: float

    @property
    def dollars(self) -> float:
        """Of a month of minutes for 1,000 active labels."""
        minute = self.minute_reads * prices.READ_UNIT + self.learning_writes / 5 * prices.WRITE_UNIT
        return minute * 60 * 24 * 30


ACTIVE = 1000
HASHTAGS = 5


def measured() -> Cost:
    author, *_ = scene.accounts(1)
    tags = tuple(f"tag{number}" for number in range(HASHTAGS))
    post = written_post(user_id=author, hashtags=tags)
    with capacity.metered() as meter:
        tagging.settle(post.post_id, [])
        use = meter.write_units / HASHTAGS, meter.read_units / HASHTAGS
    _fill()
    now = clock.now() + trending.GRACE_SLOTS * bursts.SLOT
    with capacity.metered() as meter:
        _run(now)
        writes = meter.write_units
        _run(now)
        again = meter.write_units - writes
    with capacity.metered() as meter:
        _run(now)
        reads = meter.read_units
    with capacity.metered() as meter:
        trends.read(trends.list_name("hashtags", labels.GLOBAL))
        list_reads = meter.read_units
    assert again < writes
    return Cost(*use, reads, writes, list_reads)


def _run(now: datetime) -> None:
    for shard in range(activity.SHARDS):
        trending.compute(shard, now)


def _fill() -> None:
    """1,000 labels, each used by some people in every slot of the hour, as their items would be."""
    slot = activity.slot_of(clock.now())
    expires_at = clock.epoch(clock.now() + activity.KEPT_FOR)
    batches.put(
        activity.ActivityItem(
            f"{slot - age}#{activity.shard_of(label)}",
            f"{labels.GLOBAL}#{label}#0",
            established={activity.person(f"{age}-{who}", label) for who in range(4)},
            expires_at=expires_at,
        )
        for label in (f"active{number}" for number in range(ACTIVE))
        for age in range(bursts.WINDOW_SLOTS)
    )


# --- The report -----------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    given = parser.parse_args()
    outcomes = [simulated(given.labels, seed) for seed in range(given.worlds)]
    print(f"| list of {SHOWN} | found in {MINUTES} min | median delay, min | entries that are right | spam in it |")
    print("|---|---:|---:|---:|---:|")
    for name in ("bursts", "counts"):
        those = [outcome[name] for outcome in outcomes]
        recall, precision, minutes, spam = (
            median(getattr(one, figure) for one in those) for figure in ("recall", "precision", "minutes", "spam")
        )
        print(f"| {name} | {recall:.2f} | {minutes:g} | {precision:.2f} | {spam:g} |")
    cost = _cost()
    print(f"\none hashtag of a post: {cost.use_writes:g} write units, {cost.use_reads:g} read units")
    print(f"a minute of {ACTIVE:,} active labels: {cost.minute_reads:g} read units; a slot learned: "
          f"{cost.learning_writes:g} write units; {cost.dollars:.2f} dollars a month")  # fmt: skip
    print(f"a list, by a process that has not read it for {trending.KEPT_SECONDS:g} s: {cost.list_reads:g} read units")
    gain = median(one["bursts"].f1 / one["counts"].f1 for one in outcomes)
    print(f"trending_f1_against_counts {gain:.2f} times 2")
    return int(gain < TARGET)


def _cost() -> Cost:
    aws.secret = lambda name: name.encode()
    with tempfile.TemporaryDirectory() as directory, database.running(Path(directory)) as endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        engine.create_tables()
        return measured()


if __name__ == "__main__":
    sys.exit(main())
