"""What the consumers of discovery make of events: always what is true by now, whatever came first or twice."""

from itertools import permutations

import pytest

from functions.accounts import service as accounts
from functions.discovery import events, index, indexing, places
from functions.posts import service as posts
from heliograph import counters
from heliograph.counters import Total
from heliograph.events import CounterChanged, Place, UserDeleted
from tests.unit.feed.samples import ANNA, POST, post, profile, sample

BERLIN = Place(name="Berlin", lat=52.52, lon=13.405)


class Truth:
    """Posts and people as they are, the tags table as a set, the index as documents with versions."""

    def __init__(self) -> None:
        self.posts = [post()]
        self.people = {ANNA: profile()}
        self.tags: set[tuple[str, str]] = set()
        self.documents: dict[tuple[str, str], object] = {}
        self.versions: dict[tuple[str, str], int] = {}

    def published(self, post_id):
        """What each look at the post finds; the last answer stays."""
        assert post_id == POST
        return self.posts.pop(0) if len(self.posts) > 1 else self.posts[0]

    def write(self, kind, document_id, document, version):
        if version >= self.versions.get((kind, document_id), 0):
            self.versions[kind, document_id] = version
            self.documents[kind, document_id] = document

    def indexed(self):
        return {key: document for key, document in self.documents.items() if document is not None}


@pytest.fixture
def truth(monkeypatch) -> Truth:
    truth = Truth()
    monkeypatch.setattr(posts, "published", truth.published)
    monkeypatch.setattr(
        accounts, "profiles", lambda ids: {key: truth.people[key] for key in ids if key in truth.people}
    )
    monkeypatch.setattr(places, "named", lambda label: BERLIN if ("@berlin@52.5,13.4", POST) in truth.tags else None)
    monkeypatch.setattr(index, "put", truth.write)
    monkeypatch.setattr(index, "delete", lambda kind, key, version: truth.write(kind, key, None, version))
    monkeypatch.setattr(counters, "total", lambda counter: Total(len(truth.tags), 7))
    return truth


# --- The index --------------------------------------------------------------------------------------------------------


def test_events_put_users_posts_and_hashtags_into_the_index(truth, context):
    truth.tags = {("sunset", POST)}
    user, published, _, _, counted = sample("sqs_index_events")["Records"]
    answer = events.index({"Records": [user, published, counted]}, context)
    assert answer == {"batchItemFailures": []}
    assert truth.indexed().keys() == {("users", ANNA), ("posts", POST), ("hashtags", "sunset")}
    assert truth.versions == {("users", ANNA): 4, ("posts", POST): 5, ("hashtags", "sunset"): 7}


def test_a_deleted_post_stays_out_of_the_index_whatever_comes_late(truth, context):
    _, published, changed, deleted, _ = sample("sqs_index_events")["Records"]
    for order in permutations([published, changed, deleted, deleted]):
        truth.documents, truth.versions = {}, {}
        # The first look finds the post, as if it had been deleted just after.
        truth.posts = [post(), None]
        events.index({"Records": list(order)}, context)
        assert truth.indexed() == {}


def test_a_deleted_account_leaves_the_index_and_stays_out(truth):
    # given an account in the index, whose item is gone
    indexing.user(ANNA)
    assert ("users", ANNA) in truth.indexed()
    truth.people = {}
    # when its deletion is told, and then its last change again
    events._index(UserDeleted(user_id=ANNA, version=truth.versions["users", ANNA] + 1))
    indexing.user(ANNA)
    # then
    assert truth.indexed() == {}


@pytest.mark.parametrize("hidden", [{"is_archived": True}, {"audience": "closeFriends"}])
def test_a_post_that_is_hidden_leaves_the_index(truth, hidden):
    indexing.post(POST)
    truth.posts = [post(version=6, **hidden)]
    indexing.post(POST)
    assert truth.indexed() == {}


def test_posts_of_private_accounts_stay_out_of_the_index(truth):
    truth.people[ANNA] = profile(is_private=True)
    indexing.post(POST)
    assert truth.indexed() == {}


def test_what_is_gone_by_the_time_is_left_to_its_own_event(truth):
    truth.posts = [None]
    truth.people = {}
    indexing.post(POST)
    indexing.user(ANNA)
    truth.posts = [post()]
    indexing.post(POST)
    assert truth.documents == {}


def test_a_hashtag_that_no_post_carries_leaves_the_index(truth):
    truth.tags = {("sunset", POST)}
    indexing.hashtag("sunset")
    truth.tags = set()
    indexing.hashtag("sunset")
    assert truth.indexed() == {}


def test_a_place_is_in_the_index_as_its_newest_post_names_it(truth):
    truth.tags = {("@berlin@52.5,13.4", POST)}
    events._index(CounterChanged(kind="place", id="berlin@52.5,13.4", name="posts"))
    assert truth.indexed() == {
        ("places", "berlin@52.5,13.4"): {
            "place": "berlin@52.5,13.4",
            "name": "Berlin",
            "point": {"lat": 52.52, "lon": 13.405},
            "postCount": 1,
        }
    }


def test_a_place_that_no_post_names_leaves_the_index(truth):
    truth.tags = {("@berlin@52.5,13.4", POST)}
    indexing.place("berlin@52.5,13.4")
    truth.tags = set()
    indexing.place("berlin@52.5,13.4")
    assert truth.indexed() == {}
