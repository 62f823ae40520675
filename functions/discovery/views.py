"""How what was found appears in answers."""

from typing import Literal, TypeVar

from functions.accounts.views import ProfileSummary, summary
from functions.discovery.service import Suggestions
from functions.discovery.trending import Trend
from heliograph.http import Page, View

T = TypeVar("T")


class FoundPage(Page[T]):
    """`degraded`: the index is down, and this is what can be had without it."""

    degraded: bool = False


class HashtagView(View):
    hashtag: str
    post_count: int


class PlaceView(View):
    """A place that posts name. Degrees."""

    place_id: str
    name: str
    lat: float
    lon: float
    post_count: int


class UserSuggestion(View):
    """`text`: what completes the input."""

    type: Literal["user"] = "user"
    text: str
    user: ProfileSummary


class HashtagSuggestion(View):
    """`text`: what completes the input."""

    type: Literal["hashtag"] = "hashtag"
    text: str
    hashtag: HashtagView


class PlaceSuggestion(View):
    """`text`: what completes the input."""

    type: Literal["place"] = "place"
    text: str
    place: PlaceView


class SuggestionsView(View):
    """`degraded`: the index is down, and this is what can be had without it."""

    items: list[UserSuggestion | HashtagSuggestion | PlaceSuggestion]
    degraded: bool = False


def present(found: Suggestions) -> SuggestionsView:
    users = [UserSuggestion(text=user.username, user=summary(user)) for user in found.users]
    hashtags = [
        HashtagSuggestion(text=f"#{tag.hashtag}", hashtag=HashtagView.model_validate(tag)) for tag in found.hashtags
    ]
    places = [PlaceSuggestion(text=place.name, place=PlaceView.model_validate(place)) for place in found.places]
    return SuggestionsView(items=[*users, *hashtags, *places], degraded=found.degraded)


class TrendingHashtag(View):
    """`score`: how far above what is usual, in standard deviations."""

    hashtag: str
    post_count: int
    score: float


class TrendingPlace(View):
    """`score`: as of a hashtag. Degrees are those of the newest post there."""

    name: str
    lat: float
    lon: float
    post_count: int
    score: float


class TrendingView(View):
    items: list[TrendingHashtag | TrendingPlace]


def trending(found: list[Trend]) -> TrendingView:
    return TrendingView(items=list(map(_trending, found)))


def _trending(trend: Trend) -> TrendingHashtag | TrendingPlace:
    if trend.place is None:
        return TrendingHashtag(hashtag=trend.label, post_count=trend.post_count, score=trend.score)
    return TrendingPlace(**trend.place.model_dump(), post_count=trend.post_count, score=trend.score)
