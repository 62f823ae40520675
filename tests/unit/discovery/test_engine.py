"""What people type finds what was indexed: the real queries and mappings against a real engine (osmem, in memory)."""

from typing import Any

import pytest
import urllib3

from functions.discovery import documents, index, mappings, queries, search, service
from heliograph import config
from heliograph.errors import Unavailable
from tests.unit.feed.samples import ANNA, post, post_id, profile

PEOPLE = [
    profile("u1", username="ada.lovelace_1815", full_name="Ada King", follower_count=10),
    profile("u2", username="grace", full_name="Grace Hopper", follower_count=5000),
    profile("u3", username="gracejones", full_name="José Ñandú", follower_count=3),
    profile("u4", username="lovelorn", full_name="Grace Kelly", follower_count=200, is_private=True),
]
POSTS = [
    post(post_id(1), caption="Sunset over the peaks #sunset", hashtags=("sunset",)),
    post(post_id(2), caption="My dog at the sea", hashtags=("dogs", "sunset")),
    post(post_id(3), caption="Sunset, again", hashtags=()),
    post(post_id(4), caption="Sunset, again", hashtags=()),
    post(post_id(5), caption="Café", hashtags=(), location=None),
]
HASHTAGS = {"sunset": 5, "sunrise": 20, "sun": 2, "straße": 7}


@pytest.fixture
def engine(osmem_url, monkeypatch):
    monkeypatch.setenv("SEARCH_ENDPOINT", osmem_url)
    config.forget()
    index._client.cache_clear()
    search._pool.cache_clear()
    yield index._client()
    index._client().close()
    search._pool().clear()
    index._client.cache_clear()
    search._pool.cache_clear()


@pytest.fixture
def filled(engine):
    for person in PEOPLE:
        index.put("users", person.user_id, documents.user(person), person.version)
    for shown in POSTS:
        index.put("posts", shown.post_id, documents.post(shown), shown.version)
    for tag, count in HASHTAGS.items():
        index.put("hashtags", tag, documents.hashtag(tag, count), count)
    refresh(engine)
    return engine


def refresh(engine):
    engine.indices.refresh(index="test-*")


def found(kind, text, limit=10):
    return service.found_ids(kind, text, None, limit).items


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grace", ["u2", "u4", "u3"]),  # the very username, then the popular
        ("@grace", ["u2", "u4", "u3"]),
        ("GRACE", ["u2", "u4", "u3"]),
        ("ada.lovelace_1815", ["u1"]),
        ("lovelace", ["u1"]),
        ("lovel", ["u4", "u1"]),
        ("grace hop", ["u2"]),
        ("jose nandu", ["u3"]),
        ("hoper", ["u2"]),
        ("lovelaec", ["u1"]),
        ("nobody", []),
    ],
)
def test_users(filled, text, expected):
    assert found("users", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sunset", [post_id(1), post_id(2), post_id(4), post_id(3)]),  # tagged first; equals: the newest first
        ("#sunset", [post_id(1), post_id(2), post_id(4), post_id(3)]),
        ("dogs", [post_id(2)]),
        ("peaks sunset", [post_id(1), post_id(2)]),
        ("cafe", [post_id(5)]),
        ("sunest", [post_id(4), post_id(3), post_id(1)]),
        ("moon", []),
    ],
)
def test_posts(filled, text, expected):
    assert found("posts", text) == expected


def test_posts_by_the_name_of_their_place(filled, engine):
    shown = post(post_id(6), location=service.posts.Location("Picos de Europa", 43.2, -4.8))
    index.put("posts", shown.post_id, documents.post(shown), shown.version)
    refresh(engine)
    assert found("posts", "europa") == [post_id(6)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sun", ["sun", "sunrise", "sunset"]),
        ("#sun", ["sun", "sunrise", "sunset"]),
        ("SUNSET", ["sunset"]),
        ("sunsett", ["sunset"]),
        ("STRASSE", ["strasse"]),
    ],
)
def test_hashtags(filled, engine, text, expected):
    index.put("hashtags", "strasse", documents.hashtag("strasse", 7), 1)
    index.delete("hashtags", "straße", 99)
    refresh(engine)
    assert [item.hashtag for item in service.found_hashtags(text, None, 10).items] == expected


def test_hashtags_say_how_many_posts_they_have(filled):
    [item] = service.found_hashtags("sunrise", None, 1).items
    assert item == service.HashtagCount("sunrise", 20)


