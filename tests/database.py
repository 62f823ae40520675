"""DynamoDB Local, AWS's own engine, with the product's tables."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ConnectionError as NotYet
from botocore.exceptions import HTTPClientError

from infrastructure.tables import TABLES, TableSpec
from local import dynamodb
from local.processes import Program, free_port

START_SECONDS = 30.0


class EngineError(Exception):
    """DynamoDB Local did not start; the message holds what it said."""


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


def create_tables(client: Any, named: Callable[[str], str], specs: Iterable[TableSpec] = TABLES) -> None:
    """These tables of the catalogue, under the names by which the product knows them.

    Nothing expires in them. This engine deletes expired items within seconds, and the clock of a test may stand still
    in the past: items would vanish in the middle of a test.
    """
    for spec in specs:
        client.create_table(**_definition(spec, named(spec.name)))


def plain_client(endpoint: str, service: str = "dynamodb") -> Any:
    """A client without retries, so that every answer is seen."""
    return boto3.client(  # pyright: ignore[reportCallIssue, reportArgumentType] - the name is a variable
        service, endpoint_url=endpoint, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1})
    )


def _wait(program: Program, endpoint: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    quick = plain_client(endpoint)
    while time.monotonic() < deadline and program.running():
        try:
            quick.list_tables()
        except (NotYet, HTTPClientError):
            time.sleep(0.02)
        else:
            return
    raise EngineError(program.log.read_text())


def _definition(spec: TableSpec, table: str) -> dict[str, Any]:
    keys = [name for name in (spec.partition, spec.sort) if name]
    index_keys = [key for index in spec.indexes for key in (index.partition, index.sort)]
    definition: dict[str, Any] = {
        "TableName": table,
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
