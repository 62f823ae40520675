"""The routes of discovery: what is found is shown to those who may see it, and to no others."""

import pytest

from functions.discovery import queries, search, store
from functions.discovery.api import handler
from functions.discovery.search import Hit
from functions.graph import service as graph
from functions.graph.service import Person, Relationship, Viewer
from functions.posts import service as posts
from heliograph import counters, tokens
from heliograph.counters import Total
from heliograph.errors import Unavailable
from heliograph.tokens import Caller
from tests.unit.feed.samples import BEN, hydrated, post_id, profile
from tests.unit.requests import answer, request

SIGNED_IN = {"Authorization": "Bearer good"}
TAGGED = [post_id(number) for number in (5, 4, 3, 2, 1)]


@pytest.fixture(autouse=True)
def hits(monkeypatch):
    """What the index finds, by kind, best first; a test fills it."""
    hits: dict[str, list[Hit]] = {"users": [], "posts": [], "hashtags": []}

    def run(*searches):
        return [hits[kind][body.get("from", 0) : body.get("from", 0) + body["size"]] for kind, body in searches]

    monkeypatch.setattr(search, "run", run)
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    return hits


@pytest.fixture(autouse=True)
def people(monkeypatch):
    """Everybody, with what they are to the viewer; a test changes it."""
    people = {user_id: (profile(user_id, username=user_id), Relationship()) for user_id in ("ada", "bea", "cleo")}

    def hydrate(viewer_id, ids):
        viewer = Viewer(viewer_id, {user_id: people[user_id][1] for user_id in ids})
        return [Person(people[user_id][0], viewer) for user_id in ids]

    monkeypatch.setattr(graph, "hydrate_people", hydrate)
    return people


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """The posts there are, by id; a test changes them."""
    shown = {post_id: hydrated(post_id, like_count=int(post_id[-1]) % 3) for post_id in TAGGED}
    monkeypatch.setattr(
        posts, "hydrate", lambda _viewer_id, ids: [shown[post_id] for post_id in ids if post_id in shown]
    )

    def newest(label, before, limit):
        assert label == "sunset"
        return [post_id for post_id in TAGGED if not before or post_id < before][:limit]

    monkeypatch.setattr(store, "newest", newest)
    return shown


def get(context, path, headers=None, **query):
    return answer(handler(request("GET", f"/v1{path}", headers=headers or SIGNED_IN, query=query), context))


def ids(page, name="postId"):
    return [item[name] for item in page["items"]]


@pytest.mark.parametrize(
    "path", ["/search", "/search/suggest", "/hashtags/sunset", "/hashtags/sunset/posts", "/explore/trending"]
)
def test_discovery_is_for_those_who_signed_in(context, path):
    assert answer(handler(request("GET", f"/v1{path}", query={"q": "a"}), context))[0] == 401


def test_users_are_found_without_those_who_blocked_me(hits, people, context):
    hits["users"] = [Hit("ada", {}), Hit("bea", {}), Hit("cleo", {})]
    people["bea"] = (people["bea"][0], Relationship(blocked_by=True))
    status, page = get(context, "/search", q="a", type="users", limit="2")
    assert status == 200
    assert ids(page, "username") == ["ada", "cleo"]
    assert page["items"][0] == {
        "userId": "ada",
        "username": "ada",
        "fullName": "Anna Berg",
        "profilePictureUrl": None,
        "isPrivate": False,
        "isVerified": False,
    }


def test_posts_are_found_without_those_i_may_not_see(hits, shown, context):
    hits["posts"] = [Hit(post_id(number), {}) for number in (1, 2, 3, 9)]
    shown[post_id(2)] = hydrated(post_id(2), is_archived=True)
    status, page = get(context, "/search", q="sunset", type="posts")
    assert (status, ids(page), page["nextCursor"]) == (200, [post_id(1), post_id(3)], None)


def test_hashtags_are_found_with_their_counts(hits, context):
    hits["hashtags"] = [Hit("sunset", {"postCount": 3})]
    status, page = get(context, "/search", q="sun", type="hashtags")
    assert (status, page) == (200, {"items": [{"hashtag": "sunset", "postCount": 3}], "nextCursor": None})


