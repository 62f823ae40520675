"""A mixed load on the local cloud: follow, post, like, comment, read the feed, unfollow; then all is compared.

    make up && python -m benchmarks.load [--users 200] [--seconds 300] [--pause 5] [--endpoints .local/endpoints.json]

Fails on any error, on a message in a dead-letter queue, and if, once it is quiet, a count or a feed is not what follows
from what people have done. Threads and the project's own client: a load generator as a package would bring two dozen
others for this.
"""

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import boto3
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.load.oracle import complaints
from benchmarks.load.people import Person, Request, World
from local.aws import CREDENTIALS, REGION
from local.instance import STATE, Endpoints

JOINING = 4
QUIET_SECONDS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--pause", type=float, default=5, help="of one person between two requests, on average")
    parser.add_argument("--endpoints", type=Path, default=STATE / "endpoints.json")
    arguments = parser.parse_args()
    endpoints = Endpoints.read(arguments.endpoints)
    world = World()
    with ThreadPoolExecutor(JOINING) as pool:
        join = partial(Person, world, endpoints.api_url, _photo())
        people = list(pool.map(join, range(arguments.users)))
    everybody = [person.user_id for person in people]
    until = time.monotonic() + arguments.seconds
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda person: person.live(everybody, until, arguments.pause), people))
    wrong = _when_quiet(people)
    failed = _failed_messages(endpoints)
    errors = [request for request in world.requests if request.problem]
    Console().print(_table(world.requests))
    for line in [*(f"{request.action}: {request.problem}" for request in errors), *wrong, *failed]:
        print(line, file=sys.stderr)
    print(f"load_errors {len(errors)} requests 0")
    print(f"load_complaints {len(wrong) + len(failed)} answers 0")
    sys.exit(bool(errors or wrong or failed))


def _photo() -> bytes:
    """A small picture: the load is that of requests, not of the resizer."""
    file = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((640, 640)).save(file, "JPEG")
    return file.getvalue()


def _when_quiet(people: Sequence[Person]) -> list[str]:
    """What is wrong, and stays wrong until events have had their time."""
    deadline = time.monotonic() + QUIET_SECONDS
    while (wrong := list(complaints(people))) and time.monotonic() < deadline:
        time.sleep(2)
    return wrong


def _failed_messages(endpoints: Endpoints) -> list[str]:
    """The dead-letter queues that are not empty."""
    sqs = boto3.client("sqs", endpoint_url=endpoints.aws_endpoint, region_name=REGION, **_credentials())
    found = []
    for url in sqs.list_queues().get("QueueUrls", []):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        number = int(attributes["Attributes"]["ApproximateNumberOfMessages"])
        if number and url.endswith("-dlq"):
            found.append(f"{number} failed messages in {url.rsplit('/', 1)[-1]}")
    return found


def _credentials() -> dict[str, str]:
    return {name.lower(): value for name, value in CREDENTIALS.items()}


def _table(requests: Sequence[Request]) -> Table:
    table = Table(title=f"{len(requests)} actions", title_justify="left")
    for heading in ("action", "number", "errors", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="left" if heading == "action" else "right")
    for action, number in Counter(request.action for request in requests).most_common():
        seconds = [request.seconds for request in requests if request.action == action]
        errors = sum(request.action == action and request.problem is not None for request in requests)
        p95 = statistics.quantiles([*seconds, *seconds], n=20, method="inclusive")[-1]
        table.add_row(action, *map(str, (number, errors, round(statistics.median(seconds) * 1000), round(p95 * 1000))))
    return table


if __name__ == "__main__":
    main()
