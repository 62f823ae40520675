"""Each row of the table in `deviations.py`: what the rules say, and what DynamoDB Local reports."""

from typing import Any

import pytest

from heliograph import config, ids
from tests.capacity import Meter
from tests.stores import engine
from tests.stores.deviations import reported
from tests.stores.samples import at_once

TABLE, INDEXED = "feeds", "comments"


def _key(number: int, user_id: str) -> dict[str, Any]:
    return {"userId": {"S": user_id}, "postId": {"S": str(number)}}


def _entry(number: int, user_id: str, size: int = 0) -> dict[str, Any]:
    return {**_key(number, user_id), "text": {"S": "x" * size}}


def _comment(comment_id: str, size: int = 0) -> dict[str, Any]:
    return {"commentId": {"S": comment_id}, "threadId": {"S": comment_id}, "text": {"S": "x" * size}}


def _figures(meter: Meter) -> tuple[float, float | None]:
    """Of the last request: what the rules say, and what the engine says."""
    request = meter.requests[-1]
    return request.read_units + request.write_units, reported(request)


def _transact(*entries: dict[str, Any]) -> None:
    engine.client().transact_write_items(TransactItems=list(entries))


def _on(table: str, **body: Any) -> dict[str, Any]:
    return {"TableName": config.named(table), **body}


def test_missing_items_of_a_batch_are_free_here(meter: Meter) -> None:
    # when ten keys without items are read
    keys = [_key(number, ids.new_id()) for number in range(10)]
    engine.client().batch_get_item(RequestItems={config.named(TABLE): {"Keys": keys}})
    # then
    assert _figures(meter) == (5, 0)


@pytest.mark.parametrize(("consistent", "units"), [(False, 0.5), (True, 1)])
def test_an_empty_page_is_free_here(meter: Meter, consistent: bool, units: float) -> None:
    # when
    engine.client().query(
        **_on(TABLE),
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": ids.new_id()}},
        ConsistentRead=consistent,
    )
    # then
    assert _figures(meter) == (units, 0)


def test_deleting_nothing_in_a_batch_costs_double_here(meter: Meter) -> None:
    # when
    deletes = [{"DeleteRequest": {"Key": _key(number, ids.new_id())}} for number in range(3)]
    engine.client().batch_write_item(RequestItems={config.named(TABLE): deletes})
    # then
    assert _figures(meter) == (3, 6)


def test_a_write_in_a_transaction_is_doubled_twice_here(meter: Meter) -> None:
    # when an item of three kilobytes is written
    _transact({"Put": _on(TABLE, Item=_entry(0, ids.new_id(), 2500))})
    # then
    assert _figures(meter) == (6, 12)


def test_deleting_nothing_in_a_transaction_is_not(meter: Meter) -> None:
    # when
    _transact({"Delete": _on(TABLE, Key=_key(0, ids.new_id()))})
    # then
    assert _figures(meter) == (2, 2)


def test_a_check_counts_as_a_read_here(meter: Meter) -> None:
    # given an item of five kilobytes
    user_id = ids.new_id()
    engine.client().put_item(**_on(TABLE, Item=_entry(0, user_id, 4500)))
    # when
    _transact(
        {"ConditionCheck": _on(TABLE, Key=_key(0, user_id), ConditionExpression="attribute_exists(userId)")},
    )
    # then
    assert _figures(meter) == (10, 8)


def test_an_index_is_doubled_in_a_transaction_here(meter: Meter) -> None:
    # when
    _transact({"Put": _on(INDEXED, Item=_comment(ids.new_id(), 1500))})
    # then by the rules only the table's two are doubled, and here both are, twice
    assert _figures(meter) == (2 * 2 + 2, 4 * 2 + 4 * 2)


def test_equal_costs_in_one_table_count_once_here(meter: Meter) -> None:
    # when three small items and one large are written
    sizes = enumerate((0, 0, 0, 2500))
    _transact(*({"Put": _on(TABLE, Item=_entry(number, ids.new_id(), size))} for number, size in sizes))
    # then
    assert _figures(meter) == (2 + 2 + 2 + 6, 4 + 12)


def test_transactions_never_conflict_here() -> None:
    # given clients that do not retry, and three items that all of them change
    user_id, plain = ids.new_id(), engine.client()

    def change() -> None:
        updates = (
            _on(
                TABLE,
                Key=_key(number, user_id),
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
            for number in range(3)
        )
        plain.transact_write_items(TransactItems=[{"Update": update} for update in updates])

    # when
    at_once(*[change] * 16)
    # then nobody was refused, which on AWS most would have been
    stored = plain.get_item(**_on(TABLE, Key=_key(0, user_id)), ConsistentRead=True)["Item"]
    assert stored["n"] == {"N": "16"}
