"""A shorter way to DynamoDB Local: the same requests and answers as botocore's, for a seventh of its processor time.

botocore looks up the endpoint, signs, retries and calls hooks for each request. A test suite that makes hundreds of
thousands of requests of an engine next door goes without: they are sent as JSON, over a connection that is kept.
The deployed clouds are asked through botocore, as AWS is.
"""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from threading import local
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from tests import capacity

TARGET = "DynamoDB_20120810"
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    # The engine asks for a signature, and checks none.
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, "
    "Signature=none",
}
OPERATIONS = capacity.READS | capacity.WRITES
TIMEOUT_SECONDS = 60
# The engine closes a connection that is idle for half a minute.
IDLE_SECONDS = 10

_connections = local()


class Connection(HTTPConnection):
    """A connection that is closed when its thread has ended."""

    def __del__(self) -> None:
        self.close()


@contextmanager
def requests() -> Iterator[None]:
    """Send what clients of DynamoDB are asked the shorter way."""
    usual = BaseClient._make_api_call

    def call(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if client.meta.service_model.service_name != "dynamodb" or operation not in OPERATIONS:
            return usual(client, operation, params)
        return _asked(client, operation, params)

    with mock.patch.object(BaseClient, "_make_api_call", call), mock.patch.object(capacity, "UNMETERED", call):
        yield


def _asked(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    endpoint = client.meta.endpoint_url
    connection = _connection(endpoint)
    try:
        connection.request(
            "POST", "/", json.dumps(_plain(params)), {**HEADERS, "X-Amz-Target": f"{TARGET}.{operation}"}
        )
        response = connection.getresponse()
        answer = _typed(json.loads(response.read()))
    except (OSError, HTTPException) as error:
        connection.close()
        raise EndpointConnectionError(endpoint_url=endpoint, error=error) from error
    answer["ResponseMetadata"] = {"HTTPStatusCode": response.status, "RetryAttempts": 0, "HTTPHeaders": {}}
    if response.status >= 300:
        raise _refusal(client, operation, answer)
    return answer


def _connection(endpoint: str) -> Connection:
    """The connection of this thread; it opens itself again once it was closed."""
    known: dict[str, tuple[Connection, float]] = _connections.__dict__
    now = time.monotonic()
    if endpoint not in known:
        parts = urlsplit(endpoint)
        known[endpoint] = Connection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS), now
    connection, used = known[endpoint]
    if now - used > IDLE_SECONDS:
        connection.close()
    known[endpoint] = connection, now
    return connection


def _refusal(client: Any, operation: str, answer: dict[str, Any]) -> Exception:
    code = answer.pop("__type", "").rpartition("#")[2]
    message = answer.pop("message", None) or answer.pop("Message", "")
    return client.exceptions.from_code(code)({**answer, "Error": {"Code": code, "Message": message}}, operation)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple() | set():
            return [_plain(part) for part in value]
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case _:
            return value


def _typed(value: Any) -> Any:
    """The answer with its bytes: `{"B": ...}` and `{"BS": [...]}` are base64 in JSON."""
    match value:
        case dict():
            if len(value) == 1:
                [(kind, part)] = value.items()
                if kind == "B" and isinstance(part, str):
                    return {kind: base64.b64decode(part)}
                if kind == "BS" and isinstance(part, list):
                    return {kind: [base64.b64decode(one) for one in part]}
            return {name: _typed(part) for name, part in value.items()}
        case list():
            return [_typed(part) for part in value]
        case _:
            return value
