"""The capacity meter: what DynamoDB charges for every request of this process, counted from the sizes of the items.

    with capacity.metered() as meter:
        service.read(...)
    meter.read_units, meter.write_units, meter.requests

It sees boto3's clients and PynamoDB's alike. No figure is taken from an answer, so an emulator that makes its own up
is metered like the real service. What a request does not tell (an item before and after a write, what a filter has
dropped) is read through the same client, unmetered; so figures are exact unless another writer comes between.

Source of the rules: Amazon DynamoDB Developer Guide, "Item sizes and formats", "Read and write operations", "Using
global secondary indexes", "Transactions". PartiQL is not metered, and a replayed client token counts as a first use.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import partial
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError

Item = Mapping[str, Any]
Params = Mapping[str, Any]
Answer = dict[str, Any]
Around = Callable[[Any, str, Params, Callable[[Params], Answer]], Answer]

READ_BYTES, WRITE_BYTES = 4096, 1024
EVENTUAL, CONSISTENT, TRANSACTIONAL = 0.5, 1, 2
READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
# A write that a condition has refused is charged too; other errors are not.
REFUSALS = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})
NARROWING = frozenset({"FilterExpression", "ProjectionExpression", "Select"})
BATCH_GET_KEYS = 100

UNMETERED = BaseClient._make_api_call


# --- The rules ------------------------------------------------------------------------------------------------------


def item_size(item: Item) -> int:
    """Bytes of an item in DynamoDB's JSON form: names and values, in UTF-8."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Bytes of one attribute value, such as `{"N": "12"}`."""
    [(kind, content)] = value.items()
    return _SIZES[kind](content)


def read_units(size: int, factor: float) -> float:
    """Units of reading `size` bytes; nothing at all still costs the minimum. `factor`: EVENTUAL and so on."""
    return max(1, math.ceil(size / READ_BYTES)) * factor


def write_units(before: Item | None, after: Item | None) -> int:
    """Units of turning one image of an item into another in a table (None: no item)."""
    return max(1, *(math.ceil(item_size(image or {}) / WRITE_BYTES) for image in (before, after)))


def index_units(before: Item | None, after: Item | None, keys: Iterable[str]) -> int:
    """Units of carrying that change into an index: an entry that moves is deleted and written anew."""
    if before == after:
        return 0
    if before and after and all(before[key] == after[key] for key in keys):
        return write_units(before, after)
    return sum(write_units(image, None) for image in (before, after) if image)


def _number_size(number: Decimal) -> int:
    """The guide says: about one byte per two significant digits, and one more.

    Exactly: the pairs are those of base 100, counted from the decimal point, and a minus is a byte of its own.
    """
    _, digits, exponent = number.normalize(Context(prec=38)).as_tuple()
    if not number or not isinstance(exponent, int):
        return 1
    pairs = (exponent + len(digits) - 1) // 2 - exponent // 2 + 1
    return pairs + 1 + (number < 0)


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": lambda text: _number_size(Decimal(text)),
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "L": lambda elements: 3 + sum(1 + value_size(element) for element in elements),
    "M": lambda elements: 3 + len(elements) + item_size(elements),
    "SS": lambda texts: sum(len(text.encode()) for text in texts),
    "NS": lambda texts: sum(_number_size(Decimal(text)) for text in texts),
    "BS": lambda values: sum(map(len, values)),
}


# --- What was charged -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Charge:
    """What one item, or one page, has cost a table or one of its indexes.

    `action`: the operation, or what a batch or a transaction does with this item, such as Put or ConditionCheck.
    `absent`: there was nothing to read, change or check.
    """

    action: str
    table: str
    index: str | None
    units: float
    absent: bool = False


@dataclass(frozen=True)
class Request:
    """One request as the application made it. `answer` is None when it was refused."""

    operation: str
    params: Params
    answer: Answer | None
    charges: tuple[Charge, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(charge.table for charge in self.charges))

    @property
    def read_units(self) -> float:
        return self._units if self.operation in READS else 0

    @property
    def write_units(self) -> float:
        return self._units if self.operation in WRITES else 0

    @property
    def _units(self) -> float:
        return sum(charge.units for charge in self.charges)


@dataclass
class Meter:
    """All requests since metering began, by any thread."""

    requests: list[Request] = field(default_factory=list)

    @property
    def read_units(self) -> float:
        return sum(request.read_units for request in self.requests)

    @property
    def write_units(self) -> float:
        return sum(request.write_units for request in self.requests)


@contextmanager
def metered(known: dict[str, "Schema"] | None = None) -> Iterator[Meter]:
    """Meter every request to DynamoDB that this process makes inside the block. `known`: what is learned of tables."""
    meter = Meter()
    schemas = {} if known is None else known

    def around(client: Any, operation: str, params: Params, proceed: Callable[[Params], Answer]) -> Answer:
        measure = _measure_read if operation in READS else _measure_write
        return measure(_Engine(client, schemas), operation, params, proceed, meter.requests.append)

    with intercepted(around):
        yield meter


