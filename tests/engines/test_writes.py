"""Writing the index on each engine: the newest wins, whatever comes late, twice or in any order."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, RequestError

from functions.discovery import documents, events, index, indexing, mappings, service
from functions.discovery.mappings import Kind
from heliograph import config
from heliograph.counters import Total
from tests.engines.corpus import Truth
from tests.engines.engines import refresh
from tests.unit.conftest import Context
from tests.unit.feed.samples import ANNA, BEN, POST, post, profile, sample

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def client() -> OpenSearch:
    """The product's own client, which has made the indexes."""
    return index._client()


def stored(kind: Kind, document_id: str) -> dict[str, Any] | None:
    """The document as it is, without waiting for a refresh."""
    try:
        return index._client().get(index=config.named(kind), id=document_id)["_source"]
    except NotFoundError:
        return None


def put(version: int, caption: str = "a") -> None:
    shown = post(version=version, caption=caption)
    index.put("posts", POST, documents.post(shown, profile()), version)


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_the_newest_wins_in_any_order(client: OpenSearch) -> None:
    for number, order in enumerate(permutations([1, 2, 3, 3])):
        for version in order:
            index.put("hashtags", f"tag{number}", documents.hashtag("tag", version * 10), version)
        assert stored("hashtags", f"tag{number}") == documents.hashtag("tag", 30)


def test_a_repeated_write_may_correct_its_own_version(client: OpenSearch) -> None:
    put(5, "as it was")
    put(5, "as it is")
    assert (stored("posts", POST) or {})["words"].startswith("as it is")


def test_a_late_write_does_not_bring_back_what_was_deleted(client: OpenSearch) -> None:
    put(5)
    index.delete("posts", POST, 6)
    put(5)
    assert stored("posts", POST) is None


def test_a_delete_that_comes_first_is_remembered(client: OpenSearch) -> None:
    index.delete("posts", POST, 6)
    put(5)
    index.delete("posts", POST, 6)
    assert stored("posts", POST) is None


def test_a_late_delete_does_not_take_away_what_is_newer(client: OpenSearch) -> None:
    put(7)
    index.delete("posts", POST, 6)
    assert stored("posts", POST) is not None


def test_what_was_deleted_can_come_back_newer(client: OpenSearch) -> None:
    index.delete("posts", POST, 6)
    put(7)
    assert stored("posts", POST) is not None


def test_a_write_is_searchable_and_a_delete_is_not(client: OpenSearch) -> None:
    put(5, "ferry")
    refresh()
    assert service.found_ids("posts", "ferry", None, 10).items == [POST]
    index.delete("posts", POST, 6)
    refresh()
    assert service.found_ids("posts", "ferry", None, 10).items == []


# --- Through the consumer ---------------------------------------------------------------------------------------------


def test_events_index_users_posts_and_hashtags(truth: Truth) -> None:
    truth.people = {ANNA: profile()}
    truth.posts = {POST: post(caption="ferry")}
    truth.hashtags = {"sunset": Total(1, 1)}
    user, published, _, _, counted = sample("sqs_index_events")["Records"]
    assert events.index({"Records": [user, published, counted]}, Context()) == {"batchItemFailures": []}
    refresh()
    assert service.found_ids("users", "anna", None, 10).items == [ANNA]
    assert service.found_ids("posts", "ferry", None, 10).items == [POST]
    assert service.found_ids("hashtags", "sunset", None, 10).items == ["sunset"]


def test_a_refused_document_fails_alone(truth: Truth) -> None:
    # Given a user whom no index of ours can hold
    truth.people = {ANNA: replace(profile(), follower_count=2**31)}
    truth.hashtags = {"sunset": Total(1, 1)}
    truth.posts = {POST: post(user_id=BEN)}
    truth.people[BEN] = profile(BEN)
    user, published, _, _, counted = sample("sqs_index_events")["Records"]
    # When the user comes in the middle of a batch
    answer = events.index({"Records": [published, user, counted]}, Context())
    # Then only that message is tried again, and its neighbours are indexed
    assert answer == {"batchItemFailures": [{"itemIdentifier": user["messageId"]}]}
    assert stored("users", ANNA) is None
    assert stored("posts", POST) is not None
    assert stored("hashtags", "sunset") is not None


def test_a_post_that_is_hidden_and_shown_again_follows(truth: Truth) -> None:
    truth.people = {ANNA: profile()}
    truth.posts = {POST: post(version=5)}
    indexing.post(POST)
    truth.posts[POST] = post(version=6, is_archived=True)
    indexing.post(POST)
    assert stored("posts", POST) is None
    truth.posts[POST] = post(version=7)
    indexing.post(POST)
    assert stored("posts", POST) is not None


def test_a_hashtag_nobody_uses_any_more_is_dropped_until_it_is_used_again(truth: Truth) -> None:
    for total, expected in ((Total(1, 1), 1), (Total(0, 2), None), (Total(1, 3), 1)):
        truth.hashtags = {"sunset": total}
        indexing.hashtag("sunset")
        assert (stored("hashtags", "sunset") or {}).get("postCount") == expected


# --- The indexes ------------------------------------------------------------------------------------------------------


def test_an_unknown_field_is_refused(client: OpenSearch) -> None:
    with pytest.raises(RequestError, match="strict_dynamic_mapping_exception"):
        index.put("users", ANNA, {"userId": ANNA, "email": "anna@example.org"}, 1)
    assert stored("users", ANNA) is None


def test_indexes_are_made_once_though_two_may_try(client: OpenSearch) -> None:
    for kind in mappings.KINDS:
        index.create(client, kind)
    # The race: the index is there, its alias was not seen.
    alias = config.named("users")
    client.indices.delete_alias(index=f"{alias}-v{mappings.VERSION}", name=alias)
    index.create(client, "users")
    assert not client.indices.exists_alias(name=alias)


def test_writes_make_no_index_of_their_own(client: OpenSearch) -> None:
    # Given an index that was dropped under a running consumer
    client.indices.delete(index=f"{config.named('posts')}-v{mappings.VERSION}")
    # When it writes and deletes
    with pytest.raises(NotFoundError):
        put(5)
    index.delete("posts", POST, 6)
    # Then no index with guessed mappings stands in the alias's place
    assert not client.indices.exists(index=config.named("posts"))
