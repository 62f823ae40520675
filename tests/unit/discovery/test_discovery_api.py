"""The routes of discovery: what is found is shown to those who may see it, and to no others."""

from datetime import timedelta

import pytest

from functions.discovery import circles, queries, search, store, usernames
from functions.discovery.api import handler
from functions.discovery.search import Hit
from functions.graph import service as graph
from functions.graph.service import Person, Relationship, Viewer
from functions.posts import service as posts
from heliograph import clock, counters, tokens
from heliograph.counters import Total
from heliograph.errors import Unavailable
from heliograph.tables import Slice
from heliograph.tokens import Caller
from tests.unit.feed.samples import BEN, NOON, hydrated, post_id, profile
from tests.unit.requests import answer, request

SIGNED_IN = {"Authorization": "Bearer good"}
YORK = {"name": "York", "point": {"lat": 53.96, "lon": -1.08}, "postCount": 2}
TAGGED = [post_id(number) for number in (5, 4, 3, 2, 1)]


@pytest.fixture(autouse=True)
def hits(monkeypatch):
    """What the index finds, by kind, best first; a test fills it."""
    hits: dict[str, list[Hit]] = {"users": [], "posts": [], "hashtags": [], "places": []}

    def run(*searches):
        return [hits[kind][body.get("from", 0) : body.get("from", 0) + body["size"]] for kind, body in searches]

    monkeypatch.setattr(search, "run", run)
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    return hits


@pytest.fixture
def down(monkeypatch):
    """The index is down."""

    def run(*_):
        raise Unavailable

    monkeypatch.setattr(search, "run", run)


@pytest.fixture(autouse=True)
def named(monkeypatch):
    """(username, id) pairs as the table has them; a test fills it."""
    named: list[tuple[str, str]] = []

    def beginning_with(typed, after, limit):
        found = [pair for pair in sorted(named) if pair[0].startswith(typed) and pair[0] > (after or "")]
        return Slice(found[:limit], found[limit - 1][0] if len(found) > limit else None)

    monkeypatch.setattr(usernames, "beginning_with", beginning_with)
    return named


@pytest.fixture(autouse=True)
def ties(monkeypatch):
    """Whom Ben follows, and who stands in a block with him; a test fills it."""
    ties: dict[str, list[str]] = {"follows": [], "blocks": []}
    monkeypatch.setattr(graph, "followees", lambda _viewer, _after, limit: Slice(ties["follows"][:limit], None))
    monkeypatch.setattr(graph, "blocks_with", lambda _viewer: set(ties["blocks"]))
    circles.forget()
    yield ties
    circles.forget()


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
def test_discovery_requires_sign_in(context, path):
    assert answer(handler(request("GET", f"/v1{path}", query={"q": "a"}), context))[0] == 401


def test_user_search_omits_users_who_blocked_the_viewer(hits, people, context):
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


def test_post_search_omits_posts_hidden_from_the_viewer(hits, shown, context):
    hits["posts"] = [Hit(post_id(number), {}) for number in (1, 2, 3, 9)]
    shown[post_id(2)] = hydrated(post_id(2), is_archived=True)
    status, page = get(context, "/search", q="sunset", type="posts")
    assert (status, ids(page), page["nextCursor"]) == (200, [post_id(1), post_id(3)], None)


def test_hashtags_are_found_with_their_counts(hits, context):
    hits["hashtags"] = [Hit("sunset", {"postCount": 3})]
    status, page = get(context, "/search", q="sun", type="hashtags")
    items = [{"hashtag": "sunset", "postCount": 3}]
    assert (status, page) == (200, {"items": items, "nextCursor": None, "degraded": False})


def test_places_are_found_with_where_they_are(hits, context):
    hits["places"] = [Hit("york@54.0,-1.1", YORK)]
    status, page = get(context, "/search", q="york", type="places")
    assert (status, page["items"]) == (
        200,
        [{"placeId": "york@54.0,-1.1", "name": "York", "lat": 53.96, "lon": -1.08, "postCount": 2}],
    )


