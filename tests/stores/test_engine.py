"""The engine under test: the catalogue's tables, and the capacity rules to the byte."""

import inspect
from typing import Any

import pytest
from pynamodb.models import Model

from heliograph import config, ids
from infrastructure.tables import TABLES, TableSpec
from tests import capacity
from tests.capacity import Meter
from tests.stores import engine
from tests.stores.deviations import reported

KB = 1024
TABLE = "feeds"


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_every_table_is_as_the_catalogue_says(spec: TableSpec) -> None:
    # when
    table = engine.client().describe_table(TableName=config.named(spec.name))["Table"]
    # then
    assert [key["AttributeName"] for key in table["KeySchema"]] == [
        name for name in (spec.partition, spec.sort) if name
    ]
    assert {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])} == {
        index.name for index in spec.indexes
    }
    assert table.get("StreamSpecification", {}).get("StreamEnabled", False) == spec.stream


VALUES: list[dict[str, Any]] = [
    *({"N": number} for number in ("0", "7", "12", "123", "100", "120", "1E+10", "0.5", "0.001", "1.5", "12.345")),
    *({"N": number} for number in ("-1", "-12", "-122.3321", "59.437", "9" * 38)),
    {"S": "é€"},
    {"B": b"abcd"},
    {"BOOL": True},
    {"NULL": True},
    {"L": []},
    {"M": {}},
    {"L": [{"S": "a"}, {"N": "1"}, {"M": {}}]},
    {"M": {"k": {"S": "a"}, "kk": {"N": "12"}}},
    {"SS": ["a", "é"]},
    {"NS": ["1", "123"]},
    {"BS": [b"a", b"bc"]},
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_the_engine_agrees_on_a_size_to_the_byte(meter: Meter, value: dict[str, Any]) -> None:
    # given an item of exactly a kilobyte with this value in it, and one a byte larger
    small = {"userId": {"S": ids.new_id()}, "postId": {"S": "a"}, "value": value, "padding": {"S": ""}}
    padding = KB - capacity.item_size(small)
    # when
    for size in (padding, padding + 1):
        item = small | {"postId": {"S": str(size)[:1]}, "padding": {"S": "x" * size}}
        engine.client().put_item(TableName=config.named(TABLE), Item=item)
    # then the first costs one unit, the second two
    assert [reported(request) for request in meter.requests] == [1, 2]


@pytest.fixture
def shelf() -> str:
    """A feed with ten entries of three kilobytes each."""
    user_id = ids.new_id()
    for number in range(10):
        item = {"userId": {"S": user_id}, "postId": {"S": str(number)}, "text": {"S": "x" * 3 * KB}}
        engine.client().put_item(TableName=config.named(TABLE), Item=item)
    return user_id


@pytest.mark.parametrize(
    ("narrowing", "units"),
    [
        ({}, 4),
        ({"ConsistentRead": True}, 8),
        ({"Limit": 3}, 1.5),
        ({"ProjectionExpression": "postId"}, 4),
        ({"Select": "COUNT"}, 4),
        ({"FilterExpression": "#u = :u"}, 4),
        ({"FilterExpression": "#u = :u", "Limit": 3, "ScanIndexForward": False}, 1.5),
        ({"FilterExpression": "#u = :u", "ExclusiveStartKey": "7"}, 1),
    ],
    ids=["plain", "consistent", "limited", "projected", "counted", "filtered", "filtered and limited", "continued"],
)
def test_a_page_costs_what_was_read_not_what_was_shown(
    meter: Meter, shelf: str, narrowing: dict[str, Any], units: float
) -> None:
    # given
    asked: dict[str, Any] = {
        "TableName": config.named(TABLE),
        "KeyConditionExpression": "(#p = :p)",
        "ExpressionAttributeNames": {"#p": "userId"},
        "ExpressionAttributeValues": {":p": {"S": shelf}},
        **narrowing,
    }
    if "FilterExpression" in narrowing:
        asked["ExpressionAttributeNames"] |= {"#u": "postId2"}
        asked["ExpressionAttributeValues"] |= {":u": {"S": "nobody"}}
    if "ExclusiveStartKey" in narrowing:
        asked["ExclusiveStartKey"] = {"userId": {"S": shelf}, "postId": {"S": narrowing["ExclusiveStartKey"]}}
    # when
    engine.client().query(**asked)
    # then
    request = meter.requests[-1]
    assert (request.read_units, reported(request)) == (units, units)


def test_single_items_are_metered_by_operation_and_table(meter: Meter) -> None:
    # given
    plain, key = engine.client(), {"userId": {"S": ids.new_id()}, "postId": {"S": "a"}}
    named = {"TableName": config.named(TABLE)}
    # when an item is written, grown, read in three ways, and deleted twice
    plain.put_item(**named, Item=key)
    plain.update_item(
        **named,
        Key=key,
        UpdateExpression="SET #t = :t",
        ExpressionAttributeNames={"#t": "text"},
        ExpressionAttributeValues={":t": {"S": "x" * 5 * KB}},
    )
    plain.get_item(**named, Key=key)
    plain.get_item(**named, Key=key, ConsistentRead=True, ProjectionExpression="postId")
    plain.transact_get_items(TransactItems=[{"Get": {**named, "Key": key}}])
    plain.delete_item(**named, Key=key)
    plain.delete_item(**named, Key=key)
    # then
    assert [(request.operation, request.read_units, request.write_units) for request in meter.requests] == [
        ("PutItem", 0, 1),
        ("UpdateItem", 0, 6),
        ("GetItem", 1, 0),
        ("GetItem", 2, 0),
        ("TransactGetItems", 4, 0),
        ("DeleteItem", 0, 6),
        ("DeleteItem", 0, 1),
    ]
    assert {request.tables for request in meter.requests} == {(config.named(TABLE),)}
    assert (meter.read_units, meter.write_units) == (7, 14)


def test_refused_writes_are_charged_for_what_is_there(meter: Meter) -> None:
    # given an item of three kilobytes
    plain, key = engine.client(), {"userId": {"S": ids.new_id()}, "postId": {"S": "a"}}
    named: dict[str, Any] = {"TableName": config.named(TABLE), "ConditionExpression": "attribute_not_exists(userId)"}
    item = key | {"text": {"S": "x" * (3 * KB - 100)}}
    plain.put_item(**named, Item=item)
    # when a write of five kilobytes is refused, alone and in a transaction
    larger = key | {"text": {"S": "x" * 5 * KB}}
    with pytest.raises(plain.exceptions.ConditionalCheckFailedException):
        plain.put_item(**named, Item=larger)
    with pytest.raises(plain.exceptions.TransactionCanceledException):
        plain.transact_write_items(TransactItems=[{"Put": {**named, "Item": larger}}])
    # then the engine reports no figure, and the rules say the size of the item that is there
    assert [request.write_units for request in meter.requests] == [3, 3, 6]
    assert [reported(request) for request in meter.requests] == [3, None, None]
    # and an error that is not a refusal costs nothing
    with pytest.raises(plain.exceptions.ClientError):
        plain.get_item(TableName="no-such-table", Key=key)
    assert len(meter.requests) == 3


def test_no_figure_comes_from_an_answer() -> None:
    # given an engine that makes its figures up, as emulators do
    plain, key = engine.client(), {"userId": {"S": ids.new_id()}, "postId": {"S": "a"}}
    named = {"TableName": config.named(TABLE)}
    boast = capacity.intercepted(
        lambda _client, _operation, params, proceed: {**proceed(params), "ConsumedCapacity": {"CapacityUnits": 99}}
    )
    # when two meters see the same requests
    with boast, capacity.metered() as outer, capacity.metered() as inner:
        plain.put_item(**named, Item=key | {"text": {"S": "x" * 5 * KB}})
        plain.get_item(**named, Key=key)
    # then both count by the rules, and neither counts what the other has looked up
    for seen in (outer, inner):
        assert [(request.operation, request.read_units, request.write_units) for request in seen.requests] == [
            ("PutItem", 0, 6),
            ("GetItem", 1, 0),
        ]


def test_tables_expire_by_the_attribute_that_their_items_have() -> None:
    # given all models of all stores
    models = {
        model
        for module in (*engine.STORES, *engine.KERNEL)
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, Model) and model is not Model
    }
    declared = {config.named(spec.name): spec.ttl for spec in TABLES}
    # then
    expiring = {model.Meta.table_name: model.get_attributes().get("expires_at") for model in models}
    assert len(expiring) > 30
    for table, attribute in expiring.items():
        assert declared[table] == (attribute.attr_name if attribute else None), table
