"""Ties, lists and blocks on the real engine."""

from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from functions.graph import service, store, ties
from functions.graph.store import FOLLOWER_SHARDS, EdgeItem
from functions.graph.ties import Pair, Tie
from heliograph import clock, counters, ids, transactions
from heliograph.counters import Counter
from heliograph.tables import Slice
from tests.capacity import Meter
from tests.stores.samples import flat, pages

FOLLOW = ties.follow(clock.now(), private=False)
ASK = ties.follow(clock.now(), private=True)
MUTED, UNMUTED = ties.mute(posts=True, stories=True), ties.mute(posts=False, stories=False)
FRIEND = ties.close_friend(True)


def _change(me: str, other: str, change: ties.Change) -> Pair:
    known = store.read_pair(me, other)
    after = change(known.pair)
    store.write_pair(me, other, known, after)
    return after


def _count(user_id: str, name: str) -> int:
    return counters.total(Counter("user", user_id, name)).value


def _followers(user_id: str) -> list[str]:
    shards = (pages(partial(store.followers, user_id, shard, limit=50)) for shard in range(FOLLOWER_SHARDS))
    return flat([flat(shard) for shard in shards])


def _tied(user_id: str) -> set[str]:
    return set(service.ties_of(user_id, None, 50).items)


def _lists_of(user_id: str) -> set[str]:
    """The kinds of lists of an account that hold anything."""
    shards = range(FOLLOWER_SHARDS)
    edges = [f"request#{user_id}", *(f"{kind}#{user_id}#{shard}" for kind in ("in", "marked") for shard in shards)]
    return {edge.partition("#")[0] for edge in edges if list(EdgeItem.query(edge))}


def test_strangers_are_nothing_to_each_other() -> None:
    # when
    known = store.read_pair(ids.new_id(), ids.new_id())
    # then
    assert (known.pair, known.my_token, known.their_token) == (Pair(), None, None)


def test_a_follow_stands_on_both_sides_and_is_counted() -> None:
    # given
    ada, ben = ids.new_id(), ids.new_id()
    # when
    after = _change(ada, ben, FOLLOW)
    # then
    assert store.read_pair(ada, ben).pair == after
    assert store.read_pair(ben, ada).pair == Pair(mine=after.theirs, theirs=after.mine)
    assert (_followers(ben), store.followees(ada, None, 10).items) == ([ada], [ben])
    assert (_count(ada, "following"), _count(ben, "followers"), _count(ben, "following")) == (1, 1, 0)


def test_unfollowing_leaves_nothing_behind() -> None:
    # given
    ada, ben = ids.new_id(), ids.new_id()
    _change(ada, ben, FOLLOW)
    # when
    _change(ada, ben, ties.unfollow)
    # then
    known = store.read_pair(ada, ben)
    assert (known.pair, known.my_token) == (Pair(), None)
    assert (_followers(ben), store.followees(ada, None, 10).items) == ([], [])
    assert (_count(ada, "following"), _count(ben, "followers")) == (0, 0)


def test_a_request_waits_in_its_own_list_until_accepted() -> None:
    # given
    ada, ben = ids.new_id(), ids.new_id()
    _change(ada, ben, ASK)
    assert (store.requesters(ben, None, 10).items, _followers(ben)) == ([ada], [])
    # when
    _change(ben, ada, ties.accept(clock.now()))
    # then
    assert (store.requesters(ben, None, 10).items, _followers(ben)) == ([], [ada])
    assert (_count(ada, "following"), _count(ben, "followers")) == (1, 1)


def test_a_block_severs_both_directions() -> None:
    # given
    ada, ben = ids.new_id(), ids.new_id()
    _change(ada, ben, FOLLOW)
    _change(ben, ada, FOLLOW)
    # when
    _change(ada, ben, ties.block)
    # then
    assert store.read_pair(ada, ben).pair == Pair(mine=Tie(blocking=True))
    assert (store.blocked(ada, None, 10).items, store.blocked(ben, None, 10).items) == ([ben], [])
    assert (_followers(ada), _followers(ben)) == ([], [])
    assert {_count(user, name) for user in (ada, ben) for name in ("followers", "following")} == {0}
    # and can be taken back
    _change(ada, ben, ties.unblock)
    assert (store.read_pair(ada, ben).pair, store.blocked(ada, None, 10).items) == (Pair(), [])


