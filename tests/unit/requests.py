"""API Gateway requests and queue messages for handlers under test."""

import json
from typing import Any


def request(
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    *,
    address: str = "203.0.113.7",
) -> dict[str, Any]:
    """A REST API proxy event; `body` is JSON unless it is text already."""
    return {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": headers or {},
        "multiValueHeaders": {},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "request-1",
            "stage": "prod",
            "path": path,
            "identity": {"sourceIp": address},
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }


def queued(*details: dict[str, Any]) -> dict[str, Any]:
    """An SQS batch of events as EventBridge forwards them; a detail is what `heliograph.events.wrap` makes."""
    records = [
        {"messageId": f"message-{number}", "body": json.dumps({"detail": detail})}
        for number, detail in enumerate(details)
    ]
    return {"Records": records}


def answer(response: dict[str, Any]) -> tuple[int, Any]:
    """Status and decoded body."""
    return response["statusCode"], json.loads(response["body"]) if response["body"] else None
