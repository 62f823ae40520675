"""Generations on each engine: begun, written beside one another, put in place of one another, by one command."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.discovery import documents, engine, generations, index, indexing, mappings, rebuilding, service
from functions.discovery.index import GONE, Write
from functions.discovery.mappings import KINDS, Kind
from heliograph import clock, config
from heliograph.counters import Total
from local import lease, reindex
from local.lease import Held, Lease
from tests.engines.corpus import Truth, world
from tests.engines.engines import refresh
from tests.unit.feed.samples import ANNA, POST, post, profile

pytestmark = pytest.mark.usefixtures("empty", "hurried")

# Made in November 2025 and in December 2025, as their ids say.
NOVEMBER, DECEMBER = POST, "019add00-0000-7000-8000-000000000001"
SECOND = f"v{mappings.VERSION}-0002"
THIRD = f"v{mappings.VERSION}-0003"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one writer, which is asked to look again each time; nobody else has to be waited for."""
    monkeypatch.setattr(generations, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(rebuilding, "PAUSE_SECONDS", 0)


@pytest.fixture
def scanned(truth: Truth, monkeypatch: pytest.MonkeyPatch) -> Truth:
    """The tables, which can be scanned."""

    def scan(found: Callable[[], Any]) -> reindex.Scan:
        return lambda segment, segments: iter(sorted(found())[segment::segments])

    scans: dict[Kind, reindex.Scan] = {
        "users": scan(lambda: truth.people),
        "posts": scan(lambda: truth.posts),
        "hashtags": scan(lambda: truth.hashtags),
    }
    monkeypatch.setattr(reindex, "SCANS", scans)
    return truth


def write(post_id: str = POST, version: int = 5, caption: str = "a") -> Write:
    return Write("posts", post_id, version, documents.post(post(post_id, caption=caption), profile()))


def indexes() -> set[str]:
    """The names of all indexes, without the namespace."""
    names = engine.client().indices.get_alias(index=config.named("*"))
    return {name.removeprefix(config.named("")) for name in names} - {"leases"}


def read_indexes(kind: Kind = "posts") -> set[str]:
    names = engine.client().indices.get_alias(name=config.named(kind))
    return {name.removeprefix(config.named("")) for name in names}


def found_posts() -> list[str]:
    refresh()
    return service.found_ids("posts", "ferry", None, 50).items


def written() -> set[str]:
    generations.forget()
    return {one.generation for one in generations.written("posts")}


def documents_of(generation: str, kind: Kind = "posts") -> dict[str, int]:
    index.refresh(kind, generation)
    return {found.id: found.version for found in index.page(kind, generation, None, 100)}


# --- Where documents are ----------------------------------------------------------------------------------------------


def test_each_post_is_in_the_index_of_its_month_and_all_are_read_by_one_name() -> None:
    index.send([write(NOVEMBER, caption="ferry"), write(DECEMBER, caption="ferry")])
    first = f"posts-{generations.FIRST}"
    assert read_indexes() == {f"{first}-2025-11", f"{first}-2025-12"}
    assert found_posts() == [DECEMBER, NOVEMBER]


def test_indexes_have_the_settings_and_the_mappings_of_this_code() -> None:
    index.send(
        [write(), Write("users", ANNA, 1, None), Write("hashtags", "sea", 1, None), Write("places", "x", 1, None)]
    )
    assert len(indexes()) == len(KINDS)
    for kind in KINDS:
        [name] = read_indexes(kind)
        found = engine.client().indices.get(index=config.named(name))[config.named(name)]
        assert found["mappings"]["dynamic"] == "strict"
        assert (
            found["mappings"]["properties"].keys()
            == mappings.definition(kind, "small")["mappings"]["properties"].keys()
        )
        settings = found["settings"]["index"]
        assert (settings["number_of_shards"], settings["number_of_replicas"]) == ("1", "0")
        assert (settings["gc_deletes"], settings["refresh_interval"]) == ("1h", "1s")


def test_what_writers_know_is_a_few_seconds_old(monkeypatch: pytest.MonkeyPatch) -> None:
    generations.written("posts")
    begun = clock.now()
    other = generations.begin()
    known = generations.written("posts")  # as another process does, that has not heard of it
    generations.end(dict.fromkeys(KINDS, generations.FIRST))
    assert {one.generation for one in known} == {generations.FIRST, other}
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(seconds=generations.SECONDS + 1))
    assert {one.generation for one in generations.written("posts")} == {generations.FIRST}


# --- One takes another's place ----------------------------------------------------------------------------------------


