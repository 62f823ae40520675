"""What the consumers of discovery make of events: always what is true by now, whatever came first or twice."""

import json
from dataclasses import replace
from itertools import permutations

import pytest

from functions.accounts import service as accounts
from functions.discovery import authors, documents, events, index, index_events, indexing, places, tagging, usernames
from functions.discovery.index import GONE, Write
from functions.media import service as media
from functions.posts import service as posts
from heliograph import counters, queues
from heliograph.counters import Total
from heliograph.errors import Unavailable
from heliograph.events import (
    AuthorChanged,
    CounterChanged,
    DomainEvent,
    Place,
    PopularityChanged,
    PostChanged,
    PostDeleted,
    PostPublished,
    UserChanged,
    UserDeleted,
    unwrap,
)
from heliograph.tables import Slice
from tests.unit.feed.samples import ANNA, NOON, POST, post, profile, sample

BERLIN = Place(name="Berlin", lat=52.52, lon=13.405)


class Truth:
    """Posts and people as they are, the tags table as a set, the index as documents with versions."""

    def __init__(self) -> None:
        self.posts = [post()]
        self.people = {ANNA: profile()}
        self.tags: set[tuple[str, str]] = set()
        self.usernames: dict[str, str | None] = {}
        self.documents: dict[tuple[str, str], object] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.requests: list[list[tuple[str, str]]] = []
        self.refused: set[tuple[str, str]] = set()

    def published(self, post_id):
        """What each look at the post finds; the last answer stays."""
        assert post_id == POST
        return self.posts.pop(0) if len(self.posts) > 1 else self.posts[0]

    def as_written(self, post_ids):
        found = {post_id: self.published(post_id) for post_id in post_ids}
        return {post_id: shown for post_id, shown in found.items() if shown}

    def profiles(self, user_ids, *, consistent):
        assert consistent
        return {user_id: self.people[user_id] for user_id in user_ids if user_id in self.people}

    def send(self, writes):
        self.requests.append([write.key for write in writes])
        for write in writes:
            if write.version >= self.versions.get(write.key, 0):
                self.versions[write.key] = write.version
                self.documents[write.key] = write.document
        return {write.key for write in writes if write.key in self.refused}

    def indexed(self):
        return {key: document for key, document in self.documents.items() if document is not None}


@pytest.fixture
def truth(monkeypatch) -> Truth:
    truth = Truth()
    monkeypatch.setattr(posts, "published", truth.published)
    monkeypatch.setattr(posts, "as_written", truth.as_written)
    monkeypatch.setattr(accounts, "profiles", truth.profiles)
    monkeypatch.setattr(places, "named", lambda label: BERLIN if ("@berlin@52.5,13.4", POST) in truth.tags else None)
    monkeypatch.setattr(media, "looks", lambda media_ids: {})
    monkeypatch.setattr(index, "send", truth.send)
    monkeypatch.setattr(usernames, "keep", lambda user_id, username: truth.usernames.update({user_id: username}))
    monkeypatch.setattr(counters, "total", lambda counter: Total(len(truth.tags), 7))
    return truth


# --- Usernames --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, {"is_private": True}, {"is_deactivated": True}])
def test_an_account_is_kept_by_its_username_while_it_is_there(truth, context, changes):
    truth.people[ANNA] = profile(**changes)
    [user] = sample("sqs_index_events")["Records"][:1]
    assert events.keep_usernames({"Records": [user, user]}, context) == {"batchItemFailures": []}
    assert truth.usernames == {ANNA: "anna.berg"}


def test_deleted_username_stays_deleted_after_late_events(truth):
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


def test_events_put_users_posts_and_hashtags_into_the_index_in_one_request(truth, context):
    truth.tags = {("sunset", POST)}
    user, published, changed, _, counted = sample("sqs_index_events")["Records"]
    answer = index_events.index({"Records": [user, published, changed, counted]}, context)
    assert answer == {"batchItemFailures": []}
    assert truth.indexed().keys() == {("users", ANNA), ("posts", POST), ("hashtags", "sunset")}
    # a post has its own version and that of its author together
    assert truth.versions == {("users", ANNA): 4, ("posts", POST): 9, ("hashtags", "sunset"): 7}
    assert truth.requests == [[("users", ANNA), ("posts", POST), ("hashtags", "sunset")]]


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (PopularityChanged(kind="user", id="u"), ("users", "u")),
        (PopularityChanged(kind="post", id="p"), ("posts", "p")),
        (AuthorChanged(user_id="u"), ("users", "u")),
        (UserChanged(user_id="u"), ("users", "u")),
        (UserDeleted(user_id="u", version=2), ("users", "u")),
        (PostPublished(post_id="p", author_id="u", created_at=NOON, hashtags=[]), ("posts", "p")),
        (PostChanged(post_id="p", author_id="u", hashtags=[], former_hashtags=[]), ("posts", "p")),
        (
            PostDeleted(post_id="p", author_id="u", media_ids=[], hashtags=[], version=2, was_published=True),
            ("posts", "p"),
        ),
        (CounterChanged(kind="hashtag", id="sea", name="posts"), ("hashtags", "sea")),
        (CounterChanged(kind="post", id="p", name="likes"), None),
    ],
)
def test_events_name_the_documents_they_change(event, key):
    assert index_events._key(event) == key