@pytest.mark.parametrize("kind", ["users", "posts", "hashtags", "places"])
def test_every_search_is_paged(hits, people, context, kind):
    hits["users"] = [Hit("ada", {}), Hit("bea", {}), Hit("cleo", {})]
    hits["posts"] = [Hit(post_id(number), {}) for number in (1, 2, 3)]
    hits["hashtags"] = [Hit(name, {"postCount": 1}) for name in ("x", "y", "z")]
    hits["places"] = [Hit(name, YORK) for name in ("x", "y", "z")]
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
    "query", [{}, {"q": ""}, {"q": "a" * 101}, {"q": "a", "type": "stories"}, {"q": "a", "limit": "51"}]
)
def test_invalid_search_is_refused(context, query):
    assert get(context, "/search", **query)[0] == 422


def test_search_sends_followees_and_exclusions_to_the_index(ties, context, monkeypatch):
    # given
    ties["follows"], ties["blocks"] = ["ada"], ["bea"]
    asked = []
    monkeypatch.setattr(search, "run", lambda *searches: asked.extend(searches) or [[] for _ in searches])
    # when
    get(context, "/search", q="a")
    get(context, "/search", q="a", type="posts")
    get(context, "/search/suggest", q="a")
    # then
    bodies = [str(body) for kind, body in asked if kind in ("users", "posts")]
    assert len(bodies) == 3
    assert all("'bea'" in body for body in bodies)
    assert ["'ada'" in body for body in bodies] == [True, False, True]


def test_suggestions_are_one_request_to_the_index(context, monkeypatch):
    requests = []
    monkeypatch.setattr(search, "run", lambda *searches: requests.append(searches) or [[] for _ in searches])
    get(context, "/search/suggest", q="a")
    assert [[kind for kind, _ in searches] for searches in requests] == [["users", "hashtags", "places"]]


def test_pages_of_a_search_share_one_timestamp(hits, context, monkeypatch):
    # given: the time is part of every score of a post
    hits["posts"] = [Hit(post_id(number), {}) for number in (1, 2, 3)]
    answer, asked = search.run, []
    monkeypatch.setattr(search, "run", lambda *searches: asked.append(str(searches)) or answer(*searches))
    monkeypatch.setattr(clock, "now", lambda: NOON)
    _, first = get(context, "/search", q="a", type="posts", limit="2")
    # when the second page is read later
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    get(context, "/search", q="a", type="posts", limit="2", cursor=first["nextCursor"])
    # then
    assert [clock.iso(NOON) in body for body in asked] == [True, True]


# --- Without the index ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("down")
def test_without_the_index_users_are_found_by_username_prefix(named, people, context):
    named += [("ada.b", "ada"), ("ada.c", "cleo"), ("adb", "bea")]
    people["cleo"] = (people["cleo"][0], Relationship(blocked_by=True))
    status, page = get(context, "/search", q="@AD")
    assert (status, ids(page, "userId"), page["degraded"]) == (200, ["ada", "bea"], True)


@pytest.mark.usefixtures("down")
def test_without_the_index_a_deactivated_account_is_not_found(named, people, context):
    named += [("ada.b", "ada"), ("adb", "bea")]
    people["ada"] = (profile("ada", is_deactivated=True), Relationship())
    assert ids(get(context, "/search", q="ad")[1], "userId") == ["bea"]


@pytest.mark.usefixtures("down")
def test_without_the_index_posts_are_found_by_exact_hashtag(shown, context):
    shown[post_id(4)] = hydrated(post_id(4), relationship=Relationship(blocked_by=True))
    _, first = get(context, "/search", q="#Sun set", type="posts", limit="2")
    _, second = get(context, "/search", q="#Sun set", type="posts", limit="2", cursor=first["nextCursor"])
    assert [ids(first), ids(second)] == [[post_id(5), post_id(3)], [post_id(2), post_id(1)]]
    assert first["degraded"]
    assert second["degraded"]


@pytest.mark.usefixtures("down")
def test_without_the_index_hashtags_are_found_exactly_and_places_are_not(context, monkeypatch):
    monkeypatch.setattr(counters, "total", lambda counter: Total(3 if counter.id == "sunset" else 0, 9))
    items = [{"hashtag": "sunset", "postCount": 3}]
    assert get(context, "/search", q="sunset", type="hashtags")[1] == {
        "items": items,
        "nextCursor": None,
        "degraded": True,
    }
    assert get(context, "/search", q="moon", type="hashtags")[1]["items"] == []
    assert get(context, "/search", q="#", type="hashtags")[1]["items"] == []
    assert get(context, "/search", q="york", type="places")[1] == {"items": [], "nextCursor": None, "degraded": True}


