"""What trends: computed every minute, shard by shard, and read from snapshots. The formula is in `bursts`.

A run looks at the last hour. It learns the newest slot that is surely over, which it does once however often it runs,
and scores all that was used in the hour against what was usual before. A slot that no run has seen counts as quiet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from functions.discovery import activity, bursts, labels, places, trends
from functions.discovery.activity import People, Seen, Use
from functions.discovery.bursts import Baseline
from functions.discovery.labels import Kind
from functions.discovery.trends import Trend
from heliograph import batches, counters
from heliograph.hot import HotCache

__all__ = ["Trend", "compute", "snapshot"]

# Events come late: a slot is learned when the one after it is over, too.
GRACE_SLOTS = 2
KEPT_SECONDS = 10.0


def snapshot(kind: Kind, region: str | None = None) -> list[Trend]:
    """What trends now, a minute old at most: at most 50 labels, the most unusual first.

    `kind`: "hashtags" or "places". `region`: of `labels.region`; what trends there comes first, then what trends
    everywhere. `.label` is what `store.newest` takes. Needs DynamoDB alone, and seldom: a process keeps it for seconds.
    """
    names = [trends.list_name(kind, one) for one in (region, labels.GLOBAL) if one]
    found = _kept.get(names)
    local, everywhere = (found.get(name, ()) for name in (names[0], names[-1]))
    known = {trend.label for trend in local}
    return [*local, *(trend for trend in everywhere if trend.label not in known)][: trends.LENGTH]


def compute(shard: int, now: datetime) -> int:
    """Learn and score the labels of one shard; how many uses of labels were looked at. Idempotent."""
    current = activity.slot_of(now)
    over = current - GRACE_SLOTS
    known = trends.baselines(shard)
    used = activity.uses(shard, range(over - bursts.WINDOW_SLOTS + 1, current + 1))
    learned = {
        use: bursts.learned(known.get(use, Baseline()), over, people(seen, over).weight) for use, seen in used.items()
    }
    news = {use: baseline for use, baseline in learned.items() if baseline.mean and baseline != known.get(use)}
    trends.put_baselines(shard, news)
    trends.put(shard, _lists({use: scored(seen, learned[use], current) for use, seen in used.items()}))
    return len(used)


def people(seen: Seen, last: int) -> People:
    """Who was seen in the hour that ends with the slot `last`, each once."""
    met = People()
    for slot, there in seen.items():
        if last - bursts.WINDOW_SLOTS < slot <= last:
            met.meet(there)
    return met


def scored(seen: Seen, baseline: Baseline, current: int) -> float | None:
    """The score of what trends; None for what does not."""
    x = people(seen, current).weight
    z = bursts.score(x, current, baseline)
    return z if bursts.trends(x, z) else None


def _lists(scores: Mapping[Use, float | None]) -> dict[tuple[Kind, str], list[Trend]]:
    """By kind and region, also those in which nothing trends any more."""
    found: dict[tuple[Kind, str], list[Trend]] = {(labels.kind(label), region): [] for region, label in scores}
    for (region, label), score in scores.items():
        if score is not None:
            found[labels.kind(label), region].append(Trend(label, 0, round(score, 2)))
    firsts = {name: sorted(those, key=trends.rank)[: trends.LENGTH] for name, those in found.items()}
    known = _described({trend.label for those in firsts.values() for trend in those})
    return {
        name: [replace(known[trend.label], score=trend.score) for trend in those if trend.label in known]
        for name, those in firsts.items()
    }


def _described(wanted: Iterable[str]) -> dict[str, Trend]:
    """Labels as they are now, without a score; those that no post of a public account carries are left out."""
    return {trend.label: trend for trend in batches.at_once(_describe, sorted(wanted)) if trend}


def _describe(label: str) -> Trend | None:
    count = counters.total(labels.counter(label)).value
    place = places.named(label) if labels.kind(label) == "places" else None
    is_known = place is not None or labels.kind(label) == "hashtags"
    return Trend(label, count, 0.0, place) if count and is_known else None


def _load(names: list[str]) -> dict[str, tuple[Trend, ...]]:
    return {name: tuple(trends.read(name)) for name in names}


_kept = HotCache[tuple[Trend, ...]](_load, seconds=KEPT_SECONDS, size=10_000)
