"""Many upload at once, and workers die: everything is ready in the end, and nobody's pile holds up another's."""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.client import Client, wait_until
from local.cloud import Cloud
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Aws, Queue
from tests.running import provoked

pytestmark = [pytest.mark.needs(Feature.DEPLOYMENT), pytest.mark.long]

PEOPLE, PHOTOS = 10, 5
KILLED = 6
RESIZE = f"{NAMESPACE}-media-resize"


@pytest.fixture(scope="module")
def people(join: Callable[[str], Client]) -> list[Client]:
    return [join(f"crowd{number}") for number in range(PEOPLE)]


def uploaded(people: list[Client]) -> dict[str, int]:
    """All photos of all people at once; whose each is, by media id, in the order in which they came."""
    owners: dict[str, int] = {}

    def pile(number: int) -> None:
        for _ in range(PHOTOS):
            owners[people[number].upload(PHOTO)] = number

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(pile, range(PEOPLE)))
    return owners


def firsts(order: list[str], owners: dict[str, int]) -> dict[int, int]:
    """The place of everybody's first photo in an order."""
    places: dict[int, int] = {}
    for place, media_id in enumerate(order):
        places.setdefault(owners[media_id], place)
    return places


class Watch:
    """Looks at the items from behind: asking the API for each of fifty would itself be a load."""

    def __init__(self, aws: Aws, media_ids: list[str]) -> None:
        self._table, self._ids = aws("dynamodb"), media_ids
        self.order: list[str] = []

    def all_ready(self) -> bool:
        keys = [{"mediaId": {"S": media_id}} for media_id in self._ids]
        asked: dict[str, Any] = {f"{NAMESPACE}-media": {"Keys": keys, "ConsistentRead": True}}
        items = self._table.batch_get_item(RequestItems=asked)["Responses"][f"{NAMESPACE}-media"]
        ready = {item["mediaId"]["S"] for item in items if item["status"]["S"] == "ready"}
        self.order += sorted(ready - {*self.order})
        return len(self.order) == len(self._ids)


def test_uploads_of_all_owners_are_processed_in_turn(aws: Aws, people: list[Client]) -> None:
    # when ten people upload five photos each at once
    owners = uploaded(people)
    watch = Watch(aws, [*owners])
    wait_until(watch.all_ready, seconds=180, what="the last photo")
    # then nobody's first photo has waited for the piles of others: half of all photos at most came in between
    came, ready = firsts([*owners], owners), firsts(watch.order, owners)
    assert max(ready[number] - came[number] for number in range(PEOPLE)) <= len(owners) // 2


def _workers(cloud: Cloud) -> list[int]:
    """The processes that run the resize function for the cloud under test."""
    cloud_pid = cloud.aws.pid()
    return [
        int(path.name)
        for path in Path("/proc").glob("[0-9]*")
        if _runs_resize(path) and cloud_pid in _ancestors(int(path.name))
    ]


def _runs_resize(process: Path) -> bool:
    try:
        return f"AWS_LAMBDA_FUNCTION_NAME={RESIZE}\0".encode() in (process / "environ").read_bytes()
    except OSError:  # gone meanwhile, or somebody else's
        return False


def _ancestors(pid: int) -> list[int]:
    found: list[int] = []
    while pid > 1:
        found.append(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


@contextmanager
def random_deaths(cloud: Cloud, count: int) -> Iterator[list[int]]:
    """Meanwhile, `count` resize workers are killed, at intervals of half a second."""
    chance, over, killed = random.Random(7), threading.Event(), list[int]()

    def kill() -> None:
        while len(killed) < count and not over.wait(0.5):
            if workers := _workers(cloud):
                killed.append(chance.choice(workers))
                os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds workers in /proc")
def test_killed_workers_lose_no_upload(aws: Aws, cloud: Cloud, people: list[Client]) -> None:
    # given
    dead_letters = Queue(aws("sqs"), f"{NAMESPACE}-media-photos-dlq")
    before = dead_letters.waiting()
    # when workers are killed at random while fifty photos are worked on
    provoked.append((RESIZE, "exited with status -9"))
    with random_deaths(cloud, KILLED) as killed:
        owners = uploaded(people)
        watch = Watch(aws, [*owners])
        wait_until(watch.all_ready, seconds=240, what="the last photo")
    # then all are ready all the same, and none was set aside
    assert len(killed) == KILLED
    assert dead_letters.waiting() == before
    # and each is whole
    for owner in people:
        media_id = next(media_id for media_id, number in owners.items() if people[number] is owner)
        media = owner.get(f"/media/{media_id}")
        assert {rendition["name"] for rendition in media["renditions"]} == {"w1080", "w640", "w320", "thumb"}
