"""What AWS answers while a transaction holds an item. DynamoDB Local never does, so it is said in its stead.

The shapes are those of the API reference: TransactionCanceledException with a reason for each item, and
TransactionConflictException for a single write.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from heliograph import config
from infrastructure.tables import TABLES
from tests import capacity
from tests.capacity import Params

SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


@contextmanager
def answering(operation: str, code: str, *reasons: str, times: int) -> Iterator[list[str]]:
    """The first `times` requests of this operation are refused; yields a list that grows with every request of it."""
    asked: list[str] = []

    def around(_client: Any, name: str, params: Params, proceed: Callable[[Params], Any]) -> Any:
        if name == operation:
            asked.append(name)
            if len(asked) <= times:
                raise _refusal(name, code, *reasons)
        return proceed(params)

    with capacity.intercepted(around):
        yield asked


@contextmanager
def conflicting() -> Iterator[list[str]]:
    """Writes of an item that a transaction of another thread is writing are refused; yields the refused operations."""
    held: set[str] = set()
    refused: list[str] = []
    lock = Lock()

    def around(_client: Any, name: str, params: Params, proceed: Callable[[Params], Any]) -> Any:
        if name not in SINGLE_WRITES | {"TransactWriteItems"}:
            return proceed(params)
        keys = _keys(name, params)
        with lock:
            reasons = ["TransactionConflict" if key in held else "None" for key in keys]
            conflict = "TransactionConflict" in reasons
            if not conflict and name not in SINGLE_WRITES:
                held.update(keys)
        if conflict:
            refused.append(name)
            single = name in SINGLE_WRITES
            raise _refusal(name, "TransactionConflictException" if single else "TransactionCanceledException", *reasons)
        try:
            return proceed(params)
        finally:
            if name not in SINGLE_WRITES:
                with lock:
                    held.difference_update(keys)

    with capacity.intercepted(around):
        yield refused


_KEY_NAMES = {spec.name: [name for name in (spec.partition, spec.sort) if name] for spec in TABLES}


def _keys(operation: str, params: Params) -> list[str]:
    """Table and key of each item that a request writes."""
    if operation in SINGLE_WRITES:
        return [_key(params)]
    return [_key(body) for entry in params["TransactItems"] for body in entry.values()]


def _key(body: Params) -> str:
    table = body["TableName"].removeprefix(config.named(""))
    item = body["Key"] if "Key" in body else body["Item"]
    return repr([table, *(item[name] for name in _KEY_NAMES[table])])


def _refusal(operation: str, code: str, *reasons: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": "Please retry"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(answer, operation)
