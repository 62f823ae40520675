"""How unusual it is that so many people use a label now: a z-score over an exponentially weighted baseline. Pure.

    x      people in the last hour, each once; newcomers count half, and together as NEWCOMERS more than the others
           at most
    z      (x - max(mean, BIAS)) / (deviation + BIAS)

That is the significance of E. Schubert, M. Weiler, H.-P. Kriegel, "SigniTrend: Scalable Detection of Emerging Topics in
Textual Streams by Hashed Significance Thresholds" (KDD 2014), whose bias keeps rare labels from trending by chance.
Mean and variance are those of x, slot by slot, by the incremental form given there (T. Finch, 2009):

    d = x - mean        mean += a d        variance = (1 - a) (variance + a d^2)

x is learned at most as CLIPPED deviations above the mean, so that a burst does not hide itself at once.
"""

from dataclasses import dataclass
from datetime import timedelta

SLOT = timedelta(minutes=5)
WINDOW_SLOTS = 12
HALF_LIFE_SLOTS = timedelta(hours=24) / SLOT
FORGETTING = 0.5 ** (1 / HALF_LIFE_SLOTS)

BIAS = 1.0
CLIPPED = 3.0
# What trends at all.
LEAST_PEOPLE = 4.0
LEAST_SCORE = 3.0
# An account is a newcomer for a day.
NEW_FOR = timedelta(days=1)
NEWCOMERS = 4


@dataclass(frozen=True)
class Baseline:
    """What is usual of a label. `slot`: the last one that has been learned."""

    mean: float = 0.0
    variance: float = 0.0
    slot: int = 0


def people(established: int, newcomers: int) -> float:
    """x: whatever number of throwaway accounts comes alone, they weigh as NEWCOMERS people."""
    return established + min(newcomers / 2, NEWCOMERS + established)


def quiet(baseline: Baseline, slot: int) -> Baseline:
    """The baseline as it is after nobody used the label up to `slot`: many steps with x = 0, at once."""
    if slot <= baseline.slot:
        return baseline
    left = FORGETTING ** (slot - baseline.slot)
    variance = left * (baseline.variance + baseline.mean**2 * (1 - left))
    return Baseline(baseline.mean * left, variance, slot)


def learned(baseline: Baseline, slot: int, x: float) -> Baseline:
    """The baseline with what `slot` has shown. A slot that is learned already changes nothing."""
    if slot <= baseline.slot:
        return baseline
    before = quiet(baseline, slot - 1)
    clipped = min(x, before.mean + CLIPPED * (before.variance**0.5 + BIAS))
    difference = clipped - before.mean
    mean = before.mean + (1 - FORGETTING) * difference
    variance = FORGETTING * (before.variance + (1 - FORGETTING) * difference**2)
    return Baseline(mean, variance, slot)


def score(x: float, baseline: Baseline) -> float:
    """How many deviations x is above what is usual."""
    return (x - max(baseline.mean, BIAS)) / (baseline.variance**0.5 + BIAS)


def trends(x: float, z: float) -> bool:
    return x >= LEAST_PEOPLE and z >= LEAST_SCORE
