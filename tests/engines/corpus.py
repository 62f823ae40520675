"""A small world in many scripts, and what the indexing consumer needs of it: the truth behind the events."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from functions.accounts import service as accounts
from functions.accounts.service import Profile
from functions.discovery import documents, index, indexing
from functions.discovery.index import Write
from functions.discovery.mappings import Kind
from functions.posts import service as posts
from functions.posts import text
from functions.posts.service import Post
from heliograph import counters
from heliograph.counters import Counter, Total
from heliograph.events import Place
from tests.engines.engines import refresh
from tests.unit.feed.samples import ANNA, post, post_id, profile

# id, username, full name, followers
PEOPLE = [
    ("ada", "ada.lovelace_1815", "Ada King", 10),
    ("grace", "grace", "Grace Hopper", 5000),
    ("jones", "gracejones", "José Ñandú", 3),
    ("kelly", "lovelorn", "Grace Kelly", 200),
    ("slater", "slater", "Kelly Slater", 20_000_000),
    ("kelly2", "kelly", "K. L. Meyer", 0),
    ("oneil", "o_neil", "Shaun O'Neil-Smith", 4),
    ("zoe", "zoe", "Zoë Ångström", 7),
    ("lukasz", "lukasz", "Łukasz Żółć", 8),
    ("strauss", "strauss", "Jörg Strauß", 1),
    ("istanbul", "ist", "İstanbul Çelik", 5),
    ("wide", "full", "\uff26\uff55\uff4c\uff4c Width", 1),
    ("anna", "anna_k", "Анна Каренина", 30),
    ("olga", "olga.p", "Όλγα", 5),
    ("mo", "mo", "محمد علي", 20),
    ("yamada", "yamada", "山田太郎", 50),
    ("tanaka", "tanaka", "田中 太郎", 5),
    ("kim", "kim.cs", "김철수", 40),
    ("sunny", "sunny", "🌅 Sunny", 6),
    ("thai", "mali.k", "มะลิ ใจดี", 3),
    # Of so many followers that none is told from the other: both are at one step of popularity.
    ("quorum", "qq1", "Quorum", 2_000_000_000),
    ("quorum2", "qq2", "Quorum", 2_000_000_001),
    *((f"twin{number:02}", f"twin{number:02}", "Twin Peaks", 9) for number in range(12)),
]
TWINS = [user_id for user_id, *_ in PEOPLE if user_id.startswith("twin")]

# number, caption, place
POSTS = [
    (1, "Sunset over the peaks #sunset", None),
    (2, "My dog at the sea #dogs #sunset", "Picos de Europa"),
    (3, "Sunset, again", None),
    (4, "Sunset, again", None),
    (5, "Café in the morning", "São Paulo"),
    (6, "CAFÉ noir #coffee", None),
    (7, "東京タワーの夕焼け #夕焼け #東京", None),
    (8, "京東の本社", "北海道"),
    (9, "서울의 밤 #서울", None),
    (10, "🌅 morning", None),
    (11, "🌅", None),
    (12, "Привет, Москва #москва", None),
    (13, "naïve façade, don't stop", None),
    (14, "Straße nach Süden #Straße", None),
    (15, "so many sunsets", None),
    (16, "カフェでコーヒー", None),
    (17, "👨\u200d👩\u200d👧 family", None),
    (18, "2026-11-22 at 5pm", None),
    (19, "ไปเที่ยวทะเล", None),
    (20, "Cafe\u0301 decomposed", None),
    (21, "📷 from the 🇪🇸 team, well played 👍🏽", None),
    (22, "Сегодня гуляли по Москве, закаты #закат", None),
    (23, "Cycling along the rivers with stories to tell", None),
    (24, "من البحر إلى السماء", None),
    (25, "golden light at the gate", None),
    (26, "#golden_gate gate, golden", None),
    *((number, "ferry", None) for number in range(30, 55)),
]
FERRIES = list(range(54, 29, -1))

HASHTAGS = {
    "sunset": 5,
    "sunrise": 20,
    "sunday": 20,
    "sun": 2,
    "strasse": 7,
    "夕焼け": 9,
    "夕方": 9,
    "東京": 30,
    "서울": 4,
    "москва": 8,
    "café": 3,
    "cafe": 6,
    "coffee": 6,
    "golden_gate": 2,
    "🌊surf": 3,
}

# name, latitude, longitude, posts
PLACES = [
    ("São Paulo", -23.55, -46.63, 40),
    ("Saõ Tomé", 0.34, 6.73, 4),
    ("New York", 40.71, -74.01, 90),
    ("York", 53.96, -1.08, 12),
    ("New Orleans", 29.95, -90.07, 30),
    ("北海道", 43.06, 141.35, 8),
    ("Picos de Europa", 43.2, -4.8, 5),
    ("Café Central", 48.21, 16.37, 7),
]


@dataclass
class Truth:
    """What the tables hold: the consumer reads it again at every event."""

    people: dict[str, Profile] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    hashtags: dict[str, Total] = field(default_factory=dict)
    places: list[tuple[str, float, float, int]] = field(default_factory=list)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Answer for the tables until the context ends."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(accounts, "profiles", self._profiles)
            patch.setattr(posts, "as_written", self._as_written)
            patch.setattr(counters, "total", self._total)
            yield

    def index(self) -> None:
        """Let the consumer index everything."""
        with self.told():
            kinds: dict[Kind, Iterable[str]] = {"users": self.people, "posts": self.posts, "hashtags": self.hashtags}
            assert not indexing.settle((kind, one) for kind, ids in kinds.items() for one in ids)
        places = [
            Write("places", name, count, documents.place(name, Place(name=name, lat=lat, lon=lon), count))
            for name, lat, lon, count in self.places
        ]
        assert not index.send(places)
        refresh()

    def _profiles(self, user_ids: Iterable[str], *, consistent: bool) -> dict[str, Profile]:
        assert consistent
        return {user_id: self.people[user_id] for user_id in user_ids if user_id in self.people}

    def _as_written(self, post_ids: Iterable[str]) -> dict[str, Post]:
        return {shown_id: self.posts[shown_id] for shown_id in post_ids if shown_id in self.posts}

    def _total(self, counter: Counter) -> Total:
        return self.hashtags[counter.id]


def world() -> Truth:
    """Everybody and everything above, and the author of all posts."""
    people = [
        profile(user_id, username=username, full_name=full_name, follower_count=followers)
        for user_id, username, full_name, followers in PEOPLE
    ]
    shown = [_post(number, caption, place) for number, caption, place in POSTS]
    return Truth(
        {ANNA: profile(username="author", full_name="The Author"), **{person.user_id: person for person in people}},
        {item.post_id: item for item in shown},
        {tag: Total(count, count) for tag, count in HASHTAGS.items()},
        PLACES,
    )


def _post(number: int, caption: str, place: str | None) -> Post:
    location = posts.Location(place, 43.2, -4.8) if place else None
    return post(post_id(number), caption=caption, hashtags=text.hashtags(caption), location=location)
