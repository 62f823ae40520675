"""Writing the index on each engine: the newest wins, whatever comes late, twice or in any order."""

from dataclasses import replace
from itertools import permutations

import pytest

from functions.discovery import documents, generations, index, index_events, indexing, service
from functions.discovery.index import GONE, Write
from heliograph.counters import Total
from tests.engines.corpus import Truth
from tests.engines.engines import refresh, stored
from tests.unit.conftest import Context
from tests.unit.feed.samples import ANNA, BEN, POST, post, post_id, profile, sample

pytestmark = pytest.mark.usefixtures("empty")


def put(version: int, caption: str = "a") -> set[index.Key]:
    return index.send([Write("posts", POST, version, documents.post(post(caption=caption), profile()))])


def drop(version: int) -> set[index.Key]:
    return index.send([Write("posts", POST, version, None)])


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_the_newest_wins_in_any_order_within_a_request_and_over_several() -> None:
    for number, order in enumerate(permutations([1, 2, 3, 3])):
        tags = [f"one{number}", f"many{number}"]
        writes = [
            Write("hashtags", tag, version, documents.hashtag("tag", version * 10)) for tag in tags for version in order
        ]
        assert index.send(writes[:4]) == set()
        for write in writes[4:]:
            assert index.send([write]) == set()
        for tag in tags:
            assert stored("hashtags", tag) == documents.hashtag("tag", 30)


def test_a_repeated_write_may_correct_its_own_version() -> None:
    put(5, "as it was")
    put(5, "as it is")
    assert (stored("posts", POST) or {})["words"].startswith("as it is")


def test_a_late_write_does_not_bring_back_what_was_hidden() -> None:
    put(5)
    drop(6)
    assert put(5) == set()
    assert stored("posts", POST) is None


def test_a_delete_that_comes_first_is_remembered() -> None:
    for _ in range(2):
        assert drop(6) == put(5) == set()
    assert stored("posts", POST) is None


def test_a_late_delete_does_not_take_away_what_is_newer() -> None:
    put(7)
    drop(6)
    assert stored("posts", POST) is not None


def test_what_was_hidden_can_come_back_newer() -> None:
    drop(6)
    put(7)
    assert stored("posts", POST) is not None


def test_what_is_gone_stays_gone_whatever_version_comes() -> None:
    put(5)
    drop(GONE)
    put(GONE - 1)
    assert stored("posts", POST) is None


def test_a_write_is_searchable_and_a_delete_is_not() -> None:
    put(5, "ferry")
    refresh()
    assert service.found_ids("posts", "ferry", None, 10).items == [POST]
    drop(6)
    refresh()
    assert service.found_ids("posts", "ferry", None, 10).items == []


# --- Refusals ---------------------------------------------------------------------------------------------------------


def test_an_unknown_field_is_refused_and_its_neighbours_are_written() -> None:
    strange = {**documents.user(profile()), "email": "anna@example.org"}
    writes = [Write("users", ANNA, 1, strange), Write("users", BEN, 1, documents.user(profile(BEN)))]
    assert index.send(writes) == {("users", ANNA)}
    assert stored("users", ANNA) is None
    assert stored("users", BEN) is not None


def test_an_id_that_no_document_can_have_is_refused() -> None:
    assert index.send([Write("posts", "not-an-id", GONE, None), Write("posts", POST, GONE, None)]) == {
        ("posts", "not-an-id")
    }


def test_documents_are_read_in_the_order_of_their_ids() -> None:
    numbers = [5, 3, 4, 1, 2]
    index.send(
        Write("posts", post_id(number), number, documents.post(post(post_id(number)), profile())) for number in numbers
    )
    index.refresh("posts", generations.FIRST)
    first = index.page("posts", generations.FIRST, None, 3)
    rest = index.page("posts", generations.FIRST, first[-1].id, 3)
    assert [(found.id, found.version) for found in [*first, *rest]] == [(post_id(one), one) for one in sorted(numbers)]
    assert rest[-1].document == documents.post(post(post_id(5)), profile())


# --- Through the consumer ---------------------------------------------------------------------------------------------


def test_events_index_users_posts_and_hashtags(truth: Truth) -> None:
    truth.people = {ANNA: profile()}
    truth.posts = {POST: post(caption="ferry")}
    truth.hashtags = {"sunset": Total(1, 1)}
    user, published, _, _, counted = sample("sqs_index_events")["Records"]
    assert index_events.index({"Records": [user, published, counted]}, Context()) == {"batchItemFailures": []}
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
    answer = index_events.index({"Records": [published, user, counted]}, Context())
    # Then only that message is tried again, and its neighbours are indexed
    assert answer == {"batchItemFailures": [{"itemIdentifier": user["messageId"]}]}
    assert stored("users", ANNA) is None
    assert stored("posts", POST) is not None
    assert stored("hashtags", "sunset") is not None


def test_a_post_that_is_hidden_and_shown_again_follows(truth: Truth) -> None:
    truth.people = {ANNA: profile()}
    for version, archived in ((5, False), (6, True), (7, False)):
        truth.posts = {POST: post(version=version, is_archived=archived)}
        assert indexing.settle([("posts", POST)]) == set()
        assert (stored("posts", POST) is None) == archived


def test_posts_follow_the_privacy_of_their_author(truth: Truth) -> None:
    truth.posts = {POST: post()}
    for version, private in ((4, False), (5, True), (6, False)):
        truth.people = {ANNA: profile(version=version, is_private=private)}
        assert indexing.settle([("posts", POST)]) == set()
        assert (stored("posts", POST) is None) == private


def test_a_hashtag_nobody_uses_any_more_is_dropped_until_it_is_used_again(truth: Truth) -> None:
    for total, expected in ((Total(1, 1), 1), (Total(0, 2), None), (Total(1, 3), 1)):
        truth.hashtags = {"sunset": total}
        indexing.settle([("hashtags", "sunset")])
        assert (stored("hashtags", "sunset") or {}).get("postCount") == expected