@contextmanager
def intercepted(around: Around) -> Iterator[None]:
    """Send every read and write of DynamoDB through `around(client, operation, params, proceed)`."""
    inner = BaseClient._make_api_call

    def call(client: Any, operation: str, params: Params) -> Answer:
        if client.meta.service_model.service_name != "dynamodb" or operation not in READS | WRITES:
            return inner(client, operation, params)
        return around(client, operation, params, partial(inner, client, operation))

    # Below boto3 and PynamoDB this method is all that they share: PynamoDB leaves out the validation and its events.
    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield


@contextmanager
def unmetered() -> Iterator[None]:
    """Meter nothing of this process inside the block: for set-up, which metering would make three times as long."""
    with mock.patch.object(BaseClient, "_make_api_call", UNMETERED):
        yield


# --- What a request does not tell -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Index:
    name: str
    keys: tuple[str, ...]
    projected: frozenset[str] | None  # None: whole items

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None for an item without the index's keys."""
        if item is None or not all(key in item for key in self.keys):
            return None
        return {name: value for name, value in item.items() if self.projected is None or name in self.projected}


@dataclass(frozen=True)
class Schema:
    """What is told of a table."""

    keys: tuple[str, ...]
    indexes: tuple[_Index, ...]


@dataclass(frozen=True)
class _Target:
    """One item that a request names. `entry`: its part of the request; `asked`: what holds the options for it."""

    action: str
    table: str
    key: Item
    entry: Any
    asked: Params

    @property
    def identity(self) -> tuple[str, str]:
        return self.table, _identity(self.key, self.key)


@dataclass(frozen=True)
class _Engine:
    """The database as the metered client reaches it."""

    client: Any
    schemas: dict[str, Schema]

    def ask(self, operation: str, **params: Any) -> Answer:
        return UNMETERED(self.client, operation, params)

    def schema(self, table: str) -> Schema:
        if table not in self.schemas:
            self.schemas[table] = _schema(self.ask("DescribeTable", TableName=table)["Table"])
        return self.schemas[table]

    def images(self, targets: Sequence[_Target]) -> list[Item | None]:
        """The items as they are now."""
        found: dict[tuple[str, str], Item] = {}
        for start in range(0, len(targets), BATCH_GET_KEYS):
            wanted: dict[str, Any] = {}
            for target in targets[start : start + BATCH_GET_KEYS]:
                wanted.setdefault(target.table, {"ConsistentRead": True, "Keys": []})["Keys"].append(target.key)
            while wanted:
                answer = self.ask("BatchGetItem", RequestItems=wanted)
                found |= self.by_key(answer)
                wanted = answer.get("UnprocessedKeys", {})
        return [found.get(target.identity) for target in targets]

    def by_key(self, answer: Answer) -> dict[tuple[str, str], Item]:
        """The items in the answer to a BatchGetItem."""
        return {
            (table, _identity(item, self.schema(table).keys)): item
            for table, items in answer["Responses"].items()
            for item in items
        }

    def targets(self, operation: str, params: Params) -> list[_Target]:
        """The items that a request names, one by one."""
        return [
            _Target(action, table, {name: holder[name] for name in self.schema(table).keys}, entry, asked)
            for action, table, holder, entry, asked in _named(operation, params)
        ]


def _schema(table: dict[str, Any]) -> Schema:
    keys = _names(table)
    indexes = []
    for index in table.get("GlobalSecondaryIndexes", []):
        projection = index["Projection"]
        listed = frozenset({*keys, *_names(index), *projection.get("NonKeyAttributes", [])})
        whole = projection["ProjectionType"] == "ALL"
        indexes.append(_Index(index["IndexName"], _names(index), None if whole else listed))
    return Schema(keys, tuple(indexes))


def _names(described: dict[str, Any]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in described["KeySchema"])


def _identity(item: Item, keys: Iterable[str]) -> str:
    return repr(sorted((name, item[name]) for name in keys))


def _named(operation: str, params: Params) -> Iterator[tuple[str, str, Item, Any, Params]]:
    """Action, table, something that holds the key, entry and options of each item in a request."""
    if operation == "BatchGetItem":
        for table, asked in params["RequestItems"].items():
            yield from ((operation, table, key, key, asked) for key in asked["Keys"])
    elif operation == "BatchWriteItem":
        for table, entries in params["RequestItems"].items():
            for entry in entries:
                [(kind, body)] = entry.items()
                yield kind.removesuffix("Request"), table, _holder(body), entry, body
    elif operation in {"TransactGetItems", "TransactWriteItems"}:
        for entry in params["TransactItems"]:
            [(action, body)] = entry.items()
            yield action, body["TableName"], _holder(body), entry, body
    else:
        yield operation, params["TableName"], _holder(params), params, params


