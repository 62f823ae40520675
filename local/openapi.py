"""docs/openapi.json, generated from the resolvers of all capabilities: `python -m local.openapi [--check]`."""

import importlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "openapi.json"
CAPABILITIES = ("media", "accounts", "graph", "posts", "stories", "feed", "discovery")
# Importing a handler reads its settings; nothing is called, so any values do.
ENVIRONMENT = {
    "NAMESPACE": "heliograph",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "openapi",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
}
GENERATED_ERRORS = {"HTTPValidationError", "ValidationError"}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "requestId"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "requestId": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
PROBLEMS = {
    "400": "Malformed: the body is not JSON, or the cursor is not valid here",
    "401": "No token, or one that does not verify",
    "403": "Known, but not allowed",
    "404": "Does not exist, or is not visible to you",
    "409": "Contradicts what is stored, or the Idempotency-Key was used with another body",
    "413": "Too large",
    "415": "Unsupported media type",
    "422": "Well-formed, but invalid",
    "429": "Too many requests",
    "500": "Unexpected failure",
    "503": "Temporarily unavailable",
}
RATE_HEADERS = {
    "RateLimit-Limit": "Requests that may be made at once",
    "RateLimit-Remaining": "What is left of them, about",
    "RateLimit-Reset": "Seconds until all of them are there again",
}
HEADERS = RATE_HEADERS | {"Retry-After": "Seconds to wait"}


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the whole API."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    sys.path.insert(0, str(ROOT / "layers" / "shared" / "python"))
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for capability in CAPABILITIES:
        app = importlib.import_module(f"functions.{capability}.api").app
        part = json.loads(app.get_openapi_json_schema())
        conventions = _conventions(app)
        for path, operations in part["paths"].items():
            for method, operation in operations.items():
                _add(paths.setdefault(path, {}), method, _described(operation, conventions[method, path]))
        for name, schema in part.get("components", {}).get("schemas", {}).items():
            if name not in GENERATED_ERRORS:
                _add(schemas, name, schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heliograph", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "headers": {
                name: {"description": words, "schema": {"type": "integer", "minimum": 0}}
                for name, words in HEADERS.items()
            },
            "responses": {status: _problem(status, words) for status, words in PROBLEMS.items()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class _Conventions:
    """Which of the API's conventions a route follows."""

    signed_in: bool
    replays: bool
    conditional: bool


def _conventions(app: Any) -> dict[tuple[str, str], _Conventions]:
    from heliograph import http, idempotency  # noqa: PLC0415  (on the path only now)

    return {
        (method.lower(), route.openapi_path): _Conventions(
            any(item.depends.dependency is http.authenticate for item in route.dependant.dependencies),
            idempotency.replay in route.middlewares,
            http.conditional in route.middlewares,
        )
        for route in app._static_routes + app._dynamic_routes  # noqa: SLF001  (Powertools has no public list)
        for method in ([route.method] if isinstance(route.method, str) else route.method)
    }


def _described(operation: dict[str, Any], follows: _Conventions) -> dict[str, Any]:
    """The operation with its security, its headers, and every problem that the conventions allow."""
    answers: dict[str, Any] = {status: {"$ref": f"#/components/responses/{status}"} for status in PROBLEMS}
    answers |= {status: answer for status, answer in operation["responses"].items() if status != "422"}
    if "204" in answers:
        answers["204"] = {"description": "Done"}
    if follows.conditional:
        answers["304"] = {"description": "What you have is current"}
    answers = {status: answer if "$ref" in answer else answer | _with_headers() for status, answer in answers.items()}
    from heliograph import http, idempotency  # noqa: PLC0415  (on the path only now)

    headers = [_header("Idempotency-Key", idempotency.MAX_KEY_LENGTH)] * follows.replays
    headers += [_header("If-None-Match", http.MAX_ETAGS)] * follows.conditional
    return {
        **operation,
        "parameters": operation.get("parameters", []) + headers,
        "responses": dict(sorted(answers.items())),
        "security": [{"bearer": []}] if follows.signed_in else [],
    }


def _problem(status: str, description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    headers = _with_headers(*(["Retry-After"] if status == "429" else []))
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}, **headers}


def _with_headers(*more: str) -> dict[str, Any]:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in (*RATE_HEADERS, *more)}}


def _header(name: str, longest: int) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string", "maxLength": longest}}


def _add(into: dict[str, Any], name: str, value: Any) -> None:
    if into.setdefault(name, value) != value:
        raise ValueError(f"two capabilities describe {name} differently")


def main() -> int:
    fresh = text()
    if "--check" in sys.argv:
        return 0 if DOCUMENT.is_file() and DOCUMENT.read_text() == fresh else 1
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
