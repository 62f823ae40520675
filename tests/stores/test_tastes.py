"""What people like, on the real engine."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from functions.discovery import interests, tastes
from functions.discovery.interests import KEPT, LIKED, TOPIC_BYTES, Met
from heliograph import clock, config, ids
from heliograph.transactions import Contention
from tests.capacity import Meter
from tests.stores import engine

Signal = tuple[str, Met]


def _signals(count: int, topic: str = "sea") -> list[Signal]:
    """Oldest first."""
    return [(ids.new_id(), Met(LIKED, (topic, "sun"))) for _ in range(count)]


def _stored(user_id: str) -> dict[str, dict[str, str]]:
    return engine.client().get_item(TableName=config.named("tastes"), Key={"userId": {"S": user_id}})["Item"]


def test_new_person_has_no_tastes() -> None:
    assert tastes.find(ids.new_id()) == {}


def test_signals_that_come_twice_and_in_any_order_leave_the_same_bytes() -> None:
    # given
    signals, one, other = _signals(4, "夕焼け"), ids.new_id(), ids.new_id()
    # when
    tastes.merge(one, signals)
    for signal in random.Random(6).sample(signals * 2, k=8):
        tastes.merge(other, [signal])
    # then
    assert tastes.find(one) == tastes.find(other) == dict(signals)
    assert _stored(one)["met"] == _stored(other)["met"]
    # and they expire when the newest of them tells nothing any more
    newest = clock.epoch(ids.created_at(signals[-1][0]))
    assert _stored(one)["expiresAt"] == {"N": str(newest + 120 * 86_400)}


def test_signals_that_come_at_the_same_time_are_all_kept() -> None:
    # given
    user_id, signals = ids.new_id(), _signals(12)

    def deliver(signal: Signal) -> None:
        """As a queue does: again and again, while others are faster."""
        with suppress(Contention):
            return tastes.merge(user_id, [signal])
        return deliver(signal)

    # when
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, signals))
    # then
    assert tastes.find(user_id) == dict(signals)


def test_what_is_known_costs_no_write_and_a_full_item_little(meter: Meter) -> None:
    # given somebody who has met as many as are kept, with as long topics as are kept
    user_id = ids.new_id()
    full = [(post_id, Met(100, ("x" * TOPIC_BYTES,))) for post_id, _ in _signals(KEPT)]
    tastes.merge(user_id, full)
    # when
    before = meter.read_units, meter.write_units
    tastes.merge(user_id, full[:1])
    tastes.find(user_id)
    # then
    assert len(tastes.find(user_id)) == interests.KEPT
    assert meter.write_units - before[1] == 0
    # as last written, and twice as explore reads it
    assert meter.read_units - before[0] == 3 + 2 * 1.5
    # and the write before
    assert before[1] == 10


def test_forgotten_person_has_no_tastes() -> None:
    # given
    user_id = ids.new_id()
    tastes.merge(user_id, _signals(2))
    # when
    for _ in range(2):
        tastes.forget(user_id)
    # then
    assert tastes.find(user_id) == {}
