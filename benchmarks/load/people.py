"""What one person does, request by request, and what must be true of them afterwards."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx

from local.client import ApiError, Client, NotInTimeError, wait_until

PASSWORD = "quiet-harbour-19"
# Out of a hundred.
HABITS = {"feed": 40, "like": 25, "comment": 12, "follow": 12, "unfollow": 6, "post": 5}


@dataclass(frozen=True)
class Request:
    """`problem`: what went wrong, if anything did."""

    action: str
    seconds: float
    problem: str | None


@dataclass
class World:
    """What everybody may know: the posts that there are, with their authors; and what happened."""

    posts: dict[str, str] = field(default_factory=dict[str, str])
    requests: list[Request] = field(default_factory=list[Request])
    lock: Lock = field(default_factory=Lock)

    def record(self, request: Request) -> None:
        with self.lock:
            self.requests.append(request)

    def publish(self, post_id: str, author_id: str) -> None:
        with self.lock:
            self.posts[post_id] = author_id

    def any_post(self, dice: random.Random) -> str | None:
        with self.lock:
            return dice.choice([*self.posts]) if self.posts else None


class Person:
    """Somebody with an account. `follows`: since which moment; `likes` and `comments`: on which posts."""

    def __init__(self, world: World, api_url: str, photo: bytes, seed: int) -> None:
        self.world, self.photo, self.dice = world, photo, random.Random(seed)
        self.client = Client(api_url)
        self.follows: dict[str, float] = {}
        self.published: dict[str, float] = {}
        self.likes: set[str] = set()
        self.comments: list[str] = []
        username = f"load.{uuid.uuid4().hex[:10]}"
        self.client.sign_up(username, PASSWORD)
        self.client.sign_in(username, PASSWORD)

    @property
    def user_id(self) -> str:
        return self.client.user_id

    def live(self, everybody: Sequence[str], until: float, pause: float) -> None:
        """Act, with pauses (seconds, on average), until a moment of the monotonic clock."""
        others = [user_id for user_id in everybody if user_id != self.user_id]
        while time.monotonic() < until:
            [action] = self.dice.choices([*HABITS], [*HABITS.values()])
            self._timed(action, getattr(self, f"_{action}"), others)
            time.sleep(self.dice.uniform(0, 2 * pause))

    def _timed(self, name: str, action: Callable[[list[str]], None], others: list[str]) -> None:
        start, problem = time.perf_counter(), None
        try:
            action(others)
        except (ApiError, NotInTimeError, httpx.HTTPError) as error:
            problem = f"{type(error).__name__}: {error}"
        self.world.record(Request(name, time.perf_counter() - start, problem))

    def _feed(self, _others: list[str]) -> None:
        self.client.get("/feed", limit=20)

    def _like(self, _others: list[str]) -> None:
        post_id = self.world.any_post(self.dice)
        if post_id in self.likes:
            self.client.delete(f"/posts/{post_id}/like")
            self.likes.discard(post_id)
        elif post_id:
            self.client.put(f"/posts/{post_id}/like")
            self.likes.add(post_id)

    def _comment(self, _others: list[str]) -> None:
        if post_id := self.world.any_post(self.dice):
            self.client.post(f"/posts/{post_id}/comments", {"content": "Lovely light"})
            self.comments.append(post_id)

    def _follow(self, others: list[str]) -> None:
        other = self.dice.choice(others)
        self.client.put(f"/users/{other}/follow")
        self.follows.setdefault(other, time.monotonic())

    def _unfollow(self, _others: list[str]) -> None:
        if self.follows:
            other = self.dice.choice([*self.follows])
            self.client.delete(f"/users/{other}/follow")
            del self.follows[other]

    def _post(self, _others: list[str]) -> None:
        began = time.monotonic()
        post_id = self.client.create_post([self.client.upload(self.photo)], caption="From the harbour")["postId"]
        wait_until(lambda: self._status(post_id) == "published", seconds=120, what="the publication")
        self.published[post_id] = began
        self.world.publish(post_id, self.user_id)

    def _status(self, post_id: str) -> Any:
        return self.client.get(f"/posts/{post_id}")["status"]
