"""Who is let in: by account, by address, and not after the session's end."""

from datetime import timedelta
from typing import Any

import pytest

from heliograph import admission, clock, config, ids, limits, live, tables
from heliograph.admission import ACCOUNT, ADDRESS
from heliograph.limits import Exhausted
from heliograph.load import Load
from heliograph.tokens import ACCESS_SECONDS, Caller
from tests.unit.buckets import Buckets
from tests.unit.conftest import NOW

ADA = Caller("ada", "0190-phone", "ada")
HOME = "203.0.113.7"


def test_account_has_one_bucket_for_all_addresses(now: Any) -> None:
    standings = [admission.admit(ADA, f"203.0.113.{number}").standing for number in range(3)]
    assert [standing.remaining for standing in standings] == [ACCOUNT.burst - spent for spent in (1, 2, 3)]


def test_without_a_caller_the_address_pays(now: Any) -> None:
    # when
    first, other = admission.admit(None, HOME), admission.admit(None, "203.0.113.8")
    # then each address by itself
    assert first.caller is other.caller is None
    assert first.standing == other.standing
    assert first.standing.limit == ADDRESS.burst < ACCOUNT.burst


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
def test_a_household_is_one_address(now: Any, one: str, other: str, alike: bool) -> None:
    first = admission.admit(None, one).standing
    second = admission.admit(None, other).standing
    assert (second.remaining == first.remaining - 1) is alike


def test_no_address_and_no_login_can_be_read_from_the_table(buckets: Buckets) -> None:
    # when
    admission.admit(None, HOME)
    # then
    (subject,) = buckets.items
    assert HOME not in subject
    assert subject == f"address#{admission.veiled(HOME)}"
    assert admission.veiled(HOME) != admission.veiled("203.0.113.8")


def test_a_loaded_platform_lets_less_in(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(live, "read", lambda _model: Load(factor=0.1))
    # when
    for _ in range(ACCOUNT.burst // 10):
        admission.admit(ADA, HOME)
    # then
    with pytest.raises(Exhausted) as refusal:
        admission.admit(ADA, HOME)
    assert refusal.value.retry_after == 2


def test_shared_address_has_a_larger_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEOPLE_PER_ADDRESS", "50")
    config.forget()
    assert admission.admit(None, HOME).standing.limit == 50 * ADDRESS.burst


# --- Ended sessions -------------------------------------------------------------------------------------------------


def ended(buckets: Buckets) -> set[str]:
    """The sessions that are noted as ended."""
    return {note.partition("#")[2] for note in buckets.items["account#ada"].get("ended", {"SS": ()})["SS"]}


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch, now: Any) -> Buckets:
    buckets = Buckets()
    monkeypatch.setattr(tables, "update_or_read", buckets.update_or_read)
    return buckets


def let_in(session_id: str) -> bool:
    return admission.admit(Caller("ada", session_id, "ada"), HOME).caller is not None


def test_ended_session_is_refused_and_others_continue(buckets: Buckets) -> None:
    phone, laptop = ids.new_id(), ids.new_id()
    assert [let_in(phone), let_in(laptop)] == [True, True]
    admission.end_session("ada", phone)
    assert [let_in(phone), let_in(laptop)] == [False, True]


def test_all_sessions_end_together_and_a_new_one_works(buckets: Buckets) -> None:
    phone, laptop = ids.new_id(), ids.new_id()
    admission.end_sessions("ada")
    tablet = ids.new_id()
    assert [let_in(phone), let_in(laptop), let_in(tablet)] == [False, False, True]


def test_an_instance_that_did_not_end_the_session_learns_it_when_its_allowance_is_over(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an instance that knows the session, which another has ended
    phone = ids.new_id()
    assert let_in(phone)
    buckets.items["account#ada"]["endedBefore"] = {"S": ids.new_id()}
    # then it learns of it within the minute that is promised
    assert limits.ALLOWANCE_MS <= 60_000
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(milliseconds=limits.ALLOWANCE_MS))
    assert not let_in(phone)


def test_an_instance_that_has_never_seen_the_account_learns_it_at_once(buckets: Buckets) -> None:
    phone = ids.new_id()
    buckets.items["account#ada"] = {"subject": {"S": "account#ada"}, "ended": {"SS": {f"{clock.epoch(NOW)}#{phone}"}}}
    assert not let_in(phone)


def test_a_token_of_an_ended_session_takes_nothing_from_its_account(buckets: Buckets) -> None:
    # given
    phone, laptop = ids.new_id(), ids.new_id()
    admission.end_session("ada", phone)
    before = admission.admit(Caller("ada", laptop, "ada"), HOME).standing.remaining
    # when
    for _ in range(20):
        let_in(phone)
    # then
    assert admission.admit(Caller("ada", laptop, "ada"), HOME).standing.remaining == before - 1


def test_an_end_is_noted_as_long_as_an_access_token_may_live(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    # given two sessions that ended one after the other
    for session, seconds in (("phone", 0), ("laptop", ACCESS_SECONDS), ("tablet", ACCESS_SECONDS + 1)):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: NOW + timedelta(seconds=seconds))
        admission.end_session("ada", session)
    # then what nobody can use any more is gone
    assert ended(buckets) == {"laptop", "tablet"}


def test_the_item_outlives_the_tokens_that_it_ends() -> None:
    assert limits.KEEP_SECONDS > ACCESS_SECONDS
