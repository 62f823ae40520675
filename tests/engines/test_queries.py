"""What people type finds what was indexed: every query of the product, on each engine."""

from collections.abc import Iterator

import pytest

from functions.discovery import circles, queries, search, service
from functions.discovery.api import handler
from functions.discovery.mappings import Kind
from functions.discovery.queries import Asked
from functions.discovery.service import HashtagCount, Place
from functions.posts import service as posts
from heliograph import aws, clock, tokens
from heliograph.tokens import Caller
from tests.engines.corpus import FERRIES, TWINS
from tests.engines.test_agreement import completions
from tests.unit.conftest import Context
from tests.unit.feed.samples import BEN, NOON, hydrated, post_id
from tests.unit.requests import answer, request

pytestmark = pytest.mark.usefixtures("filled")


SUNNY = ["sunday", "sunrise", "strasse", "sunset", "🌊surf", "sun"]


def found(kind: Kind, text: str) -> list[str]:
    return service.found_ids(kind, text, None, 50).items


def found_posts(text: str) -> list[int]:
    return [int(found_id[-12:]) for found_id in found("posts", text)]


# --- Users ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("grace", ["grace", "kelly", "jones"], id="the very username, then the popular"),
        pytest.param("@grace", ["grace", "kelly", "jones"], id="with the sign of a mention"),
        pytest.param("  GRACE ", ["grace", "kelly", "jones"], id="in any case"),
        pytest.param("kelly", ["kelly2", "slater", "kelly"], id="the very username before a famous name"),
        pytest.param("ada.lovelace_1815", ["ada"], id="a whole username"),
        pytest.param("lovelace", ["ada"], id="a part of a username"),
        pytest.param("lovel", ["kelly", "ada"], id="a beginning"),
        pytest.param("grace hop", ["grace"], id="a name and a beginning"),
        pytest.param("hopper grace", ["grace"], id="in any order"),
        pytest.param("hoper", ["grace"], id="a letter missing"),
        pytest.param("lovelaec", ["ada"], id="letters swapped"),
        pytest.param("rgace", [], id="the first letter must be right"),
        pytest.param("jose nandu", ["jones"], id="without accents"),
        pytest.param("JOSÉ Ñ", ["jones"], id="with accents"),
        pytest.param("angstrom", ["zoe"], id="ring and umlaut"),
        pytest.param("zoe\u0308", ["zoe"], id="decomposed"),
        pytest.param("zolc", ["lukasz"], id="stroke and ogonek"),
        pytest.param("strauss", ["strauss"], id="sharp s"),
        pytest.param("istanbul", ["istanbul"], id="dotted capital i"),
        pytest.param("full width", ["wide"], id="full-width letters"),
        pytest.param("o'neil", ["oneil"], id="an apostrophe"),
        pytest.param("o'", ["oneil", "olga"], id="as far as the apostrophe: a whole word first"),
        pytest.param("smith", ["oneil"], id="behind a hyphen"),
        pytest.param('"grace!"', ["grace", "kelly", "jones"], id="signs around"),
        pytest.param("анна к", ["anna"], id="Cyrillic"),
        pytest.param("όλγα", ["olga"], id="Greek"),
        pytest.param("محمد", ["mo"], id="Arabic"),
        pytest.param("山田", ["yamada"], id="a family name without a space"),
        pytest.param("太郎", ["yamada", "tanaka"], id="a given name"),
        pytest.param("김철", ["kim"], id="the beginning of a Korean name"),
        pytest.param("мария анна", [], id="not all the words"),
        pytest.param("gracehopper", ["grace"], id="a name in one word"),
        pytest.param("grace jones", ["jones"], id="a username in two"),
        pytest.param("grcae", ["grace", "kelly"], id="letters swapped in the middle"),
        pytest.param("🌅", ["sunny"], id="an emoji"),
        pytest.param("ใจดี", ["thai"], id="Thai"),
        pytest.param("nobody", [], id="nobody"),
        pytest.param("@", [], id="nothing but a sign"),
        pytest.param("grace OR ada", [], id="no query language"),
        pytest.param("*", [], id="no wildcards"),
    ],
)
def test_users(text: str, expected: list[str]) -> None:
    assert found("users", text) == expected


