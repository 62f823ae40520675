"""Posts made near a point: in the order of a mixture of distance, age and interest.

    score = 2^(-distance / (radius / 4)) + 2^(-age / 7 days) + 0.1 log10(1 + likes) + 0.1 log10(1 + comments)

So a post in a quarter of the radius' distance is worth as much more than one at its edge as one of this week is than an
old one, and a hundred likes are worth a fifth of that. Each post is scored by what it says of itself, so that its place
does not depend on the shard that it is in.

A post has no place but the one that its author chose and shows. Where the viewer is stays out of everything that keeps
or logs: it is rounded to a hundredth of a degree (1.1 km) before it goes into a query, and no more of it into a cursor.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.discovery import search
from functions.graph import service as graph
from heliograph import clock, tables
from heliograph.tables import Slice

Query = dict[str, Any]

ROUNDED_TO = 2
# What rounding moves a point by at most, so that nothing within the radius is missed.
ROUNDING_KM = 0.8
HALF_DISTANCE = 0.25
HALF_AGE = timedelta(days=7)
PER_DECADE = 0.1
# How far the list can be read.
MAX_RESULTS = 500


@dataclass(frozen=True)
class Area:
    """A circle; degrees, and kilometres. `around` makes one."""

    lat: float
    lon: float
    radius_km: float


def around(lat: float, lon: float, radius_km: float) -> Area:
    """The area around a point, which is rounded."""
    return Area(round(lat, ROUNDED_TO), round(lon, ROUNDED_TO), radius_km)


def post_ids(viewer_id: str, area: Area, position: Any, count: int) -> Slice[str]:
    """The ids of posts in the area, best first. Raises Unavailable when the index is down.

    A position is None or {"at", "rank"}: the list is put in order as of when its first page was read.
    """
    at, start = (position["at"], position["rank"]) if position else (clock.iso(clock.now()), 0)
    wanted = min(count, MAX_RESULTS - start)
    body = query(area, clock.parse(at), sorted(graph.blocks_with(viewer_id)))
    [hits] = search.run(("posts", body | {"from": start, "size": wanted + 1}))
    page = tables.cut([hit.id for hit in hits], wanted, position=str)
    end = start + wanted
    more = page.next is not None and end < MAX_RESULTS
    return Slice(page.items, {"at": at, "rank": end} if more else None)


def query(area: Area, now: datetime, without: list[str]) -> Query:
    """The search for posts in an area; `without`: authors to leave out. Pure."""
    point = {"lat": area.lat, "lon": area.lon}
    inside: Query = {"geo_distance": {"distance": f"{area.radius_km + ROUNDING_KM}km", "location.point": point}}
    functions: list[Query] = [
        _halved("location.point", point, f"{area.radius_km * HALF_DISTANCE}km"),
        _halved("createdAt", clock.iso(now), f"{HALF_AGE.days}d"),
        _decades("likeCount"),
        _decades("commentCount"),
    ]
    # What is made while the list is read moves nothing in it.
    made: Query = {"range": {"createdAt": {"lte": clock.iso(now)}}}
    found: Query = {"filter": [inside, made]} | ({"must_not": [{"terms": {"authorId": without}}]} if without else {})
    return {
        "query": {
            "function_score": {
                "query": {"bool": found},
                "functions": functions,
                "score_mode": "sum",
                "boost_mode": "replace",
            }
        },
        "sort": [{"_score": "desc"}, {"postId": "desc"}],
        "_source": False,
    }


def _halved(field: str, origin: Any, scale: str) -> Query:
    """1 at the origin, and half for every step."""
    return {"exp": {field: {"origin": origin, "scale": scale, "decay": 0.5}}}


def _decades(count: str) -> Query:
    """log10(1 + count), weighted."""
    return {"field_value_factor": {"field": count, "modifier": "log1p", "missing": 0}, "weight": PER_DECADE}