def test_a_generation_that_is_begun_is_written_and_not_read() -> None:
    index.send([write(NOVEMBER, caption="ferry")])
    new = generations.begin()
    index.send([write(DECEMBER, caption="ferry")])
    assert new == SECOND
    assert documents_of(generations.FIRST).keys() == {NOVEMBER, DECEMBER}
    assert documents_of(new).keys() == {DECEMBER}
    assert found_posts() == [DECEMBER, NOVEMBER]


def test_after_the_switch_the_new_one_is_read_and_so_are_months_that_are_born_later() -> None:
    index.send([write(NOVEMBER, caption="ferry")])
    new = generations.begin()
    generations.switch(generations.in_use(), new)
    assert generations.in_use() == dict.fromkeys(KINDS, new)
    assert found_posts() == []
    index.send([write(DECEMBER, caption="ferry")])
    assert found_posts() == [DECEMBER]


def test_a_month_that_is_born_during_the_switch_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given two generations
    used, new = generations.in_use(), generations.begin()
    steps = generations.announce

    def born(reading: Any) -> None:
        # When the first post of a month comes just after the aliases were moved
        index.send([write(DECEMBER, caption="ferry")])
        assert found_posts() == []
        steps(reading)

    monkeypatch.setattr(generations, "announce", born)
    generations.switch(used, new)
    # Then it is found, and in one generation
    assert found_posts() == [DECEMBER]


