"""The tables of what is usual of each label (baselines), and of what trends (trends): see `bursts` and `trending`.

`shard`: of the label, as in `activity`. A list of what trends is a partition of `trends`, `<kind>#<region>`, with an
item from each shard, so that no shard waits for another, and a list is read by one query.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from functions.discovery.activity import Use
from functions.discovery.bursts import Baseline
from functions.discovery.labels import Kind
from heliograph import batches, clock, tables
from heliograph.events import Place

# Of a label that nobody has used since: its baseline has come down to a sixteenth.
BASELINES_KEPT_FOR = timedelta(days=4)
TRENDS_KEPT_FOR = timedelta(hours=1)
# Of each list.
LENGTH = 50


class BaselineItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("label-baselines")

    shard = UnicodeAttribute(hash_key=True)
    use = UnicodeAttribute(range_key=True)
    mean = NumberAttribute()
    variance = NumberAttribute()
    slot = NumberAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


class TrendsItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("trends")

    name = UnicodeAttribute(hash_key=True, attr_name="list")
    shard = UnicodeAttribute(range_key=True)
    trends = JSONAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass(frozen=True)
class Trend:
    """A label that trends. `post_count`: posts of public accounts with it; `score`: z; `place`: what a place is."""

    label: str
    post_count: int
    score: float
    place: Place | None = None


def baselines(shard: int) -> dict[Use, Baseline]:
    """Of all labels of a shard of which there is one."""
    return {
        _use(item.use): Baseline(float(item.mean), float(item.variance), int(item.slot))
        for item in BaselineItem.query(str(shard))
    }


def put_baselines(shard: int, learned: Mapping[Use, Baseline]) -> None:
    """Writing them again changes nothing."""
    expires_at = clock.epoch(clock.now() + BASELINES_KEPT_FOR)
    batches.put(
        BaselineItem(
            str(shard),
            f"{region}#{label}",
            mean=baseline.mean,
            variance=baseline.variance,
            slot=baseline.slot,
            expires_at=expires_at,
        )
        for (region, label), baseline in learned.items()
    )


def put(shard: int, lists: Mapping[tuple[Kind, str], Iterable[Trend]]) -> None:
    """Write what trends of a shard, by kind and region, in place of what did."""
    expires_at = clock.epoch(clock.now() + TRENDS_KEPT_FOR)
    batches.put(
        TrendsItem(
            list_name(kind, region), str(shard), trends=[_packed(trend) for trend in found], expires_at=expires_at
        )
        for (kind, region), found in lists.items()
    )


def read(name: str) -> list[Trend]:
    """What stands in a list, the most unusual first."""
    now = clock.epoch(clock.now())
    parts = (item.trends for item in TrendsItem.query(name) if item.expires_at > now)
    found = [_unpacked(packed) for part in parts for packed in part]
    return sorted(found, key=rank)[:LENGTH]


def rank(trend: Trend) -> tuple[float, str]:
    return -trend.score, trend.label


def list_name(kind: Kind, region: str) -> str:
    return f"{kind}#{region}"


def _use(text: str) -> Use:
    region, _, label = text.partition("#")
    return region, label


def _packed(trend: Trend) -> list[Any]:
    return [trend.label, trend.post_count, trend.score, trend.place and trend.place.model_dump()]


def _unpacked(packed: list[Any]) -> Trend:
    label, post_count, score, place = packed
    return Trend(label, post_count, score, place and Place.model_validate(place))
