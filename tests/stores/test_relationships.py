"""What the use cases of the graph allow, on the real engine: who is shown, who can follow, who reads which list."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.accounts import service as accounts
from functions.accounts import store as accounts_store
from functions.graph import service as graph
from heliograph import clock, ids
from heliograph.errors import Conflict, DomainError, Forbidden, NotFound
from heliograph.limits import Exhausted
from tests.stores.samples import joined


def _refused(error: type[DomainError], *actions: Callable[[], object]) -> None:
    for action in actions:
        with pytest.raises(error):
            action()


def _listed_blocks(user_id: str) -> list[str]:
    found = graph.blocked_by(user_id)(None, 10).items
    return [one.profile.user_id for one in graph.existing_people(graph.hydrate_people(user_id, found))]


def test_blocked_person_does_not_see_profile() -> None:
    # given
    ada, ben = joined(), joined()
    assert graph.seen_profile(ben, ada).profile.user_id == ada
    # when
    graph.block(ada, ben)
    # then
    _refused(NotFound, lambda: graph.seen_profile(ben, ada))
    # and who blocks may look, to undo it
    assert graph.seen_profile(ada, ben).relationship.blocking
    # and of two who block each other nobody does
    graph.block(ben, ada)
    _refused(NotFound, lambda: graph.seen_profile(ada, ben))


def test_list_of_blocks_leaves_out_accounts_that_are_being_deleted() -> None:
    # given
    ada, ben, cleo = joined(), joined(), joined()
    for other in (ben, cleo):
        graph.block(ada, other)
    # when
    accounts_store.ask_deletion(cleo, ids.new_id(), clock.now())
    # then
    assert _listed_blocks(ada) == [ben]


def test_lists_of_private_account_are_for_its_followers() -> None:
    # given
    ada, fan, stranger = joined(), joined(), joined()
    graph.follow(fan, ada)
    accounts.edit(ada, {"is_private": True})
    for read in (graph.followers_seen_by, graph.followees_seen_by):
        # then
        assert read(fan, ada)(None, 10) == read(ada, ada)(None, 10)
        _refused(NotFound, lambda read=read: read(stranger, ada))


def test_nobody_follows_across_a_block() -> None:
    # given
    ada, ben = joined(), joined()
    graph.block(ada, ben)
    # then
    _refused(NotFound, lambda: graph.follow(ben, ada))
    _refused(Forbidden, lambda: graph.follow(ada, ben))
    for stance in (graph.mute, graph.close_friend):
        more = {"posts": True, "stories": True} if stance is graph.mute else {"on": True}
        _refused(NotFound, lambda stance=stance, more=more: stance(ben, ada, **more))
        _refused(Forbidden, lambda stance=stance, more=more: stance(ada, ben, **more))


def test_following_has_a_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(graph, "FOLLOW", replace(graph.FOLLOW, burst=2))
    ada, others = joined(), [joined() for _ in range(3)]
    # when
    for other in others[:2]:
        assert graph.follow(ada, other) == "following"
    # then another one has to wait, and saying it again costs nothing
    _refused(Exhausted, lambda: graph.follow(ada, others[2]))
    assert graph.follow(ada, others[0]) == "following"


def test_post_notifications_are_for_followers() -> None:
    # given
    ada, ben = joined(), joined()
    # then
    _refused(Conflict, lambda: graph.post_notifications(ben, ada, on=True))
    assert not graph.notifies(ben, ada)
    # and when he follows
    graph.follow(ben, ada)
    graph.post_notifications(ben, ada, on=True)
    assert graph.notifies(ben, ada)
    # and ceases to
    graph.unfollow(ben, ada)
    assert not graph.notifies(ben, ada)


def test_account_that_is_being_deleted_is_not_there() -> None:
    # given
    ada, ben = joined(), joined()
    accounts_store.ask_deletion(ada, ids.new_id(), clock.now())
    # then
    _refused(
        NotFound,
        lambda: graph.seen_profile(ben, ada),
        lambda: graph.follow(ben, ada),
        lambda: graph.block(ben, ada),
        lambda: graph.followers_seen_by(ben, ada),
    )
