"""Many threads change the same few things at once, on an engine that refuses conflicting writes as AWS does.

Whatever the order, every count is the size of its set, and both directions of every tie agree.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import permutations

import pytest

from functions.accounts import service as accounts
from functions.graph import service as graph
from functions.graph import store as edges
from functions.graph.store import FOLLOWER_SHARDS
from functions.posts import conversation
from functions.posts import store as posts
from heliograph import counters
from heliograph.counters import Counter
from heliograph.errors import Conflict, Forbidden, NotFound
from heliograph.resilience import retry
from heliograph.transactions import Contention
from tests.stores.conflicts import conflicting
from tests.stores.samples import at_once, flat, joined, pages, written_post

THREADS = 16
TURNS = 8


def _patiently(action: Callable[[], object]) -> None:
    """As a client does: try again when the service is busy, and live with being refused (they blocked me)."""
    with suppress(NotFound, Forbidden):
        retry(action, on=Contention, attempts=30, cap_seconds=0.3)


def _total(kind: counters.Kind, entity_id: str, name: str) -> int:
    return counters.total(Counter(kind, entity_id, name)).value


def test_two_likes_at_once_are_one_like() -> None:
    # given
    post, fan = written_post(user_id=joined()), joined()
    # when
    with conflicting():
        at_once(*[lambda: _patiently(lambda: conversation.like(fan, post.post_id))] * 2)
    # then
    assert posts.likers(post.post_id, None, 10).items == [fan]
    assert _total("post", post.post_id, "likes") == 1


def test_counts_of_likes_are_the_numbers_of_likes() -> None:
    # given
    author, fans = joined(), [joined() for _ in range(5)]
    liked = [written_post(user_id=author).post_id for _ in range(2)]

    def play(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(TURNS):
            change = dice.choice([conversation.like, conversation.like, conversation.unlike])
            _patiently(partial(change, dice.choice(fans), dice.choice(liked)))

    # when
    with conflicting() as refused:
        at_once(*(partial(play, seed) for seed in range(THREADS)))
    # then
    assert refused
    for post_id in liked:
        likers = set(posts.likers(post_id, None, 50).items)
        assert _total("post", post_id, "likes") == len(likers)
        assert likers == {fan for fan in fans if posts.liked(fan, [post_id])}


def test_concurrent_follows_stay_within_followee_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    # given somebody with three places left, and more whom to follow; half of them must accept first
    monkeypatch.setattr(edges, "FOLLOWEES_LIMIT", 4)
    fan, public, private = joined(), [joined() for _ in range(6)], [joined() for _ in range(6)]
    graph.follow(fan, public[0])
    for owner in private:
        accounts.edit(owner, {"is_private": True})
        graph.follow(fan, owner)
    refused: list[str] = []

    def play(me: str, action: Callable[[], object]) -> None:
        try:
            _patiently(action)
        except Conflict:
            refused.append(me)

    # when all begin at once
    with conflicting() as conflicts:
        at_once(
            *(partial(play, other, partial(graph.follow, fan, other)) for other in public[1:]),
            *(partial(play, owner, partial(graph.accept, owner, fan)) for owner in private),
        )
    # then just as many were let through
    followed = edges.followees(fan, None, 50).items
    assert conflicts
    assert (len(followed), _total("user", fan, "following")) == (4, 4)
    assert sorted([*followed, *refused]) == sorted([*public, *private])
    # and who was refused may come later
    graph.unfollow(fan, followed[0])
    assert graph.follow(fan, next(other for other in public if other in refused)) == "following"


def test_ties_and_their_counts_agree_in_both_directions() -> None:
    # given
    people = [joined() for _ in range(4)]
    changes = [
        graph.follow,
        graph.follow,
        graph.follow,
        graph.unfollow,
        graph.remove_follower,
        graph.block,
        graph.unblock,
    ]

    def play(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(TURNS):
            _patiently(partial(dice.choice(changes), *dice.sample(people, 2)))

    # when
    with conflicting() as refused:
        at_once(*(partial(play, seed) for seed in range(THREADS)))
    # then
    assert refused
    following = {person: set(edges.followees(person, None, 50).items) for person in people}
    blocking = {person: set(edges.blocked(person, None, 50).items) for person in people}
    followers = {
        person: set(
            flat([flat(pages(partial(edges.followers, person, shard, limit=50))) for shard in range(FOLLOWER_SHARDS)])
        )
        for person in people
    }
    for me, other in permutations(people, 2):
        tie = edges.read_pair(me, other).pair.mine
        assert (tie.following == "yes") == (other in following[me]) == (me in followers[other])
        assert tie.blocking == (other in blocking[me])
        assert not (tie.blocking and (other in following[me] or me in following[other]))
    for person in people:
        assert _total("user", person, "following") == len(following[person])
        assert _total("user", person, "followers") == len(followers[person])
