"""What posts are filed under: hashtags, and places. Pure.

Both are labels, kept as text. A hashtag is itself; a place is `@<name>@<lat>,<lon>`, and no hashtag has an @. The name
is NFKC and case-folded, with its accents: in many scripts a mark is a letter's own. Degrees have one decimal (11 km),
so that people who mark one square by points of their own name one place, and towns of one name remain two.
"""

import unicodedata
from collections.abc import Iterable
from typing import Literal

from heliograph import counters
from heliograph.events import Place

Kind = Literal["hashtags", "places"]

GLOBAL = "*"
# 3 characters of a geohash: 1.4 degrees each way, 156 km at the equator, 156 by 96 km in Berlin.
REGION_BITS = 15
GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"
WHOLE_CIRCLE = 180.0


def of(hashtags: Iterable[str], place: Place | None) -> frozenset[str]:
    """The labels of a post with these hashtags and this place."""
    return frozenset([*hashtags, place_label(place)] if place else hashtags)


def place_label(place: Place) -> str:
    name = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", place.name).casefold()).split())
    lon = -WHOLE_CIRCLE if _tenth(place.lon) == WHOLE_CIRCLE else _tenth(place.lon)
    return label_of_place(f"{name}@{_tenth(place.lat):.1f},{lon:.1f}")


def label_of_place(key: str) -> str:
    """The label of a place by its key, which is the id of its counter and of its document in the index."""
    return f"@{key}"


def kind(label: str) -> Kind:
    return "places" if label.startswith("@") else "hashtags"


def counter(label: str) -> counters.Counter:
    """The counter of the posts of public accounts with this label."""
    if kind(label) == "places":
        return counters.Counter("place", label[1:], "posts")
    return counters.Counter("hashtag", label, "posts")


def region(lat: float, lon: float) -> str:
    """The cell of a geohash (G. Niemeyer, 2008): a bit for each halving of longitude and latitude, in turn."""
    bits, spans = 0, [[-180.0, 180.0, lon], [-90.0, 90.0, lat]]
    for step in range(REGION_BITS):
        span = spans[step % 2]
        low, high, value = span
        middle = (low + high) / 2
        above = value >= middle
        span[0 if above else 1] = middle
        bits = 2 * bits + above
    return "".join(GEOHASH[bits >> shift & 31] for shift in range(REGION_BITS - 5, -1, -5))


def _tenth(degrees: float) -> float:
    """Zero has no sign."""
    return round(degrees, 1) + 0.0
