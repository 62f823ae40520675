"""The traffic of the benchmark of reindexing, in a process of its own, until its input ends.

It prints a line when it begins to write, and in the end what it did, as JSON.

Each write goes into the tables, and its events, as the stream's publishers translate them, through the real consumers:
late, in another order, and one in ten twice.
"""

import argparse
import heapq
import io
import json
import random
import sys
import time
import warnings
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from itertools import count
from threading import Event, Thread
from typing import Any

from benchmarks.reindex_world import QUIET_AUTHORS, World, caption, counter, new_post
from functions.accounts import service as accounts
from functions.accounts import store as users
from functions.accounts.store import UserItem
from functions.discovery import index_events as consumers
from functions.posts import announcements, store
from functions.posts.store import PostItem
from heliograph import clock, counters, events, queues, tables, transactions
from heliograph.events import AuthorChanged, CounterChanged, DomainEvent
from heliograph.outbox import Change

LATEST_SECONDS = 3.0
BATCH = 10
DOUBLED = 0.1
# Of a hundred writes.
MIX = {"create": 30, "edit": 35, "delete": 15, "hashtag": 10, "rename": 5, "privacy": 5}


class Context:
    """A Lambda context, as far as anyone looks."""

    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "benchmark"


class Queue:
    """A queue that delivers late and in any order."""

    def __init__(self, handler: Callable[[Any, Any], dict[str, Any]], luck: random.Random) -> None:
        self._handler = handler
        self._luck = luck
        self._numbers = count()
        self._waiting: list[tuple[float, int, str]] = []
        self.delivered = 0

    def send(self, bodies: Iterable[str]) -> None:
        for body in bodies:
            for _ in range(1 + (self._luck.random() < DOUBLED)):
                due = time.monotonic() + self._luck.random() * LATEST_SECONDS
                heapq.heappush(self._waiting, (due, next(self._numbers), body))

    def work(self) -> bool:
        """Deliver a batch of what is due; whether there was anything."""
        records: list[dict[str, str]] = []
        while self._waiting and len(records) < BATCH and self._waiting[0][0] <= time.monotonic():
            _, number, body = heapq.heappop(self._waiting)
            records.append({"messageId": str(number), "body": body})
        if not records:
            return bool(self._waiting)
        failed = {
            item["itemIdentifier"] for item in self._handler({"Records": records}, Context())["batchItemFailures"]
        }
        self.send(record["body"] for record in records if record["messageId"] in failed)
        self.delivered += len(records)
        return True


class Traffic:
    """Writes at random; what they announce goes into both queues."""

    def __init__(self, world: World, luck: random.Random) -> None:
        self._authors = world.authors
        owned = enumerate(world.post_ids())
        self._posts = [post_id for number, post_id in owned if world.author_of(number) >= QUIET_AUTHORS]
        self._hashtags = world.hashtags
        self._luck = luck
        self._numbers = count(world.posts)
        self.index = Queue(consumers.index, luck)
        self.author_posts = Queue(consumers.settle_author, luck)
        self.done: Tally[str] = Tally()

    def write(self) -> None:
        [kind] = self._luck.choices(list(MIX), list(MIX.values()))
        told = list(getattr(self, f"_{kind}")())
        self.done[kind] += 1
        self.index.send(map(_body, told))
        self.author_posts.send(_body(event) for event in told if isinstance(event, AuthorChanged))

    def _create(self) -> Iterable[DomainEvent]:
        post = new_post(self._author(), clock.now(), next(self._numbers))
        transactions.commit(lambda transaction: store.put(transaction, post))
        self._posts.append(post.post_id)
        return announcements.post_announced(Change(None, _item(post.post_id)))

    def _edit(self) -> Iterable[DomainEvent]:
        old = _item(self._luck.choice(self._posts))
        before = store.as_post(old)
        after = new_post(before.user_id, before.created_at, next(self._numbers))
        transactions.commit(lambda transaction: store.edit(transaction, before, after))
        return announcements.post_announced(Change(old, _item(before.post_id)))

    def _delete(self) -> Iterable[DomainEvent]:
        old = _item(self._posts.pop(self._luck.randrange(len(self._posts))))
        transactions.commit(lambda transaction: store.delete(transaction, store.as_post(old)))
        return announcements.post_announced(Change(old, None))

    def _hashtag(self) -> Iterable[DomainEvent]:
        moved = counter(self._luck.choice(self._hashtags))
        change = self._luck.choice([counters.add, counters.remove])
        transactions.commit(lambda transaction: change(transaction, moved, actor="anybody"))
        return [CounterChanged(kind=moved.kind, id=moved.id, name=moved.name)]

    def _rename(self) -> Iterable[DomainEvent]:
        return self._change_user(UserItem.full_name.set(caption(next(self._numbers))))

    def _privacy(self) -> Iterable[DomainEvent]:
        return self._change_user(UserItem.is_private.set(self._luck.random() < 0.5))

    def _change_user(self, action: Any) -> Iterable[DomainEvent]:
        user_id = self._author()
        old = tables.find(UserItem, user_id, consistent=True)
        users.change_user(user_id, [action])
        return accounts.announced(Change(old, tables.find(UserItem, user_id, consistent=True)))

    def _author(self) -> str:
        return self._luck.choice(self._authors[QUIET_AUTHORS:])


def main() -> None:
    warnings.filterwarnings("ignore", message="No application metrics")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    given = parser.parse_args()
    traffic = Traffic(World(given.posts), random.Random(11))
    queues.send_back = traffic.author_posts.send
    ended = Event()
    Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    print("writing", flush=True)
    # Nobody reads the metrics of consumers here; what they log goes its own way.
    with redirect_stdout(io.StringIO()):
        seconds = _keep_writing(traffic, given.rate, ended)
    delivered = traffic.index.delivered + traffic.author_posts.delivered
    print(json.dumps({"writes": dict(traffic.done), "seconds": seconds, "delivered": delivered}))


def _keep_writing(traffic: Traffic, rate: float, ended: Event) -> float:
    """Write at this rate until the end, deliver all; when the last write was, in seconds since the first."""
    begun, number, last, busy = time.monotonic(), 0, 0.0, True
    while busy or not ended.is_set():
        elapsed = time.monotonic() - begun
        if not ended.is_set() and elapsed >= number / rate:
            traffic.write()
            number, last, busy = number + 1, elapsed, True
        elif not (busy := traffic.index.work() | traffic.author_posts.work()) or elapsed < number / rate:
            time.sleep(0.001)
    return last


def _item(post_id: str) -> PostItem:
    return PostItem.get(post_id, consistent_read=True)


def _body(event: DomainEvent) -> str:
    return json.dumps({"detail": events.wrap(event, event_id="benchmark")})


if __name__ == "__main__":
    main()
