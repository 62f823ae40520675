"""No leak in any cell: every viewer against every thing, on every route that the API's description lists."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.client import Client
from local.instance import ROOT, Endpoints
from tests.security.community import NOTHING, Community, owner_of, said
from tests.security.oracle import ROLES, THINGS, may_look_up, may_see
from tests.security.visibility import ROUTES, Aspect, Lists, Public, Shows, SignedIn

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
DESCRIBED = {f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods}
OWN_LISTS = {
    route: aspects[0]
    for route, aspects in ROUTES.items()
    if isinstance(aspects[0], SignedIn) and route.startswith("GET")
}


@dataclass(frozen=True)
class Cell:
    """One viewer asks for one thing on one route; for nothing in particular, `thing` is the owner's account."""

    route: str
    aspect: Aspect
    thing: str
    role: str

    @property
    def exists(self) -> bool:
        """Only a private account is asked, and waits before it answers."""
        return self.role != "requested" or THINGS[self.thing].private

    @property
    def key(self) -> str:
        return f"{type(self.aspect).__name__} {self}"

    def __str__(self) -> str:
        query = "".join(f"?{value}" for value in self.aspect.query.values()) if isinstance(self.aspect, Lists) else ""
        return f"{self.route}{query}-{self.thing}-{self.role}"


def _cells(kind: type[Aspect], wanted: Callable[[Any, str, str], bool]) -> Iterator[Cell]:
    for route, aspects in ROUTES.items():
        for aspect in aspects:
            if isinstance(aspect, kind):
                cells = (Cell(route, aspect, thing, role) for thing in THINGS for role in ROLES)
                yield from (cell for cell in cells if cell.exists and wanted(aspect, cell.thing, cell.role))


def _visible(shows: Shows, thing: str, role: str) -> bool:
    return (may_look_up if shows.undo else may_see)(ROLES[role], THINGS[thing])


def _shown(shows: Shows, thing: str, role: str) -> bool:
    return (
        THINGS[thing].kind in shows.kinds
        and _visible(shows, thing, role)
        and not _refused(shows, thing, role)
        and not shows.once
    )


def _hidden(shows: Shows, thing: str, role: str) -> bool:
    return THINGS[thing].kind in shows.kinds and not _visible(shows, thing, role)


def _refused(shows: Shows, thing: str, role: str) -> bool:
    mine = ROLES[role].owns
    return THINGS[thing].kind in shows.kinds and _visible(shows, thing, role) and shows.by == "owner" and not mine


def _listed(lists: Lists, thing: str, role: str) -> bool:
    content = THINGS[thing]
    return content.kind in lists.kinds and may_see(ROLES[role], content) and lists.expected(ROLES[role], content)


def _unlisted(lists: Lists, thing: str, role: str) -> bool:
    return THINGS[thing].kind in lists.kinds and not may_see(ROLES[role], THINGS[thing])


CELLS: dict[tuple[type[Aspect], Callable[[Any, str, str], bool]], list[Cell]] = {
    (kind, wanted): list(_cells(kind, wanted))
    for kind, wanted in (
        *((Shows, wanted) for wanted in (_shown, _hidden, _refused)),
        *((Lists, wanted) for wanted in (_listed, _unlisted)),
    )
}


def _sample() -> set[str]:
    """One cell for every pair of a route and a role, of a different kind from pair to pair."""
    pairs: dict[tuple[str, str], list[Cell]] = {}
    for cells in CELLS.values():
        for cell in cells:
            pairs.setdefault((cell.route, cell.role), []).append(cell)
    return {cells[7 * number % len(cells)].key for number, cells in enumerate(pairs.values())}


SAMPLE = _sample()


def _each(kind: type[Aspect], wanted: Callable[[Any, str, str], bool]) -> Any:
    cells = CELLS[kind, wanted]
    marked = [pytest.param(cell, marks=pytest.mark.sampled) if cell.key in SAMPLE else cell for cell in cells]
    return pytest.mark.parametrize("cell", marked, ids=str)


def ask(people: Community, cell: Cell) -> httpx.Response:
    assert isinstance(cell.aspect, Shows)
    names = people.names(cell.thing)
    body = cell.aspect.body and cell.aspect.body(names)
    answer = people.ask(people.viewer(cell.role, cell.thing), cell.route, names, body)
    assert_tells_nothing(
        people, cell.role, cell.thing, answer.text if answer.is_success else said(answer), undo=cell.aspect.undo
    )
    return answer


def assert_tells_nothing(people: Community, role: str, thing: str, text: str, *, undo: bool = False) -> None:
    """An answer says nothing of whatever its reader may not see. `undo`: it may name people whom the reader blocks."""
    may = may_look_up if undo else may_see
    for name, other in people.things.items():
        seen_as = role if role != "owner" or owner_of(name) == owner_of(thing) else "stranger"
        if not may(ROLES[seen_as], THINGS[name]):
            told = [mark for mark in other.marks if mark in text]
            assert not told, f"{role} is told of {name}: {told}"


# --- Every route is declared ------------------------------------------------------------------------------------------


