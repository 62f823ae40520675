"""Accounts, reserved names and credentials on the real engine."""

from datetime import UTC, datetime

import pytest

from functions.accounts import store
from functions.accounts.store import NameTaken, UserItem
from heliograph import clock, ids, transactions
from heliograph.counters import Total
from heliograph.transactions import ConditionFailed
from tests.capacity import Meter
from tests.stores.samples import at_once, joined, new_code, new_credential, new_user

SOON = 60
NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)


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
    assert store.owner_of(new.email_identity) == new.user_id


def test_a_taken_username_is_refused_and_nothing_is_written() -> None:
    # given
    first = new_user()
    store.create_user(first)
    second = new_user(username=first.username)
    # when
    with pytest.raises(NameTaken) as taken:
        store.create_user(second)
    # then
    assert taken.value.field == "username"
    assert store.user(second.user_id, consistent=True) is None
    assert store.owner_of(second.email_identity) is None
    assert store.owner_of(f"username#{first.username}") == first.user_id


def test_a_taken_address_is_refused_and_nothing_is_written() -> None:
    # given
    first = new_user()
    store.create_user(first)
    second = new_user(email_identity=first.email_identity)
    # when
    with pytest.raises(NameTaken) as taken:
        store.create_user(second)
    # then
    assert taken.value.field == "email"
    assert store.user(second.user_id, consistent=True) is None
    assert store.owner_of(f"username#{second.username}") is None
    assert store.owner_of(first.email_identity) == first.user_id


def test_where_both_names_are_taken_the_username_is_named() -> None:
    # given
    first = new_user()
    store.create_user(first)
    # when
    with pytest.raises(NameTaken) as taken:
        store.create_user(new_user(username=first.username, email_identity=first.email_identity))
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
    rotated = store.rotate(user_id, "session#1", old_hash="old", new_hash="new", used_at=NOW, expires_at=later)
    replayed = store.rotate(user_id, "session#1", old_hash="old", new_hash="evil", used_at=NOW, expires_at=later)
    gone = store.rotate(user_id, "session#2", old_hash="old", new_hash="new", used_at=NOW, expires_at=later)
    # then
    found = store.credential(user_id, "session#1")
    assert (rotated, replayed, gone) == (True, False, False)
    assert found is not None
    assert (found.secret_hash, found.last_used_at, found.expires_at) == ("new", NOW, later)
    assert store.credential(user_id, "session#2") is None


def test_of_two_rotations_at_once_one_wins() -> None:
    # given
    user_id = ids.new_id()
    store.put_credential(new_credential(user_id, "session#1"))
    later = clock.epoch(clock.now()) + SOON
    # when
    won = at_once(
        *(
            lambda fresh=fresh: store.rotate(
                user_id, "session#1", old_hash="old", new_hash=fresh, used_at=NOW, expires_at=later
            )
            for fresh in ("a", "b")
        )
    )
    # then
    found = store.credential(user_id, "session#1")
    assert sorted(won) == [False, True]
    assert found is not None
    assert found.secret_hash == ("a" if won[0] else "b")


def test_code_allows_a_fixed_number_of_concurrent_tries() -> None:
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
    assert store.spend_try(user_id, "code#confirm", limit=5, now=now + 2 * SOON) is None
    assert store.spend_try(user_id, "code#reset", limit=5, now=now) is None
    assert store.spend_try(user_id, "code#confirm", limit=5, now=now) == "old"


def test_a_code_is_used_up_once_and_does_not_come_back() -> None:
    # given
    user_id = ids.new_id()
    code = new_code(user_id, "request-1")
    store.put_code(code)
    # when
    wrong = store.use_up(user_id, "code#reset", "other")
    used = at_once(*[lambda: store.use_up(user_id, "code#reset", "old")] * 2)
    again = store.put_code(new_code(user_id, "request-1"))
    # then
    assert not wrong
    assert sorted(used) == [False, True]
    assert not again
    assert store.use_up(user_id, "code#reset", "old") is False


def test_the_latest_request_for_a_code_counts() -> None:
    # given a code of which one try is spent
    user_id, now = ids.new_id(), clock.epoch(clock.now())
    store.put_code(new_code(user_id, "request-2"))
    store.spend_try(user_id, "code#reset", limit=5, now=now)
    # when an older request comes late, the same one twice, and then a newer one
    late = store.put_code(new_code(user_id, "request-1", secret_hash="late"))
    same = store.put_code(new_code(user_id, "request-2"))
    tries = [store.spend_try(user_id, "code#reset", limit=5, now=now) for _ in range(5)]
    newer = store.put_code(new_code(user_id, "request-3", secret_hash="new"))
    # then a repetition is to be mailed again but gives no tries back, and a new code starts with all of them
    assert (late, same, newer) == (False, True, True)
    assert tries == ["old"] * 4 + [None]
    assert store.spend_try(user_id, "code#reset", limit=1, now=now) == "new"


def test_live_sessions_are_listed_page_by_page() -> None:
    # given five sessions, one of them expired, and a code
    user_id, now = ids.new_id(), clock.epoch(clock.now())
    for number in range(5):
        store.put_credential(new_credential(user_id, f"session#{number}", seconds=-SOON if number == 2 else SOON))
    store.put_code(new_code(user_id, "request-1"))
    # when
    first = store.sessions(user_id, None, 3, now=now)
    rest = store.sessions(user_id, first.next, 3, now=now)
    # then
    assert [item.credential for item in first.items] == ["session#0", "session#1", "session#3"]
    assert [item.credential for item in rest.items] == ["session#4"]
    assert rest.next is None


def test_a_picture_is_replaced_only_from_the_one_that_was_read() -> None:
    # given
    user_id = joined()
    fresh = store.user(user_id, consistent=True)
    assert fresh is not None

    def choose(seen: UserItem, media_id: str | None, key: str | None) -> bool:
        try:
            transactions.commit(lambda transaction: store.set_picture(transaction, seen, media_id, key))
        except ConditionFailed:
            return False
        return True

    # when
    chosen = choose(fresh, "m1", "m/m1/1/w320.jpg")
    stale = choose(fresh, "m2", "m/m2/1/w320.jpg")
    found = store.user(user_id, consistent=True)
    assert found is not None
    removed = choose(found, None, None)
    # then
    left = store.user(user_id, consistent=True)
    assert (chosen, stale, removed) == (True, False, True)
    assert (found.profile_picture_media_id, found.profile_picture_url) == ("m1", "m/m1/1/w320.jpg")
    assert left is not None
    assert (left.profile_picture_media_id, left.profile_picture_url) == (None, None)


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


def test_deleting_missing_account_does_nothing() -> None:
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
        store.erase_user(new.user_id, (f"username#{new.username}", new.email_identity))
    # then
    assert store.user(new.user_id, consistent=True) is None
    store.create_user(new_user(username=new.username, email_identity=new.email_identity))


def test_all_that_proves_an_account_is_dropped() -> None:
    # given
    user_id = ids.new_id()
    for name in ("session#1", "session#2", "code#reset"):
        store.put_credential(new_credential(user_id, name))
    # then
    assert store.drop_credentials(user_id) == ["code#reset", "session#1", "session#2"]
    assert store.drop_credentials(user_id) == []
