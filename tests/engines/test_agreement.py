"""Both engines find the same, in the same order."""

import pytest

from functions.discovery import mappings, queries, search
from functions.discovery.mappings import Kind
from functions.discovery.queries import Asked, Circle
from functions.discovery.search import Hit
from tests.engines import corpus
from tests.engines.conftest import CORPUS
from tests.engines.corpus import HASHTAGS, PEOPLE, PLACES, POSTS
from tests.engines.engines import Engine, used
from tests.unit.feed.samples import ANNA, NOON

# Every name, caption and tag there is, whole and as far as its first letters, and some things that people type.
TYPED: dict[Kind, list[str]] = {
    "users": [
        *(name for _, username, full_name, _ in PEOPLE for name in (username, full_name)),
        *("a", "gr", "tw", "twin1", "kelly grace", "gracee", "grcae", "zo", "o neil", "1815", "-", ".", "grace -kelly"),
        *("ada king", "adaking", "gracehopper", "grcae hoppre", "🌅", "มะลิ", "neil shaun", "josé_ñandú"),
    ],
    "posts": [
        *(caption for _, caption, _ in POSTS),
        *(place for _, _, place in POSTS if place),
        *("sunest", "fery", "the", "morning cafe", "picos de", "sunset sunset", "5pm", "カフェ", "カ", "夕", "밤"),
        *("привет москва", "#coffee #москва #東京", "sunset !", "x" * 100, "a " * 50, "dont", "sea, dog", "ferry boat"),
        *("📷", "🇪🇸", "👍", "закат москва", "cycle river story", "stories rivers", "البحر", "بحر", "golden gate"),
        *("goldengate", "#golden_gate", "author sunset", "ทะเล", "🌅🌅", "k l"),
    ],
    "hashtags": [
        *HASHTAGS,
        "s",
        "su",
        "sund",
        "snuset",
        "sumset",
        "coffe",
        "cafee",
        "été",
        "#",
        "моск",
        "東就",
        "golden",
        "golden gate",
        "🌊",
        "surf",
    ],
    "places": [
        *(name for name, *_ in PLACES),
        "york",
        "new",
        "newyork",
        "sao",
        "sap paulo",
        "cafe",
        "海道",
        "picso",
        "x",
    ],
}
Search = tuple[Kind, str]
SEARCHES: list[Search] = [(kind, text) for kind, texts in TYPED.items() for text in dict.fromkeys(texts)]


def found(engine: Engine, searches: list[Search], namespace: str = CORPUS) -> dict[Search, list[int | str]]:
    """The ids of each search, a post's as its number."""
    bodies: list[tuple[Kind, queries.Query]] = [
        (kind, queries.BY_KIND[kind](Asked(text, NOON)) | {"size": 50}) for kind, text in searches
    ]
    with used(engine, namespace):
        answers = search.run(*bodies)
    return {
        (kind, text): [int(hit.id[-12:]) if kind == "posts" else hit.id for hit in hits]
        for (kind, text), hits in zip(searches, answers, strict=True)
    }


def suggested(engine: Engine, texts: list[str]) -> dict[str, list[list[Hit]]]:
    """What completes each text, by kind."""
    with used(engine, CORPUS):
        return {text: search.run(*completions(text)) for text in texts}


def completions(text: str) -> list[tuple[Kind, queries.Query]]:
    asked = Asked(text, NOON)
    return [(kind, beginnings(asked) | {"size": 8}) for kind, beginnings in queries.BEGINNINGS.items()]


def test_both_engines_find_the_same_in_the_same_order(osmem: Engine, opensearch: Engine) -> None:
    assert found(osmem, SEARCHES) == found(opensearch, SEARCHES)


def test_both_engines_suggest_the_same(osmem: Engine, opensearch: Engine) -> None:
    texts = list(dict.fromkeys(text[:length] for _, text in SEARCHES for length in (1, 3)))
    assert suggested(osmem, texts) == suggested(opensearch, texts)


def test_the_order_does_not_depend_on_the_number_of_shards(opensearch: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given as many shards as AWS makes unless told otherwise
    monkeypatch.setitem(mappings._SETTINGS, "number_of_shards", 5)
    with used(opensearch, "sharded"):
        corpus.world().index()
    # Then what is found is what one shard finds
    assert found(opensearch, SEARCHES, "sharded") == found(opensearch, SEARCHES)


def test_followed_people_come_first_and_blocked_people_not_at_all(osmem: Engine, opensearch: Engine) -> None:
    asked = Asked("grace", NOON, Circle(followed=("jones", "kelly2"), blocked=("kelly", ANNA)))
    for engine in (osmem, opensearch):
        with used(engine, CORPUS):
            people, posts = search.run(("users", queries.users(asked)), ("posts", queries.posts(asked)))
        # The very username still comes first.
        assert [hit.id for hit in people] == ["grace", "jones"]
        assert posts == []


def test_a_circle_as_large_as_it_may_be_is_understood(osmem: Engine, opensearch: Engine) -> None:
    many = tuple(f"user-{number}" for number in range(1000))
    for engine in (osmem, opensearch):
        with used(engine, CORPUS):
            [people] = search.run(("users", queries.users(Asked("grace", NOON, Circle(many, many)))))
        assert [hit.id for hit in people] == ["grace", "kelly", "jones"]
