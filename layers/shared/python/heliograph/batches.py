"""Many writes and reads by key: a batch in each request, and several requests at once.

DynamoDB may leave part of a batch undone when a table is busy. What is left is sent again, alone, after a pause with
full jitter; where some stays undone, Undone is raised (PutError where the request fails), and whoever asked begins
anew: every write here can be repeated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]
from pynamodb.constants import (
    BATCH_WRITE_ITEM,
    DELETE_REQUEST,
    ITEM,
    KEY,
    PUT_REQUEST,
    REQUEST_ITEMS,
    STRING,
    UNPROCESSED_ITEMS,
)
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from heliograph import tables
from heliograph.errors import Unavailable
from heliograph.resilience import retry
from heliograph.transactions import connection

T = TypeVar("T")
R = TypeVar("R")
M = TypeVar("M", bound=Model)

WRITES = 25
READS = 100
# The client's pool has ten connections.
AT_ONCE = 8
ATTEMPTS = 8


class Undone(Unavailable):
    """DynamoDB was too busy for part of a batch, also after retries."""


def put(items: Iterable[Model]) -> None:
    """Write items of one table in place of those with the same keys. Raises Undone."""
    wanted = list(items)
    if wanted:
        _write(type(wanted[0]), [{PUT_REQUEST: {ITEM: item.serialize()}} for item in wanted])


def delete(model: type[Model], keys: Iterable[Mapping[str, str]]) -> None:
    """Delete items by their keys, as {attribute: value}; that there is none is no error. Raises Undone."""
    _write(model, [{DELETE_REQUEST: {KEY: {name: {STRING: key[name]} for name in key}}} for key in keys])


def get(model: type[M], keys: Iterable[Any]) -> list[M]:
    """Items by key, in any order, missing ones left out; a duplicate key is asked for once."""
    found = at_once(partial(tables.batch_get, model), _cut(list(dict.fromkeys(keys)), READS))
    return [item for part in found for item in part]


def at_once(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """The results of `work` in order. One part needs no threads."""
    if len(parts) <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(min(AT_ONCE, len(parts))) as pool:
        return list(pool.map(work, parts))


def _write(model: type[Model], requests: Sequence[dict[str, Any]]) -> None:
    at_once(partial(_send, model), _cut(requests, WRITES))


def _send(model: type[Model], requests: Sequence[dict[str, Any]]) -> None:
    table: str = model.Meta.table_name
    left = list(requests)

    def attempt() -> None:
        nonlocal left
        low_level: Any = connection()  # untyped in PynamoDB
        try:
            answer = low_level.dispatch(BATCH_WRITE_ITEM, {REQUEST_ITEMS: {table: left}})
        except (BotoCoreError, ClientError) as error:
            raise PutError(f"a batch for {table}", error) from error
        left = answer.get(UNPROCESSED_ITEMS, {}).get(table, [])
        if left:
            raise Undone(f"{len(left)} writes")

    retry(attempt, on=Undone, attempts=ATTEMPTS)


def _cut(things: Sequence[T], size: int) -> list[Sequence[T]]:
    return [things[start : start + size] for start in range(0, len(things), size)]
