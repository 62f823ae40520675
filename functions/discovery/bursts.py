"""How unusual it is that so many people use a label now: a z-score over an exponentially weighted baseline. Pure.

    x      people in the last hour, each once; newcomers count half, and together as NEWCOMERS at most
    z      (x - max(mean, rhythm, BIAS)) / (deviation + BIAS)

That is the significance of E. Schubert, M. Weiler, H.-P. Kriegel, "SigniTrend: Scalable Detection of Emerging Topics in
Textual Streams by Hashed Significance Thresholds" (KDD 2014), whose bias keeps rare labels from trending by chance.
Mean and variance are those of x, slot by slot, by the incremental form given there (T. Finch, 2009):

    d = x - mean        mean += a d        variance = (1 - a) (variance + a d^2)

x is learned at most as CLIPPED deviations above the mean, so that a burst does not hide itself at once. Added to theirs
is the rhythm of the day: the highest x that former days have seen around this hour, which fades by the day.
"""

from dataclasses import dataclass
from datetime import timedelta

SLOT = timedelta(minutes=5)
WINDOW_SLOTS = 12
HALF_LIFE_SLOTS = timedelta(hours=36) / SLOT
FORGETTING = 0.5 ** (1 / HALF_LIFE_SLOTS)

BIAS = 1.0
CLIPPED = 3.0
# What trends at all.
LEAST_PEOPLE = 4.0
LEAST_SCORE = 3.0
# An account is a newcomer for a day.
NEW_FOR = timedelta(days=1)
NEWCOMERS = 4

HOURS = 24
SLOTS_AN_HOUR = timedelta(hours=1) // SLOT
FADING = 0.7


@dataclass(frozen=True)
class Peak:
    """The highest x of one hour of the day: on `day`, and (fading) before it. Days since 1970, UTC."""

    day: int = 0
    highest: float = 0.0
    before: float = 0.0

    def until(self, day: int) -> float:
        """What the days before `day` have seen."""
        if day <= self.day:
            return self.before
        return max(self.highest, self.before * FADING) * FADING ** (day - self.day - 1)

    def seen(self, day: int, x: float) -> "Peak":
        if day > self.day:
            return Peak(day, x, self.until(day))
        return Peak(self.day, max(self.highest, x), self.before)


@dataclass(frozen=True)
class Baseline:
    """What is usual of a label. `slot`: the last one that has been learned; `peaks`: by hour of the day."""

    mean: float = 0.0
    variance: float = 0.0
    slot: int = 0
    peaks: tuple[Peak, ...] = (Peak(),) * HOURS


def people(established: int, newcomers: int) -> float:
    """x: whatever number of throwaway accounts comes, they weigh as NEWCOMERS people."""
    return established + min(newcomers / 2, NEWCOMERS)


def learned(baseline: Baseline, slot: int, x: float) -> Baseline:
    """The baseline with what `slot` has shown. A slot that is learned already changes nothing.

    Slots between are taken as quiet: for them x = 0, many steps at once.
    """
    if slot <= baseline.slot:
        return baseline
    left = FORGETTING ** (slot - 1 - baseline.slot)
    mean, variance = baseline.mean * left, left * (baseline.variance + baseline.mean**2 * (1 - left))
    difference = min(x, mean + CLIPPED * (variance**0.5 + BIAS)) - mean
    day, hour = _time(slot)
    return Baseline(
        mean=mean + (1 - FORGETTING) * difference,
        variance=FORGETTING * (variance + (1 - FORGETTING) * difference**2),
        slot=slot,
        peaks=tuple(peak.seen(day, x) if number == hour else peak for number, peak in enumerate(baseline.peaks)),
    )


def score(x: float, slot: int, baseline: Baseline) -> float:
    """By how many deviations x, in the hour that ends with `slot`, is above what is usual."""
    return (x - max(baseline.mean, rhythm(slot, baseline), BIAS)) / (baseline.variance**0.5 + BIAS)


def rhythm(slot: int, baseline: Baseline) -> float:
    """The highest x that former days have seen in this hour of theirs, the one before or the one after."""
    around = (_time(slot + shift * SLOTS_AN_HOUR) for shift in (-1, 0, 1))
    return max(baseline.peaks[hour].until(day) for day, hour in around)


def trends(x: float, z: float) -> bool:
    return x >= LEAST_PEOPLE and z >= LEAST_SCORE


def _time(slot: int) -> tuple[int, int]:
    """Day and hour, UTC."""
    return slot // SLOTS_AN_HOUR // HOURS, slot // SLOTS_AN_HOUR % HOURS
