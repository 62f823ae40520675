"""Accounts, reserved names and credentials on the real engine."""

import pytest

from functions.accounts import store
from functions.accounts.store import NameTaken, UserItem
from heliograph import clock, ids
from heliograph.counters import Total
from tests.capacity import Meter
from tests.stores.samples import at_once, joined, new_credential, new_user

SOON = 60


def test_a_new_account_holds_its_names() -> None:
    # given
    new = new_user()
    # when
    store.create_user(new)
    # then
    found = store.user(new.user_id, consistent=True)
    assert found is not None
    assert (found.username, found.email, found.created_at) == (new.username, new.email, new.created_at)
    assert (found.follower_count, found.version, found.is_private, found.bio) == (0, 1, False, "")
    assert store.owner_of(f"username#{new.username}") == new.user_id
    assert store.owner_of(f"email#{new.email}") == new.user_id


@pytest.mark.parametrize(("field", "other"), [("username", "email"), ("email", "username")])
def test_a_taken_name_is_refused_and_nothing_is_written(field: str, other: str) -> None:
    # given
    first = new_user()
    store.create_user(first)
    second = new_user(**{field: getattr(first, field)})
    # when
    with pytest.raises(NameTaken) as taken:
        store.create_user(second)
    # then
    assert taken.value.field == field
    assert store.user(second.user_id, consistent=True) is None
    assert store.owner_of(f"{other}#{getattr(second, other)}") is None
    assert store.owner_of(f"{field}#{getattr(first, field)}") == first.user_id


def test_where_both_names_are_taken_the_username_is_named() -> None:
    # given
    first = new_user()
    store.create_user(first)
    # when
    with pytest.raises(NameTaken) as taken:
        store.create_user(new_user(username=first.username, email=first.email))
    # then
    assert taken.value.field == "username"


def test_many_accounts_and_names_are_read_at_once() -> None:
    # given more than one batch of a hundred keys, some of them twice, some unknown
    news = [new_user() for _ in range(103)]
    for new in news:
        store.create_user(new)
    wanted = [new.user_id for new in news] + [news[0].user_id] + [ids.new_id() for _ in range(20)]
    # when
    found = store.users(wanted)
    owners = store.owners_of([f"username#{new.username}" for new in news] + ["username#nobody-at-all"])
    # then
    assert sorted(item.user_id for item in found) == sorted(new.user_id for new in news)
    assert owners == {f"username#{new.username}": new.user_id for new in news}


def test_nothing_asked_is_nothing_read(meter: Meter) -> None:
    # when
    found = store.users([])
    # then no request is made: DynamoDB refuses an empty batch
    assert (found, meter.requests) == ([], [])


def test_a_change_raises_the_version_of_an_existing_account_only() -> None:
    # given
    user_id, unknown = joined(), ids.new_id()
    # when
    changed = store.change_user(user_id, [UserItem.bio.set("Light"), UserItem.website_url.remove()])
    missed = store.change_user(unknown, [UserItem.bio.set("Light")])
    # then
    found = store.user(user_id, consistent=True)
    assert changed
    assert found is not None
    assert (found.bio, found.version) == ("Light", 2)
    assert not missed
    assert store.user(unknown, consistent=True) is None


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("posts", "post_count"), ("followers", "follower_count"), ("following", "following_count")],
)
def test_a_count_is_never_replaced_by_an_older_reading(name: str, attribute: str) -> None:
    # given
    user_id, unknown = joined(), ids.new_id()
    # when a reading of five operations comes before one of three
    for total in (Total(3, 5), Total(1, 3), Total(9, 5)):
        store.write_count(user_id, name, total)
    store.write_count(unknown, name, Total(1, 1))
    # then
    found = store.user(user_id, consistent=True)
    assert found is not None
    assert (getattr(found, attribute), found.version) == (3, 2)
    assert store.user(unknown, consistent=True) is None


def test_a_secret_is_rotated_only_from_the_current_one() -> None:
    # given
    user_id = ids.new_id()
    store.put_credential(new_credential(user_id, "session#1"))
    later = clock.epoch(clock.now()) + SOON
    # when
    rotated = store.rotate(user_id, "session#1", old_hash="old", new_hash="new", expires_at=later)
    replayed = store.rotate(user_id, "session#1", old_hash="old", new_hash="evil", expires_at=later)
    gone = store.rotate(user_id, "session#2", old_hash="old", new_hash="new", expires_at=later)
    # then
    found = store.credential(user_id, "session#1")
    assert (rotated, replayed, gone) == (True, False, False)
    assert found is not None
    assert (found.secret_hash, found.expires_at) == ("new", later)
    assert store.credential(user_id, "session#2") is None


def test_of_two_rotations_at_once_one_wins() -> None:
    # given
    user_id = ids.new_id()
    store.put_credential(new_credential(user_id, "session#1"))
    later = clock.epoch(clock.now()) + SOON
    # when
    won = at_once(
        *(
            lambda fresh=fresh: store.rotate(user_id, "session#1", old_hash="old", new_hash=fresh, expires_at=later)
            for fresh in ("a", "b")
        )
    )
    # then
    found = store.credential(user_id, "session#1")
    assert sorted(won) == [False, True]
    assert found is not None
    assert found.secret_hash == ("a" if won[0] else "b")


