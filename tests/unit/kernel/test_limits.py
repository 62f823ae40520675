"""The arithmetic of token buckets, against a bucket as it is described in words."""

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from heliograph.limits import Limit

START = 1_795_363_200_000
any_limit = st.builds(Limit, st.just("any"), burst=st.integers(1, 20), per_second=st.floats(0.01, 50, allow_nan=False))
pauses = st.lists(st.integers(0, 20_000), max_size=60)


@dataclass
class Bucket:
    """Filled evenly up to the burst, and a token for each request."""

    limit: Limit
    level: Fraction = field(init=False)
    filled_at: int = START

    def __post_init__(self) -> None:
        self.level = Fraction(self.limit.burst)

    def fill(self, now: int) -> None:
        back = Fraction(now - self.filled_at, self.limit.interval)
        self.level = min(Fraction(self.limit.burst), self.level + back)
        self.filled_at = now


@given(any_limit, pauses)
def test_bucket_is_stored_as_one_number(limit: Limit, pauses: list[int]) -> None:
    bucket, tat, now = Bucket(limit), 0, START
    for pause in pauses:
        # when some time has passed
        now += pause
        bucket.fill(now)
        # then both hold the same whole tokens
        assert limit.room(tat, now) == int(bucket.level)
        # and a request takes one, if there is one
        if bucket.level >= 1:
            bucket.level -= 1
            tat = max(tat, now) + limit.interval


@given(any_limit, st.integers(0, 10**7), st.integers(1, 20))
def test_tokens_are_available_exactly_after_the_wait(limit: Limit, ahead: int, tokens: int) -> None:
    # given a bucket that can hold so many
    tokens, tat = min(tokens, limit.burst), START + min(ahead, limit.tolerance)
    # when
    wait = limit.wait(tat, START, tokens)
    # then
    assert limit.room(tat, START + wait) >= tokens
    assert wait == 0 or limit.room(tat, START + wait - 1) < tokens


def test_a_limit_is_scaled_as_a_whole() -> None:
    # given
    limit = Limit("any", burst=300, per_second=5, batch=10)
    # then what takes a minute to fill goes on to do so
    tenth = limit.scaled(0.1)
    assert (tenth.burst, tenth.per_second, tenth.batch) == (30, 0.5, 10)
    assert tenth.tolerance == limit.tolerance == 60_000
    # and at least one request passes
    assert Limit("any", burst=3, per_second=1).scaled(0.1).burst == 1
