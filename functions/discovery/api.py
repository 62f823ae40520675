"""HTTP routes of discovery.

Explore, similar and people to follow import what they need themselves: a cold start for a search need not wait for it.
"""

from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from functions.accounts.views import ProfileSummary
from functions.discovery import (
    circles,
    labels,
    nearby,
    people_views,
    service,
    trending,
    unindexed,
    views,
)
from functions.discovery.explore_queries import Place
from functions.discovery.people_views import PersonSuggestion
from functions.discovery.views import FoundPage, HashtagView, PlaceView, SuggestionsView, TrendingView
from functions.graph.views import people
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from functions.posts.views import PostView
from functions.posts.views import present as present_posts
from heliograph import cursors, http, plaintext
from heliograph.errors import Invalid, Unavailable
from heliograph.reading import Pipeline, Skeleton
from heliograph.tables import Slice

T = TypeVar("T")

app = http.resolver()

MAX_TEXT = 100


def typed(text: str) -> str:
    """What somebody searches for, on one line. Raises Refused."""
    return plaintext.some(plaintext.line(text, MAX_TEXT))


Text = Annotated[str, Query(), *plaintext.field(typed, minLength=1, maxLength=MAX_TEXT)]
Kind = Annotated[service.Kind, Query(alias="type")]
Hashtag = Annotated[str, Path(alias="hashtag"), http.PERCENT_DECODED]
PostId = Annotated[str, Path(alias="postId"), http.AN_ID]
UserId = Annotated[str, Path(alias="userId"), http.AN_ID]
AtLatitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
AtLongitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Radius = Annotated[float, Query(alias="radiusKm", ge=1, le=100, allow_inf_nan=False)]
Latitude = Annotated[float | None, Query(ge=-90, le=90)]
Longitude = Annotated[float | None, Query(ge=-180, le=180)]


def _users(viewer_id: str, text: str, position: Any, limit: int) -> Slice[ProfileSummary]:
    skeleton = partial(service.found_ids, "users", text, circle=circles.of(viewer_id))
    return people(viewer_id, skeleton).page(position, limit)


def _posts(viewer_id: str, text: str, position: Any, limit: int) -> Slice[PostView]:
    skeleton = partial(service.found_ids, "posts", text, circle=circles.of(viewer_id))
    return _shown(viewer_id, skeleton).page(position, limit)


def _hashtags(_viewer_id: str, text: str, position: Any, limit: int) -> Slice[HashtagView]:
    found = service.found_hashtags(text, position, limit)
    return Slice([HashtagView.model_validate(tag) for tag in found.items], found.next)


def _places(_viewer_id: str, text: str, position: Any, limit: int) -> Slice[PlaceView]:
    found = service.found_places(text, position, limit)
    return Slice([PlaceView.model_validate(place) for place in found.items], found.next)


def _users_unindexed(viewer_id: str, text: str, position: Any, limit: int) -> Slice[ProfileSummary]:
    return people(viewer_id, partial(unindexed.users, text)).page(position, limit)


def _posts_unindexed(viewer_id: str, text: str, position: Any, limit: int) -> Slice[PostView]:
    return _shown(viewer_id, partial(unindexed.posts, text)).page(position, limit)


def _hashtags_unindexed(_viewer_id: str, text: str, _position: Any, _limit: int) -> Slice[HashtagView]:
    return Slice([HashtagView.model_validate(tag) for tag in service.very_hashtag(text)], None)


def _no_places(_viewer_id: str, _text: str, _position: Any, _limit: int) -> Slice[PlaceView]:
    return Slice([], None)


def _shown(viewer_id: str, skeleton: Skeleton[str]) -> Pipeline[str, HydratedPost, PostView]:
    return Pipeline(skeleton, partial(posts.hydrate, viewer_id), posts.visible, present_posts)


FOUND = {
    "index": {"users": _users, "posts": _posts, "hashtags": _hashtags, "places": _places},
    "tables": {
        "users": _users_unindexed,
        "posts": _posts_unindexed,
        "hashtags": _hashtags_unindexed,
        "places": _no_places,
    },
}


@app.get("/v1/search", summary="Find users, hashtags, posts or places", tags=["discovery"])
def search(
    caller: http.SignedIn, q: Text, kind: Kind = "users", limit: http.Limit = 20, cursor: http.Cursor = None
) -> FoundPage[ProfileSummary] | FoundPage[HashtagView] | FoundPage[PlaceView] | FoundPage[PostView]:
    """A list that was begun without the index goes on without it; one begun with it begins anew when it is down."""
    listing = f"found-{kind}-{q}"
    way, position = cursors.open_(listing, caller.user_id, cursor) or ("index", None)
    try:
        found = FOUND[way][kind](caller.user_id, q, position, limit)
    except Unavailable:
        way = "tables"
        found = FOUND[way][kind](caller.user_id, q, None, limit)
    following = found.next and [way, found.next]
    return FoundPage(
        items=found.items,
        next_cursor=cursors.seal(listing, caller.user_id, following),
        degraded=way == "tables",
    )


@app.get("/v1/search/suggest", summary="Complete what is being typed", tags=["discovery"])
def suggest(caller: http.SignedIn, q: Text) -> SuggestionsView:
    return views.present(service.suggest(caller.user_id, q))