@pytest.mark.parametrize("moved", [False, True])
def test_a_switch_that_broke_off_is_ended_one_way_or_the_other(moved: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a switch that was killed before or after the aliases were moved
    used, new = generations.in_use(), generations.begin()

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(generations, *(("announce", killed) if moved else ("_alias", _after_templates(killed))))
        with pytest.raises(KeyboardInterrupt):
            generations.switch(used, new)
    # When the next run looks
    in_use = generations.in_use()
    # Then there is one that is read, and months that are born are too
    assert in_use == (dict.fromkeys(KINDS, new) if moved else used)
    index.send([write(DECEMBER, caption="ferry")])
    assert found_posts() == [DECEMBER]


def _after_templates(killed: Callable[..., None]) -> Callable[..., Any]:
    """Lets all be prepared but for the last kind."""
    steps, calls = generations._alias, iter(range(2 * len(KINDS) - 1))
    return lambda *given: steps(*given) if next(calls, None) is not None else killed()


def test_a_generation_of_other_mappings_gets_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given the index of a former version of the code
    index.send([write()])
    # When a new one knows a field more
    monkeypatch.setattr(mappings, "VERSION", mappings.VERSION + 1)
    document = {**documents.hashtag("sea", 1), "novel": 1}
    assert index.send([Write("hashtags", "sea", 1, document)]) == set()
    # Then the old one has all but that
    assert documents_of(generations.FIRST, "hashtags") == {"sea": 1}
    assert index.read("hashtags", generations.FIRST, ["sea"])["sea"].document == documents.hashtag("sea", 1)


# --- The command ------------------------------------------------------------------------------------------------------


def test_a_new_generation_has_what_the_tables_say(scanned: Truth) -> None:
    # Given an index that has missed much: a post, an edit, a deletion, a hiding
    told = world()
    scanned.people, scanned.posts, scanned.hashtags = told.people, told.posts, told.hashtags
    index.send([write(DECEMBER, 9, "ferry"), Write("hashtags", "forgotten", 3, documents.hashtag("forgotten", 1))])
    # When it is made anew
    new = reindex.reindex()
    # Then it is read alone, and both sides are equal
    assert new == SECOND
    assert all(name.endswith(new) or f"-{new}-" in name for name in indexes())
    assert written() == {new}
    assert all(comparison.equal and not comparison.mended for comparison in reindex.compare())
    assert len(documents_of(new)) == len(told.posts)
    assert DECEMBER not in found_posts()


def test_writes_that_come_meanwhile_are_not_lost_nor_undone(scanned: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given three posts
    edited, deleted, hidden, born = (f"019aab10-0000-7000-8000-{number:012}" for number in range(4))
    scanned.people = {ANNA: profile()}
    scanned.posts = {one: post(one, caption="ferry") for one in (edited, deleted, hidden)}
    indexing.settle(("posts", one) for one in scanned.posts)
    stale = indexing.writes(("posts", one) for one in scanned.posts)
    fill = rebuilding.fill

    def with_writes(kind: Kind, generation: str, ids: Iterator[str]) -> set[index.Key]:
        if kind != "posts":
            return fill(kind, generation, ids)
        # When they are changed while the scan holds what it has read of them
        del scanned.posts[deleted]
        scanned.posts[edited] = post(edited, caption="harbour", version=6)
        scanned.posts[hidden] = post(hidden, caption="ferry", version=6, is_archived=True)
        scanned.posts[born] = post(born, caption="ferry")
        indexing.settle(("posts", one) for one in (edited, deleted, hidden, born))
        return index.send(stale, generation)

    monkeypatch.setattr(rebuilding, "fill", with_writes)
    reindex.reindex(segments=1)
    # Then the new generation has what is true
    assert found_posts() == [born]
    assert service.found_ids("posts", "harbour", None, 10).items == [edited]


def test_what_is_missing_stale_or_too_much_is_mended(scanned: Truth) -> None:
    scanned.people = {ANNA: profile()}
    missing, stale, ghost = (f"019aab10-0000-7000-8000-{number:012}" for number in range(3))
    scanned.posts = {one: post(one, caption="ferry") for one in (missing, stale)}
    scanned.hashtags = {"sea": Total(2, 2)}
    index.send([write(stale, 3, "as it was"), write(ghost, 9, "ferry"), Write("hashtags", "sea", 1, None)])
    first = {comparison.kind: comparison for comparison in reindex.compare()}
    assert {kind: (one.mended, one.tables.count, one.index.count) for kind, one in first.items()} == {
        "users": (1, 1, 0),
        "posts": (3, 2, 2),
        "hashtags": (1, 1, 0),
    }
    assert all(comparison.equal and not comparison.mended for comparison in reindex.compare())
    assert found_posts() == [stale, missing]


def test_what_cannot_be_mended_is_named_and_the_index_stays(scanned: Truth) -> None:
    # Given a document that no index of ours can hold
    scanned.people = {ANNA: profile(follower_count=2**31)}
    indexing.settle([("posts", POST)])
    with pytest.raises(reindex.Different, match=f"users {ANNA}"):
        reindex.reindex()
    assert generations.in_use() == dict.fromkeys(KINDS, generations.FIRST)
    assert written() == {generations.FIRST}
    assert not any(SECOND in name for name in indexes())
    # And as long as it was so, the comparison says so too
    with pytest.raises(reindex.Different, match=f"users {ANNA}"):
        reindex.compare()


@pytest.mark.parametrize("step", ["begin", "switch", "end", "remove"])
def test_killed_reindexing_is_completed_by_next_run(step: str, scanned: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned.people, scanned.posts = {ANNA: profile()}, {POST: post(caption="ferry")}
    # Given a run that was killed just after a step
    does = getattr(generations, step)

    def killed(*given: Any) -> None:
        does(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(generations, step, killed)
        with pytest.raises(KeyboardInterrupt):
            reindex.reindex()
    # When there is another one
    new = reindex.reindex()
    # Then nothing of either is left but what it made
    assert generations.in_use() == dict.fromkeys(KINDS, new)
    assert written() == {new}
    assert all(name.endswith(new) or f"-{new}-" in name for name in indexes())
    assert found_posts() == [POST]


def test_the_former_index_can_be_kept_until_the_next_run(scanned: Truth) -> None:
    scanned.people, scanned.posts = {ANNA: profile()}, {POST: post(caption="ferry")}
    indexing.settle([("posts", POST)])
    reindex.reindex(keep=True)
    assert any(generations.FIRST in name for name in indexes())
    assert written() == {SECOND}
    assert found_posts() == [POST]
    assert reindex.reindex() == THIRD
    assert all(THIRD in name for name in indexes())


def test_two_at_once_are_refused() -> None:
    with lease.held("reindexing"), pytest.raises(Held, match="another reindexing is at work"):
        reindex.reindex()


def test_a_lease_is_not_lost_for_an_answer_that_was() -> None:
    # Given a lease whose writes were carried out, and never answered
    own = Lease("reindexing")
    own._write({"op_type": "create"})
    own._seen = {}
    own.take()
    seen = own._seen
    own.renew()
    own._seen = seen
    # When it is prolonged
    own.renew()
    # Then it is still ours, until it is released
    own.check()
    own.release()
    with lease.held("reindexing"):
        pass


def test_the_lease_of_one_that_was_killed_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = Lease("reindexing")
    killed.take()
    late = datetime.now(UTC) + lease.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)
    with lease.held("reindexing") as held:
        # and if it was only asleep, it learns so
        killed.renew()
        with pytest.raises(Held):
            killed.check()
        held.renew()
        held.check()


def test_what_is_gone_for_good_is_no_difference(scanned: Truth) -> None:
    index.send([Write("posts", POST, GONE, None)])
    assert all(comparison.equal and not comparison.mended for comparison in reindex.compare())
