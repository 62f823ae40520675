"""From publishing a post until somebody else's search finds it, on the local cloud that is running.

    make up && python -m benchmarks.publish_to_search [--posts 30] [--endpoints .local/endpoints.json]

The picture is ready beforehand, so what is measured is the way of the post: into the table, through its stream, the bus
and the queue into the index, until the index shows what was written. The end is seen by polling, so each figure is late
by up to one poll. The first posts only warm the cloud.
"""

import argparse
import statistics
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks import photos
from benchmarks.upload_to_feed import join
from local.client import Client, wait_until
from local.instance import STATE, Endpoints

TARGET_SECONDS = 2.0
WARM_UPS = 3


def publish(author: Client, stranger: Client, media_id: str) -> float:
    """Post a ready picture with a word that nobody else has used; the seconds until a search for it finds the post."""
    word = f"lantern{uuid.uuid4().hex}"
    start = time.perf_counter()
    post_id = author.create_post([media_id], caption=f"A {word} at night")["postId"]
    wait_until(lambda: _found(stranger, word) == [post_id], what="the post in the search")
    return time.perf_counter() - start


def _ready(author: Client, photo: bytes) -> str:
    media_id = author.upload(photo)
    wait_until(lambda: author.get(f"/media/{media_id}")["status"] == "ready", what="the picture")
    return media_id


def _found(client: Client, word: str) -> list[str]:
    return [post["postId"] for post in client.get("/search", type="posts", q=word)["items"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=30)
    parser.add_argument("--endpoints", type=Path, default=STATE / "endpoints.json")
    arguments = parser.parse_args()
    api_url = Endpoints.read(arguments.endpoints).api_url
    photo = photos.camera_photos()[photos.TWELVE].read_bytes()
    with ExitStack() as stack:
        author, stranger = (join(name, api_url, stack) for name in ("author", "stranger"))
        rounds = track(range(WARM_UPS + arguments.posts), console=Console(stderr=True))
        seconds = [publish(author, stranger, _ready(author, photo)) for _ in rounds]
    measured = seconds[WARM_UPS:]
    p50, p95 = statistics.median(measured), statistics.quantiles(measured, n=20, method="inclusive")[-1]
    print(f"{len(measured)} posts: p50 {p50:.2f} s, p95 {p95:.2f} s, fastest {min(measured):.2f} s")
    print(f"publish_to_search_p50 {p50:.3f} s {TARGET_SECONDS}")


if __name__ == "__main__":
    main()
