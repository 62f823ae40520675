"""What the consumers of discovery make of events: always what is true by now, whatever came first or twice."""

from itertools import permutations

import pytest

from functions.accounts import service as accounts
from functions.discovery import events, index, indexing, store, tagging, usernames
from functions.posts import service as posts
from heliograph import counters
from heliograph.counters import Counter, Total
from heliograph.events import UserChanged, UserDeleted
from tests.unit.feed.samples import ANNA, POST, post, profile, sample


class Truth:
    """Posts and people as they are, the tags table as a set, the index as documents with versions."""

    def __init__(self) -> None:
        self.posts = [post()]
        self.people = {ANNA: profile()}
        self.tags: set[tuple[str, str]] = set()
        self.usernames: dict[str, str | None] = {}
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
    monkeypatch.setattr(store, "add", lambda hashtag, shown: truth.tags.add((hashtag, shown.post_id)))
    monkeypatch.setattr(store, "remove", lambda hashtag, post_id: truth.tags.discard((hashtag, post_id)))
    monkeypatch.setattr(usernames, "keep", lambda user_id, username: truth.usernames.update({user_id: username}))
    monkeypatch.setattr(index, "put", truth.write)
    monkeypatch.setattr(index, "delete", lambda kind, key, version: truth.write(kind, key, None, version))
    monkeypatch.setattr(counters, "total", lambda counter: Total(len(truth.tags), 7))
    return truth


# --- Which post carries which hashtag ---------------------------------------------------------------------------------


def test_a_published_post_is_found_under_its_hashtags(truth):
    truth.posts = [post(hashtags=("sunset", "sea"))]
    tagging.settle(POST, ["sunset"])
    assert truth.tags == {("sunset", POST), ("sea", POST)}


def test_a_deleted_post_is_found_under_none(truth):
    truth.posts = [None]
    truth.tags = {("sunset", POST), ("sunset", "another")}
    tagging.settle(POST, ["sunset"])
    assert truth.tags == {("sunset", "another")}


def test_an_edited_post_leaves_its_former_hashtags(truth):
    truth.posts = [post(hashtags=("dawn", "sea"))]
    truth.tags = {("sunset", POST), ("sea", POST)}
    tagging.settle(POST, ["dawn", "sunset", "sea"])
    assert truth.tags == {("dawn", POST), ("sea", POST)}


@pytest.mark.parametrize("hidden", [{"is_archived": True}, {"audience": "closeFriends"}])
def test_a_hidden_post_is_found_under_none(truth, hidden):
    truth.posts = [post(**hidden)]
    truth.tags = {("sunset", POST)}
    tagging.settle(POST, ["sunset"])
    assert truth.tags == set()


def test_a_deletion_while_hashtags_are_written_takes_them_back(truth):
    truth.posts = [post(), None]
    tagging.settle(POST, [])
    assert truth.tags == set()


def test_an_edit_while_hashtags_are_written_is_followed(truth):
    truth.posts = [post(hashtags=("sunset",)), post(hashtags=("dawn",))]
    tagging.settle(POST, [])
    assert truth.tags == {("dawn", POST)}


def test_hashtag_events_in_any_order_and_twice_end_the_same(truth, context):
    published, changed, deleted = sample("sqs_index_events")["Records"][1:4]
    for order in permutations([published, changed, deleted, published]):
        truth.posts = [post(hashtags=("dawn",))]
        truth.tags = {("sunset", POST)}
        assert events.count_hashtags({"Records": list(order)}, context) == {"batchItemFailures": []}
        assert truth.tags == {("dawn", POST)}


# --- Usernames --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, {"is_private": True}, {"is_deactivated": True}])
def test_an_account_is_kept_by_its_username_while_it_is_there(truth, context, changes):
    truth.people[ANNA] = profile(**changes)
    [user] = sample("sqs_index_events")["Records"][:1]
    assert events.keep_usernames({"Records": [user, user]}, context) == {"batchItemFailures": []}
    assert truth.usernames == {ANNA: "anna.berg"}


def test_an_account_that_is_gone_is_kept_by_none_whatever_comes_late(truth):
    events._keep_usernames(UserChanged(user_id=ANNA))
    truth.people = {}
    for late in (UserDeleted(user_id=ANNA, version=9), UserChanged(user_id=ANNA)):
        events._keep_usernames(late)
        assert truth.usernames == {ANNA: None}


def test_a_username_that_changes_while_it_is_written_is_followed(truth, monkeypatch):
    def keep(user_id, username):
        truth.usernames[user_id] = username
        truth.people[ANNA] = profile(username="anna.new")

    monkeypatch.setattr(usernames, "keep", keep)
    events._keep_usernames(UserChanged(user_id=ANNA))
    assert truth.usernames == {ANNA: "anna.new"}


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


def test_the_counter_of_a_hashtag_is_that_of_its_posts():
    assert store.counter("sunset") == Counter("hashtag", "sunset", "posts")


def test_a_hashtag_is_spread_over_shards_by_post():
    tags = {store._tag("sunset", f"post-{number}") for number in range(100)}
    assert tags == {f"sunset#{shard}" for shard in range(store.SHARDS)}
