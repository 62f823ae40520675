"""Reading and writing the index when it is down, slow, or AWS's; what it answers is tested in tests/engines."""

from typing import Any

import pytest
import urllib3

from functions.discovery import documents, engine, mappings, search, service
from heliograph import config
from heliograph.errors import Unavailable
from heliograph.events import Place
from tests.unit.feed.samples import ANNA, post, profile


class Pool:
    """An index that fails in one way."""

    def __init__(self, failure: Exception | None = None, status: int = 503, body: bytes = b'{"responses": []}') -> None:
        self.failure, self.status, self.body, self.asked = failure, status, body, 0

    def request(self, method, url, body, headers):
        self.asked += 1
        self.headers = headers
        if self.failure:
            raise self.failure
        return urllib3.HTTPResponse(self.body, status=self.status)


@pytest.fixture
def pool(monkeypatch):
    pool = Pool()
    monkeypatch.setenv("SEARCH_ENDPOINT", "http://search.example")
    monkeypatch.setattr(search, "_pool", lambda: pool)
    config.forget()
    yield pool
    search.breaker.close()


@pytest.mark.parametrize(
    "failing",
    [
        Pool(status=503),
        Pool(status=429),
        Pool(urllib3.exceptions.TimeoutError("slow")),
        Pool(status=200, body=b'{"responses": [{"hits": {"hits": []}, "status": 200}, {"error": {}, "status": 503}]}'),
    ],
    ids=["down", "overloaded", "slow", "without its shards"],
)
def test_an_index_that_is_down_makes_search_unavailable_and_is_left_alone_after_a_few_failures(pool, failing):
    pool.failure, pool.status, pool.body = failing.failure, failing.status, failing.body
    for _ in range(20):
        with pytest.raises(Unavailable):
            search.run(("users", {}))
    assert pool.asked == search.breaker.fail_max


def test_requests_to_aws_are_signed_and_local_ones_are_not(pool, monkeypatch):
    pool.status = 200
    search.run(("users", {}))
    assert "Authorization" not in pool.headers

    monkeypatch.setenv("SEARCH_ENDPOINT", "https://search.example")
    config.forget()
    search.run(("users", {}))
    assert "/us-east-1/es/aws4_request" in pool.headers["Authorization"]
    assert pool.headers["Content-Type"] == "application/x-ndjson"


def test_writes_to_aws_are_signed_too(monkeypatch):
    sent = {}

    def urlopen(_pool, _method, _url, _body, headers, **_):
        sent.update(headers)
        return urllib3.HTTPResponse(b"{}", status=200)

    monkeypatch.setattr(urllib3.HTTPSConnectionPool, "urlopen", urlopen)
    client = engine.connect("https://search.example")
    client.index(index="test-users", id=ANNA, body={})
    client.close()
    assert "/us-east-1/es/aws4_request" in sent["Authorization"]


def test_documents_have_exactly_the_fields_of_the_mappings():
    shown = post(location=service.posts.Location("Here", 1.0, 2.0))
    made: dict[mappings.Kind, dict[str, Any]] = {
        "users": documents.user(profile()),
        "posts": documents.post(shown, profile(), "f" * 64),
        "hashtags": documents.hashtag("sunset", 1),
        "places": documents.place("here@1.0,2.0", Place(name="Here", lat=1.0, lon=2.0), 1),
    }
    for kind, document in made.items():
        assert document.keys() == mappings.definition(kind, "small")["mappings"]["properties"].keys()
    assert documents.post(shown, profile())["createdAt"] == "2026-11-22T12:00:00.000Z"
