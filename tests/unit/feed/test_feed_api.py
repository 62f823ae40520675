"""GET /v1/feed: whose posts it shows, in which order, page by page."""

import pytest

from functions.feed import affinity, candidates, encounters, readers, service, store, timelines
from functions.feed.api import handler
from functions.feed.candidates import PULLED
from functions.feed.hybrid import Feed
from functions.feed.model import Entry
from functions.feed.readers import Reader
from functions.feed.timelines import Timeline
from functions.graph.service import Relationship
from functions.posts import service as posts
from heliograph import clock, live, outbox, tokens
from heliograph.events import PostsViewed, ProfilesVisited, View
from heliograph.limits import Limit
from heliograph.tokens import Caller
from tests.unit.feed.samples import ANNA, BEN, NOON, hours_ago, hydrated, post_id
from tests.unit.requests import answer, request

AUTHORS = [f"019aa1b2-0000-7000-8000-00000000001{number}" for number in range(6)]
SIGNED_IN = {"Authorization": "Bearer good"}
# The newest three have been seen, so that they come last.
ENTRIES = [Entry(BEN, post_id(9 - hours), AUTHORS[hours], hours_ago(hours), 1.0) for hours in range(6)]
SEEN = {affinity.key(entry.creator_id, entry.post_id): affinity.LIKED for entry in ENTRIES[:3]}
RANKED = [*ENTRIES[3:], *ENTRIES[:3]]


@pytest.fixture
def shown(monkeypatch):
    """The posts behind the entries, by id; a test may change them."""
    shown = {entry.post_id: hydrated(entry.post_id) for entry in ENTRIES}

    def newest(user_id, before, limit):
        assert user_id == BEN
        return [entry for entry in ENTRIES if not before or entry.post_id < before][:limit]

    def between(user_id, newest_id, oldest_id):
        return [entry for entry in newest(user_id, None, 99) if (oldest_id or "") <= entry.post_id <= newest_id]

    monkeypatch.setattr(tokens, "verify", lambda token: Caller(BEN if token == "good" else ANNA, "device", "ben"))
    monkeypatch.setattr(readers, "find", lambda user_id: Reader(user_id, clock.now(), is_filled=True))
    monkeypatch.setattr(store, "newest", newest)
    monkeypatch.setattr(store, "between", between)
    monkeypatch.setattr(encounters, "find", lambda user_id: SEEN if user_id == BEN else {})
    monkeypatch.setattr(
        posts, "known", lambda post_ids: {post_id: shown[post_id].post for post_id in post_ids if post_id in shown}
    )
    monkeypatch.setattr(live, "read", lambda model: model())
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(
        posts, "hydrate_feed", lambda viewer_id, ids, known: [shown[post_id] for post_id in ids if post_id in shown]
    )
    return shown


def get(context, headers=None, **query):
    return answer(handler(request("GET", "/v1/feed", headers=headers or SIGNED_IN, query=query), context))


def read_all(context, **query):
    ids = []
    while True:
        status, page = get(context, **query)
        assert status == 200
        ids += [item["postId"] for item in page["items"]]
        if page["nextCursor"] is None:
            return ids
        query["cursor"] = page["nextCursor"]


def test_feed_requires_sign_in(context):
    status, problem = answer(handler(request("GET", "/v1/feed"), context))
    assert (status, problem["title"]) == (401, "Sign in first")


@pytest.mark.parametrize(
    ("order", "expected"),
    [({}, RANKED), ({"order": "ranked"}, RANKED), ({"order": "latest"}, ENTRIES)],
    ids=["default", "ranked", "latest"],
)
@pytest.mark.parametrize("limit", ["1", "4", "50"])
def test_feed_order_does_not_depend_on_page_size(shown, context, order, expected, limit):
    assert read_all(context, limit=limit, **order) == [entry.post_id for entry in expected]


@pytest.mark.parametrize(
    "hidden",
    [
        {"relationship": Relationship(following="no")},
        {"relationship": Relationship(following="requested")},
        {"relationship": Relationship(following="yes", muting_posts=True)},
        {"relationship": Relationship(following="yes", blocked_by=True)},
        {"is_archived": True},
        {"status": "processing"},
        {"audience": "closeFriends"},
    ],
    ids=["unfollowed", "requested", "muted", "blocked", "archived", "processing", "close friends"],
)
def test_hidden_posts_are_omitted_and_the_page_is_refilled(shown, context, hidden):
    shown[post_id(9)] = hydrated(post_id(9), **hidden)
    status, page = get(context, order="latest", limit="2")
    assert status == 200
    assert [item["postId"] for item in page["items"]] == [post_id(8), post_id(7)]


def test_deleted_post_is_omitted_before_its_feed_entry_is_removed(shown, context):
    del shown[post_id(8)]
    assert post_id(8) not in read_all(context)