@pytest.mark.parametrize("kind", ["users", "posts", "hashtags"])
def test_every_search_is_paged(hits, people, context, kind):
    hits["users"] = [Hit("ada", {}), Hit("bea", {}), Hit("cleo", {})]
    hits["posts"] = [Hit(post_id(number), {}) for number in (1, 2, 3)]
    hits["hashtags"] = [Hit(name, {"postCount": 1}) for name in ("x", "y", "z")]
    _, first = get(context, "/search", q="a", type=kind, limit="2")
    _, second = get(context, "/search", q="a", type=kind, limit="2", cursor=first["nextCursor"])
    assert (len(first["items"]), len(second["items"]), second["nextCursor"]) == (2, 1, None)
    assert first["items"][1] != second["items"][0]


def test_a_cursor_belongs_to_one_search(hits, context):
    hits["users"] = [Hit("ada", {}), Hit("bea", {})]
    _, page = get(context, "/search", q="a", limit="1")
    assert get(context, "/search", q="b", limit="1", cursor=page["nextCursor"])[0] == 400
    assert get(context, "/search", q="a", type="posts", limit="1", cursor=page["nextCursor"])[0] == 400


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "a" * 101}, {"q": "a", "type": "places"}, {"q": "a", "limit": "51"}]
)
def test_a_search_that_makes_no_sense_is_invalid(context, query):
    assert get(context, "/search", **query)[0] == 422


def test_an_index_that_is_down_is_said_to_be_unavailable(context, monkeypatch):
    def down(*_):
        raise Unavailable

    monkeypatch.setattr(search, "run", down)
    assert get(context, "/search", q="a")[0] == 503
    assert get(context, "/search/suggest", q="a")[0] == 503


def test_suggestions(hits, people, context):
    hits["users"] = [Hit("ada", {}), Hit("bea", {})]
    hits["hashtags"] = [Hit("sunset", {"postCount": 3})]
    people["ada"] = (people["ada"][0], Relationship(blocking=True))
    _, found = get(context, "/search/suggest", q="s")
    assert [(item["type"], item["text"]) for item in found["items"]] == [("user", "bea"), ("hashtag", "#sunset")]
    assert found["items"][1]["hashtag"] == {"hashtag": "sunset", "postCount": 3}


@pytest.mark.parametrize(("typed", "types"), [("@b", {"user"}), ("#s", {"hashtag"}), ("s", {"user", "hashtag"})])
def test_the_first_sign_says_what_is_meant(hits, context, typed, types):
    hits["users"] = [Hit("bea", {})]
    hits["hashtags"] = [Hit("sunset", {"postCount": 3})]
    _, found = get(context, "/search/suggest", q=typed)
    assert {item["type"] for item in found["items"]} == types


@pytest.mark.parametrize("written", ["sunset", "SunSet", "%53unset", "%23sunset"])
def test_a_hashtag_however_it_is_written(context, monkeypatch, written):
    monkeypatch.setattr(counters, "total", lambda counter: Total(3 if counter.id == "sunset" else 0, 9))
    assert get(context, f"/hashtags/{written}") == (200, {"hashtag": "sunset", "postCount": 3})


@pytest.mark.parametrize(
    "path", ["/hashtags/sun%20set", "/hashtags/%23", "/hashtags/a%23b/posts", "/hashtags/@a@1.0,2.0"]
)
def test_what_cannot_be_a_hashtag_is_not_found(context, path):
    assert get(context, path)[0] == 404


def test_the_posts_with_a_hashtag_newest_first_page_by_page(shown, context):
    shown[post_id(4)] = hydrated(post_id(4), relationship=Relationship(blocking=True))
    _, first = get(context, "/hashtags/sunset/posts", limit="2")
    _, second = get(context, "/hashtags/sunset/posts", limit="2", cursor=first["nextCursor"])
    assert ids(first) == [post_id(5), post_id(3)]
    assert (ids(second), second["nextCursor"]) == ([post_id(2), post_id(1)], None)


def test_the_most_liked_posts_with_a_hashtag(shown, context):
    shown[post_id(5)] = hydrated(post_id(5), like_count=99, is_archived=True)
    status, page = get(context, "/hashtags/sunset/posts", sort="top", limit="3")
    assert (status, ids(page), page["nextCursor"]) == (200, [post_id(2), post_id(4), post_id(1)], None)


def test_top_posts_have_no_cursor_so_any_is_refused(context):
    assert get(context, "/hashtags/sunset/posts", sort="top", cursor="AAAA")[0] == 400


def test_hashtags_are_normalised_as_in_captions():
    spellings = ["#Straße", "STRASSE", "strasse"]
    assert {queries.hashtag(spelling) for spelling in spellings} == {"strasse"}
    assert queries.hashtag("Cafe\u0301") == "caf\u00e9"
