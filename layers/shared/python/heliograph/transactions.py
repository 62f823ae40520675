"""DynamoDB transactions: all or nothing, conflicts retried, a failed condition told apart from everything else."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.transactions import TransactWrite

from heliograph.errors import Unavailable
from heliograph.resilience import retry

T = TypeVar("T")

_connections: dict[str, Connection] = {}

# Why DynamoDB refuses a transaction that may succeed a moment later: an item is held by another, or written too often.
BUSY = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


@runtime_checkable
class Yielding(Protocol):
    """An item that, when it is busy, has another place to be written to at the next attempt."""

    def give_way(self) -> None: ...


class ConditionFailed(Exception):
    """A condition did not hold, so nothing was written.

    `positions`: which writes refused, counted as PynamoDB sends them: checks, deletes, saves, updates.
    """

    def __init__(self, positions: frozenset[int]) -> None:
        super().__init__(f"conditions failed at {sorted(positions)}")
        self.positions = positions


class Contention(Unavailable):
    """An item was busy; nothing was written and a retry may succeed. A client may try again later."""


def refusal(error: PynamoDBException) -> str | None:
    """The code of DynamoDB's answer; None if none came. (Asked then, PynamoDB's own property raises AttributeError.)"""
    return error.cause_response_code if isinstance(error.cause, ClientError) else None


def commit(build: Callable[[TransactWrite], None]) -> None:
    """Run `build` on a fresh transaction and commit it.

    Raises ConditionFailed when a condition did not hold, Contention when conflicts outlast the retries.
    """
    retry(lambda: _attempt(build), on=Contention)


def while_unchanged(read_and_commit: Callable[[], T]) -> T:
    """The result of a read and the commit that is conditional on it, begun anew when what was read has been changed.

    Raises Contention when others are faster each time.
    """
    try:
        return retry(read_and_commit, on=ConditionFailed)
    except ConditionFailed as failure:
        raise Contention from failure


class _Transaction(TransactWrite):
    """Remembers what it updates, in the order of DynamoDB's reasons: PynamoDB sends updates last."""

    def __init__(self) -> None:
        super().__init__(connection=connection())
        self.updated: list[Any] = []

    def update(self, model: Any, *positional: Any, **named: Any) -> None:
        self.updated.append(model)
        super().update(model, *positional, **named)


def _attempt(build: Callable[[TransactWrite], None]) -> None:
    transaction = _Transaction()
    try:
        with transaction:
            build(transaction)
    except TransactWriteError as error:
        codes = [reason.code if reason else "None" for reason in error.cancellation_reasons]
        failed = frozenset(place for place, code in enumerate(codes) if code == "ConditionalCheckFailed")
        if failed:
            raise ConditionFailed(failed) from error
        for model, code in zip(reversed(transaction.updated), reversed(codes), strict=False):
            if code in BUSY and isinstance(model, Yielding):
                model.give_way()
        if BUSY & {*codes} or refusal(error) == "TransactionInProgressException":
            raise Contention from error
        raise


def connection() -> Connection:
    """The process's connection for what models cannot send by themselves."""
    return _connections.setdefault("default", Connection(connect_timeout_seconds=1, read_timeout_seconds=5))
