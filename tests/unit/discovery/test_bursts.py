"""What trends and what does not: stories of how people use a label, slot by slot."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat

import pytest

from functions.discovery import bursts
from functions.discovery.bursts import HOURS, SLOTS_AN_HOUR, Baseline

DAY = HOURS * SLOTS_AN_HOUR
FIRST = 20_000 * DAY


def lived(people: Iterable[float], *, baseline: Baseline | None = None, first: int = FIRST) -> Baseline:
    """The baseline after slots with so many people in the hour up to each."""
    known = baseline or Baseline()
    for number, x in enumerate(people):
        known = bursts.learned(known, first + number, x)
    return known


def days(of: Callable[[int], float], count: int) -> list[float]:
    """So many days whose slots are as `of` says by the slot of the day."""
    return [of(slot) for _ in range(count) for slot in range(DAY)]


def is_trending(x: float, baseline: Baseline) -> bool:
    return bursts.trends(x, bursts.score(x, baseline.slot + 1, baseline))


def test_unused_label_trends_with_the_fourth_person() -> None:
    assert [x for x in range(10) if is_trending(x, Baseline())] == [4, 5, 6, 7, 8, 9]


def test_a_steadily_popular_label_does_not_trend_however_popular() -> None:
    # given three days of a thousand people in each hour, some more, some less
    known = lived([1000 + 30 * (-1) ** slot for slot in range(3 * DAY)])
    # then it takes more than a few more
    assert not is_trending(1030, known)
    assert is_trending(3000, known)


def test_the_same_number_is_a_burst_for_a_small_label_and_nothing_for_a_large_one() -> None:
    small, large = lived([2.0] * 3 * DAY), lived([50.0] * 3 * DAY)
    assert is_trending(40, small)
    assert not is_trending(40, large)


def test_burst_trends_for_hours_and_becomes_normal_in_days() -> None:
    # given a label that nobody used, of which a hundred people make use in every hour from now on
    known = lived([100.0] * 6 * SLOTS_AN_HOUR)
    assert is_trending(100, known)
    # then it is nothing special after some days
    known = lived([100.0] * 3 * DAY, baseline=known, first=known.slot + 1)
    assert not is_trending(100, known)


def test_a_burst_that_is_over_does_not_trend() -> None:
    known = lived(chain([1.0] * DAY, [80.0] * SLOTS_AN_HOUR))
    assert is_trending(80, known)
    assert not is_trending(3, known)


def test_daily_evening_peak_does_not_trend_but_a_morning_burst_does() -> None:
    # given a label of the evening: from six to nine
    evening = range(18 * SLOTS_AN_HOUR, 21 * SLOTS_AN_HOUR)
    known = lived(days(lambda slot: 60.0 if slot in evening else 1.0, 3))
    # when the fourth day comes
    morning = lived(repeat(1.0, 9 * SLOTS_AN_HOUR), baseline=known, first=known.slot + 1)
    before_six = lived(repeat(1.0, 18 * SLOTS_AN_HOUR), baseline=known, first=known.slot + 1)
    # then
    assert is_trending(60, morning)
    assert not is_trending(60, before_six)
    assert is_trending(300, before_six)


def test_a_rhythm_that_has_ended_is_forgotten_by_the_day() -> None:
    # given a burst at one hour of one day, and then quiet days
    noon = 12 * SLOTS_AN_HOUR
    known = lived(days(lambda slot: 100.0 if noon <= slot < noon + SLOTS_AN_HOUR else 0.0, 1))
    usual = [bursts.rhythm(FIRST + day * DAY + noon, known) for day in range(4)]
    # then the day itself knows nothing of it yet, and the others less and less
    assert usual == pytest.approx([0, 100, 70, 49])


def test_each_person_counts_once_and_new_accounts_count_less() -> None:
    assert bursts.people(1, 0) == 1
    assert bursts.people(10, 4) == 12
    assert bursts.people(0, 1000) == bursts.NEWCOMERS
    assert bursts.people(10, 1000) == 10 + bursts.NEWCOMERS


def test_thousand_new_accounts_cannot_make_a_label_trend_above_the_minimum() -> None:
    score = bursts.score(bursts.people(0, 1000), FIRST, Baseline())
    assert score == bursts.LEAST_SCORE


def test_a_slot_is_learned_once_and_in_order() -> None:
    known = lived([5.0, 6.0, 7.0])
    assert bursts.learned(known, known.slot, 100.0) == known
    assert bursts.learned(known, known.slot - 1, 100.0) == known


@pytest.mark.parametrize("quiet", [1, 2, 50, 1000])
def test_quiet_slots_learned_together_equal_those_learned_singly(quiet: int) -> None:
    # given a label with a past
    known = lived([5.0, 9.0, 2.0, 7.0])
    # when it is quiet for a time, and used again
    at_once = bursts.learned(known, known.slot + quiet + 1, 4.0)
    one_by_one = lived([*[0.0] * quiet, 4.0], baseline=known, first=known.slot + 1)
    # then
    assert (at_once.mean, at_once.variance) == pytest.approx((one_by_one.mean, one_by_one.variance))


def test_the_moments_are_those_of_the_exponentially_weighted_past() -> None:
    # given values too tame to be clipped
    values = [float(value) for value in (1, 2, 3, 2, 1, 3, 2, 2)]
    known = lived(values)
    # then mean and variance are the weighted ones, zero counting for the time before
    weights = [(1 - bursts.FORGETTING) * bursts.FORGETTING ** (len(values) - 1 - n) for n in range(len(values))]
    mean = sum(weight * value for weight, value in zip(weights, values, strict=True))
    square = sum(weight * value**2 for weight, value in zip(weights, values, strict=True))
    assert known.mean == pytest.approx(mean)
    assert known.variance == pytest.approx(square - mean**2)