def test_blocks_are_found_from_both_sides() -> None:
    # given somebody who blocks two, and is blocked by two, one of whom they block
    ada, ben, cleo, dan = (ids.new_id() for _ in range(4))
    for me, other in ((ada, ben), (ada, cleo), (cleo, ada), (dan, ada), (ben, dan)):
        _change(me, other, ties.block)
    # then
    assert store.blocks_with(ada, 10) == {ben, cleo, dan}
    assert store.blocks_with(dan, 10) == {ada, ben}
    # and no more than asked for
    assert len(store.blocks_with(ada, 2)) == 2
    # and not when they are taken back
    _change(dan, ada, ties.unblock)
    assert store.blocks_with(ada, 10) == {ben, cleo}


@pytest.mark.parametrize("first", [FOLLOW, MUTED], ids=["my tie", "my tie, nothing counted"])
def test_a_pair_that_has_changed_since_is_refused(first: ties.Change) -> None:
    # given a reading, and a change that came after it
    ada, ben = ids.new_id(), ids.new_id()
    stale = store.read_pair(ada, ben)
    changed = _change(ada, ben, first)
    # when
    with pytest.raises(transactions.ConditionFailed):
        store.write_pair(ada, ben, stale, FOLLOW(stale.pair))
    # then
    assert store.read_pair(ada, ben).pair == changed


def test_the_other_side_must_be_as_read_too() -> None:
    # given
    ada, ben = ids.new_id(), ids.new_id()
    stale = store.read_pair(ada, ben)
    _change(ben, ada, ties.block)
    # when
    with pytest.raises(transactions.ConditionFailed) as failure:
        store.write_pair(ada, ben, stale, FOLLOW(stale.pair))
    # then it is the check that refused, which is sent first
    assert failure.value.positions == {0}
    assert (_followers(ben), _count(ada, "following")) == ([], 0)


def test_a_tie_deleted_and_made_again_is_noticed() -> None:
    # given a reading of a tie that afterwards was ended and begun again
    ada, ben = ids.new_id(), ids.new_id()
    _change(ada, ben, MUTED)
    stale = store.read_pair(ada, ben)
    _change(ada, ben, UNMUTED)
    _change(ada, ben, MUTED)
    assert store.read_pair(ada, ben).pair == stale.pair
    # then
    with pytest.raises(transactions.ConditionFailed):
        store.write_pair(ada, ben, stale, FOLLOW(stale.pair))


def test_many_pairs_are_read_in_batches(meter: Meter) -> None:
    # given ties among more people than a batch has keys; oneself is nobody's pair
    me, others = ids.new_id(), [ids.new_id() for _ in range(120)]
    _change(me, others[0], FOLLOW)
    _change(others[1], me, FOLLOW)
    meter.requests.clear()
    # when
    found = store.pairs(me, [*others, me, others[0]])
    # then
    assert list(found) == others
    assert (found[others[0]].mine.following, found[others[1]].theirs.following) == ("yes", "yes")
    assert all(found[other] == Pair() for other in others[2:])
    assert [request.operation for request in meter.requests] == ["BatchGetItem"] * 3