def test_a_code_allows_so_many_tries_however_fast_they_come() -> None:
    # given
    user_id, now = ids.new_id(), clock.epoch(clock.now())
    store.put_credential(new_credential(user_id, "code#reset"))
    # when
    answers = at_once(*[lambda: store.spend_try(user_id, "code#reset", limit=5, now=now)] * 8)
    # then
    assert sorted(answers, key=str) == [None] * 3 + ["old"] * 5


def test_an_expired_or_missing_code_allows_no_try() -> None:
    # given
    user_id, now = ids.new_id(), clock.epoch(clock.now())
    store.put_credential(new_credential(user_id, "code#confirm", seconds=SOON))
    # then
    assert store.spend_try(user_id, "code#confirm", limit=5, now=now + SOON + 1) is None
    assert store.spend_try(user_id, "code#reset", limit=5, now=now) is None
    assert store.spend_try(user_id, "code#confirm", limit=5, now=now) == "old"


def test_a_code_is_used_up_once() -> None:
    # given
    user_id = ids.new_id()
    store.put_credential(new_credential(user_id, "code#reset"))
    # when
    wrong = store.consume(user_id, "code#reset", "other")
    used = at_once(*[lambda: store.consume(user_id, "code#reset", "old")] * 2)
    # then
    assert not wrong
    assert sorted(used) == [False, True]
    assert store.credential(user_id, "code#reset") is None


def test_all_sessions_end_and_codes_stay(meter: Meter) -> None:
    # given more sessions than one batch of 25 deletes
    user_id = ids.new_id()
    names = [f"session#{number}" for number in range(30)]
    for name in (*names, "code#reset"):
        store.put_credential(new_credential(user_id, name))
    # when
    store.drop_sessions(user_id)
    # then
    assert [name for name in names if store.credential(user_id, name)] == []
    assert store.credential(user_id, "code#reset") is not None
    # and the list was read consistently: a session begun a moment ago ends too
    assert [request.params.get("ConsistentRead") for request in meter.requests if request.operation == "Query"] == [
        True
    ]


def test_a_session_that_is_gone_can_be_dropped_again() -> None:
    # given
    user_id = ids.new_id()
    store.put_credential(new_credential(user_id, "session#1"))
    # when
    for _ in range(2):
        store.drop_credential(user_id, "session#1")
    # then
    assert store.credential(user_id, "session#1") is None


def test_of_two_sign_ups_for_one_name_one_wins() -> None:
    # given
    username = f"name-{ids.new_id()}"
    rivals = [new_user(username=username) for _ in range(4)]

    def sign_up(number: int) -> bool:
        try:
            store.create_user(rivals[number])
        except NameTaken:
            return False
        return True

    # when
    won = at_once(*(lambda number=number: sign_up(number) for number in range(4)))
    # then
    assert sorted(won) == [False, False, False, True]
    winner = rivals[won.index(True)].user_id
    assert store.owner_of(f"username#{username}") == winner
    assert [user.user_id for user in store.users(rival.user_id for rival in rivals)] == [winner]


# --- Deletion -------------------------------------------------------------------------------------------------------


def test_a_deletion_is_asked_for_once_and_can_be_taken_back_until_it_begins() -> None:
    # given
    user_id, later = joined(), clock.now()
    # when it is asked for, and asked for again
    asked = [store.ask_deletion(user_id, deletion_id, later) for deletion_id in ("first", "second")]
    # then the first counts
    found = store.user(user_id, consistent=True)
    assert asked == [True, False]
    assert found is not None
    assert (found.deletion_id, found.deletes_at) == ("first", later)
    # and taken back, it cannot begin; asked for anew, it can, as often as one likes
    assert store.cancel_deletion(user_id)
    assert not store.begin_erasure(user_id, "first")
    assert store.ask_deletion(user_id, "third", later)
    assert [store.begin_erasure(user_id, "third") for _ in range(2)] == [True, True]
    # and from then on it cannot be taken back
    assert not store.cancel_deletion(user_id)


def test_of_a_cancellation_and_a_beginning_at_once_one_wins() -> None:
    # given
    user_id = joined()
    store.ask_deletion(user_id, "it", clock.now())
    # when
    cancelled, begun = at_once(lambda: store.cancel_deletion(user_id), lambda: store.begin_erasure(user_id, "it"))
    # then
    assert cancelled != begun


def test_nobody_is_deleted_who_is_not_there() -> None:
    unknown = ids.new_id()
    assert not store.ask_deletion(unknown, "it", clock.now())
    assert not store.cancel_deletion(unknown)
    assert not store.begin_erasure(unknown, "it")
    assert store.user(unknown, consistent=True) is None


def test_an_erased_account_lets_its_names_go() -> None:
    # given
    new = new_user()
    store.create_user(new)
    # when
    for _ in range(2):
        store.erase_user(new.user_id, (f"username#{new.username}", f"email#{new.email}"))
    # then
    assert store.user(new.user_id, consistent=True) is None
    store.create_user(new_user(username=new.username, email=new.email))


def test_all_that_proves_an_account_is_dropped() -> None:
    # given
    user_id = ids.new_id()
    for name in ("session#1", "session#2", "code#reset"):
        store.put_credential(new_credential(user_id, name))
    assert [item.credential for item in store.sessions(user_id)] == ["session#1", "session#2"]
    # then
    assert store.drop_credentials(user_id) == ["code#reset", "session#1", "session#2"]
    assert store.drop_credentials(user_id) == []
