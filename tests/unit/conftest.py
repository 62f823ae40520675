"""Units: no cloud, no network. The settings every handler has, a fixed clock, no AWS client unless a test gives one."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

os.environ |= {
    "NAMESPACE": "test",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "ISSUER": "https://test.heliograph.example",
    "SIGNING_KEY_IDS": "key-1",
    "CURSOR_SECRET": "cursor-secret",
    "MEDIA_SECRET": "media-secret",
    "MEDIA_DELIVERY": "cdn",
    "MEDIA_BASE_URL": "https://media.heliograph.example",
    "MEDIA_BUCKET": "test-media",
    "UPLOADS_BUCKET": "test-uploads",
    "EVENT_BUS": "test",
    "FIELD_KEY": "field-key",
    "LOOKUP_SECRET": "lookup-secret",
    "LIVE_STORE": "ssm",
    "SCANNER": "structural",
    "MODERATOR": "model",
}

from functions.graph import service as graph
from functions.graph.cache import PairCache
from heliograph import aws, clock, config, limits, live, sealed, tables, tokens
from tests.held_key import HeldKey, held_key
from tests.unit.buckets import Buckets

NOW = datetime(2026, 11, 22, 14, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reaches AWS by accident, and none inherits another's settings or what it has seen."""

    def refuse(service: str, **_: Any) -> Any:
        raise AssertionError(f"a unit test asked for {service}")

    monkeypatch.setattr(aws, "client", refuse)
    monkeypatch.setattr(aws, "secret", lambda name: f"value of {name}".encode())
    # Each test has full buckets and the defaults of live documents.
    monkeypatch.setattr(tables, "update_or_read", Buckets().update_or_read)
    limits.forget_all()
    monkeypatch.setattr(live, "fetch", lambda model: model())
    config.forget()
    monkeypatch.setattr(graph, "seen", PairCache())
    live.forget()
    tokens.signing_keys.cache_clear()
    yield
    config.forget()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands still at 2026-11-22 14:00 UTC."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture
def field_key(monkeypatch: pytest.MonkeyPatch) -> HeldKey:
    """The key under which this test seals fields."""
    key = held_key()
    materials = sealed.materials(key)
    monkeypatch.setattr(sealed, "_materials", lambda: materials)
    return key


class Context:
    """A Lambda context, as far as anyone looks."""

    function_name = "test"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@pytest.fixture
def context() -> Context:
    return Context()