LISTS = {
    "followees": [FOLLOW],
    "muted": [MUTED, ties.mute(posts=True, stories=False), ties.mute(posts=False, stories=True)],
    "close_friends": [FRIEND],
    "blocked": [ties.block],
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", [1, 3, 7, 8])
def test_a_list_is_paged_to_its_end(name: str, limit: int) -> None:
    # given seven in the list, and between them others that a filter drops
    me, listed = ids.new_id(), [ids.new_id() for _ in range(7)]
    with EdgeItem.batch_write() as batch:
        for other, change in zip(listed, cycle(LISTS[name]), strict=False):
            _save(batch, me, other, change)
            _save(batch, me, ids.new_id(), MUTED if name == "close_friends" else FRIEND)
    # when
    found = pages(partial(getattr(store, name), me, limit=limit))
    # then
    assert flat(found) == sorted(listed)
    assert all(len(page) == limit for page in found[:-1])
    assert len(found[-1]) <= limit


def _save(batch: Any, me: str, other: str, change: ties.Change) -> None:
    """Write the tie, or the block, that a change makes; without the rest of the pair."""
    tie = change(Pair()).mine
    if tie.blocking:
        store.BlockItem(me, other, created_at=clock.now()).save()
    else:
        batch.save(_item(f"out#{me}", other, tie))


def _item(edge: str, user_id: str, tie: Tie) -> EdgeItem:
    return EdgeItem(
        edge, user_id, follower_id=user_id, followee_id=user_id, created_at=tie.since, following=tie.following,
        muting_posts=tie.muting_posts, muting_stories=tie.muting_stories, close_friend=tie.close_friend,
        token=ids.new_id(),
    )  # fmt: skip


def test_followers_and_requesters_are_paged_to_the_end() -> None:
    # given
    me, followers, asking = ids.new_id(), [ids.new_id() for _ in range(12)], [ids.new_id() for _ in range(5)]
    for follower in followers:
        _change(follower, me, FOLLOW)
    for other in asking:
        _change(other, me, ASK)
    # when
    shards = [pages(partial(store.followers, me, shard, limit=2)) for shard in range(FOLLOWER_SHARDS)]
    # then every follower is in one shard, each in key order
    assert sorted(flat([flat(shard) for shard in shards])) == sorted(followers)
    assert all(flat(shard) == sorted(flat(shard)) for shard in shards)
    assert flat(pages(partial(store.requesters, me, limit=2))) == sorted(asking)
    assert _count(me, "followers") == 12


TIED = {"follows": FOLLOW, "asked": ASK, "mutes": MUTED, "trusts": FRIEND, "blocks": ties.block}


@pytest.mark.parametrize("name", TIED)
def test_tie_is_found_from_both_accounts(name: str) -> None:
    # given
    ada, ben, stranger = ids.new_id(), ids.new_id(), ids.new_id()
    _change(ada, ben, TIED[name])
    # then it shows from either side
    assert [_tied(user) for user in (ada, ben, stranger)] == [{ben}, {ada}, set()]
    # and no longer when nothing is left
    service.sever(ben, ada)
    assert [_tied(user) for user in (ada, ben, stranger)] == [set(), set(), set()]


@pytest.mark.parametrize("limit", [1, 4, 50])
def test_all_ties_of_an_account_are_paged_to_the_end(limit: int) -> None:
    # given ties of every kind, in both directions
    me, others = ids.new_id(), [ids.new_id() for _ in range(10)]
    for other, change in zip(others, [*TIED.values()] * 2, strict=True):
        _change(me, other, change)
    for other, change in zip(others[:5], TIED.values(), strict=True):
        _change(other, me, change)
    # when
    found = pages(partial(service.ties_of, me, limit=limit))
    # then
    assert set(flat(found)) == set(others)
    assert all(len(page) <= limit for page in found)

    # and what was read may be severed on the way
    def sever_page(position: Any) -> Slice[str]:
        page = service.ties_of(me, position, limit)
        for other in page.items:
            service.sever(me, other)
        return page

    pages(sever_page)
    assert _tied(me) == set()


def test_severing_leaves_nothing_between_two_and_can_be_repeated() -> None:
    # given two who follow, mute and trust one another
    ada, ben, carl = ids.new_id(), ids.new_id(), ids.new_id()
    for me, other in [(ada, ben), (ben, ada)]:
        for change in (FOLLOW, MUTED, FRIEND):
            _change(me, other, change)
    _change(carl, ben, FOLLOW)
    # when
    service.sever(ada, ben)
    service.sever(ada, ben)
    service.sever(ben, ada)
    # then nothing is left of it, and what others have is untouched
    assert store.read_pair(ada, ben).pair == Pair()
    assert (_followers(ada), _followers(ben)) == ([], [carl])
    counts = {name: [_count(user, name) for user in (ada, ben, carl)] for name in ("following", "followers")}
    assert counts == {"following": [0, 0, 1], "followers": [0, 1, 0]}
    # and a block goes, too, whoever made it
    _change(ada, ben, ties.block)
    service.sever(ben, ada)
    assert (store.read_pair(ada, ben).pair, store.blocked(ada, None, 10).items) == (Pair(), [])


def test_a_tie_stands_in_one_list_of_the_other() -> None:
    # given somebody who is muted, then followed, then no longer
    ada, ben = ids.new_id(), ids.new_id()
    # then every change moves the tie from one list to the next
    for change, lists in [(MUTED, {"marked"}), (ASK, {"request"}), (FOLLOW, {"in"}), (ties.unfollow, {"marked"}),
                          (UNMUTED, set())]:  # fmt: skip
        _change(ada, ben, change)
        assert _lists_of(ben) == lists


def test_a_stance_is_kept_through_a_change_of_another() -> None:
    # given
    ada, ben = ids.new_id(), ids.new_id()
    _change(ada, ben, FOLLOW)
    _change(ada, ben, FRIEND)
    # when
    muted = _change(ada, ben, MUTED)
    # then
    assert muted.mine == replace(FOLLOW(Pair()).mine, muting_posts=True, muting_stories=True, close_friend=True)
    assert store.read_pair(ada, ben).pair == muted
    assert _count(ben, "followers") == 1


def test_request_to_follow_is_not_a_follow() -> None:
    # given
    ada, ben, cleo = ids.new_id(), ids.new_id(), ids.new_id()
    _change(ada, ben, FOLLOW)
    _change(ada, cleo, ASK)
    # then
    assert [service.follows(ada, ben), service.follows(ben, ada), service.follows(ada, cleo)] == [True, False, False]
    _change(ada, ben, ties.unfollow)
    assert not service.follows(ada, ben)


def test_sent_request_is_listed_until_answered() -> None:
    # given
    me, friend, silent = ids.new_id(), ids.new_id(), ids.new_id()
    for other in (friend, silent):
        _change(me, other, ASK)
    # when
    _change(friend, me, ties.accept(clock.now()))
    # then
    assert store.asked(me, None, 50).items == [silent]


def test_hidden_author_is_noted_until_followed_again() -> None:
    # given somebody who follows three and mutes a fourth without following
    ada, *others = (ids.new_id() for _ in range(5))
    for other in others[:3]:
        _change(ada, other, FOLLOW)
    _change(ada, others[3], MUTED)
    assert store.hidden(ada, 10) == set()
    # when one is muted, one no longer followed, and one blocks them
    _change(ada, others[0], MUTED)
    _change(ada, others[1], ties.unfollow)
    _change(others[2], ada, ties.block)
    # then
    assert store.hidden(ada, 3) == {*others[:3]}
    assert store.hidden(ada, 2) is None
    # and when they are heard and followed again
    _change(ada, others[0], UNMUTED)
    _change(ada, others[1], FOLLOW)
    assert store.hidden(ada, 10) == {others[2]}


def test_erased_account_hides_nobody() -> None:
    # given
    ada, ben, carl = (ids.new_id() for _ in range(3))
    for other in (ben, carl):
        _change(ada, other, FOLLOW)
    _change(ada, carl, ties.unfollow)
    # when
    service.sever(ben, ada)
    assert store.hidden(ada, 10) == {carl}
    service.unhide(ada)
    # then
    assert store.hidden(ada, 10) == set()