def test_every_route_has_a_declared_visibility() -> None:
    assert sorted(DESCRIBED) == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_only_public_routes_need_no_token(
    route: str, people: Community, connect: Callable[[], Client], endpoints: Endpoints
) -> None:
    # given: requests about something that is there for all, and about nothing
    somebody = {**people.witness_names, "hashtag": people.hashtag, "storyId": "x", "mediaId": "x", "name": "ember"}
    shared = {"shortcode": "A" * 22, "picture": "thumb"}
    names = [{**NOTHING, **shared, **somebody}, {**NOTHING, **shared, "hashtag": "nothing", "name": "nothing"}]
    # when
    anonymous, forged = connect(), {"Authorization": "Bearer e30.e30.e30"}
    method, path = route.split(" ")
    site = endpoints.api_url.removesuffix("/v1")
    paths = [site + path.format_map(name) for name in names]
    answers = [anonymous.request(method, path, json={}) for path in paths]
    answers += [anonymous.request(method, path, json={}, headers=forged) for path in paths]
    # then
    if ROUTES[route] == (Public(),):
        assert 401 not in {answer.status_code for answer in answers}
    else:
        assert {answer.status_code for answer in answers} == {401}
        assert len({said(answer) for answer in answers[:2]}) == len({said(answer) for answer in answers[2:]}) == 1


# --- One thing --------------------------------------------------------------------------------------------------------


@_each(Shows, _shown)
def test_allowed_viewer_is_shown_the_thing(cell: Cell, people: Community) -> None:
    answer = ask(people, cell)
    if cell.route.startswith("GET") and cell.route.endswith("}"):
        assert people.things[cell.thing].marks[0] in answer.text
    # An author's own post that is not published can be looked at, not liked.
    assert answer.is_success or (
        ROLES[cell.role].owns and THINGS[cell.thing].state != "shown" and answer.status_code == 409
    )


@_each(Shows, _hidden)
def test_hidden_thing_is_not_found(cell: Cell, people: Community) -> None:
    """What is hidden is answered as what never was."""
    assert isinstance(cell.aspect, Shows)
    # when
    hidden = ask(people, cell)
    # then
    absent = people.ask_for_nothing(people.viewer(cell.role, cell.thing), cell.route, cell.aspect.body)
    assert (hidden.status_code, said(hidden)) == (absent.status_code, said(absent))


@_each(Shows, _refused)
def test_forbidden_action_is_refused(cell: Cell, people: Community) -> None:
    assert ask(people, cell).status_code == 403


# --- Lists ------------------------------------------------------------------------------------------------------------


def read(people: Community, cell: Cell) -> str:
    assert isinstance(cell.aspect, Lists)
    own = people.names(cell.thing)
    names = {**own, **people.witness_names} if cell.aspect.where == "witness" else own
    # What is searched for is the thing's own, wherever it is looked for.
    query = {name: template.format_map(own) for name, template in cell.aspect.query.items()}
    text = people.whole_list(people.viewer(cell.role, cell.thing), cell.route, names, query)
    assert_tells_nothing(people, cell.role, cell.thing, text)
    return text


@_each(Lists, _listed)
def test_list_includes_visible_things(cell: Cell, people: Community) -> None:
    assert people.things[cell.thing].marks[0] in read(people, cell)


@_each(Lists, _unlisted)
def test_list_omits_hidden_things(cell: Cell, people: Community) -> None:
    assert not [mark for mark in people.things[cell.thing].marks if mark in read(people, cell)]


@pytest.mark.sampled
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", OWN_LISTS)
def test_own_resources_reveal_nothing_of_others(route: str, role: str, people: Community) -> None:
    for owner in people.owners:
        names = {**NOTHING, "hashtag": people.hashtag}
        text = people.whole_list(people.viewer(role, owner), route, names, {})
        assert_tells_nothing(people, role, owner, text, undo=OWN_LISTS[route].undo)


# --- Afterwards -------------------------------------------------------------------------------------------------------


def _looks_at(thing: str) -> list[str]:
    """What the owner of a thing reads of it."""
    return {
        "post": ["GET /v1/posts/{postId}", "GET /v1/posts/{postId}/likes", "GET /v1/posts/{postId}/comments"],
        "story": ["GET /v1/stories/{storyId}", "GET /v1/stories/{storyId}/viewers"],
        "profile": ["GET /v1/users/{userId}/followers", "GET /v1/users/me/close-friends", "GET /v1/users/me/blocks"],
    }.get(THINGS[thing].kind, [])


LASTING = [name for name, thing in THINGS.items() if _looks_at(name) and thing.state not in ("deleted", "expired")]


@pytest.mark.parametrize("thing", LASTING)
def test_refused_actions_leave_no_trace(thing: str, people: Community) -> None:
    """Read after all cells: likes, comments and views are of those who may see; the words are still the owner's."""
    owner, content, names = people.owner(thing), THINGS[thing], people.names(thing)
    seen = "\n".join(people.ask(owner, route, names).text for route in _looks_at(thing))
    involved = {role for role, viewer in people.viewers.items() if viewer.user_id in seen}
    if content.kind == "profile":
        assert involved == {"follower", "close-friend", "marked", "blocked"}
    else:
        assert not [role for role in involved if not may_see(ROLES[role], content)]
        assert people.things[thing].marks[1] in seen
