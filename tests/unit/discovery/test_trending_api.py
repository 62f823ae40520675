"""The route of what trends: everywhere, around a point, hashtags and places."""

import pytest

from functions.discovery import trending, trends
from functions.discovery.api import handler
from functions.discovery.trends import Trend
from heliograph import tokens
from heliograph.events import Place
from heliograph.tokens import Caller
from tests.unit.feed.samples import BEN
from tests.unit.requests import answer, request

BERLIN = Place(name="Berlin", lat=52.52, lon=13.405)


@pytest.fixture(autouse=True)
def lists(monkeypatch):
    """What trends, by list; a test changes it."""
    lists = {
        "hashtags#*": [Trend("sunset", 7, 9.5), Trend("sea", 3, 4.0)],
        "hashtags#u33": [Trend("spree", 2, 3.5), Trend("sea", 3, 3.1)],
        "places#*": [Trend("@berlin@52.5,13.4", 5, 6.0, BERLIN)],
    }
    monkeypatch.setattr(trends, "read", lambda name: lists.get(name, []))
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    trending._kept.clear()
    return lists


def get(context, **query):
    headers = {"Authorization": "Bearer good"}
    return answer(handler(request("GET", "/v1/explore/trending", headers=headers, query=query), context))


def hashtags(page):
    return [item["hashtag"] for item in page["items"]]


def test_global_trends_are_listed(context):
    assert get(context) == (
        200,
        {
            "items": [
                {"hashtag": "sunset", "postCount": 7, "score": 9.5},
                {"hashtag": "sea", "postCount": 3, "score": 4.0},
            ]
        },
    )


def test_local_trends_come_first_without_duplicates(context):
    _, page = get(context, lat="52.5", lon="13.4")
    assert hashtags(page) == ["spree", "sea", "sunset"]
    _, page = get(context, lat="52.5", lon="13.4", limit="2")
    assert hashtags(page) == ["spree", "sea"]


def test_global_trends_are_shown_where_no_local_ones_exist(context):
    _, page = get(context, lat="-33.9", lon="18.4")
    assert hashtags(page) == ["sunset", "sea"]


def test_places_come_with_their_point(context):
    _, page = get(context, type="places")
    assert page == {"items": [{"name": "Berlin", "lat": 52.52, "lon": 13.405, "postCount": 5, "score": 6.0}]}


@pytest.mark.parametrize(
    "query", [{"lat": "52.5"}, {"lon": "13.4"}, {"lat": "91", "lon": "0"}, {"lat": "x", "lon": "0"}, {"type": "users"}]
)
def test_invalid_trending_query_is_refused(context, query):
    assert get(context, **query)[0] == 422


def test_concurrent_trending_requests_share_one_read(context, lists, now):
    get(context)
    lists["hashtags#*"] = []
    assert hashtags(get(context)[1]) == ["sunset", "sea"]
