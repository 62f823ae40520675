"""Where DynamoDB Local counts otherwise than DynamoDB; `test_deviations.py` shows each.

| request | AWS | DynamoDB Local 2.6.1 |
|---|---|---|
| BatchGetItem, key without an item | the minimum, as for GetItem | nothing |
| Query or Scan, empty page | the minimum | nothing |
| BatchWriteItem, delete of no item | 1 | 2 |
| TransactWriteItems, a write | 2 per KB | 4 per KB (but 2 for a delete of no item) |
| TransactWriteItems, check of a condition | 2 per KB, as a write | 4 per 4 KB, as a read |
| TransactWriteItems, writes of an index | once: only the table's share is doubled | four times |
| TransactWriteItems, items of one table that cost the same | each | one of them |

AWS: Developer Guide, "Read and write operations" and "Transactions". What the guide leaves open (checks, indexes) has
been measured on the service and published: martinhicks.dev, "What a conditional DynamoDB transaction actually costs",
and nubo-db/dynoxide, pull request 188. Of the last row the likely reason is that the figures are merged as a set.
Other versions count transactions differently again (3.1 doubles once), so a change of version shows here.

Apart from capacity: DynamoDB Local never answers TransactionConflict. It runs one transaction after the other.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.capacity import Charge, Request


@dataclass(frozen=True)
class Deviation:
    """`counted`: the units that DynamoDB Local reports for a charge to which this applies."""

    operations: frozenset[str]
    applies: Callable[[Charge], bool]
    counted: Callable[[Charge], float]


TRANSACTION = frozenset({"TransactWriteItems"})
DEVIATIONS = (
    Deviation(frozenset({"BatchGetItem", "Query", "Scan"}), lambda charge: charge.absent, lambda _: 0),
    Deviation(frozenset({"BatchWriteItem"}), lambda charge: charge.absent, lambda _: 2),
    Deviation(
        TRANSACTION, lambda charge: charge.action == "ConditionCheck", lambda charge: 4 * math.ceil(charge.units / 8)
    ),
    Deviation(TRANSACTION, lambda charge: charge.index is not None, lambda charge: 4 * charge.units),
    Deviation(
        TRANSACTION,
        lambda charge: not (charge.absent and charge.action == "Delete"),
        lambda charge: 2 * charge.units,
    ),
)


def expected(request: Request) -> float:
    """The units that DynamoDB Local should report for a request, as metered and corrected by the table."""
    items = _by_item((charge, _counted(request, charge)) for charge in request.charges)
    counted = set(items) if request.operation in TRANSACTION else items
    return sum(units for item in counted for _, _, units in item)


def reported(request: Request) -> float | None:
    """The units that the engine reports; None for a refused request, of which it reports nothing."""
    if request.answer is None:
        return None
    consumed = request.answer["ConsumedCapacity"]
    return sum(table["CapacityUnits"] for table in (consumed if isinstance(consumed, list) else [consumed]))


def _counted(request: Request, charge: Charge) -> float:
    for deviation in DEVIATIONS:
        if request.operation in deviation.operations and deviation.applies(charge):
            return deviation.counted(charge)
    return charge.units


Figures = tuple[tuple[str, str | None, float], ...]


def _by_item(charges: Iterable[tuple[Charge, float]]) -> list[Figures]:
    """Table, index and units of each item: a charge of the table begins one, those of its indexes follow."""

    def grouped() -> Iterator[list[tuple[str, str | None, float]]]:
        item: list[tuple[str, str | None, float]] = []
        for charge, units in charges:
            if charge.index is None and item:
                yield item
                item = []
            item.append((charge.table, charge.index, units))
        yield item

    return [tuple(item) for item in grouped()]
