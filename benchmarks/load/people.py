"""A mixed load on a running local cloud: follow, post, like, comment, read the feed, unfollow; then all is compared.

    make up && make load        (a Locust file; its options are in pyproject.toml)

Ends with 1 on any error, on a message in a dead-letter queue, and if, once it is quiet, a count or a feed is not what
follows from what people have done.
"""

import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from locust import User, between, events, task
from locust.env import Environment
from locust.exception import StopUser
from PIL import Image

from benchmarks.load import oracle
from benchmarks.load.oracle import Deeds
from local import operate
from local.client import ApiError, Client, NotInTimeError, wait_until
from local.instance import STATE, Endpoints, Instance

PASSWORD = "quiet-harbour-19"
PUBLICATION_SECONDS = 120
QUIET_SECONDS = 120

endpoints = Endpoints.read(Path(os.environ.get("HELIOGRAPH_ENDPOINTS", STATE / "endpoints.json")))
people: list["Person"] = []


def _photo() -> bytes:
    """A small picture: the load is that of requests, not of the resizer."""
    file = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((640, 640)).save(file, "JPEG")
    return file.getvalue()


PHOTO = _photo()


def timed(action: Callable[["Person"], None]) -> Callable[["Person"], None]:
    """Tell Locust of an action: its time, and its error if it has one."""

    @wraps(action)
    def run(person: "Person") -> None:
        began, problem = time.perf_counter(), None
        try:
            action(person)
        except (ApiError, NotInTimeError, httpx.HTTPError) as error:
            problem = error
        person.environment.events.request.fire(
            request_type="",
            name=action.__name__,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=problem,
            context={},
        )

    return run


class Person(User):
    """Somebody with an account, who does something every 40 seconds: two processors can answer 200 such people."""

    wait_time = between(0, 80)

    @timed
    def sign_up(self) -> None:
        self.client.sign_up(self.username, PASSWORD)
        self.client.sign_in(self.username, PASSWORD)

    def on_start(self) -> None:
        self.dice = random.Random(len(people))
        self.username = f"load.{uuid.uuid4().hex[:10]}"
        self.client = Client(endpoints.api_url)
        self.deeds = Deeds()
        self.sign_up()
        if self.client.session is None:
            raise StopUser
        people.append(self)

    @task(40)
    @timed
    def feed(self) -> None:
        self.client.get("/feed", limit=20)

    @task(25)
    @timed
    def like(self) -> None:
        post_id = self._any_post()
        if post_id in self.deeds.likes:
            self.client.delete(f"/posts/{post_id}/like")
            self.deeds.likes.discard(post_id)
        elif post_id:
            self.client.put(f"/posts/{post_id}/like")
            self.deeds.likes.add(post_id)

    @task(12)
    @timed
    def comment(self) -> None:
        if post_id := self._any_post():
            self.client.post(f"/posts/{post_id}/comments", {"content": "Lovely light"})
            self.deeds.comments.append(post_id)

    @task(12)
    @timed
    def follow(self) -> None:
        other = self.dice.choice(people).client.user_id
        if other != self.client.user_id:
            self.client.put(f"/users/{other}/follow")
            self.deeds.follows.setdefault(other, time.monotonic())

    @task(6)
    @timed
    def unfollow(self) -> None:
        if self.deeds.follows:
            other = self.dice.choice([*self.deeds.follows])
            self.client.delete(f"/users/{other}/follow")
            del self.deeds.follows[other]

    @task(5)
    @timed
    def post(self) -> None:
        began = time.monotonic()
        post_id = self.client.create_post([self.client.upload(PHOTO)], caption="From the harbour")["postId"]
        wait_until(lambda: self._status(post_id) == "published", PUBLICATION_SECONDS, "the publication")
        self.deeds.posts[post_id] = began

    def _status(self, post_id: str) -> Any:
        return self.client.get(f"/posts/{post_id}")["status"]

    def _any_post(self) -> str | None:
        posts = [post_id for person in people for post_id in person.deeds.posts]
        return self.dice.choice(posts) if posts else None


@events.quitting.add_listener
def compare(environment: Environment, **_: Any) -> None:
    """Ask the platform, when all is quiet, for what people have done; what stays wrong is told."""
    everybody = [(person.client, person.deeds) for person in people]
    deadline = time.monotonic() + QUIET_SECONDS
    while (wrong := list(oracle.complaints(everybody))) and time.monotonic() < deadline:
        time.sleep(2)
    failed = operate.failed_messages(operate.waiting_messages(Instance.on(urlsplit(endpoints.aws_endpoint).port or 0)))
    wrong += [f"{count} failed messages in {name}" for name, count in failed.items()]
    print(*wrong, sep="\n", file=sys.stderr)
    errors = environment.stats.total.num_failures
    print(f"load_errors {errors} requests 0\nload_complaints {len(wrong)} answers 0")
    environment.process_exit_code = int(bool(wrong or errors))
