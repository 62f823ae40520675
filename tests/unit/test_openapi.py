"""The checked-in description of the API is the one that the resolvers give."""

import json
from collections.abc import Iterator
from typing import Any

from local import openapi


def test_the_document_is_current() -> None:
    assert openapi.DOCUMENT.read_text() == openapi.text(), "run `make openapi`"


def test_every_operation_says_who_may_call_it_and_how_it_fails() -> None:
    document = json.loads(openapi.DOCUMENT.read_text())
    public = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if operation["security"] == []
    }
    assert public == {
        "/v1/.well-known/jwks.json",
        "/v1/auth/confirm",
        "/v1/auth/forgot-password",
        "/v1/auth/refresh",
        "/v1/auth/reset-password",
        "/v1/auth/sign-in",
        "/v1/auth/sign-up",
        "/v1/filters",
        "/v1/filters/{name}/lut",
        "/v1/media/{mediaId}/hls/{playlist}",
        "/p/{shortcode}",
        "/p/{shortcode}/{picture}",
        "/oembed",
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["tags"][0] in openapi.CAPABILITIES
            assert {"401", "404", "422", "429", "500"} <= set(operation["responses"])


def test_every_answer_tells_how_much_is_left() -> None:
    document = json.loads(openapi.DOCUMENT.read_text())
    shared = document["components"]["responses"]
    answers = [
        *shared.values(),
        *(
            answer
            for operations in document["paths"].values()
            for operation in operations.values()
            for answer in operation["responses"].values()
            if "$ref" not in answer
        ),
    ]
    rates = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert all(rates <= set(answer["headers"]) for answer in answers)
    assert "Retry-After" in shared["429"]["headers"]


def test_every_text_that_can_be_sent_has_a_limit() -> None:
    """Every field of every request, and every parameter, is a choice or says how long it may be."""
    described = openapi.document()
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    sent = [(operation["parameters"], operation.get("requestBody", {})) for operation in operations]
    limits = {"maxLength", "pattern", "enum", "const"}
    assert [text for text in _texts(described, sent) if not limits & text.keys()] == []


def _texts(described: dict[str, Any], part: Any) -> Iterator[dict[str, Any]]:
    """Every string schema in a part of the document."""
    if isinstance(part, dict):
        if part.get("type") == "string":
            yield part
        if "$ref" in part:
            yield from _texts(described, described["components"]["schemas"][part["$ref"].rpartition("/")[2]])
        part = list(part.values())
    if isinstance(part, list | tuple):
        for inner in part:
            yield from _texts(described, inner)