def test_all_messages_about_what_is_refused_fail_and_no_others(truth, context):
    user, published, changed, _, counted = sample("sqs_index_events")["Records"]
    truth.refused = {("posts", POST)}
    answer = index_events.index({"Records": [user, published, changed, counted]}, context)
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == [
        published["messageId"],
        changed["messageId"],
    ]


def test_messages_are_delayed_while_the_index_is_unavailable(monkeypatch, truth, context):
    # given
    sent = []
    monkeypatch.setenv("OWN_QUEUE_URL", "https://sqs/index")
    monkeypatch.setattr(queues, "send", lambda url, bodies, **more: sent.append((url, bodies, more)))

    def unavailable(_writes):
        raise Unavailable

    monkeypatch.setattr(index, "send", unavailable)
    records = sample("sqs_index_events")["Records"]
    # when
    answer = index_events.index({"Records": records}, context)
    # then
    assert answer == {"batchItemFailures": []}
    assert sent == [("https://sqs/index", [record["body"] for record in records], {"delay_seconds": 30})]


def test_the_index_follows_how_popular_posts_and_users_are(truth):
    index_events._index([PopularityChanged(kind="post", id=POST), PopularityChanged(kind="user", id=ANNA)])
    assert truth.indexed().keys() == {("users", ANNA), ("posts", POST)}


def test_deleted_post_stays_out_of_the_index_after_late_events(truth, context):
    _, published, changed, deleted, _ = sample("sqs_index_events")["Records"]
    for order in permutations([published, changed, deleted, deleted]):
        truth.documents, truth.versions = {}, {}
        # The first look finds the post, as if it had been deleted just after.
        truth.posts = [post(), None]
        for record in order:
            index_events.index({"Records": [record]}, context)
        assert truth.indexed() == {}


def test_a_deleted_account_leaves_the_index_and_stays_out(truth):
    # given an account in the index, whose item is gone
    indexing.settle([("users", ANNA)])
    assert ("users", ANNA) in truth.indexed()
    known = Write("users", ANNA, truth.versions["users", ANNA] + 100, {})
    truth.people = {}
    # when its deletion is told, and a write of it comes late
    index_events._index([UserDeleted(user_id=ANNA, version=5)])
    truth.send([known])
    # then
    assert truth.indexed() == {}


@pytest.mark.parametrize("hidden", [{"is_archived": True}, {"audience": "closeFriends"}, {"status": "processing"}])
def test_a_post_that_is_hidden_leaves_the_index_and_may_come_back(truth, hidden):
    for version, changes in ((5, {}), (6, hidden), (7, {})):
        truth.posts = [post(version=version, **changes)]
        indexing.settle([("posts", POST)])
        assert bool(truth.indexed()) == (not changes)


@pytest.mark.parametrize("hidden", [{"is_private": True}, {"is_deactivated": True}])
def test_posts_of_accounts_that_hide_them_stay_out_of_the_index_until_they_do_not(truth, hidden):
    for version, changes in ((5, hidden), (6, {}), (7, hidden)):
        truth.people[ANNA] = profile(version=version, **changes)
        indexing.settle([("posts", POST)])
        assert bool(truth.indexed()) == (not changes)


def test_an_account_that_waits_for_its_erasure_is_not_found(truth):
    truth.people[ANNA] = profile(is_deactivated=True)
    index_events._index([AuthorChanged(user_id=ANNA)])
    assert truth.documents == {("users", ANNA): None}
    truth.people[ANNA] = profile(version=5)
    index_events._index([AuthorChanged(user_id=ANNA)])
    assert truth.indexed().keys() == {("users", ANNA)}


