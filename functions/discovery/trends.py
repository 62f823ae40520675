"""The tables of what is usual of each label (baselines), and of what trends (trends): see `bursts` and `trending`.

`shard`: of the label, as in `activity`. A list of what trends is a partition of `trends`, `<kind>#<region>`, with an
item from each shard, so that no shard waits for another, and a list is read by one query.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from functions.discovery.activity import Use
from functions.discovery.bursts import Baseline, Peak
from functions.discovery.labels import Kind
from heliograph import batches, clock, tables
from heliograph.events import Place

# Of a label that nobody has used since: hardly anything is left of its baseline.
BASELINES_KEPT_FOR = timedelta(days=7)
TRENDS_KEPT_FOR = timedelta(hours=1)
# Of each list.
LENGTH = 50
MOMENTS = struct.Struct(">ddQ")
PEAK = struct.Struct(">Hff")


class BaselineItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("label-baselines")

    shard = UnicodeAttribute(hash_key=True)
    use = UnicodeAttribute(range_key=True)
    usual = BinaryAttribute(legacy_encoding=False)
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
    return {_use(item.use): unpacked(item.usual) for item in BaselineItem.query(str(shard))}


def put_baselines(shard: int, learned: Mapping[Use, Baseline]) -> None:
    """Writing them again changes nothing."""
    expires_at = clock.epoch(clock.now() + BASELINES_KEPT_FOR)
    batches.put(
        BaselineItem(str(shard), f"{region}#{label}", usual=packed(baseline), expires_at=expires_at)
        for (region, label), baseline in learned.items()
    )


def put(shard: int, lists: Mapping[tuple[Kind, str], Iterable[Trend]]) -> None:
    """Write what trends of a shard, by kind and region, in place of what did."""
    expires_at = clock.epoch(clock.now() + TRENDS_KEPT_FOR)
    batches.put(
        TrendsItem(list_name(kind, region), str(shard), trends=[_kept(trend) for trend in found], expires_at=expires_at)
        for (kind, region), found in lists.items()
    )


def read(name: str) -> list[Trend]:
    """What stands in a list, the most unusual first."""
    now = clock.epoch(clock.now())
    parts = (item.trends for item in TrendsItem.query(name) if item.expires_at > now)
    found = [_trend(kept) for part in parts for kept in part]
    return sorted(found, key=rank)[:LENGTH]


def packed(baseline: Baseline) -> bytes:
    """264 bytes."""
    moments = MOMENTS.pack(baseline.mean, baseline.variance, baseline.slot)
    return moments + b"".join(PEAK.pack(peak.day, peak.highest, peak.before) for peak in baseline.peaks)


def unpacked(usual: bytes) -> Baseline:
    mean, variance, slot = MOMENTS.unpack_from(usual)
    peaks = tuple(Peak(*peak) for peak in PEAK.iter_unpack(usual[MOMENTS.size :]))
    return Baseline(mean, variance, slot, peaks)


def rank(trend: Trend) -> tuple[float, str]:
    return -trend.score, trend.label


def list_name(kind: Kind, region: str) -> str:
    return f"{kind}#{region}"


def _use(text: str) -> Use:
    region, _, label = text.partition("#")
    return region, label


def _kept(trend: Trend) -> list[Any]:
    return [trend.label, trend.post_count, trend.score, trend.place and trend.place.model_dump()]


def _trend(kept: list[Any]) -> Trend:
    label, post_count, score, place = kept
    return Trend(label, post_count, score, place and Place.model_validate(place))
