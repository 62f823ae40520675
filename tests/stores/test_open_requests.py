"""An account that becomes public lets in all who asked, and nobody once it is private again."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from functions.accounts import service as accounts
from functions.accounts.store import UserItem
from functions.graph import service as graph
from functions.graph import store as edges
from heliograph import counters, ids
from heliograph.counters import Counter
from tests import capacity
from tests.capacity import Answer, Params
from tests.stores.samples import at_once, flat, joined, pages


@pytest.fixture
def owner() -> str:
    """A private account."""
    owner = joined()
    _set_private(owner, True)
    return owner


def _set_private(user_id: str, private: bool) -> None:
    accounts.edit(user_id, {"is_private": private})


def _asking(owner: str, count: int) -> list[str]:
    fans = [joined() for _ in range(count)]
    assert {graph.follow(fan, owner) for fan in fans} == {"requested"}
    return sorted(fans)


def _requesters(owner: str) -> list[str]:
    return flat(pages(partial(edges.requesters, owner, limit=50)))


def _followers(owner: str) -> list[str]:
    return sorted(flat(pages(partial(edges.all_followers, owner, limit=50))))


def _open_all(owner: str) -> int:
    """In how many turns."""
    turns = 1
    while graph.open_requests(owner):
        turns += 1
    return turns


def test_open_requests_are_accepted_page_by_page(owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(graph, "OPENED_AT_ONCE", 2)
    fans = _asking(owner, 5)
    _set_private(owner, False)
    # when
    turns = _open_all(owner)
    # then
    assert turns == 3
    assert (_followers(owner), _requesters(owner)) == (fans, [])
    assert counters.total(Counter("user", owner, "followers")).value == 5
    # and coming again changes nothing
    assert _open_all(owner) == 1
    assert (_followers(owner), _requesters(owner)) == (fans, [])


def test_two_deliveries_at_once_are_one(owner: str) -> None:
    # given
    fans = _asking(owner, 4)
    _set_private(owner, False)
    # when
    at_once(*[partial(graph.open_requests, owner)] * 2)
    # then
    assert (_followers(owner), _requesters(owner)) == (fans, [])
    assert counters.total(Counter("user", owner, "followers")).value == 4


def test_a_private_account_keeps_its_requests(owner: str) -> None:
    # given news that came late
    fans = _asking(owner, 2)
    # then
    assert graph.open_requests(owner) is False
    assert (_followers(owner), _requesters(owner)) == ([], fans)


def test_an_account_that_is_gone_lets_nobody_in(owner: str) -> None:
    # given
    fans = _asking(owner, 2)
    UserItem(owner).delete()
    # then
    assert graph.open_requests(owner) is False
    assert (_followers(owner), _requesters(owner)) == ([], fans)


def test_requester_at_followee_limit_is_declined_without_blocking_others(
    owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the first of them at the limit
    monkeypatch.setattr(edges, "FOLLOWEES_LIMIT", 1)
    first, *others = _asking(owner, 3)
    graph.follow(first, joined())
    _set_private(owner, False)
    # when
    _open_all(owner)
    # then
    assert (_followers(owner), _requesters(owner)) == (others, [])


@pytest.mark.parametrize("commits", [0, 2])
def test_no_request_is_accepted_after_account_is_private_again(owner: str, commits: int) -> None:
    # given five who asked
    fans = _asking(owner, 5)
    _set_private(owner, False)
    let_in: list[Any] = []

    def around(_client: Any, operation: str, params: Params, proceed: Any) -> Answer:
        if operation == "TransactWriteItems":
            if len(let_in) == commits:
                _set_private(owner, True)
            let_in.append(params)
        return proceed(params)

    # when it becomes private when one of them is about to be let in
    with capacity.intercepted(around):
        more = graph.open_requests(owner)
    # then those before are in, and no other
    assert more is False
    assert (_followers(owner), _requesters(owner)) == (fans[:commits], fans[commits:])


def test_request_during_change_to_public_becomes_follow(owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given an account that has become public, and its requests opened, since a fan looked at it
    fan, seen = joined(), accounts.profile(owner)
    _set_private(owner, False)
    graph.open_requests(owner)
    monkeypatch.setattr(accounts, "profile", lambda user_id: replace(seen, is_private=True))
    # then
    assert graph.follow(fan, owner) == "following"
    assert (_followers(owner), _requesters(owner)) == ([fan], [])


def test_account_without_requests_has_nothing_to_open() -> None:
    assert graph.open_requests(ids.new_id()) is False
