"""Popularity in steps."""

from hypothesis import given
from hypothesis import strategies as st

from heliograph import popularity


def test_small_counts_are_exact() -> None:
    assert [popularity.step(count) for count in range(17)] == list(range(17))


@given(st.integers(0, 10**12))
def test_a_step_is_below_its_counts_by_less_than_an_eighth(count: int) -> None:
    step = popularity.step(count)
    assert step <= count < step * 9 / 8 or count == step
    assert popularity.step(step) == step


def test_magnitudes_are_powers_of_two() -> None:
    assert [popularity.magnitude(count) for count in (0, 1, 2, 3, 4, 1023, 1024)] == [0, 1, 2, 2, 4, 512, 1024]


def test_a_million_likes_are_some_hundred_and_fifty_steps() -> None:
    assert len({popularity.step(count) for count in range(1_000_001)}) == 144
