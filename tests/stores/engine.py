"""AWS's own DynamoDB engine with the product's tables, and what a run of this suite remembers."""

import inspect
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ConnectionError as NotYet
from botocore.exceptions import HTTPClientError

from functions.accounts import jobs
from functions.accounts import store as accounts
from functions.discovery import activity, dismissals, explore_sessions, tastes, trends, usernames
from functions.discovery import store as discovery
from functions.feed import encounters, readers, timelines
from functions.feed import store as feed
from functions.graph import store as graph
from functions.media import bands
from functions.media import store as media
from functions.posts import comments, mentions, saves
from functions.posts import store as posts
from functions.stories import store as stories
from heliograph import (
    admission,
    batches,
    config,
    counters,
    counters_folding,
    counters_repair,
    idempotency,
    limits,
    tables,
    transactions,
)
from infrastructure.tables import TABLES, TableSpec
from local import dynamodb
from local.processes import Program, free_port
from tests import capacity

START_SECONDS = 30.0
STORES = (
    *(accounts, jobs, graph, media, bands, posts, comments, mentions, saves, stories),
    *(feed, readers, timelines, encounters),
    *(discovery, usernames, activity, trends, tastes, explore_sessions, dismissals),
)
KERNEL = (counters, counters_folding, counters_repair, transactions, tables, batches, idempotency, limits, admission)


class EngineError(Exception):
    """DynamoDB Local did not start; the message holds what it said."""


@dataclass
class Run:
    """What has happened so far in this process: functions called, requests compared, the largest difference found."""

    called: set[str] = field(default_factory=set)
    compared: int = 0
    largest: float = 0.0


RUN = Run()


@dataclass(frozen=True)
class Notes:
    """What all workers of a run have called, in a folder that they share: a line for each test that has ended."""

    folder: Path
    worker: str

    def add(self) -> None:
        """Note the end of a test, and what was called since the last."""
        with (self.folder / f"called-{self.worker}").open("a") as file:
            file.write(" ".join(sorted(RUN.called)) + "\n")
        RUN.called.clear()

    def tests(self) -> list[list[str]]:
        """What was called between the ends of tests."""
        return [line.split() for file in self.folder.glob("called-*") for line in file.read_text().splitlines()]


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """The endpoint of a DynamoDB Local on a free port of 127.0.0.1. Raises JavaError, EngineError."""
    port = free_port()
    program = Program("dynamodb", directory)
    endpoint = f"http://127.0.0.1:{port}"
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with program.ending_with_us():
        program.start(dynamodb.command(port), environment)
        _wait(program, endpoint)
        yield endpoint


@cache
def client() -> Any:
    """A plain client: no retries, so that every answer is seen."""
    return boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))


def create_tables(specs: Iterable[TableSpec] = TABLES) -> None:
    """These tables of the catalogue, under the names by which the product knows them.

    Nothing expires in them. This engine deletes expired items within seconds, and the clock of a test may stand still
    in the past: items would vanish in the middle of a test.
    """
    plain = client()
    for spec in specs:
        plain.create_table(**_definition(spec))


def asking() -> AbstractContextManager[None]:
    """Ask for the engine's own figure with every request."""
    return capacity.intercepted(
        lambda _client, _operation, params, proceed: proceed({**params, "ReturnConsumedCapacity": "INDEXES"})
    )


def public_functions() -> dict[str, tuple[ModuleType, str]]:
    """The public functions of all stores and of the kernel that reads and writes, by full name."""
    return {
        f"{module.__name__}.{name}": (module, name)
        for module in (*STORES, *KERNEL)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def remembered(full_name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which also notes that it was called."""

    @wraps(function)
    def called(*positional: Any, **named: Any) -> Any:
        RUN.called.add(full_name)
        return function(*positional, **named)

    return called


def _wait(program: Program, endpoint: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    quick = boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
    while time.monotonic() < deadline and program.running():
        try:
            quick.list_tables()
        except (NotYet, HTTPClientError):
            time.sleep(0.02)
        else:
            return
    raise EngineError(program.log.read_text())


def _definition(spec: TableSpec) -> dict[str, Any]:
    keys = [name for name in (spec.partition, spec.sort) if name]
    index_keys = [key for index in spec.indexes for key in (index.partition, index.sort)]
    definition: dict[str, Any] = {
        "TableName": config.named(spec.name),
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema(keys),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in dict.fromkeys([*keys, *index_keys])
        ],
    }
    if spec.indexes:
        definition["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _schema([index.partition, index.sort]),
                "Projection": {"ProjectionType": "KEYS_ONLY" if index.keys_only else "ALL"},
            }
            for index in spec.indexes
        ]
    if spec.stream:
        definition["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return definition


def _schema(keys: list[str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