# --- Posts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("sunset", [2, 1, 4, 3, 15], id="tagged, then said, then similar; new ones first"),
        pytest.param("#SunSet", [2, 1, 4, 3, 15], id="as a hashtag"),
        pytest.param("sunsets", [15, 4, 3, 2, 1], id="said before similar"),
        pytest.param("sunest", [15, 4, 3, 2, 1], id="a typing error"),
        pytest.param("peaks sunset", [1, 2], id="all the words before a hashtag alone"),
        pytest.param("#sunset #dogs", [2, 1], id="both hashtags before one"),
        pytest.param("dog europa", [2], id="one word in the caption, one in the place"),
        pytest.param("sao paulo", [5], id="a place without accents"),
        pytest.param("cafe", [20, 6, 5], id="without accents, composed or not"),
        pytest.param("(CAFÉ)", [20, 6, 5], id="with accents, signs around"),
        pytest.param("naive facade", [13], id="diaeresis and cedilla"),
        pytest.param("don't", [13], id="an apostrophe"),
        pytest.param("strasse", [14], id="sharp s"),
        pytest.param("#straße", [14], id="a hashtag with sharp s"),
        pytest.param("東京", [7], id="characters together, not the same ones elsewhere"),
        pytest.param("京東", [8], id="and the other way round"),
        pytest.param("#夕焼け", [7], id="a hashtag in kanji and kana"),
        pytest.param("\uff03夕焼け\uff01", [7], id="full-width signs"),
        pytest.param("夕", [7], id="one character"),
        pytest.param("タワー", [7], id="katakana"),
        pytest.param("北海道", [8], id="a place in kanji"),
        pytest.param("서울", [9], id="Hangul"),
        pytest.param("2026-11-22", [18], id="a date"),
        pytest.param("🌅", [11, 10], id="an emoji"),
        pytest.param("🌅 morning", [10], id="an emoji and a word"),
        pytest.param("👨\u200d👩\u200d👧", [17], id="an emoji made of several"),
        pytest.param("👍", [21], id="an emoji in any skin"),
        pytest.param("🇪🇸", [21], id="a flag"),
        pytest.param("ทะเล", [19], id="Thai"),
        pytest.param("москва", [12, 22], id="Russian, as it is and in another case"),
        pytest.param("بحر", [24], id="Arabic without its article"),
        pytest.param("cycle river", [23], id="other endings"),
        pytest.param("golden gate", [26, 25], id="tagged so; as two words"),
        pytest.param("author ferry", FERRIES, id="with the author's name"),
        pytest.param("moon", [], id="nothing"),
        pytest.param("!", [], id="nothing but a sign"),
        pytest.param("a " * 50, [], id="many words"),
    ],
)
def test_posts(text: str, expected: list[int]) -> None:
    assert found_posts(text) == expected


# --- Hashtags ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "sun", ["sun", "sunday", "sunrise", "sunset"], id="the very tag, then the much used; ties by name"
        ),
        pytest.param("#SUN", ["sun", "sunday", "sunrise", "sunset"], id="with its sign, in any case"),
        pytest.param("sunsett", ["sunset"], id="a letter too many"),
        pytest.param("STRASSE", ["strasse"], id="capitals of sharp s"),
        pytest.param("straße", ["strasse"], id="sharp s"),
        pytest.param("cafe\u0301", ["café", "cafe"], id="decomposed; without its accent it is another, similar tag"),
        pytest.param("夕", ["夕方", "夕焼け"], id="kanji"),
        pytest.param("\uff03東", ["東京"], id="the full-width sign"),
        pytest.param("서", ["서울"], id="Hangul"),
        pytest.param("москва".upper()[:5], ["москва"], id="Cyrillic capitals"),
        pytest.param("golden gate", ["golden_gate"], id="in two words"),
        pytest.param("gate", ["golden_gate"], id="its second word"),
        pytest.param("🌊", ["🌊surf"], id="an emoji"),
        pytest.param("x", [], id="none"),
    ],
)
def test_hashtags(text: str, expected: list[str]) -> None:
    assert [item.hashtag for item in service.found_hashtags(text, None, 50).items] == expected


def test_hashtags_say_how_many_posts_they_have() -> None:
    assert service.found_hashtags("sunset", None, 1).items == [HashtagCount("sunset", 5)]


# --- Places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("york", ["York", "New York"], id="the same name, then one with the word"),
        pytest.param("new y", ["New York"], id="a beginning"),
        pytest.param("newyork", ["New York"], id="in one word"),
        pytest.param("sao", ["São Paulo", "Saõ Tomé"], id="without accents; the much posted first"),
        pytest.param("sao paolo", ["São Paulo"], id="misspelt"),
        pytest.param("cafe centrla", ["Café Central"], id="letters swapped"),
        pytest.param("海道", ["北海道"], id="kanji"),
        pytest.param("europa", ["Picos de Europa"], id="the last word"),
        pytest.param("paris", [], id="none"),
    ],
)
def test_places(text: str, expected: list[str]) -> None:
    assert found("places", text) == expected


def test_places_say_where_they_are_and_how_many_posts_they_have() -> None:
    [york, _] = service.found_places("york", None, 2).items
    assert york == Place("York", "York", 53.96, -1.08, 12)