def _holder(body: Params) -> Item:
    return body["Key"] if "Key" in body else body["Item"]


# --- Measuring ------------------------------------------------------------------------------------------------------

Proceed = Callable[[Params], Answer]
Record = Callable[[Request], None]


def _measure_read(engine: _Engine, operation: str, params: Params, proceed: Proceed, record: Record) -> Answer:
    answer = proceed(params)
    charge = _page_charge if operation in {"Query", "Scan"} else _get_charges
    record(Request(operation, params, answer, tuple(charge(engine, operation, params, answer))))
    return answer


def _get_charges(engine: _Engine, operation: str, params: Params, answer: Answer) -> Iterator[Charge]:
    """Each item is rounded by itself, and one that is not there costs the minimum."""
    left = answer.get("UnprocessedKeys", {})
    targets = [
        target
        for target in engine.targets(operation, params)
        if target.entry not in left.get(target.table, {"Keys": []})["Keys"]
    ]
    for target, image in zip(targets, _read_images(engine, operation, targets, answer), strict=True):
        factor = TRANSACTIONAL if operation == "TransactGetItems" else _factor(target.asked)
        units = read_units(item_size(image or {}), factor)
        yield Charge(target.action, target.table, None, units, absent=image is None)


def _read_images(engine: _Engine, operation: str, targets: list[_Target], answer: Answer) -> list[Item | None]:
    """The items that were read. Those in the answer, if they are whole: others may have written since."""
    if any("ProjectionExpression" in target.asked for target in targets):
        return engine.images(targets)
    if operation == "BatchGetItem":
        found = engine.by_key(answer)
        return [found.get(target.identity) for target in targets]
    return [given.get("Item") for given in (answer.get("Responses") or [answer])]


def _page_charge(engine: _Engine, operation: str, params: Params, answer: Answer) -> Iterator[Charge]:
    """The items of a page are rounded together: all that were read, also those that a filter has dropped."""
    items = _unnarrowed(engine, operation, params, answer)
    units = read_units(sum(map(item_size, items)), _factor(params))
    yield Charge(operation, params["TableName"], params.get("IndexName"), units, absent=not items)


def _factor(params: Params) -> float:
    return CONSISTENT if params.get("ConsistentRead") else EVENTUAL


def _unnarrowed(engine: _Engine, operation: str, params: Params, answer: Answer) -> list[Item]:
    """The page before filter and projection."""
    if not params.keys() & NARROWING or not answer["ScannedCount"]:
        return answer["Items"]
    whole = {name: value for name, value in params.items() if name not in NARROWING}
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        # A placeholder that no expression uses is an error, and so is an empty list of them.
        placeholders = re.findall(r"[#:]\w+", params.get("KeyConditionExpression", ""))
        used = {key: value for key, value in whole.pop(name, {}).items() if key in placeholders}
        whole |= {name: used} if used else {}
    return engine.ask(operation, **whole | {"Limit": answer["ScannedCount"]})["Items"]


def _measure_write(engine: _Engine, operation: str, params: Params, proceed: Proceed, record: Record) -> Answer:
    targets = engine.targets(operation, params)
    before = engine.images(targets)
    factor = TRANSACTIONAL if operation == "TransactWriteItems" else 1
    try:
        answer = proceed(params)
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSALS:
            refused = (_table_charge(*pair, None, factor) for pair in zip(targets, before, strict=True))
            record(Request(operation, params, None, tuple(refused)))
        raise
    left = answer.get("UnprocessedItems", {})
    charges = [
        charge
        for target, old, new in zip(targets, before, engine.images(targets), strict=True)
        if target.entry not in left.get(target.table, [])
        for charge in (
            _table_charge(target, old, new, factor),
            *_index_charges(target, old, new, engine.schema(target.table).indexes),
        )
    ]
    record(Request(operation, params, answer, tuple(charges)))
    return answer


def _table_charge(target: _Target, old: Item | None, new: Item | None, factor: int) -> Charge:
    """A refused write and a condition check are charged for the item that they looked at."""
    absent = old is None and new is None
    return Charge(target.action, target.table, None, write_units(old, new) * factor, absent=absent)


def _index_charges(target: _Target, old: Item | None, new: Item | None, indexes: Iterable[_Index]) -> Iterator[Charge]:
    """An index is written once, after the table; so a transaction does not double it."""
    for index in indexes:
        units = index_units(index.entry(old), index.entry(new), index.keys)
        if units:
            yield Charge(target.action, target.table, index.name, units)
