"""Sessions of explore, on the real engine."""

from datetime import timedelta

from functions.discovery import explore_sessions
from functions.discovery.explore_sessions import Session
from heliograph import clock, config, ids
from tests.capacity import Meter
from tests.stores import engine


def _session(posts: int = 3) -> Session:
    return Session(ids.new_id(), [ids.new_id() for _ in range(posts)], degraded=True)


def test_an_order_is_read_as_it_was_made_by_whom_it_was_made_for() -> None:
    # given two, made twice
    user_id, made, other = ids.new_id(), _session(), Session(ids.new_id(), [ids.new_id()], degraded=False)
    for session in (made, other, made):
        explore_sessions.begin(user_id, session)
    # then
    now = clock.now()
    assert explore_sessions.find(user_id, made.session_id, now) == made
    assert explore_sessions.find(user_id, other.session_id, now) == other
    assert explore_sessions.find(ids.new_id(), made.session_id, now) is None


def test_an_order_is_there_for_an_hour_and_not_longer() -> None:
    # given
    user_id, made = ids.new_id(), _session()
    explore_sessions.begin(user_id, made)
    begun = ids.created_at(made.session_id)
    # then also before DynamoDB has deleted it
    assert explore_sessions.find(user_id, made.session_id, begun + timedelta(minutes=59)) == made
    assert explore_sessions.find(user_id, made.session_id, begun + timedelta(hours=1)) is None
    key = {"userId": {"S": user_id}, "sessionId": {"S": made.session_id}}
    stored = engine.client().get_item(TableName=config.named("explore-sessions"), Key=key)["Item"]
    assert stored["expiresAt"] == {"N": str(clock.epoch(begun) + 3600)}


def test_a_full_order_costs_little(meter: Meter) -> None:
    # given
    user_id, made = ids.new_id(), _session(200)
    # when
    explore_sessions.begin(user_id, made)
    assert explore_sessions.find(user_id, made.session_id, clock.now()) == made
    # then
    assert (meter.write_units, meter.read_units) == (4, 1)


def test_forgotten_person_has_no_sessions() -> None:
    # given
    user_id, made = ids.new_id(), [_session() for _ in range(3)]
    for session in made:
        explore_sessions.begin(user_id, session)
    # when
    gone = [explore_sessions.forget(user_id, 2) for _ in range(3)]
    # then
    assert [one for page in gone for one in page] == [session.session_id for session in made]
    assert [len(page) for page in gone] == [2, 1, 0]
    assert all(explore_sessions.find(user_id, session.session_id, clock.now()) is None for session in made)
