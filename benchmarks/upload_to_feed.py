"""From the start of a photo's upload until it stands in a follower's feed, on the local cloud that is running.

    make up && python -m benchmarks.upload_to_feed [--uploads 30] [--endpoints .local/endpoints.json]

A real 12-megapixel JPEG, whole: upload, processing, publication, fan-out, and the follower's own request that shows it.
The post is written beforehand, as an app does while somebody still types, so it is published as soon as its picture
is ready. Stages are seen by polling, so each figure is late by up to one poll. The first uploads only warm the cloud.
"""

import argparse
import statistics
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import photos
from local.client import Client, wait_until
from local.instance import STATE, Endpoints

TARGET_SECONDS = 2.0
WARM_UPS = 3
PASSWORD = "quiet-harbour-19"
STAGES = ("uploaded", "ready", "published", "in the feed")


@dataclass(frozen=True)
class Timeline:
    """Seconds since the upload began."""

    uploaded: float
    ready: float
    published: float
    in_feed: float


def upload(author: Client, follower: Client, photo: bytes) -> Timeline:
    """Post one photo, and watch it on its way into the follower's feed."""
    media = author.request_upload(len(photo))
    post_id = author.create_post([media["mediaId"]])["postId"]
    start = time.perf_counter()

    def seconds_until(effect: Callable[[], bool], what: str) -> float:
        wait_until(effect, what=what)
        return time.perf_counter() - start

    return Timeline(
        seconds_until(lambda: author.send_to_form(media["upload"], photo).is_success, "the upload"),
        seconds_until(lambda: author.get(f"/media/{media['mediaId']}")["status"] == "ready", "the picture"),
        seconds_until(lambda: author.get(f"/posts/{post_id}")["status"] == "published", "the publication"),
        seconds_until(lambda: _newest(follower) == post_id, "the post in the feed"),
    )


def _newest(follower: Client) -> str | None:
    items = follower.get("/feed", order="latest", limit=1)["items"]
    return items[0]["postId"] if items else None


def join(name: str, api_url: str, stack: ExitStack) -> Client:
    client = stack.enter_context(Client(api_url))
    username = f"{name}.{uuid.uuid4().hex[:8]}"
    client.sign_up(username, PASSWORD)
    client.sign_in(username, PASSWORD)
    return client


def _table(timelines: list[Timeline]) -> Table:
    table = Table(title="seconds since the upload began", title_justify="left")
    for heading in ("stage", "p50", "p95", "fastest"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage, seconds in zip(STAGES, zip(*map(astuple, timelines), strict=True), strict=True):
        p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
        table.add_row(stage, *(f"{value:.2f}" for value in (statistics.median(seconds), p95, min(seconds))))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=30)
    parser.add_argument("--endpoints", type=Path, default=STATE / "endpoints.json")
    arguments = parser.parse_args()
    api_url = Endpoints.read(arguments.endpoints).api_url
    photo = photos.camera_photos()[photos.TWELVE].read_bytes()
    console = Console()
    with ExitStack() as stack:
        author, follower = (join(name, api_url, stack) for name in ("author", "follower"))
        follower.put(f"/users/{author.get('/users/me')['userId']}/follow")
        rounds = range(WARM_UPS + arguments.uploads)
        timelines = [upload(author, follower, photo) for _ in track(rounds, console=Console(stderr=True))]
    console.print(_table(timelines[WARM_UPS:]))
    p50 = statistics.median(timeline.in_feed for timeline in timelines[WARM_UPS:])
    print(f"upload_to_feed_p50 {p50:.3f} s {TARGET_SECONDS}")


if __name__ == "__main__":
    main()
