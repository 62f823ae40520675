"""The routes of similar and nearby posts: what is found is judged and shown, with and without the index."""

from typing import Any

import pytest

from functions.discovery import documents, nearby, search, store
from functions.discovery.api import handler
from functions.discovery.search import Hit
from functions.graph import service as graph
from functions.graph.service import Relationship
from functions.media import service as media
from functions.posts import service as posts
from heliograph import clock, tokens
from heliograph.errors import NotFound, Unavailable
from heliograph.tokens import Caller
from tests.unit.discovery.test_pictures import LOOK, differing
from tests.unit.feed.samples import BEN, hydrated, post, post_id, profile
from tests.unit.requests import answer, request

# 2 is a copy of 1, and 5 another crop of it; 3 and 4 are one and the same other picture.
LOOKS = {number: differing(LOOK, bits) for number, bits in ((1, 0), (2, 10), (3, 128), (5, 45))}
LOOKS[4] = differing(LOOKS[3], 20)


class World:
    """Posts by number: what the index knows of them, and what the viewer meets."""

    def __init__(self) -> None:
        self.shown = {post_id(number): self._hydrated(number) for number in LOOKS}
        self.asked: list[tuple[str, Any]] = []
        self.down = False

    def _hydrated(self, number: int, **changes: Any):
        relationship = changes.pop("relationship", Relationship())
        return hydrated(
            post_id(number),
            relationship=relationship,
            user_id=f"author-{number}",
            media_ids=(f"medium-{number}",),
            **changes,
        )

    def change(self, number: int, **changes: Any) -> None:
        self.shown[post_id(number)] = self._hydrated(number, **changes)

    def run(self, *searches):
        if self.down:
            raise Unavailable
        self.asked += searches
        return [self._hits(kind, body) for kind, body in searches]

    def _hits(self, kind, body):
        if kind == "hashtags":
            return [Hit("sunset", {"postCount": 4})]
        found = [
            Hit(one, documents.post(item.post, profile(item.author.user_id), LOOKS[int(one[-1])]))
            for one, item in sorted(self.shown.items(), reverse=True)
        ]
        start = body.get("from", 0)
        return found[start : start + body["size"]]


@pytest.fixture(autouse=True)
def world(monkeypatch):
    world = World()
    monkeypatch.setattr(search, "run", world.run)
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    monkeypatch.setattr(graph, "blocks_with", lambda _user_id: {"enemy"})

    def met(_viewer_id, ids):
        return [world.shown[one] for one in ids if one in world.shown]

    def see(viewer_id, one):
        found = posts.visible(met(viewer_id, [one]))
        if not found:
            raise NotFound
        return found[0]

    monkeypatch.setattr(posts, "hydrate", met)
    monkeypatch.setattr(posts, "seen", met)
    monkeypatch.setattr(posts, "see", see)
    monkeypatch.setattr(media, "looks", lambda ids: {one: LOOKS[int(one.removeprefix("medium-"))] for one in ids})
    monkeypatch.setattr(
        store,
        "newest",
        lambda tag, _before, limit: sorted(world.shown, reverse=True)[:limit] if tag == "sunset" else [],
    )
    return world


def get(context, path, **query):
    return answer(handler(request("GET", f"/v1{path}", headers={"Authorization": "Bearer good"}, query=query), context))


def numbers(page) -> list[int]:
    return [int(item["postId"][-1]) for item in page["items"]]


def similar(context, number=1, **query):
    return get(context, f"/posts/{post_id(number)}/similar", **query)


# --- Similar ----------------------------------------------------------------------------------------------------------


def test_similar_posts_share_look_and_topic_and_are_not_copies(context):
    # given posts with one hashtag, when those similar to the first are asked for
    status, page = similar(context)
    # then
    assert status == 200
    assert numbers(page) == [5, 4]
    assert (page["nextCursor"], page["degraded"]) == (None, False)


def test_pages_follow_the_order_of_the_first(context, world):
    _, first = similar(context, limit="1")
    world.down = True
    _, second = similar(context, limit="1", cursor=first["nextCursor"])
    assert (numbers(first), numbers(second), second["nextCursor"]) == ([5], [4], None)
    assert second["degraded"] is False


def test_a_cursor_belongs_to_one_post(context):
    _, page = similar(context, limit="1")
    assert similar(context, number=2, limit="1", cursor=page["nextCursor"])[0] == 400


@pytest.mark.parametrize("hidden", [{"relationship": Relationship(blocked_by=True)}, {"is_archived": True}])
def test_similar_posts_of_a_hidden_post_are_not_found(context, world, hidden):
    unknown = similar(context, number=9)
    world.change(1, **hidden)
    status, problem = similar(context)
    assert status == 404
    assert {**problem, "instance": ""} == {**unknown[1], "instance": ""}