def test_results_are_paged_without_gaps_or_repeats(filled):
    ids, position = [], None
    while True:
        page = service.found_ids("posts", "sunset", position, 1)
        ids += page.items
        position = page.next
        if position is None:
            break
    assert ids == found("posts", "sunset")


def test_pages_end_at_the_last_rank_that_is_served(filled, monkeypatch):
    monkeypatch.setattr(service, "MAX_RESULTS", 2)
    assert service.found_ids("posts", "sunset", None, 2).next is None
    assert service.found_ids("posts", "sunset", None, 1).next == 1


def test_suggestions_complete_users_and_hashtags_and_forgive_no_typing_error(filled):
    users, tags = search.run(
        ("users", queries.users_beginning("gra", 8)), ("hashtags", queries.hashtags_beginning("s", 2))
    )
    assert [hit.id for hit in users] == ["u2", "u4", "u3"]
    assert [hit.id for hit in tags] == ["sunrise", "straße"]
    assert search.run(("users", queries.users_beginning("hoper", 8))) == [[]]


def test_nothing_is_found_where_nothing_was_indexed_yet(osmem_url, monkeypatch):
    monkeypatch.setenv("SEARCH_ENDPOINT", osmem_url)
    config.forget()
    assert found("users", "grace") == []


def test_writes_arrive_in_any_order_and_the_newest_wins(engine):
    old, new = (post(version=version, caption=caption) for version, caption in ((5, "old"), (6, "new")))
    for shown in (new, old, new, old):
        index.put("posts", shown.post_id, documents.post(shown), shown.version)
    assert engine.get(index="test-posts", id=old.post_id)["_source"]["caption"] == "new"


def test_a_late_write_does_not_bring_back_what_was_deleted(engine):
    shown = post(version=5)
    index.delete("posts", shown.post_id, 6)
    index.put("posts", shown.post_id, documents.post(shown), shown.version)
    index.delete("posts", shown.post_id, 6)
    assert not engine.exists(index="test-posts", id=shown.post_id)


def test_a_late_delete_does_not_take_away_what_is_newer(engine):
    shown = post(version=7)
    index.put("posts", shown.post_id, documents.post(shown), shown.version)
    index.delete("posts", shown.post_id, 6)
    assert engine.exists(index="test-posts", id=shown.post_id)


def test_indexes_are_made_once_though_two_may_try(engine):
    for kind in mappings.KINDS:
        index.create(engine, kind)
    engine.indices.delete_alias(index="test-users-v1", name="test-users")
    index.create(engine, "users")  # the race: the index is there, its alias was not seen


def test_an_unknown_field_is_refused(engine):
    with pytest.raises(index.RequestError, match="strict_dynamic_mapping_exception"):
        index.put("users", ANNA, {"userId": ANNA, "email": "anna@example.org"}, 1)


def test_a_query_the_engine_refuses_is_our_mistake_and_no_outage(engine):
    with pytest.raises(search.Misunderstood):
        search.run(("users", {"query": {"no_such_query": {}}}))


class Pool:
    """An index that fails in one way."""

    def __init__(self, failure: Exception | None = None, status: int = 503) -> None:
        self.failure, self.status, self.asked = failure, status, 0

    def request(self, method, url, body, headers):
        self.asked += 1
        self.headers = headers
        if self.failure:
            raise self.failure
        return urllib3.HTTPResponse(b'{"responses": []}', status=self.status)


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
    [Pool(status=503), Pool(status=429), Pool(urllib3.exceptions.TimeoutError("slow"))],
    ids=["down", "overloaded", "slow"],
)
def test_an_index_that_is_down_makes_search_unavailable_and_is_left_alone_after_a_few_failures(pool, failing):
    pool.failure, pool.status = failing.failure, failing.status
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
    client = index.connect("https://search.example")
    client.index(index="test-users", id=ANNA, body={})
    client.close()
    assert "/us-east-1/es/aws4_request" in sent["Authorization"]


def test_documents_have_exactly_the_fields_of_the_mappings():
    shown = post(location=service.posts.Location("Here", 1.0, 2.0))
    made: dict[mappings.Kind, dict[str, Any]] = {
        "users": documents.user(profile()),
        "posts": documents.post(shown),
        "hashtags": documents.hashtag("sunset", 1),
    }
    for kind, document in made.items():
        assert document.keys() == mappings.definition(kind)["mappings"]["properties"].keys()
    assert documents.post(shown)["createdAt"] == "2026-11-22T12:00:00.000Z"