# --- Suggestions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "users", "hashtags", "places"),
    [
        ("gra", ["grace", "kelly", "jones"], [], []),
        ("s", ["slater", "sunny", "oneil", "strauss"], SUNNY, ["São Paulo", "Saõ Tomé"]),
        ("hoper", [], [], []),
        ("山", ["yamada"], [], []),
        ("夕", [], ["夕方", "夕焼け"], []),
        ("new", [], [], ["New York", "New Orleans"]),
    ],
)
def test_suggestions_complete_what_is_typed_and_forgive_no_typing_error(
    text: str, users: list[str], hashtags: list[str], places: list[str]
) -> None:
    assert suggested(text) == [users, hashtags, places]


def test_a_sign_alone_suggests_the_most_used_hashtags() -> None:
    assert suggested("#")[1][:3] == ["東京", "sunday", "sunrise"]


def suggested(text: str) -> list[list[str]]:
    return [[hit.id for hit in hits] for hits in search.run(*completions(text))]


def test_hits_bring_only_what_is_asked_for() -> None:
    people, tags = search.run(
        ("users", queries.users(Asked("grace", NOON))), ("hashtags", queries.hashtags(Asked("sunset", NOON)))
    )
    assert [hit.source for hit in people] == [{}, {}, {}]
    assert [hit.source for hit in tags] == [{"postCount": 5}]


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4, 24, 25])
def test_equals_keep_their_order_from_page_to_page(size: int) -> None:
    # Given 25 posts that fit equally well, when they are read in pages
    ids: list[str] = []
    page = service.found_ids("posts", "ferry", None, size)
    while page.next is not None:
        ids += page.items
        page = service.found_ids("posts", "ferry", page.next, size)
    # Then each is seen once, the newest first
    assert [int(found_id[-12:]) for found_id in [*ids, *page.items]] == FERRIES


def test_equally_popular_people_keep_their_order_from_page_to_page() -> None:
    pages = [service.found_ids("users", "twin", None, 5)]
    for _ in range(2):
        pages.append(service.found_ids("users", "twin", pages[-1].next, 5))
    assert [user_id for page in pages for user_id in page.items] == TWINS
    assert [page.next and page.next[0] for page in pages] == [5, 10, None]


def test_pages_end_at_the_last_rank_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_RESULTS", 10)
    first = service.found_ids("posts", "ferry", None, 5)
    assert first.next[0] == 5
    assert service.found_ids("posts", "ferry", first.next, 5).next is None


def test_the_last_rank_that_is_served_is_one_the_engine_serves() -> None:
    last = [service.MAX_RESULTS - 50, clock.iso(NOON)]
    assert service.found_ids("posts", "ferry", last, 50).items == []


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search API for somebody who may see every post."""
    monkeypatch.setattr(tokens, "verify", lambda _token: Caller(BEN, "device", "ben"))
    monkeypatch.setattr(circles, "of", lambda _viewer_id: queries.NOBODY)
    monkeypatch.setattr(posts, "hydrate", lambda _viewer_id, ids: [hydrated(found_id) for found_id in ids])
    monkeypatch.setattr(aws, "secret", lambda name: name.encode())
    for name, value in {
        "MEDIA_DELIVERY": "cdn",
        "MEDIA_BASE_URL": "https://media.example",
        "MEDIA_SECRET": "x",
    }.items():
        monkeypatch.setenv(name, value)


def _pages(query: str, limit: int) -> Iterator[list[str]]:
    cursor: dict[str, str] = {}
    while True:
        asked = {"q": query, "type": "posts", "limit": str(limit), **cursor}
        event = request("GET", "/v1/search", headers={"Authorization": "Bearer good"}, query=asked)
        status, page = answer(handler(event, Context()))
        assert status == 200, page
        yield [item["postId"] for item in page["items"]]
        if page["nextCursor"] is None:
            return
        cursor = {"cursor": page["nextCursor"]}


@pytest.mark.usefixtures("api")
def test_cursors_lead_through_everything_that_was_found() -> None:
    # When a client follows the cursors
    pages = list(_pages("ferry", 10))
    # Then it sees full pages, and each post once
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [item for page in pages for item in page] == [post_id(number) for number in FERRIES]


# --- Failures ---------------------------------------------------------------------------------------------------------


def test_a_query_the_engine_refuses_is_our_mistake_and_no_outage() -> None:
    with pytest.raises(search.Misunderstood):
        search.run(("users", {"query": {"no_such_query": {}}}))


def test_nothing_is_found_where_nothing_was_indexed_yet(empty: object) -> None:
    for kind in queries.BY_KIND:
        assert found(kind, "grace") == []