def test_erased_documents_are_dropped(truth):
    truth.posts, truth.people = [None], {}
    indexing.settle([("posts", POST), ("users", ANNA)])
    assert truth.versions == {("posts", POST): GONE, ("users", ANNA): GONE}
    truth.posts = [post()]
    indexing.settle([("posts", POST)])
    assert truth.indexed() == {}


def test_a_hashtag_that_no_post_carries_leaves_the_index(truth):
    truth.tags = {("sunset", POST)}
    indexing.settle([("hashtags", "sunset")])
    truth.tags = set()
    indexing.settle([("hashtags", "sunset")])
    assert truth.indexed() == {}


def test_a_hashtag_whose_count_moves_while_it_is_written_is_written_again(monkeypatch, truth):
    totals = [Total(1, 1), Total(2, 2), Total(2, 2)]
    monkeypatch.setattr(counters, "total", lambda _counter: totals.pop(0))
    indexing.settle([("hashtags", "sunset"), ("users", ANNA)])
    assert truth.documents["hashtags", "sunset"]["postCount"] == 2
    assert truth.requests == [[("hashtags", "sunset"), ("users", ANNA)], [("hashtags", "sunset")]]


def test_a_place_is_in_the_index_as_its_newest_post_names_it(truth):
    truth.tags = {("@berlin@52.5,13.4", POST)}
    index_events._index([CounterChanged(kind="place", id="berlin@52.5,13.4", name="posts")])
    assert truth.indexed() == {("places", "berlin@52.5,13.4"): documents.place("berlin@52.5,13.4", BERLIN, 1)}


def test_a_place_that_no_post_names_leaves_the_index(truth):
    truth.tags = {("@berlin@52.5,13.4", POST)}
    indexing.settle([("places", "berlin@52.5,13.4")])
    truth.tags = set()
    indexing.settle([("places", "berlin@52.5,13.4")])
    assert truth.indexed() == {}


# --- An author's posts ------------------------------------------------------------------------------------------------


@pytest.fixture
def author(monkeypatch, truth) -> dict[str, object]:
    """Somebody with a hundred posts. `settled`: hashtags by post; `sent`: what the queue gets back."""
    written = [f"019aab10-0000-7000-8000-{number:012}" for number in reversed(range(100))]
    seen = {"settled": {}, "sent": [], "posts": written}

    def published_by(user_id, after, limit):
        assert user_id == ANNA
        start = written.index(after) + 1 if after else 0
        page = written[start : start + limit]
        return Slice(page, page[-1] if start + limit < len(written) else None)

    monkeypatch.setattr(posts, "published_by", published_by)
    monkeypatch.setattr(truth, "published", post)
    monkeypatch.setattr(tagging, "settle", lambda post_id, tags: seen["settled"].update({post_id: list(tags)}))
    monkeypatch.setattr(queues, "send_back", seen["sent"].extend)
    return seen


def test_author_change_updates_their_posts_page_by_page(truth, author):
    event: DomainEvent | None = AuthorChanged(user_id=ANNA)
    pages = 0
    for private in (False, True):
        truth.people[ANNA] = profile(version=5 + private, is_private=private)
        event = AuthorChanged(user_id=ANNA)
        while event:
            author["sent"].clear()
            index_events._settle_author(event)
            event = unwrap(json.loads(author["sent"][0])["detail"]) if author["sent"] else None
            pages += 1
        assert author["settled"] == {post_id: ["sunset"] for post_id in author["posts"]}
        author["settled"].clear()
        assert len(truth.indexed()) == (0 if private else 100)
    assert pages == 8
    assert len(truth.documents) == 100


def test_author_update_handles_one_page_and_queues_the_rest(truth, author, context):
    assert index_events.settle_author(sample("sqs_author_changed"), context) == {"batchItemFailures": []}
    [body] = author["sent"]
    first_page = author["posts"][: authors.PAGE]
    assert unwrap(json.loads(body)["detail"]) == AuthorChanged(user_id=ANNA, after=first_page[-1])
    assert list(author["settled"]) == first_page


def test_a_post_without_labels_is_settled_in_the_index_alone(monkeypatch, truth, author):
    monkeypatch.setattr(truth, "published", lambda post_id: replace(post(post_id), hashtags=(), location=None))
    authors.settle(ANNA, None)
    assert author["settled"] == {}
    assert len(truth.indexed()) == authors.PAGE


def test_a_document_of_an_author_that_is_refused_fails_the_message(truth, author, context):
    truth.refused = {("posts", author["posts"][3])}
    with pytest.raises(authors.Refused):
        index_events._settle_author(AuthorChanged(user_id=ANNA))
    assert author["sent"] == []
