"""Token buckets on the real engine: from one instance and from many, against buckets as they are described in words."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.accounts import personal, sessions
from heliograph import admission, aws, clock, config, ids, limits
from heliograph.limits import ALLOWANCE_MS, GRACE_MS, KEEP_SECONDS, BucketItem, Exhausted, Limit, Memory
from heliograph.tokens import ACCESS_SECONDS, Caller
from tests.capacity import Meter
from tests.stores import engine
from tests.stores.conflicts import answering
from tests.stores.samples import at_once, joined

INSTANCES = 3
EXACT = Limit("exact", burst=6, per_second=0.5)
BATCHED = Limit("batched", burst=20, per_second=2, batch=5)
# Each: so many milliseconds after the one before, by this instance.
requests = st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, INSTANCES - 1)), min_size=1, max_size=60)
by_the_engine = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@dataclass
class Clock:
    """Stands still until it is told otherwise."""

    milliseconds: int

    def now(self) -> datetime:
        return clock.parse("1970-01-01T00:00:00.000Z") + timedelta(milliseconds=self.milliseconds)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock(int(clock.now().timestamp() * 1000))
    monkeypatch.setattr(clock, "now", standing.now)
    return standing


def spent(limit: Limit, subject: str, memory: Memory) -> bool:
    """Whether a request passes."""
    try:
        limits.spend(limit, subject, memory=memory)
    except Exhausted:
        return False
    return True


def most(limit: Limit, milliseconds: int) -> int:
    """What a bucket that has been full for a while may let through in so long."""
    return limit.burst + int(Fraction(milliseconds + GRACE_MS, limit.interval))


# --- What passes ----------------------------------------------------------------------------------------------------


@by_the_engine
@given(requests)
def test_a_limit_of_single_tokens_is_exact_over_all_instances(at: Clock, requests: list[tuple[int, int]]) -> None:
    # given a bucket of just the burst, which nobody may be denied, and one with what the grace adds
    subject, memories = ids.new_id(), [Memory() for _ in range(INSTANCES)]
    least, largest = Fraction(EXACT.burst), Fraction(most(EXACT, 0))
    small, large = least, largest
    for pause, instance in requests:
        # when
        at.milliseconds += pause
        back = Fraction(pause, EXACT.interval)
        small, large = min(least, small + back), min(largest, large + back)
        passed = spent(EXACT, subject, memories[instance])
        # then
        assert passed or small < 1
        assert not passed or large >= 1
        small, large = max(Fraction(0), small - passed), large - passed


@by_the_engine
@given(requests)
def test_a_limit_in_batches_lets_little_more_through(at: Clock, requests: list[tuple[int, int]]) -> None:
    # given
    subject, memories, began = ids.new_id(), [Memory() for _ in range(INSTANCES)], at.milliseconds
    passed = 0
    for pause, instance in requests:
        # when
        at.milliseconds += pause
        passed += spent(BATCHED, subject, memories[instance])
        # then besides burst and refill, each instance has let one through in each grace at most
        elapsed = at.milliseconds - began
        assert passed <= most(BATCHED, elapsed) + INSTANCES * (1 + elapsed // GRACE_MS)


@pytest.mark.parametrize("limit", [EXACT, BATCHED], ids=lambda limit: limit.name)
def test_many_instances_at_once_do_not_stretch_a_limit(at: Clock, limit: Limit) -> None:
    # given instances that have never seen the bucket, at one moment
    subject, instances = ids.new_id(), 12

    def hammer(seed: int) -> int:
        memory, dice = Memory(), random.Random(seed)
        return sum(spent(limit, subject, memory) for _ in range(dice.randint(10, 20)))

    # when
    passed = sum(at_once(*(lambda seed=seed: hammer(seed) for seed in range(instances))))
    # then what was taken and not spent is all that is missing, and a wrong guess each is all that is too much
    unbooked = instances if limit.batch > 1 else 0
    assert limit.burst - instances * (limit.batch - 1) <= passed <= limit.burst + unbooked


# --- What it costs --------------------------------------------------------------------------------------------------


def test_a_batch_is_one_write_unit_and_what_is_held_costs_nothing(at: Clock, meter: Meter) -> None:
    # given
    subject, memory = ids.new_id(), Memory()
    # when
    standings = [limits.spend(BATCHED, subject, memory=memory) for _ in range(BATCHED.batch)]
    # then
    assert [(request.operation, request.write_units) for request in meter.requests] == [("UpdateItem", 1)]
    assert [standing.remaining for standing in standings] == [19, 18, 17, 16, 15]
    assert {(standing.limit, standing.reset_seconds) for standing in standings} == {(20, 3)}


def test_what_is_known_to_be_empty_is_refused_for_nothing(at: Clock, meter: Meter) -> None:
    # given
    subject, memory = ids.new_id(), Memory()
    while spent(BATCHED, subject, memory):
        pass
    booked = len(meter.requests)
    # when
    with pytest.raises(Exhausted) as refusal:
        limits.spend(BATCHED, subject, memory=memory)
    # then
    assert len(meter.requests) == booked
    assert (refusal.value.retry_after, refusal.value.standing.remaining) == (1, 0)
    # and after the wait that it was told, a request passes
    at.milliseconds += refusal.value.retry_after * 1000
    assert spent(BATCHED, subject, memory)


def test_no_request_of_a_general_limit_writes_twice(at: Clock, meter: Meter) -> None:
    # given many instances, and pauses around the grace
    subject, memories, dice = ids.new_id(), [Memory() for _ in range(4)], random.Random(4)
    for _ in range(200):
        before = len(meter.requests)
        # when
        at.milliseconds += dice.choice([0, 100, GRACE_MS, ALLOWANCE_MS])
        spent(BATCHED, subject, dice.choice(memories))
        # then
        assert len(meter.requests) - before <= 1
    assert {(request.operation, request.write_units) for request in meter.requests} == {("UpdateItem", 1)}


# --- Guesses --------------------------------------------------------------------------------------------------------


def test_a_wrong_guess_passes_and_is_booked_with_the_next_write(at: Clock) -> None:
    # given an instance that has used the bucket, and one that has not seen it
    subject, first, second = ids.new_id(), Memory(), Memory()
    limits.spend(BATCHED, subject, memory=first)
    tat = limits.seen(BATCHED, subject, memory=first).tat
    # when it guesses that the bucket is full
    limits.spend(BATCHED, subject, memory=second)
    # then it has seen the bucket and written nothing
    assert limits.seen(BATCHED, subject, memory=second).tat == tat == stored(BATCHED, subject)["tat"]
    # and when it comes again, it takes two
    limits.spend(BATCHED, subject, memory=second)
    assert stored(BATCHED, subject)["tat"] == tat + 2 * BATCHED.interval


def test_a_bucket_that_went_away_is_full(at: Clock) -> None:
    # given
    subject, memory = ids.new_id(), Memory()
    assert [spent(EXACT, subject, memory) for _ in range(7)] == [True] * 6 + [False]
    engine.client().delete_item(TableName=config.named("limits"), Key=key(EXACT, subject))
    # when, after a token's time
    at.milliseconds += EXACT.interval
    passed = [spent(EXACT, subject, memory) for _ in range(7)]
    # then
    assert passed == [True] * 6 + [False]


def test_what_was_taken_is_forgotten_after_a_while(at: Clock, meter: Meter) -> None:
    # given
    subject, memory = ids.new_id(), Memory()
    limits.spend(BATCHED, subject, memory=memory)
    # when
    at.milliseconds += ALLOWANCE_MS
    limits.spend(BATCHED, subject, memory=memory)
    # then the item was looked at again
    assert len(meter.requests) == 2


# --- Outages, notes, the end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
def test_a_table_that_cannot_be_written_refuses_nobody(at: Clock, code: str) -> None:
    subject, memory = ids.new_id(), Memory()
    with answering("UpdateItem", code, times=100):
        assert all(spent(EXACT, subject, memory) for _ in range(20))


def test_a_note_is_kept_beside_the_bucket_and_comes_with_the_next_write(at: Clock) -> None:
    # given two instances that know the bucket
    subject, here, there = ids.new_id(), Memory(), Memory()
    for memory in (here, there):
        limits.spend(BATCHED, subject, memory=memory)
    # when
    limits.mark(BATCHED, subject, BucketItem.ended_before.set("b"), memory=here)
    # then it is known here, and there once the allowance is over
    assert limits.seen(BATCHED, subject, memory=here).ended_before == "b"
    assert not limits.seen(BATCHED, subject, memory=there).ended_before
    at.milliseconds += ALLOWANCE_MS
    limits.spend(BATCHED, subject, memory=there)
    assert limits.seen(BATCHED, subject, memory=there).ended_before == "b"
    # and the bucket goes on
    assert stored(BATCHED, subject)["tat"] > 0


def test_a_refusal_brings_the_notes_too(at: Clock) -> None:
    # given a bucket that another instance has emptied
    subject, here, there = ids.new_id(), Memory(), Memory()
    while spent(EXACT, subject, here):
        pass
    limits.mark(EXACT, subject, BucketItem.ended.add({"1#phone"}), memory=here)
    # when
    assert not spent(EXACT, subject, there)
    # then
    assert limits.seen(EXACT, subject, memory=there).ended == {"1#phone"}


def test_a_bucket_expires_an_hour_after_it_is_full_again_at_the_latest(at: Clock) -> None:
    # given
    subject, memory = ids.new_id(), Memory()
    # when
    limits.spend(EXACT, subject, memory=memory)
    # then
    full = (at.milliseconds + EXACT.tolerance) // 1000
    assert stored(EXACT, subject)["expiresAt"] == full + KEEP_SECONDS


def test_a_forgotten_bucket_is_gone_and_may_be_forgotten_again(at: Clock) -> None:
    # given
    subject = ids.new_id()
    limits.spend(BATCHED, subject)
    # when
    for _ in range(2):
        limits.forget(BATCHED, subject)
    # then
    assert stored(BATCHED, subject) == {}
    # and so is all that an instance knew
    limits.spend(BATCHED, subject)
    limits.forget_all()
    assert limits.seen(BATCHED, subject).tat == 0


# --- Admission ------------------------------------------------------------------------------------------------------


def let_in(user_id: str, session_id: str) -> bool:
    return admission.admit(Caller(user_id, session_id, "ada"), "203.0.113.7").caller is not None


def elsewhere() -> None:
    """Go on as an instance that knows nothing."""
    limits.forget_all()


def test_ended_sessions_are_over_here_and_elsewhere(veiled: None) -> None:
    # given
    user_id, (phone, laptop, tablet) = ids.new_id(), (ids.new_id() for _ in range(3))
    assert all(let_in(user_id, session) for session in (phone, laptop, tablet))
    # when one session ends, and ends again
    for _ in range(2):
        admission.end_session(user_id, phone)
    # then
    assert [let_in(user_id, session) for session in (phone, laptop)] == [False, True]
    elsewhere()
    assert [let_in(user_id, session) for session in (phone, laptop)] == [False, True]
    # when all end
    admission.end_sessions(user_id)
    watch = ids.new_id()
    # then
    assert [let_in(user_id, session) for session in (phone, laptop, tablet, watch)] == [False, False, False, True]
    elsewhere()
    assert [let_in(user_id, session) for session in (phone, laptop, tablet, watch)] == [False, False, False, True]


def test_ends_are_noted_only_as_long_as_they_are_needed(at: Clock, veiled: None) -> None:
    # given a session that ended long ago
    user_id, (first, second) = ids.new_id(), (ids.new_id() for _ in range(2))
    admission.end_session(user_id, first)
    # when
    at.milliseconds += (ACCESS_SECONDS + 1) * 1000
    admission.end_session(user_id, second)
    # then
    elsewhere()
    assert [let_in(user_id, session) for session in (first, second)] == [True, False]
    assert {note.partition("#")[2] for note in limits.seen(admission.ACCOUNT, user_id).ended} == {second}


def test_an_end_costs_one_unit_and_looking_for_it_nothing(at: Clock, meter: Meter, veiled: None) -> None:
    # given
    user_id, session = ids.new_id(), ids.new_id()
    # when
    admission.end_session(user_id, session)
    admission.end_sessions(user_id)
    # then
    assert [request.write_units for request in meter.requests] == [1, 1]
    # and a request of another session costs the one write that it costs anyway
    before = len(meter.requests)
    assert let_in(user_id, ids.new_id())
    assert len(meter.requests) == before + 1
    assert meter.read_units == 0


def test_who_ends_what_is_no_session_notes_nothing() -> None:
    # given
    user_id = ids.new_id()
    # when
    sessions.end(user_id, ids.new_id())
    # then
    assert limits.seen(admission.ACCOUNT, user_id).ended == set()


def test_of_an_erased_account_nothing_is_left(veiled: None) -> None:
    # given
    user_id = ids.new_id()
    admission.end_session(user_id, ids.new_id())
    # when
    admission.forget(user_id)
    # then
    assert stored(admission.ACCOUNT, user_id) == {}


def test_erasing_an_account_leaves_no_bucket(veiled: None) -> None:
    # given
    user_id = joined()
    admission.end_session(user_id, ids.new_id())
    # when
    personal.ERASURES["account"](user_id, None)
    # then
    assert stored(admission.ACCOUNT, user_id) == {}


def test_an_address_has_buckets_under_a_name_that_does_not_tell_it(at: Clock, veiled: None) -> None:
    # when
    admission.spend_address(EXACT, "203.0.113.9")
    # then
    assert stored(EXACT, "203.0.113.9") == {}
    assert stored(EXACT, admission.veiled("203.0.113.9"))["tat"] > 0


@pytest.fixture
def veiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret behind the names of addresses."""
    monkeypatch.setenv("CURSOR_SECRET", "cursors")
    monkeypatch.setattr(aws, "secret", lambda name: name.encode())


def key(limit: Limit, subject: str) -> dict[str, Any]:
    return {"subject": {"S": f"{limit.name}#{subject}"}}


def stored(limit: Limit, subject: str) -> dict[str, int]:
    """The numbers of an item."""
    answer = engine.client().get_item(TableName=config.named("limits"), Key=key(limit, subject), ConsistentRead=True)
    return {name: int(value["N"]) for name, value in answer.get("Item", {}).items() if "N" in value}
