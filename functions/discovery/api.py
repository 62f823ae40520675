"""HTTP routes of discovery."""

from functools import partial
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from functions.accounts.views import ProfileSummary
from functions.discovery import circles, service, unindexed, views
from functions.discovery.views import FoundPage, HashtagView, PlaceView, SuggestionsView
from functions.graph.views import people
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from functions.posts.views import PostView
from functions.posts.views import present as present_posts
from heliograph import cursors, http, plaintext
from heliograph.errors import Unavailable
from heliograph.reading import Pipeline, Skeleton
from heliograph.tables import Slice

app = http.resolver()

MAX_TEXT = 100


def typed(text: str) -> str:
    """What somebody searches for, on one line. Raises Refused."""
    return plaintext.some(plaintext.line(text, MAX_TEXT))


Text = Annotated[str, Query(), *plaintext.field(typed, minLength=1, maxLength=MAX_TEXT)]
Kind = Annotated[service.Kind, Query(alias="type")]
Hashtag = Annotated[str, Path(alias="hashtag"), http.PERCENT_DECODED]


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


handler = http.handler(app)
