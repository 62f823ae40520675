"""What a process remembers of the graph: how long, how much, and what becomes of it when something changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from functions.graph import cache, service, store
from functions.graph.cache import MAX_AGE_SECONDS, PairCache
from functions.graph.ties import Pair, Tie

PROMISED_SECONDS = 5
STRANGERS, FRIENDS = Pair(), Pair(mine=Tie(muting_posts=True))


@dataclass
class Table:
    """The stored pairs, a replica that may be behind, and how it was read: who, consistently or not."""

    now: float = 0.0
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    replica: dict[tuple[str, str], Pair] | None = None
    reads: list[tuple[list[str], bool]] = field(default_factory=list)

    def read(self, me: str, others: Iterable[str], *, consistent: bool = False) -> dict[str, Pair]:
        wanted = list(others)
        if wanted:
            self.reads.append((wanted, consistent))
        stored = self.pairs if consistent or self.replica is None else self.replica
        return {other: stored.get((me, other), STRANGERS) for other in wanted}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    table = Table()
    monkeypatch.setattr(store, "pairs", table.read)
    return table


@pytest.fixture
def seen(table: Table) -> PairCache:
    return PairCache(timer=lambda: table.now)


def test_cached_pairs_are_not_read_again_even_without_a_relationship(table: Table, seen: PairCache) -> None:
    # given
    table.pairs = {("ada", "ben"): FRIENDS}
    expected = {"ben": FRIENDS, "carl": STRANGERS}
    # when
    for _ in range(2):
        assert seen.pairs("ada", ["ben", "carl", "ben", "ada"]) == expected
    # then
    assert seen.pairs("ada", ["dora", "ben"]) == {"ben": FRIENDS, "dora": STRANGERS}
    assert table.reads == [(["ben", "carl"], False), (["dora"], False)]
    # and each direction is known by itself
    assert seen.pairs("ben", ["ada"]) == {"ada": STRANGERS}


def test_a_change_elsewhere_shows_in_time(table: Table, seen: PairCache) -> None:
    # given what is known since the beginning, changed elsewhere at once
    assert seen.pairs("ada", ["ben"]) == {"ben": STRANGERS}
    table.pairs = {("ada", "ben"): FRIENDS}
    # then it is looked at again when its time is up, however often it is asked for
    assert MAX_AGE_SECONDS <= PROMISED_SECONDS
    for table.now in (1.0, 2.0, MAX_AGE_SECONDS - 0.01):
        assert seen.pairs("ada", ["ben"]) == {"ben": STRANGERS}
    table.now = MAX_AGE_SECONDS
    assert seen.pairs("ada", ["ben"]) == {"ben": FRIENDS}


def test_a_slow_read_is_as_old_as_its_beginning(table: Table, seen: PairCache, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a read that takes longer than anything may be kept
    def slowly(me: str, others: Iterable[str], *, consistent: bool = False) -> dict[str, Pair]:
        found = table.read(me, others, consistent=consistent)
        table.now += MAX_AGE_SECONDS
        return found

    monkeypatch.setattr(store, "pairs", slowly)
    assert seen.pairs("ada", ["ben"]) == {"ben": STRANGERS}
    # then it is not kept
    table.pairs = {("ada", "ben"): FRIENDS}
    assert seen.pairs("ada", ["ben"]) == {"ben": FRIENDS}


def test_an_own_change_shows_at_once_even_where_a_replica_is_behind(table: Table, seen: PairCache) -> None:
    # given two who have looked at one another, and a replica that stays as it is
    for me, other in [("ada", "ben"), ("ben", "ada")]:
        assert seen.pairs(me, [other]) == {other: STRANGERS}
    table.replica = {}
    # when
    table.pairs = {("ada", "ben"): FRIENDS, ("ben", "ada"): FRIENDS}
    seen.changed("ada", "ben")
    # then both see it
    assert seen.pairs("ada", ["ben", "carl"]) == {"ben": FRIENDS, "carl": STRANGERS}
    assert seen.pairs("ben", ["ada"]) == {"ada": FRIENDS}
    # and only what was changed was read consistently, once
    table.reads.clear()
    assert seen.pairs("ada", ["ben"]) == {"ben": FRIENDS}
    assert table.reads == []


def test_what_was_read_before_a_change_is_not_kept_after_it(
    table: Table, seen: PairCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a read that another thread's change overtakes
    def overtaken(me: str, others: Iterable[str], *, consistent: bool = False) -> dict[str, Pair]:
        found = table.read(me, others, consistent=consistent)
        table.pairs = {("ada", "ben"): FRIENDS}
        seen.changed("ada", "ben")
        monkeypatch.setattr(store, "pairs", table.read)
        return found

    monkeypatch.setattr(store, "pairs", overtaken)
    assert seen.pairs("ada", ["ben"]) == {"ben": STRANGERS}
    # then
    assert seen.pairs("ada", ["ben"]) == {"ben": FRIENDS}


def test_no_more_is_kept_than_there_is_room_for(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    # given room for three
    monkeypatch.setattr(cache, "SIZE", 3)
    seen = PairCache(timer=lambda: table.now)
    # when five are read
    people = [f"person-{number}" for number in range(5)]
    seen.pairs("ada", people)
    table.reads.clear()
    # then two must be read again
    seen.pairs("ada", people)
    [(again, _)] = table.reads
    assert len(again) == 2


def test_visibility_checks_use_the_cache(table: Table) -> None:
    # when
    for _ in range(2):
        service.viewer("ada", ["ben"])
    # then
    assert table.reads == [(["ben"], False)]


@pytest.mark.parametrize("answer", [None, TimeoutError], ids=["written", "outcome unknown"])
def test_writer_sees_its_own_change(
    table: Table, monkeypatch: pytest.MonkeyPatch, answer: type[Exception] | None
) -> None:
    # given a tie that was looked at
    assert service.viewer("ada", ["ben"]).towards("ben").close_friend is False
    table.replica = {}

    def write(me: str, other: str, known: store.Known, after: Pair, also: store.Build | None = None) -> None:
        table.pairs = {(me, other): after}
        if answer:
            raise answer

    monkeypatch.setattr(store, "read_pair", lambda me, other: store.Known(Pair(), None, None))
    monkeypatch.setattr(store, "write_pair", write)
    monkeypatch.setattr(service.accounts, "profile", lambda user_id: None)
    # when it is changed
    try:
        service.close_friend("ada", "ben", on=True)
    except TimeoutError:
        assert answer
    # then
    assert service.viewer("ada", ["ben"]).towards("ben").close_friend is True