@app.get("/v1/explore/trending", summary="Hashtags or places that many use all of a sudden", tags=["discovery"])
def read_trending(
    _caller: http.SignedIn,
    kind: Annotated[Literal["hashtags", "places"], Query(alias="type")] = "hashtags",
    limit: http.Limit = 20,
    lat: Latitude = None,
    lon: Longitude = None,
) -> TrendingView:
    """With a point: first what trends around it, then what trends everywhere."""
    return views.trending(trending.snapshot(kind, _region(lat, lon))[:limit])


def _region(lat: float | None, lon: float | None) -> str | None:
    place = _place(lat, lon)
    return place and labels.region(place.lat, place.lon)


def _place(lat: float | None, lon: float | None) -> Place | None:
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise Invalid.field("lon" if lon is None else "lat", "a point needs both")
    return Place(lat, lon)


@app.get("/v1/hashtags/<hashtag>", summary="A hashtag", tags=["discovery"])
def read_hashtag(hashtag: Hashtag, _caller: http.SignedIn) -> HashtagView:
    return HashtagView.model_validate(service.hashtag(hashtag))


@app.get("/v1/hashtags/<hashtag>/posts", summary="Posts with a hashtag", tags=["discovery"])
def hashtag_posts(
    hashtag: Hashtag,
    caller: http.SignedIn,
    sort: Literal["top", "recent"] = "recent",
    limit: http.Limit = 20,
    cursor: http.Cursor = None,
) -> http.Page[PostView]:
    """Recent: all of them. Top: one page, the most liked of the newest."""
    listing = f"hashtag-{sort}-{hashtag}"
    if sort == "top":
        cursors.open_(listing, caller.user_id, cursor)  # there is no second page, so any cursor is refused
        return http.page(
            listing, caller.user_id, Slice(present_posts(service.top(caller.user_id, hashtag, limit)), None)
        )
    found = _shown(caller.user_id, partial(service.recent, hashtag))
    return http.read_page(listing, caller.user_id, found, limit, cursor)


@app.get("/v1/posts/<postId>/similar", summary="Posts like a post", tags=["discovery"])
def similar_posts(
    post_id: PostId, caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> FoundPage[PostView]:
    """With pictures that look alike, or about the same; no copies of the post's own picture."""
    from functions.discovery import similar  # noqa: PLC0415  (see the module's text)

    listing = f"similar-{post_id}"
    position = cursors.open_(listing, caller.user_id, cursor)
    found = similar.to(caller.user_id, post_id)
    page = _shown(caller.user_id, found.ids).page(position, limit)
    return _found_page(listing, caller.user_id, page, degraded=found.degraded)


@app.get("/v1/explore/nearby", summary="Posts made near a point", tags=["discovery"])
def nearby_posts(
    caller: http.SignedIn,
    lat: AtLatitude,
    lon: AtLongitude,
    *,
    radius_km: Radius = 10,
    limit: http.Limit = 20,
    cursor: http.Cursor = None,
) -> http.Page[PostView]:
    """Near, new and liked ones first. A post is where its author says it is; where you are is not kept."""
    area = nearby.around(lat, lon, radius_km)
    found = _shown(caller.user_id, partial(nearby.post_ids, caller.user_id, area))
    return http.read_page(f"nearby-{area}", caller.user_id, found, limit, cursor)


@app.get("/v1/explore/people", summary="People to follow, and why", tags=["discovery"])
def people_to_follow(
    caller: http.SignedIn, limit: http.Limit = 20, cursor: http.Cursor = None
) -> FoundPage[PersonSuggestion]:
    from functions.discovery import people as suggesting  # noqa: PLC0415  (see the module's text)

    position = cursors.open_("people", caller.user_id, cursor)
    found = suggesting.People(caller.user_id)
    page = Pipeline(found.list.ids, found.hydrate, suggesting.suggested, people_views.present).page(position, limit)
    return _found_page("people", caller.user_id, page, degraded=found.list.degraded)


@app.put("/v1/explore/people/<userId>/dismissal", status_code=204, summary="Suggest no more", tags=["discovery"])
def dismiss(user_id: UserId, caller: http.SignedIn) -> None:
    from functions.discovery import people as suggesting  # noqa: PLC0415  (see the module's text)

    suggesting.dismiss(caller.user_id, user_id)


@app.delete("/v1/explore/people/<userId>/dismissal", status_code=204, summary="Suggest again", tags=["discovery"])
def welcome(user_id: UserId, caller: http.SignedIn) -> None:
    from functions.discovery import people as suggesting  # noqa: PLC0415  (see the module's text)

    suggesting.welcome(caller.user_id, user_id)


def _found_page(listing: str, viewer_id: str, page: Slice[T], *, degraded: bool) -> FoundPage[T]:
    return FoundPage(items=page.items, next_cursor=cursors.seal(listing, viewer_id, page.next), degraded=degraded)


@app.get("/v1/explore", summary="Posts of strangers that I may like", tags=["discovery"])
def explore(
    caller: http.SignedIn,
    lat: Latitude = None,
    lon: Longitude = None,
    limit: http.Limit = 20,
    cursor: http.Cursor = None,
) -> FoundPage[PostView]:
    """With `lat` and `lon`, some are from nearby; the pages after the first go on in the order of the first."""
    from functions.discovery.explore import Explore  # noqa: PLC0415  (see the module's text)

    found = Explore(caller.user_id, _place(lat, lon))
    page = http.read_page("explore", caller.user_id, found.pages(), limit, cursor)
    return FoundPage(items=page.items, next_cursor=page.next_cursor, degraded=found.degraded)


handler = http.handler(app)
