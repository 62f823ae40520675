"""The search engine as its writers know it, through opensearch-py; only what writes the index imports this.

A circuit breaker keeps an engine that is down from holding up a queue: after a few failures everything is told at once
that it is unavailable, until the engine has had time.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import pybreaker
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth, Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as Unreachable
from opensearchpy.exceptions import TransportError

from heliograph import config
from heliograph.errors import Unavailable
from heliograph.observability import count

T = TypeVar("T")
TIMEOUT_SECONDS = 5
# What a document is told that cannot be taken now: too many requests, or a shard that is away.
BUSY = (429, 502, 503, 504)
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500

# The client warns of every conflict, which is our daily bread, and of every failure, which it raises as well.
logging.getLogger("opensearch").setLevel(logging.ERROR)


class EngineSettings(config.Settings):
    search_endpoint: str


class Overloaded(Exception):
    """The engine answered that it cannot do this now."""


def is_outage(error: BaseException) -> bool:
    """Whether the engine is at fault, not what it was asked for."""
    if isinstance(error, TransportError):
        return isinstance(error, Unreachable) or _is_down(error.status_code)
    return isinstance(error, Overloaded)


def _is_down(status: int | str) -> bool:
    """Also of what stands between us and an engine that is gone: a proxy may say 500. The client's own are texts."""
    return isinstance(status, int) and (status == TOO_MANY_REQUESTS or status >= SERVER_ERROR)


breaker = pybreaker.CircuitBreaker(fail_max=3, reset_timeout=10, exclude=[lambda error: not is_outage(error)])


def call(request: Callable[[OpenSearch], T]) -> T:
    """What a request answers. Raises Unavailable when the engine is down, slow or overloaded, and what it refuses."""
    try:
        return cast("T", breaker.call(request, client()))
    except (TransportError, Overloaded, pybreaker.CircuitBreakerError) as error:
        if isinstance(error, TransportError) and not is_outage(error):
            raise
        count("IndexUnavailable")
        raise Unavailable("The index is not available right now") from error


@cache
def client() -> OpenSearch:
    return connect(config.read(EngineSettings).search_endpoint)


def connect(endpoint: str) -> OpenSearch:
    """A client for an endpoint; requests to AWS (https) are signed."""
    auth: Any = None
    if endpoint.startswith("https://"):
        from botocore.session import Session  # noqa: PLC0415  (the local cloud does without)

        region = config.read(config.Deployment).aws_region
        auth = Urllib3AWSV4SignerAuth(Session().get_credentials(), region, "es")
    return OpenSearch(
        hosts=[endpoint],
        http_auth=auth,
        connection_class=Urllib3HttpConnection,
        timeout=TIMEOUT_SECONDS,
        # Once more, because a connection kept open may have been closed by the other side meanwhile.
        max_retries=1,
    )
