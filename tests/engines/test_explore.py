"""Where explore's candidates come from: each query, on each engine; and both engines answer alike."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.accounts.service import Profile
from functions.discovery import explore_queries, search, sources
from functions.discovery.explore_queries import Place, Query, Scope
from functions.posts.service import Location
from heliograph import clock
from tests.engines.corpus import Truth
from tests.engines.engines import Engine, used
from tests.unit.feed.samples import post, post_id, profile

# Months of posts may be indexes of their own, and this is none's end.
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BERLIN, POTSDAM, PARIS = Place(52.52, 13.40), Place(52.39, 13.06), Place(48.86, 2.35)
ADA, BOB, CAT = "explored-ada", "explored-bob", "explored-cat"
WORLD = "explored"

# number, author, hours of age, likes, hashtags, place
POSTS: list[tuple[int, str, float, int, tuple[str, ...], Place | None]] = [
    (12, ADA, 1, 5, ("sea", "sky"), BERLIN),
    (11, BOB, 2, 5, ("sea",), POTSDAM),
    (10, CAT, 5, 90, ("dogs",), PARIS),
    (9, ADA, 8, 90, ("dogs", "sea"), None),
    (8, BOB, 20, 500, ("夕焼け",), BERLIN),
    (7, CAT, 30, 500, (), None),
    (6, ADA, 47, 1000, ("sea", "sky", "sun"), None),
    (5, BOB, 70, 2000, ("sun",), None),
    (4, CAT, 75, 90_000, ("sea", "sky"), BERLIN),
    (3, ADA, 24 * 6, 90_000, ("sea", "sky"), None),
    (2, BOB, 24 * 9, 90_000, ("sea", "sky"), BERLIN),
]
EVERYBODY, SCOPE = Scope(NOW), Scope(NOW, [BOB], [post_id(12)])
QUERIES: dict[str, Query] = {
    "popular": explore_queries.popular(EVERYBODY),
    "popular, without": explore_queries.popular(SCOPE),
    "trending": explore_queries.trending(EVERYBODY, ["sea", "夕焼け"]),
    "trending, without": explore_queries.trending(SCOPE, ["sea", "夕焼け"]),
    "topics": explore_queries.topics(EVERYBODY, {"sky": 0.9, "sea": 0.4, "sun": 0.21}),
    "topics, without": explore_queries.topics(SCOPE, {"sky": 0.9}),
    "similar": explore_queries.similar(EVERYBODY, [("sky", "sea", "moon"), ("dogs",)]),
    "by authors": explore_queries.by_authors(EVERYBODY, [ADA, CAT]),
    "nearby": explore_queries.nearby(EVERYBODY, BERLIN),
    "fresh": explore_queries.fresh(EVERYBODY),
    "fresh, without": explore_queries.fresh(SCOPE),
}


def _people() -> list[Profile]:
    """Ada is new here, Bob has few followers, Cat is neither."""
    ages = {ADA: 3, BOB: 900, CAT: 900}
    followers = {ADA: 500, BOB: 63, CAT: 64}
    return [
        profile(one, created_at=NOW - timedelta(days=ages[one]), follower_count=followers[one])
        for one in (ADA, BOB, CAT)
    ]


def _filled(engine: Engine) -> None:
    shown = [
        post(
            post_id(number),
            author,
            created_at=NOW - timedelta(hours=hours),
            like_count=likes,
            hashtags=hashtags,
            location=place and Location("somewhere", place.lat, place.lon),
        )
        for number, author, hours, likes, hashtags, place in POSTS
    ]
    truth = Truth({person.user_id: person for person in _people()}, {one.post_id: one for one in shown})
    with used(engine, WORLD):
        truth.index()


@pytest.fixture(scope="module")
def explored(osmem: Engine, opensearch: Engine) -> dict[str, Engine]:
    """Both engines, with these posts in them."""
    engines = {"osmem": osmem, "opensearch": opensearch}
    for engine in engines.values():
        _filled(engine)
    return engines


def found(engine: Engine, query: Query) -> list[int]:
    with used(engine, WORLD):
        [hits] = search.run(("posts", query))
    return [int(hit.id[-12:]) for hit in hits]


@pytest.fixture(params=["osmem", "opensearch"])
def engine(request: pytest.FixtureRequest, explored: dict[str, Engine]) -> Engine:
    return explored[request.param]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # ln(2 + likes), and a step for each of 6, 12, 24, 48 and 96 hours that are not reached
        pytest.param("popular", [10, 8, 6, 5, 9, 7, 12, 11], id="likes for their age, of three days"),
        pytest.param("trending", [8, 6, 9, 12, 11], id="with a trending hashtag"),
        pytest.param("topics", [12, 6, 11, 4, 9, 3, 5], id="as many and as dear topics as possible, of a week"),
        pytest.param("topics, without", [6, 4, 3], id="not of these authors, nor these posts"),
        pytest.param("similar", [12, 10, 9, 6, 4, 3], id="two topics in common, or the only one"),
        pytest.param("by authors", [12, 10, 9, 7, 6, 4, 3], id="of these authors, newest first"),
        pytest.param("nearby", [4, 8, 12, 11], id="within 50 km"),
        pytest.param("fresh", [12, 11, 9, 8, 6], id="new, or with few followers"),
        pytest.param("fresh, without", [9, 6], id="new, not of these"),
    ],
)
def test_each_source_finds(engine: Engine, name: str, expected: list[int]) -> None:
    assert found(engine, QUERIES[name]) == expected


def test_both_engines_answer_alike(explored: dict[str, Engine]) -> None:
    answers = [{name: found(one, query) for name, query in QUERIES.items()} for one in explored.values()]
    assert answers[0] == answers[1]


def test_a_hit_is_all_that_a_candidate_needs(engine: Engine) -> None:
    with used(engine, WORLD):
        [hits] = search.run(("posts", explore_queries.by_authors(EVERYBODY, [BOB])))
    first = sources.merged({"circle": hits})[0]
    assert (first.author_id, first.topics, first.likes, first.comments) == (BOB, ("sea",), 5, 0)
    assert first.author_followers == 32
    assert {clock.parse(hit.source["authorSince"]) for hit in hits} == {NOW - timedelta(days=900)}


def test_a_source_gives_no_more_than_its_share(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_queries, "FRESH", 2)
    assert found(engine, explore_queries.fresh(EVERYBODY)) == [12, 11]
