"""People to follow over HTTP: who is suggested, why, and what that tells of others."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from functions.accounts.service import Profile
from functions.discovery import dismissals, search, tastes
from functions.discovery.api import handler
from functions.discovery.interests import Met
from functions.discovery.search import Hit
from functions.feed import service as feed
from functions.feed.service import Acquaintance
from functions.graph import service as graph
from functions.graph.service import Person, Relationship, Viewer
from heliograph import tokens
from heliograph.errors import Unavailable
from heliograph.tables import Slice
from heliograph.tokens import Caller
from tests.unit.feed.samples import BEN, post_id, profile
from tests.unit.requests import answer, request

FOLLOWING = Relationship(following="yes")


def id_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


@dataclass
class World:
    """Everybody by name, whom they follow, and what the index and the table of tastes say."""

    people: dict[str, Profile] = field(default_factory=dict[str, Profile])
    relationships: dict[str, Relationship] = field(default_factory=dict[str, Relationship])
    follows: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    met: dict[str, float] = field(default_factory=dict[str, float])
    famous: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    authors: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])
    tastes: dict[str, Met] = field(default_factory=dict[str, Met])
    dismissed: set[str] = field(default_factory=set[str])
    down: bool = False

    def add(
        self, name: str, relationship: Relationship | None = None, follows: tuple[str, ...] = (), **changes
    ) -> None:
        self.people[id_of(name)] = profile(id_of(name), username=name, **changes)
        self.relationships[id_of(name)] = relationship or Relationship()
        self.follows[id_of(name)] = [id_of(other) for other in follows]

    def hydrate(self, viewer_id: str, ids: list[str]) -> list[Person]:
        viewer = Viewer(viewer_id, {one: self.relationships[one] for one in ids if one in self.people})
        return [Person(self.people[one], viewer) for one in ids if one in self.people]

    def followees(self, user_id: str, _after: object, limit: int) -> Slice[str]:
        return Slice(sorted(self.follows.get(user_id, []))[:limit], None)

    def run(self, *searches):
        if self.down:
            raise Unavailable
        return [
            [Hit(id_of(name), {"followerCount": count, "isVerified": False}) for name, count in self.famous]
            if kind == "users"
            else [Hit(post_id(1), {"authorId": id_of(name), "hashtags": tags}) for name, tags in self.authors]
            for kind, _ in searches
        ]

    def acquaintance(self, _user_id: str, _now: datetime) -> Acquaintance:
        return Acquaintance({id_of(name): affinity for name, affinity in self.met.items()}, 0.2, {})


@pytest.fixture(autouse=True)
def world(monkeypatch) -> World:
    world = World()
    world.add("ben", follows=("friend", "other"))
    world.people[BEN], world.follows[BEN] = world.people[id_of("ben")], world.follows[id_of("ben")]
    monkeypatch.setattr(graph, "hydrate_people", world.hydrate)
    monkeypatch.setattr(graph, "followees", world.followees)
    monkeypatch.setattr(graph, "blocks_with", lambda _user_id: set())
    followers = [id_of("fan")]
    monkeypatch.setattr(
        graph, "followers_seen_by", lambda _viewer, _user: lambda _after, _limit: Slice(followers, None)
    )
    monkeypatch.setattr(feed, "acquaintance", world.acquaintance)
    monkeypatch.setattr(tastes, "find", lambda _user_id: world.tastes)
    monkeypatch.setattr(search, "run", world.run)
    monkeypatch.setattr(dismissals, "among", lambda _user_id, ids: world.dismissed & set(ids))
    monkeypatch.setattr(dismissals, "put", lambda _user_id, other: world.dismissed.add(other))
    monkeypatch.setattr(dismissals, "delete", lambda _user_id, other: world.dismissed.discard(other))
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    return world


def call(context, method, path, **query):
    return answer(
        handler(request(method, f"/v1{path}", headers={"Authorization": "Bearer good"}, query=query), context)
    )


def suggested(context, **query) -> dict[str, list[dict]]:
    status, page = call(context, "GET", "/explore/people", **query)
    assert status == 200, page
    return {item["username"]: item["reasons"] for item in page["items"]}


def with_friends(world: World) -> None:
    """Two friends who follow Mia, of whom one follows Tom too, and a fan."""
    world.add("friend", FOLLOWING, follows=("mia", "tom"))
    world.add("other", FOLLOWING, follows=("mia",))
    for name in ("mia", "tom"):
        world.add(name)
    world.add("fan", Relationship(followed_by=True))


# --- Why --------------------------------------------------------------------------------------------------------------


def test_suggestions_include_followees_of_friends_and_followers(world, context):
    with_friends(world)
    found = suggested(context)
    assert list(found) == ["mia", "fan", "tom"]
    assert found["fan"] == [{"type": "followsYou"}]
    [reason] = found["mia"]
    assert (reason["type"], reason["count"]) == ("mutuals", 2)
    assert {user["username"] for user in reason["users"]} == {"friend", "other"}
    assert found["tom"] == [
        {"type": "mutuals", "users": [{"userId": id_of("friend"), "username": "friend"}], "count": 1}
    ]


def test_three_friends_are_named_and_all_are_counted(world, context):
    names = [f"friend{number}" for number in range(5)]
    for name in names:
        world.add(name, FOLLOWING, follows=("mia",))
    world.follows[BEN] = [id_of(name) for name in names]
    world.add("mia")
    [reason] = suggested(context)["mia"]
    assert (len(reason["users"]), reason["count"]) == (3, 5)


def test_friends_with_high_affinity_are_read_first(world, context, monkeypatch):
    monkeypatch.setattr("functions.discovery.people.FRIENDS", 1)
    with_friends(world)
    for name, only in (("other", ["mia"]), ("friend", ["mia", "tom"])):
        world.met = {name: 0.9}
        assert [one for one in suggested(context) if one != "fan"] == only


def test_suggestions_include_authors_of_liked_topics(world, context):
    world.tastes = {post_id(number): Met(100, ("birds",)) for number in range(9)}
    world.authors = [("rosa", ["birds", "sea"])]
    world.add("rosa")
    assert suggested(context) == {"rosa": [{"type": "interests", "hashtags": ["birds"]}]}


def test_new_person_gets_popular_people_who_have_posted(world, context):
    world.famous = [("star", 5000), ("idle", 9000), ("star2", 90_000)]
    world.add("star")
    world.add("star2")
    world.add("idle", post_count=0)
    assert suggested(context) == {"star2": [{"type": "popular"}], "star": [{"type": "popular"}]}


# --- What is not told -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "relationship",
    [
        Relationship(following="yes"),
        Relationship(following="requested"),
        Relationship(blocking=True),
        Relationship(blocked_by=True),
        Relationship(muting_posts=True),
        Relationship(muting_stories=True),
    ],
)
def test_people_with_an_existing_relationship_are_not_suggested(world, context, relationship):
    with_friends(world)
    world.relationships[id_of("mia")] = relationship
    assert set(suggested(context)) == {"fan", "tom"}


def test_own_and_deactivated_accounts_are_not_suggested(world, context):
    with_friends(world)
    world.follows[id_of("friend")].append(BEN)
    world.add("mia", is_deactivated=True)
    assert set(suggested(context)) == {"fan", "tom"}


@pytest.mark.parametrize(
    "friend",
    [
        {"relationship": Relationship(following="yes", blocked_by=True)},
        {"relationship": Relationship(following="requested"), "is_private": True},
        {"relationship": Relationship(), "is_private": True},
        {"relationship": FOLLOWING, "is_deactivated": True},
        {"relationship": Relationship(following="yes", muting_posts=True)},
    ],
    ids=["blocks me", "did not let me in", "no longer lets me in", "is leaving", "is muted"],
)
def test_hidden_follow_lists_are_not_revealed(world, context, friend):
    with_friends(world)
    world.met = {"friend": 0.9}
    world.add("friend", follows=("mia", "tom"), **friend)
    found = suggested(context)
    assert set(found) == {"fan", "mia"}
    assert found["mia"] == [{"type": "mutuals", "users": [{"userId": id_of("other"), "username": "other"}], "count": 1}]


def test_lists_of_followed_private_accounts_count(world, context):
    with_friends(world)
    world.add("friend", FOLLOWING, follows=("tom",), is_private=True)
    assert "tom" in suggested(context)


def test_private_account_is_suggested_without_its_posts(world, context):
    with_friends(world)
    world.tastes = {post_id(number): Met(100, ("birds",)) for number in range(9)}
    world.authors = [("tom", ["birds"]), ("hermit", ["birds"])]
    world.add("tom", is_private=True)
    world.add("hermit", is_private=True)
    found = suggested(context)
    assert [reason["type"] for reason in found["tom"]] == ["mutuals"]
    assert "hermit" not in found


def test_reasons_are_current_on_every_page(world, context):
    with_friends(world)
    _, first = call(context, "GET", "/explore/people", limit="1")
    # given a friend who shuts their lists after the first page
    world.add("friend", Relationship(), follows=("mia", "tom"), is_private=True)
    _, second = call(context, "GET", "/explore/people", limit="5", cursor=first["nextCursor"])
    # then there is no reason left for Tom
    assert [[item["username"] for item in page["items"]] for page in (first, second)] == [["mia"], ["fan"]]


# --- Pages, failures, dismissals --------------------------------------------------------------------------------------


def test_suggestion_pages_have_no_duplicates(world, context):
    with_friends(world)
    seen: list[str] = []
    query: dict[str, str] = {"limit": "1"}
    while True:
        _, page = call(context, "GET", "/explore/people", **query)
        seen += [item["username"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert seen == ["mia", "fan", "tom"]


def test_without_the_index_the_graph_alone_suggests(world, context):
    with_friends(world)
    world.famous = [("star", 5000)]
    world.add("star")
    assert set(suggested(context)) == {"fan", "mia", "tom", "star"}
    world.down = True
    status, page = call(context, "GET", "/explore/people")
    assert (status, page["degraded"]) == (200, True)
    assert {item["username"] for item in page["items"]} == {"fan", "mia", "tom"}


def test_dismissed_person_is_not_suggested_until_restored(world, context):
    with_friends(world)
    for _ in range(2):
        assert call(context, "PUT", f"/explore/people/{id_of('mia')}/dismissal") == (204, None)
    assert set(suggested(context)) == {"fan", "tom"}
    for _ in range(2):
        assert call(context, "DELETE", f"/explore/people/{id_of('mia')}/dismissal") == (204, None)
    assert set(suggested(context)) == {"fan", "mia", "tom"}


def test_only_visible_people_can_be_dismissed(world, context):
    with_friends(world)
    world.relationships[id_of("mia")] = Relationship(blocked_by=True)
    assert call(context, "PUT", f"/explore/people/{id_of('mia')}/dismissal")[0] == 404
    assert call(context, "PUT", f"/explore/people/{id_of('nobody')}/dismissal")[0] == 404
    assert call(context, "PUT", f"/explore/people/{BEN}/dismissal")[0] == 422
    assert world.dismissed == set()


def test_suggestions_require_sign_in(context):
    assert answer(handler(request("GET", "/v1/explore/people"), context))[0] == 401
