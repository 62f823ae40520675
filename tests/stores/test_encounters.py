"""What people have met, on the real engine."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from functions.feed import affinity, encounters
from functions.feed.affinity import KEPT, LIKED, SEEN, Key
from heliograph import clock, config, ids
from heliograph.transactions import Contention
from tests.capacity import Meter
from tests.stores import engine

NOW = clock.epoch(clock.now())


def _signals(count: int) -> list[tuple[Key, int]]:
    """Oldest first."""
    return [((ids.new_id(), NOW - count + number), SEEN) for number in range(count)]


def _stored(user_id: str) -> dict[str, dict[str, str]]:
    return engine.client().get_item(TableName=config.named("encounters"), Key={"userId": {"S": user_id}})["Item"]


def test_new_person_has_no_encounters() -> None:
    assert encounters.find(ids.new_id()) == {}


def test_signals_that_come_twice_and_in_any_order_leave_the_same_bytes() -> None:
    # given
    signals = [((author_id, made_at), LIKED) for (author_id, made_at), _ in _signals(4)]
    one, other = ids.new_id(), ids.new_id()
    # when
    encounters.merge(one, signals)
    for signal in random.Random(6).sample(signals * 2, k=8):
        encounters.merge(other, [signal])
    # then
    assert encounters.find(one) == encounters.find(other) == dict(signals)
    assert _stored(one)["met"] == _stored(other)["met"]
    # and they expire when the newest of them tells nothing any more
    newest = max(made_at for (_, made_at), _ in signals)
    assert _stored(one)["expiresAt"] == {"N": str(newest + 90 * 86_400)}


def test_signals_that_come_at_the_same_time_are_all_kept() -> None:
    # given
    user_id, signals = ids.new_id(), _signals(12)

    def deliver(signal: tuple[Key, int]) -> None:
        """As a queue does: again and again, while others are faster."""
        with suppress(Contention):
            return encounters.merge(user_id, [signal])
        return deliver(signal)

    # when
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, signals))
    # then
    assert encounters.find(user_id) == dict(signals)


def test_what_is_known_costs_no_write_and_a_full_item_little(meter: Meter) -> None:
    # given somebody who has met as many as are kept
    user_id = ids.new_id()
    encounters.merge(user_id, _signals(KEPT))
    full = len(encounters.find(user_id))
    known = affinity.merged({}, _signals(1))
    encounters.merge(user_id, known.items())
    # when
    before = meter.read_units, meter.write_units
    encounters.merge(user_id, known.items())
    encounters.find(user_id)
    # then
    assert full == KEPT
    assert meter.write_units - before[1] == 0
    # as last written, and as a feed reads it
    assert meter.read_units - before[0] == 3 + 1.5
    # and the two writes before
    assert before[1] == 9 + 9


def test_forgotten_person_has_no_encounters() -> None:
    # given
    user_id = ids.new_id()
    encounters.merge(user_id, _signals(2))
    # when
    for _ in range(2):
        encounters.forget(user_id)
    # then
    assert encounters.find(user_id) == {}
