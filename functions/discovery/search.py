"""Reading the index: one `_msearch` over HTTP, signed (SigV4) when the endpoint is AWS's.

A client library would cost every search function more to import than all else it does. A circuit breaker keeps a
search that is down from holding up requests: after a few failures they are answered 503 at once, until it has had time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pybreaker
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

from functions.discovery.mappings import Kind
from heliograph import config
from heliograph.errors import Unavailable
from heliograph.observability import count

TIMEOUT = urllib3.Timeout(connect=0.5, read=2)
# Once more, because a connection kept open may have been closed by the other side meanwhile.
RETRY = urllib3.Retry(1, allowed_methods=None, redirect=0)
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500

breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=10)


class SearchSettings(config.Settings):
    search_endpoint: str


class Overloaded(Exception):
    """The index answered that it cannot answer now."""


class Misunderstood(Exception):
    """The index refused a query: a mistake in this code, not an outage."""


@dataclass(frozen=True)
class Hit:
    """A document found: its id, and the fields the query asked for."""

    id: str
    source: dict[str, Any]


def run(*searches: tuple[Kind, dict[str, Any]]) -> list[list[Hit]]:
    """The hits of each search (kind, body), in one request; nothing is found where nothing was indexed yet.

    Raises Unavailable when the index is down or slow.
    """
    lines: list[dict[str, Any]] = []
    for kind, body in searches:
        lines += [{"index": config.named(kind), "ignore_unavailable": True}, body]
    try:
        answers = breaker.call(_post, "".join(f"{json.dumps(line)}\n" for line in lines))
    except (urllib3.exceptions.HTTPError, Overloaded, pybreaker.CircuitBreakerError):
        count("SearchUnavailable")
        raise Unavailable("Search is not available right now") from None
    return [_hits(answer) for answer in answers]


def _hits(answer: dict[str, Any]) -> list[Hit]:
    if "error" in answer:
        raise Misunderstood(json.dumps(answer["error"]))
    return [Hit(hit["_id"], hit.get("_source", {})) for hit in answer["hits"]["hits"]]


def _post(lines: str) -> list[dict[str, Any]]:
    endpoint = config.read(SearchSettings).search_endpoint
    url = f"{endpoint}/_msearch"
    headers = {"Content-Type": "application/x-ndjson"}
    if endpoint.startswith("https://"):
        headers = _signed(url, lines, headers)
    answer = _pool().request("POST", url, body=lines.encode(), headers=headers)
    if _is_overloaded(answer.status):
        raise Overloaded(str(answer.status))
    document = answer.json()
    answers: list[dict[str, Any]] = document.get("responses", [document])
    # An engine that has just started answers, but has no shards yet.
    if any(_is_overloaded(one.get("status", 0)) for one in answers):
        raise Overloaded("one of several")
    return answers


def _is_overloaded(status: int) -> bool:
    return status == TOO_MANY_REQUESTS or status >= SERVER_ERROR


def _signed(url: str, body: str, headers: Mapping[str, str]) -> dict[str, str]:
    request = AWSRequest("POST", url, headers=dict(headers), data=body)
    credentials = _session().get_credentials()
    SigV4Auth(credentials, "es", config.read(config.Deployment).aws_region).add_auth(request)
    return dict(request.headers.items())


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=TIMEOUT, retries=RETRY)


@cache
def _session() -> Session:
    return Session()
