"""Writing the index when there is nothing to write to."""

from collections.abc import Iterator

import pytest
from opensearchpy.exceptions import ConnectionError as Unreachable
from opensearchpy.exceptions import RequestError, TransportError

from functions.discovery import engine, generations, index
from functions.discovery.index import GONE, Write
from functions.discovery.mappings import KEYS, KINDS, Kind, Scale, definition
from heliograph.errors import Unavailable
from local.processes import free_port

A_POST = Write("posts", "019aab10-0000-7000-8000-00000000000a", GONE, None)


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is known of an engine, and none answers."""
    monkeypatch.setenv("SEARCH_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(engine, "count", lambda _outcome: None)
    _forget()
    yield
    _forget()


_client = engine.client


def _forget() -> None:
    _client.cache_clear()
    engine.breaker.close()
    generations.forget()


def test_unreachable_engine_raises_without_logging(caplog: pytest.LogCaptureFixture) -> None:
    client = engine.connect(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable):
        client.index(index="posts", id="1", body={})
    assert [record for record in caplog.records if record.name.startswith("opensearch")] == []


def test_breaker_opens_after_a_few_failures() -> None:
    asked: list[str] = []

    def ask(_client: object) -> None:
        asked.append("asked")
        raise Unreachable("N/A", "refused", OSError())

    for _ in range(10):
        with pytest.raises(Unavailable):
            engine.call(ask)
    assert len(asked) == engine.breaker.fail_max == 3
    with pytest.raises(Unavailable):
        index.send([A_POST])


@pytest.mark.parametrize(("status", "outage"), [(400, False), (404, False), (409, False), (429, True), (503, True)])
def test_only_outages_open_the_breaker(status: int, outage: bool) -> None:
    def ask(_client: object) -> None:
        raise RequestError(status, "reason", {})

    for _ in range(5):
        with pytest.raises(Unavailable if outage else RequestError):
            engine.call(ask)
    assert (engine.breaker.current_state == "open") == outage


@pytest.mark.parametrize(
    "outcome",
    [
        {"status": 429, "error": {"type": "rejected_execution_exception"}},
        {"status": 503, "error": {"type": "unavailable_shards_exception"}},
        {"status": 403, "error": {"type": "cluster_block_exception"}},
    ],
)
def test_an_engine_that_takes_no_writes_now_is_unavailable(
    outcome: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Client:
        def bulk(self, body: list[object]) -> object:
            return {"items": [{"index": {"status": 201}}, {"index": outcome}]}

    known = generations.Written("posts", generations.FIRST, frozenset(), is_read=True)
    monkeypatch.setattr(engine, "client", Client)
    monkeypatch.setattr(generations, "written", lambda _kind: [known])
    with pytest.raises(Unavailable):
        index.send([A_POST, A_POST])


def test_a_post_belongs_to_the_month_that_its_id_tells() -> None:
    posts = generations.Written("posts", "v3-0007", frozenset(), is_read=True)
    users = generations.Written("users", "v3-0007", frozenset(), is_read=True)
    assert posts.index_of("019aab10-0000-7000-8000-00000000000a") == "test-posts-v3-0007-2025-11"
    assert posts.index_of("01941f29-7c00-7000-8000-00000000000a") == "test-posts-v3-0007-2025-01"
    assert users.index_of("anybody") == "test-users-v3-0007"
    with pytest.raises(ValueError, match="badly formed"):
        posts.index_of("not-an-id")


@pytest.mark.parametrize("scale", ["small", "large"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_index_is_strict_and_can_be_read_in_order(kind: Kind, scale: Scale) -> None:
    found = definition(kind, scale)
    assert found["mappings"]["dynamic"] == "strict"
    assert found["mappings"]["properties"][KEYS[kind]] == {"type": "keyword"}
    replicas = found["settings"]["index"]["number_of_replicas"]
    # one copy in each of three zones
    assert replicas == (0 if scale == "small" else 2)


@pytest.mark.parametrize(
    ("error", "is_outage"),
    [
        (Unreachable("N/A", "refused"), True),
        (TransportError(429, "too many requests"), True),
        # A proxy whose engine is gone.
        (TransportError(500, "internal error"), True),
        (TransportError(503, "no shards"), True),
        (RequestError(400, "a mapping"), False),
        (TransportError("N/A", "the client's own"), False),
        (engine.Overloaded("one of several"), True),
        (ValueError("ours"), False),
    ],
)
def test_an_outage_is_told_from_a_refusal(error: Exception, is_outage: bool) -> None:
    assert engine.is_outage(error) == is_outage
