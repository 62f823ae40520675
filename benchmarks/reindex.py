"""The index made anew while writes go on: afterwards nothing is missing, stale or too much, and was at no time.

    python -m benchmarks.reindex [--posts 100000] [--rate 50] [--engine opensearch|osmem]

Posts of a year and their authors in DynamoDB Local, and an index that is made of them; then it is made anew by the
command itself (`local.reindex`), while another process creates, edits and deletes posts, renames accounts, makes them
private and public, and moves hashtags, and lets the real consumers hear of it late, in any order, and now and then
twice. A reader looks all the time for posts that nobody touches. When the traffic has ended, both sides are compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

os.environ |= {
    "NAMESPACE": "benchmark",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "ERROR",
}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "layers" / "shared" / "python"))

from rich.console import Console
from rich.table import Table

from benchmarks.reindex_world import QUIET_AUTHORS, World
from functions.discovery import generations, rebuilding, search
from functions.discovery.rebuilding import Comparison
from heliograph.errors import Unavailable
from local import reindex
from tests import database
from tests.engines.engines import started
from tests.stores import engine as dynamodb

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Told:
    """What the other process did."""

    writes: dict[str, int]
    seconds: float
    delivered: int


@dataclass
class Reader:
    """Looks for posts that are always there, by the name that searches use."""

    wanted: list[str]
    looks: int = 0
    misses: int = 0
    unanswered: int = 0

    def watch(self, ended: Event) -> None:
        body = {"query": {"terms": {"postId": self.wanted}}, "size": 2 * len(self.wanted), "_source": False}
        while not ended.wait(0.05):
            try:
                [hits] = search.run(("posts", body))
            except Unavailable:  # a busy machine; no answer is no wrong answer
                self.unanswered += 1
                continue
            self.looks += 1
            self.misses += sorted(hit.id for hit in hits) != self.wanted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=50.0, help="writes a second")
    parser.add_argument("--engine", choices=["opensearch", "osmem"], default="opensearch")
    given = parser.parse_args()
    world = World(given.posts)
    with tempfile.TemporaryDirectory() as directory, database.running(Path(directory) / "tables") as tables:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = tables
        dynamodb.create_tables()
        world.fill()
        with started(given.engine, Path(directory) / "index") as (start, _, engine):
            start()
            os.environ["SEARCH_ENDPOINT"] = engine.url
            for kind, generation in generations.in_use().items():
                rebuilding.fill(kind, generation, reindex.SCANS[kind](0, 1) if kind in reindex.SCANS else ())
            return _measured(world, given.rate)


def _measured(world: World, rate: float) -> int:
    quiet = sorted(
        post_id for number, post_id in enumerate(world.post_ids()) if world.author_of(number) < QUIET_AUTHORS
    )
    reader, ended = Reader(quiet), Event()
    watching = Thread(target=reader.watch, args=[ended])
    traffic = _traffic(world, rate)
    watching.start()
    begun = time.monotonic()
    try:
        reindex.reindex()
        seconds = time.monotonic() - begun
    finally:
        ended.set()
        watching.join()
        told, _ = traffic.communicate()
    comparisons = reindex.compare()
    wrong = sum(one.mended + (not one.equal) for one in comparisons) + reader.misses
    *complaints, last = told.splitlines()
    print("\n".join(complaints), file=sys.stderr)
    _print(comparisons, Told(**json.loads(last)), reader, seconds)
    print(f"reindex_differences {wrong} documents 0")
    return bool(wrong)


def _traffic(world: World, rate: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.reindex_writes", "--posts", str(world.posts), "--rate", str(rate)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "layers/shared/python")])}
    traffic = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert traffic.stdout
    if not traffic.stdout.readline():
        raise RuntimeError("the traffic did not begin")
    return traffic


def _print(comparisons: list[Comparison], told: Told, reader: Reader, seconds: float) -> None:
    table = Table(title="after the traffic", title_justify="left")
    for heading in ("kind", "in the tables", "in the index", "checksums", "missing, stale or too much"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for one in comparisons:
        equal = "equal" if one.tables.checksum == one.index.checksum else "differ"
        table.add_row(one.kind, f"{one.tables.count:,}", f"{one.index.count:,}", equal, str(one.mended))
    console = Console()
    console.print(table)
    number = sum(told.writes.values())
    done = ", ".join(f"{count} x {kind}" for kind, count in sorted(told.writes.items()))
    console.print(
        f"reindexed in {seconds:.0f} s; {number} writes in {told.seconds:.0f} s, {number / told.seconds:.1f} a second"
    )
    console.print(f"({done}), and {told.delivered} messages delivered")
    console.print(f"{reader.looks} looks at {len(reader.wanted)} quiet posts, {reader.misses} of them incomplete,")
    console.print(f"{reader.unanswered} more were not answered in time")


if __name__ == "__main__":
    sys.exit(main())