@pytest.mark.usefixtures("down")
def test_without_the_index_suggestions_come_from_the_fallback(named, context, monkeypatch):
    named += [("ada.b", "ada")]
    monkeypatch.setattr(counters, "total", lambda _counter: Total(3, 9))
    _, found = get(context, "/search/suggest", q="ada")
    assert [item["text"] for item in found["items"]] == ["ada", "#ada"]
    assert found["degraded"]
    assert [item["type"] for item in get(context, "/search/suggest", q="@ada")[1]["items"]] == ["user"]
    assert [item["type"] for item in get(context, "/search/suggest", q="#ada")[1]["items"]] == ["hashtag"]


def test_list_begun_without_the_index_continues_without_it(hits, named, context, monkeypatch):
    # given a page that was made without the index
    answer = search.run
    hits["users"] = [Hit("cleo", {}), Hit("ada", {})]
    named += [("ad1", "ada"), ("ad2", "bea"), ("ad3", "cleo")]

    def down(*_):
        raise Unavailable

    monkeypatch.setattr(search, "run", down)
    _, first = get(context, "/search", q="ad", limit="1")
    # when the index is back for the second
    monkeypatch.setattr(search, "run", answer)
    _, second = get(context, "/search", q="ad", limit="1", cursor=first["nextCursor"])
    # then nothing is missed, and nothing comes twice
    assert (ids(first, "userId"), ids(second, "userId"), second["degraded"]) == (["ada"], ["bea"], True)
    assert not get(context, "/search", q="ad")[1]["degraded"]


def test_list_restarts_without_the_index_when_the_index_fails(hits, named, context, monkeypatch):
    # given a page that was made by the index
    hits["users"] = [Hit("cleo", {}), Hit("ada", {})]
    named += [("ad1", "ada"), ("ad2", "bea")]
    _, first = get(context, "/search", q="ad", limit="1")
    assert (ids(first, "userId"), first["degraded"]) == (["cleo"], False)

    def down(*_):
        raise Unavailable

    # when it is down for the second
    monkeypatch.setattr(search, "run", down)
    _, second = get(context, "/search", q="ad", limit="1", cursor=first["nextCursor"])
    _, third = get(context, "/search", q="ad", limit="1", cursor=second["nextCursor"])
    # then
    assert (ids(second, "userId"), ids(third, "userId"), second["degraded"]) == (["ada"], ["bea"], True)


# --- Suggestions ------------------------------------------------------------------------------------------------------


def test_suggestions_complete_users_hashtags_and_places(hits, people, context):
    hits["users"] = [Hit("ada", {}), Hit("bea", {})]
    hits["hashtags"] = [Hit("sunset", {"postCount": 3})]
    hits["places"] = [Hit("york@54.0,-1.1", YORK)]
    people["ada"] = (people["ada"][0], Relationship(blocking=True))
    _, found = get(context, "/search/suggest", q="s")
    texts = [(item["type"], item["text"]) for item in found["items"]]
    assert texts == [("user", "bea"), ("hashtag", "#sunset"), ("place", "York")]
    assert found["items"][1]["hashtag"] == {"hashtag": "sunset", "postCount": 3}
    assert found["items"][2]["place"]["placeId"] == "york@54.0,-1.1"
    assert not found["degraded"]


@pytest.mark.parametrize(
    ("typed", "types"), [("@b", {"user"}), ("#s", {"hashtag"}), ("s", {"user", "hashtag", "place"})]
)
def test_first_character_selects_users_or_hashtags(hits, context, typed, types):
    hits["users"] = [Hit("bea", {})]
    hits["hashtags"] = [Hit("sunset", {"postCount": 3})]
    hits["places"] = [Hit("york@54.0,-1.1", YORK)]
    _, found = get(context, "/search/suggest", q=typed)
    assert {item["type"] for item in found["items"]} == types


@pytest.mark.parametrize("written", ["sunset", "SunSet", "%53unset", "%23sunset"])
def test_hashtag_is_found_in_any_spelling(context, monkeypatch, written):
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
    assert queries.hashtag("#\u2764\ufe0f") == "\u2764"
