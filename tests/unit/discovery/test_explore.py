"""Explore over HTTP: an order made once, of strangers alone; its pages; and what is shown without the index."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.discovery import explore_sessions, search, sources, store, tastes, trending
from functions.discovery.api import handler
from functions.discovery.explore_queries import Place
from functions.discovery.interests import Met
from functions.discovery.search import Hit
from functions.discovery.trending import Trend
from functions.feed import service as feed
from functions.feed.affinity import key
from functions.feed.service import Acquaintance
from functions.graph import service as graph
from functions.graph.service import Relationship
from functions.posts import service as posts
from heliograph import clock, ids, tokens
from heliograph.errors import Unavailable
from heliograph.tables import Slice
from heliograph.tokens import Caller
from tests.unit.feed.samples import ANNA, BEN, hydrated
from tests.unit.requests import answer, request

STRANGER = Relationship()
AUTHORS = [f"019aa1b2-0000-7000-8000-0000000000{number:02}" for number in range(10, 40)]


class World:
    """What the tables and the index hold; a test changes it."""

    def __init__(self, now) -> None:
        self.now = now
        self.posts = {}
        self.hits = {}
        self.asked = []
        self.down = False
        self.tastes = {}
        self.met = {}
        self.affinities = {}
        self.followees = {}
        self.trends = []
        self.sessions = {}

    def post(self, number, author_id=None, *, relationship=STRANGER, **changes):
        """A post in the index, an hour older for each number; later ones are less liked."""
        post_id = f"{ids.prefix_at(self.now - timedelta(hours=number))}-7000-8000-{number:012}"
        author_id = author_id or AUTHORS[number]
        self.posts[post_id] = hydrated(
            post_id, user_id=author_id, relationship=relationship, like_count=100 - number, **changes
        )
        return post_id

    def answer(self, *searches):
        self.asked.append(searches)
        if self.down:
            raise Unavailable
        return [[self.hit(post_id) for post_id in self.posts] for _ in searches]

    def hit(self, post_id):
        post = self.posts[post_id].post
        source = {"authorId": post.user_id, "hashtags": list(post.hashtags), "likeCount": post.like_count}
        return Hit(post_id, source | {"commentCount": 0, "authorFollowers": 5})

    def hydrate(self, _viewer_id, post_ids):
        return [self.posts[post_id] for post_id in post_ids if post_id in self.posts]


@pytest.fixture
def world(monkeypatch, now):
    world = World(now)
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    monkeypatch.setattr(search, "run", world.answer)
    monkeypatch.setattr(tastes, "find", lambda _user_id: world.tastes)
    monkeypatch.setattr(feed, "acquaintance", lambda *_: Acquaintance(world.affinities, 0.2, world.met))
    monkeypatch.setattr(
        graph, "followees", lambda user_id, _after, limit: Slice(world.followees.get(user_id, [])[:limit], None)
    )
    monkeypatch.setattr(trending, "snapshot", lambda _kind, _region: world.trends)
    monkeypatch.setattr(posts, "hydrate", world.hydrate)
    monkeypatch.setattr(posts, "seen", world.hydrate)
    monkeypatch.setattr(explore_sessions, "begin", lambda user_id, made: world.sessions.update({user_id: made}))

    def find(user_id, session_id, now):
        made = world.sessions.get(user_id)
        expires = ids.created_at(session_id) + explore_sessions.KEPT_FOR
        return made if made and made.session_id == session_id and expires > now else None

    monkeypatch.setattr(explore_sessions, "find", find)
    return world


def get(context, **query):
    headers = {"Authorization": "Bearer good"}
    return answer(handler(request("GET", "/v1/explore", headers=headers, query=query), context))


def shown(page):
    return [item["postId"] for item in page["items"]]


def test_explore_requires_sign_in(context):
    assert answer(handler(request("GET", "/v1/explore"), context))[0] == 401


def test_a_new_person_sees_what_is_good_and_new(world, context):
    there = [world.post(number) for number in range(3)]
    status, page = get(context)
    assert status == 200
    assert sorted(shown(page)) == sorted(there)
    assert (page["nextCursor"], page["degraded"]) == (None, False)
    assert world.sessions == {}, "one page needs no session"


def test_explore_omits_followed_repeated_and_hidden_posts(world, context):
    stranger = world.post(0)
    world.post(1, relationship=Relationship(following="yes"))
    world.post(2, relationship=Relationship(muting_posts=True))
    world.post(3, relationship=Relationship(blocking=True))
    world.post(4, relationship=Relationship(blocked_by=True))
    world.post(5, is_archived=True)
    world.post(6, BEN)
    world.followees[BEN] = [AUTHORS[7]]
    world.post(7)
    met, tasted = world.post(8), world.post(9)
    world.met = {key(AUTHORS[8], met): 0}
    world.tastes = {tasted: Met(0, ("sunset",))}
    assert shown(get(context)[1]) == [stranger]


def test_explore_pages_keep_the_order_of_the_session(world, context):
    there = [world.post(number) for number in range(7)]
    _, first = get(context, limit="3")
    world.post(9)
    world.tastes = {one: Met(100, ("sunset",)) for one in there}
    _, second = get(context, limit="3", cursor=first["nextCursor"])
    _, third = get(context, limit="3", cursor=second["nextCursor"])
    assert sorted([*shown(first), *shown(second), *shown(third)]) == sorted(there)
    assert third["nextCursor"] is None
    assert len(world.asked) == 1, "the index is asked for the first page alone"


def test_explore_refills_pages_after_filtering(world, context):
    hidden = [world.post(number, relationship=Relationship(following="yes")) for number in range(4)]
    visible = [world.post(number) for number in range(4, 7)]
    _, page = get(context, limit="3")
    assert set(shown(page)) == set(visible)
    assert not set(shown(page)) & set(hidden)
    assert len(world.asked) == 1


def test_expired_explore_session_ends_the_list(world, context, monkeypatch):
    for number in range(5):
        world.post(number)
    _, first = get(context, limit="3")
    later = clock.now() + timedelta(minutes=61)
    real_id = ids.created_at(world.sessions[BEN].session_id)
    monkeypatch.setattr(clock, "now", lambda: max(later, real_id + timedelta(minutes=61)))
    status, second = get(context, limit="3", cursor=first["nextCursor"])
    assert (status, second) == (200, {"items": [], "nextCursor": None, "degraded": False})


def test_without_the_index_explore_shows_trending_and_circle_posts(world, context, monkeypatch):
    trending_post, of_circle, other = world.post(0), world.post(1), world.post(2)
    world.down, world.trends = True, [Trend("sunset", 3, 7.0)]
    world.followees = {BEN: [ANNA], ANNA: [AUTHORS[1]]}
    monkeypatch.setattr(
        store, "newest", lambda label, before, limit: [trending_post][:limit] if label == "sunset" else []
    )
    monkeypatch.setattr(feed, "newest_of", lambda authors: {AUTHORS[1]: (of_circle,)} if AUTHORS[1] in authors else {})
    status, page = get(context)
    assert (status, page["degraded"]) == (200, True)
    assert set(shown(page)) == {trending_post, of_circle}
    assert other not in shown(page)
    _, first = get(context, limit="1")
    assert get(context, limit="1", cursor=first["nextCursor"])[1]["degraded"] is True


def test_without_index_hidden_posts_take_no_place(world, monkeypatch):
    open_post, hidden = world.post(0), world.post(1, relationship=Relationship(blocked_by=True))
    world.down, world.trends = True, [Trend("sunset", 3, 7.0)]
    monkeypatch.setattr(store, "newest", lambda label, before, limit: [open_post, hidden])
    viewer = sources.known(BEN, None, world.now, sources.Weights())
    found, degraded = sources.candidates(viewer, None, world.now)
    assert ([candidate.post_id for candidate in found], degraded) == ([open_post], True)


@pytest.mark.parametrize("query", [{"lat": "1"}, {"lon": "1"}, {"lat": "91", "lon": "0"}, {"lat": "0", "lon": "181"}])
def test_explore_refuses_latitude_without_longitude(context, world, query):
    assert get(context, **query)[0] == 422


def test_a_cursor_of_another_list_is_refused(context, world):
    assert get(context, cursor="AAAA")[0] == 400


# --- Which sources are asked ------------------------------------------------------------------------------------------


def asked(world, place=None):
    viewer = sources.known(BEN, place, world.now, sources.Weights())
    return sources.asking(viewer, place, world.now)


def test_new_person_is_served_by_sources_without_history(world):
    assert set(asked(world)) == {"popular", "fresh"}


def test_each_source_is_queried_when_it_applies(world):
    post_id = world.post(1)
    world.tastes = {post_id: Met(100, ("sunset", "sea"))}
    world.trends = [Trend("sunset", 3, 7.0), Trend("dogs", 1, 3.5)]
    world.followees = {BEN: [ANNA], ANNA: [BEN, ANNA, AUTHORS[1]]}
    found = asked(world, Place(52.5, 13.4))
    assert set(found) == {"popular", "fresh", "trending", "topics", "similar", "circle", "nearby"}
    excluded = found["popular"]["query"]["function_score"]["query"]["bool"]["must_not"]
    assert excluded == [{"terms": {"authorId": sorted([BEN, ANNA])}}, {"terms": {"postId": [post_id]}}]
    assert found["circle"]["query"]["bool"]["filter"][1] == {"terms": {"authorId": [AUTHORS[1]]}}


def test_friends_are_weighted_by_affinity(world):
    world.followees = {BEN: AUTHORS[:2], AUTHORS[0]: [AUTHORS[5], AUTHORS[6]], AUTHORS[1]: [AUTHORS[6], AUTHORS[7]]}
    world.affinities = {AUTHORS[0]: 0.6}
    found = sources.circle(BEN, AUTHORS[:2], Acquaintance(world.affinities, 0.2, {}))
    assert found == pytest.approx({AUTHORS[6]: 1.0, AUTHORS[5]: 0.75, AUTHORS[7]: 0.25})
    assert list(found) == [AUTHORS[6], AUTHORS[5], AUTHORS[7]]


def test_trends_are_scaled_to_the_strongest():
    assert sources.leading([]) == {}
    assert sources.leading([Trend("a", 1, 3.0), Trend("b", 1, 6.0)]) == {"b": 1.0, "a": 0.5}


def test_a_post_of_several_sources_is_one_candidate(world):
    hit = world.hit(world.post(1))
    [one] = sources.merged({"popular": [hit], "topics": [hit]})
    assert one.sources == {"popular", "topics"}
    assert replace(one, sources=frozenset()).post_id == hit.id