def test_muting_stories_keeps_posts_visible(shown, context):
    shown[post_id(9)] = hydrated(post_id(9), relationship=Relationship(following="yes", muting_stories=True))
    assert read_all(context, order="latest")[0] == post_id(9)


def test_feed_includes_own_posts(shown, context):
    shown[post_id(9)] = hydrated(post_id(9), user_id=BEN, relationship=Relationship())
    assert read_all(context, order="latest")[0] == post_id(9)


def test_a_cursor_belongs_to_one_order_and_one_person(shown, context):
    _, page = get(context, order="latest", limit="2")
    cursor = page["nextCursor"]
    assert get(context, order="ranked", cursor=cursor)[0] == 400
    assert get(context, {"Authorization": "Bearer other"}, order="latest", cursor=cursor)[0] == 400


@pytest.mark.parametrize("order", ["ranked", "latest"])
def test_feed_pages_keep_the_turn_of_the_first_page(shown, context, monkeypatch, order):
    # given a reader of many large authors, each with a post
    pulled = {f"large{number}": post_id(100 + number) for number in range(30)}
    shown |= {one: hydrated(one) for one in pulled.values()}
    monkeypatch.setattr(
        readers, "find", lambda user_id: Reader(user_id, clock.now(), pulled=(*pulled,), is_filled=True)
    )
    monkeypatch.setattr(
        timelines,
        "find_all",
        lambda ids: {author: Timeline(author, (pulled[author],), is_large=True) for author in ids},
    )
    # when the hours pass from page to page
    hours = iter(range(100))
    at_once = read_all(context, order=order)
    monkeypatch.setattr(candidates, "turn", lambda now: clock.epoch(now) // 3600 + next(hours))
    step_by_step = read_all(context, order=order, limit="3")
    # then the pages fit together; and a feed that is begun later has others
    assert step_by_step == at_once
    assert len({*at_once}) == len(at_once) == len(ENTRIES) + PULLED
    assert {*read_all(context, order=order)} != {*at_once}


def test_unknown_order_is_invalid(shown, context):
    assert get(context, order="best")[0] == 422


def test_without_ranking_a_feed_begins_in_the_latest_order_and_a_begun_one_goes_on(shown, context, monkeypatch):
    # given a feed whose first page was ranked
    _, first = get(context, limit="2")
    assert [item["postId"] for item in first["items"]] == [entry.post_id for entry in RANKED[:2]]
    # when ranking is switched off
    monkeypatch.setattr(live, "read", lambda model: model(ranked=False) if model is Feed else model())
    # then
    assert read_all(context, limit="2") == [entry.post_id for entry in ENTRIES]
    assert read_all(context, limit="2", cursor=first["nextCursor"]) == [entry.post_id for entry in RANKED[2:]]


# --- Views ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(monkeypatch, shown):
    """The events that have been published."""
    published = []
    monkeypatch.setattr(outbox, "publish", lambda event, event_id: published.append(event))
    return published


def report(context, *views, **more):
    body = {"views": list(views)} | more
    return answer(handler(request("POST", "/v1/feed/views", headers=SIGNED_IN, body=body), context))


def test_what_was_looked_at_is_published_each_post_once(published, context):
    long, short = ({"postId": post_id(8), "milliseconds": look} for look in (900, 200))
    assert report(context, long, short, {"postId": post_id(7), "milliseconds": 0})[0] == 202
    views = [View(post_id=post_id(8), milliseconds=900), View(post_id=post_id(7), milliseconds=0)]
    assert published == [PostsViewed(user_id=BEN, views=views)]


def test_profiles_that_were_visited_are_published_each_once(published, context, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    assert report(context, profiles=[ANNA, ANNA, BEN])[0] == 202
    assert published == [ProfilesVisited(user_id=BEN, profile_ids=[ANNA, BEN], visited_at=NOON)]
    assert report(context, profiles=["no id"])[0] == 422


def test_empty_view_report_is_accepted(published, context):
    assert report(context)[0] == 202
    assert published == []


@pytest.mark.parametrize(
    "views",
    [
        [{"postId": post_id(8), "milliseconds": 600_001}],
        [{"postId": post_id(8), "milliseconds": -1}],
        [{"postId": "no id", "milliseconds": 1}],
        [{"postId": post_id(number), "milliseconds": 1} for number in range(101)],
    ],
    ids=["too long", "negative", "no id", "too many"],
)
def test_invalid_views_are_refused(published, context, views):
    assert report(context, *views)[0] == 422
    assert published == []


def test_view_reports_are_rate_limited(published, context, monkeypatch):
    monkeypatch.setattr(service, "VIEWS", Limit("feed-views", burst=2, per_second=0.5))
    assert [report(context, {"postId": post_id(8), "milliseconds": 1})[0] for _ in range(3)] == [202, 202, 429]
    assert len(published) == 2
