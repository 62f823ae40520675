"""AWS's own DynamoDB engine with the product's tables, and what a run of this suite remembers."""

import inspect
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any

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
from tests import capacity, database

START_SECONDS = 30.0
STORES = (
    *(accounts, jobs, graph, media, bands, posts, comments, mentions, saves, stories),
    *(feed, readers, timelines, encounters),
    *(discovery, usernames, activity, trends, tastes, explore_sessions, dismissals),
)
KERNEL = (counters, counters_folding, counters_repair, transactions, tables, batches, idempotency, limits, admission)


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


@cache
def client() -> Any:
    """A plain client: no retries, so that every answer is seen."""
    return database.plain_client(os.environ["AWS_ENDPOINT_URL_DYNAMODB"])


def create_tables(specs: Iterable[TableSpec] = TABLES) -> None:
    """These tables of the catalogue, under the names by which the product knows them."""
    database.create_tables(client(), config.named, specs)


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
