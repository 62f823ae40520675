"""The graph's rules as pure functions: what each use case makes of a pair."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.graph import ties
from functions.graph.ties import Pair, Tie

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = datetime(2026, 11, 23, tzinfo=UTC)
FOLLOWING = Tie(following="yes", since=NOW)
ASKED = Tie(following="requested", since=NOW)
NOTIFIED = Tie(following="yes", since=NOW, post_notifications=True)

CHANGES: dict[str, ties.Change] = {
    "follow": ties.follow(NOW, private=False),
    "ask": ties.follow(NOW, private=True),
    "unfollow": ties.unfollow,
    "accept": ties.accept(NOW),
    "decline": ties.decline,
    "remove": ties.remove_follower,
    "block": ties.block,
    "unblock": ties.unblock,
    "sever": ties.sever,
    "mute": ties.mute(posts=True, stories=True),
    "mute stories": ties.mute(posts=False, stories=True),
    "unmute": ties.mute(posts=False, stories=False),
    "trust": ties.close_friend(True),
    "distrust": ties.close_friend(False),
    "notify": ties.post_notifications(True),
    "no longer notify": ties.post_notifications(False),
}


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (ties.follow(NOW, private=False), Pair(), Pair(mine=FOLLOWING)),
        (ties.follow(NOW, private=True), Pair(), Pair(mine=ASKED)),
        (ties.follow(LATER, private=True), Pair(mine=FOLLOWING), Pair(mine=FOLLOWING)),
        (ties.follow(LATER, private=True), Pair(mine=ASKED), Pair(mine=ASKED)),
        # The account went public while a request was pending: asking again follows.
        (ties.follow(NOW, private=False), Pair(mine=ASKED), Pair(mine=FOLLOWING)),
        (ties.unfollow, Pair(mine=FOLLOWING), Pair()),
        (ties.unfollow, Pair(mine=ASKED), Pair()),
        (ties.accept(NOW), Pair(theirs=ASKED), Pair(theirs=FOLLOWING)),
        (ties.accept(NOW), Pair(), Pair()),
        (ties.decline, Pair(theirs=ASKED), Pair()),
        (ties.decline, Pair(theirs=FOLLOWING), Pair(theirs=FOLLOWING)),
        (ties.remove_follower, Pair(theirs=FOLLOWING), Pair()),
        (ties.remove_follower, Pair(theirs=ASKED), Pair(theirs=ASKED)),
        (ties.block, Pair(mine=FOLLOWING, theirs=FOLLOWING), Pair(mine=Tie(blocking=True))),
        (ties.unblock, Pair(mine=Tie(blocking=True)), Pair()),
        (ties.mute(posts=True, stories=False), Pair(), Pair(mine=Tie(muting_posts=True))),
        (ties.mute(posts=True, stories=False), Pair(mine=Tie(muting_stories=True)), Pair(mine=Tie(muting_posts=True))),
        (ties.mute(posts=False, stories=False), Pair(mine=Tie(muting_posts=True, muting_stories=True)), Pair()),
        (ties.post_notifications(True), Pair(mine=FOLLOWING), Pair(mine=NOTIFIED)),
        (ties.post_notifications(False), Pair(mine=NOTIFIED), Pair(mine=FOLLOWING)),
        # They end with the following, however it ends.
        (ties.unfollow, Pair(mine=NOTIFIED), Pair()),
        (ties.remove_follower, Pair(theirs=NOTIFIED), Pair()),
        (ties.block, Pair(mine=NOTIFIED, theirs=NOTIFIED), Pair(mine=Tie(blocking=True))),
        (ties.sever, Pair(mine=NOTIFIED, theirs=Tie(blocking=True)), Pair()),
    ],
)
def test_what_a_change_makes_of_a_pair(change: ties.Change, before: Pair, after: Pair) -> None:
    assert change(before) == after


@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.booleans()), max_size=30))
def test_block_removes_every_other_relationship(actions: list[tuple[str, bool]]) -> None:
    pair = Pair()
    for name, by_the_other in actions:
        mine_following = (pair.theirs if by_the_other else pair.mine).following
        if pair.blocked and name in {"follow", "ask", "mute", "mute stories", "trust", "notify"}:
            continue  # the service refuses these first
        if name == "notify" and mine_following != "yes":
            continue
        pair = _by_the_other(CHANGES[name], pair) if by_the_other else CHANGES[name](pair)
        for tie in (pair.mine, pair.theirs):
            assert (tie.following == "no") == (tie.since is None)
            assert tie.following == "yes" or not tie.post_notifications
            if pair.blocked:
                assert tie == Tie(blocking=tie.blocking)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_every_change_is_idempotent(name: str) -> None:
    change = CHANGES[name]
    for before in (Pair(), Pair(mine=ASKED, theirs=ASKED), Pair(mine=FOLLOWING, theirs=FOLLOWING)):
        assert change(change(before)) == change(before)


def _by_the_other(change: ties.Change, pair: Pair) -> Pair:
    turned = change(Pair(pair.theirs, pair.mine))
    return Pair(turned.theirs, turned.mine)


def test_a_block_keeps_the_others_own_block() -> None:
    both: Any = Pair(theirs=Tie(blocking=True))
    assert ties.unblock(ties.block(both)) == both