@pytest.mark.parametrize("down", [False, True])
def test_similar_posts_omit_hidden_ones(context, world, down):
    world.down = down
    world.change(5, relationship=Relationship(blocking=True))
    _, page = similar(context)
    assert numbers(page) == [4]


@pytest.mark.parametrize("hidden", [{"audience": "closeFriends"}, {"is_archived": True}])
def test_without_the_index_hidden_posts_take_no_place(context, world, hidden):
    world.down = True
    world.change(4, **hidden)
    assert numbers(similar(context)[1]) == [5, 3]


def test_without_the_index_the_newest_posts_of_its_hashtags_are_similar(context, world):
    world.down = True
    status, page = similar(context)
    assert (status, numbers(page), page["degraded"]) == (200, [5, 4], True)


def test_searches_exclude_the_post_and_blocked_authors(context, world):
    similar(context)
    found = [body["query"]["bool"]["must_not"] for kind, body in world.asked if kind == "posts"]
    assert found == [[{"term": {"postId": post_id(1)}}, {"terms": {"authorId": ["enemy"]}}]] * 2


def test_post_without_traits_has_no_similar_posts(context, world, monkeypatch):
    monkeypatch.setattr(media, "looks", lambda _ids: {})
    world.change(1, hashtags=())
    assert similar(context)[1]["items"] == []


# --- Nearby -----------------------------------------------------------------------------------------------------------

HERE = {"lat": "57.721234", "lon": "10.589876"}


def test_posts_near_a_point_page_by_page(context, world):
    world.change(3, is_archived=True)
    status, first = get(context, "/explore/nearby", **HERE, limit="2")
    _, second = get(context, "/explore/nearby", **HERE, limit="2", cursor=first["nextCursor"])
    _, third = get(context, "/explore/nearby", **HERE, limit="1", cursor=first["nextCursor"])
    assert status == 200
    assert (numbers(first), numbers(second), second["nextCursor"]) == ([5, 4], [2, 1], None)
    assert numbers(third) == [2]


def test_all_pages_share_one_order(context, world, monkeypatch):
    _, first = get(context, "/explore/nearby", **HERE, limit="2")
    monkeypatch.setattr(clock, "now", lambda: post().created_at.replace(year=2027))
    get(context, "/explore/nearby", **HERE, limit="2", cursor=first["nextCursor"])
    queries = [body["query"] for _, body in world.asked]
    assert queries == [queries[0]] * len(queries)


def test_where_the_viewer_is_reaches_the_index_rounded(context, world):
    get(context, "/explore/nearby", **HERE, radiusKm="5")
    [(kind, body)] = world.asked
    assert kind == "posts"
    assert body["query"]["function_score"]["query"]["bool"]["filter"][0] == {
        "geo_distance": {"distance": "5.8km", "location.point": {"lat": 57.72, "lon": 10.59}}
    }
    assert "57.721" not in str(body)


def test_a_step_does_not_lose_the_place_in_the_list_and_a_walk_does(context):
    _, page = get(context, "/explore/nearby", **HERE, limit="1")
    assert get(context, "/explore/nearby", **HERE | {"lat": "57.7244"}, cursor=page["nextCursor"])[0] == 200
    assert get(context, "/explore/nearby", **HERE | {"lat": "57.74"}, cursor=page["nextCursor"])[0] == 400
    assert get(context, "/explore/nearby", **HERE, radiusKm="11", cursor=page["nextCursor"])[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        {"lat": "57"},
        {"lon": "10"},
        HERE | {"lat": "90.1"},
        HERE | {"lon": "-181"},
        HERE | {"lat": "nan"},
        HERE | {"radiusKm": "0.9"},
        HERE | {"radiusKm": "101"},
        HERE | {"radiusKm": "inf"},
    ],
)
def test_coordinates_out_of_range_are_invalid(context, query):
    assert get(context, "/explore/nearby", **query)[0] == 422


def test_without_the_index_nearby_posts_are_unavailable(context, world):
    world.down = True
    assert get(context, "/explore/nearby", **HERE)[0] == 503


def test_a_list_ends_at_the_last_rank_that_is_served(monkeypatch):
    monkeypatch.setattr(nearby, "MAX_RESULTS", 3)
    area = nearby.around(57.7, 10.6, 10)
    first = nearby.post_ids(BEN, area, None, 2)
    last = nearby.post_ids(BEN, area, first.next, 2)
    assert (len(first.items), len(last.items), last.next) == (2, 1, None)


@pytest.mark.parametrize("path", ["/explore/nearby", f"/posts/{post_id(1)}/similar"])
def test_similar_and_nearby_posts_require_sign_in(context, path):
    assert answer(handler(request("GET", f"/v1{path}", query=HERE), context))[0] == 401
