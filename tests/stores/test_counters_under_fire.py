"""Likes and withdrawals of many threads, with requests that are lost or arrive twice: every count is its set's size.

PROOF=full plays at full length (`make counters-proof`).
"""

import random
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from pynamodb.exceptions import PynamoDBException

from functions.posts import conversation, service
from functions.posts import store as posts
from heliograph import counters
from heliograph.counters import Counter, Total
from heliograph.resilience import retry
from heliograph.transactions import Contention
from tests import capacity
from tests.capacity import Answer, Params
from tests.proof import repetitions
from tests.stores.conflicts import conflicting
from tests.stores.samples import at_once, joined, written_post

OPERATIONS = repetitions(quick=400, full=10_000)
THREADS = 8
ENDPOINT = "http://127.0.0.1"


@pytest.fixture(autouse=True)
def meter() -> None:
    """Not metered: that would double the requests."""


@contextmanager
def unreliable(seed: int) -> Iterator[Tally[str]]:
    """One transaction in ten is not sent, loses its answer, or arrives twice; yields how often each happened."""
    dice, happened = random.Random(seed), Tally[str]()

    def around(_client: Any, operation: str, params: Params, proceed: Callable[[Params], Answer]) -> Answer:
        fate = dice.choice(["unsent", "lost", "twice", *["well"] * 27]) if operation == "TransactWriteItems" else "well"
        happened[fate] += 1
        if fate == "unsent":
            raise ConnectTimeoutError(endpoint_url=ENDPOINT)
        answer = proceed(params)
        if fate == "lost":
            raise ReadTimeoutError(endpoint_url=ENDPOINT)
        if fate == "twice":
            with suppress(ClientError):
                proceed(params)
        return answer

    with capacity.intercepted(around):
        yield happened


def _patiently(action: Callable[[], object]) -> None:
    """As a client does when the service is busy; one whose request has failed gives up."""
    with suppress(PynamoDBException):
        retry(action, on=Contention, attempts=30, cap_seconds=0.3)


def test_every_counter_equals_its_set_whatever_is_lost_or_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    # given people who may see what they like, which is not at issue here, and would be most of the requests
    monkeypatch.setattr(service, "see_open", cache(service.see_open))
    author, fans = joined(), [joined() for _ in range(12)]
    liked = [written_post(user_id=author).post_id for _ in range(3)]

    def play(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(OPERATIONS // THREADS):
            # Half of them on one post, half of them likes; one in five is asked for again.
            post_id, fan = dice.choice([liked[0], dice.choice(liked)]), dice.choice(fans)
            change = dice.choice([conversation.like, conversation.unlike])
            for _ in range(dice.choice([1, 1, 1, 1, 2])):
                _patiently(partial(change, fan, post_id))

    # when
    with unreliable(1) as happened, conflicting() as refused:
        at_once(*(lambda seed=seed: play(seed) for seed in range(THREADS)))
    # then
    assert refused
    assert happened.keys() == {"unsent", "lost", "twice", "well"}
    shards = 0
    for post_id in liked:
        counter, written = Counter("post", post_id, "likes"), list[Total]()
        counters.settle(counter, written.append)
        assert written[-1].value == len(posts.likers(post_id, None, 50).items)
        shards += len(counters.shards(counter))
    # and heat has made the counters grow
    assert shards > len(liked)
    print(f"{OPERATIONS} operations; {dict(happened)}; {len(refused)} conflicts; {shards} shards")  # noqa: T201
