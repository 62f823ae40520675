"""What people type, as OpenSearch queries. Pure.

A score is the way in which something fits (a constant) and, among what fits in the same way, what speaks for it. The
ways of fitting are further apart than all that can be added, so a better fit always comes first; equal scores are
ordered by id.

    users      fit + 40 followed + 3 a whole word + 2 verified + ln(2 + followers)
    hashtags   fit + 3 a whole word + ln(2 + posts)
    places     the same
    posts      fit + 2 tagged + 2 the words stand together
                   + 3 * 0.5^(age / 30 days) + 0.4 ln(2 + likes) + 0.1 ln(2 + comments)

So a post of today has as much as an old one with some 1,800 times the likes. No score depends on how often a word
occurs in the index (as BM25 does): such statistics differ from shard to shard and from replica to replica, and pages
would overlap. Scores are single floats, to which counts above a few tens of thousands that differ by one are equal.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from functions.discovery import words
from functions.discovery.mappings import Kind
from heliograph import clock

Query = dict[str, Any]

# Of counts, which are below 2^31, ln(2 + count) is at most 21.5.
VERY_NAME, SAME, BEGINNING, MISSPELT = 280, 210, 140, 70
FOLLOWED, WHOLE, VERIFIED = 40, 3, 2
# At most 2 + 2 + 3 + 0.4 * 21.5 + 0.1 * 21.5 are added. What differs by its endings only is nearly as good.
SAID, STEMMED, NAMED, MISSPELT_WORDS, TAG_ALONE = 103, 100, 75, 50, 25
TAGGED, TOGETHER = 2, 2
FRESHNESS, HALF_LIFE = 3, "30d"
LIKES, COMMENTS = 0.4, 0.1

# They choose how a character is drawn, not which it is.
_SELECTORS = re.compile("[\ufe00-\ufe0f]")
# A typing error is forgiven, but not in the first letter, which also keeps the search cheap.
_FUZZY = {"fuzziness": "AUTO", "prefix_length": 1}


@dataclass(frozen=True)
class Circle:
    """Whom somebody who searches follows, and with whom they stand in a block; ids."""

    followed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


# The circle of somebody who has none.
NOBODY = Circle()


@dataclass(frozen=True)
class Asked:
    """What was typed, by somebody with a circle, and when: the pages of one search have one time."""

    text: str
    at: datetime
    circle: Circle = NOBODY


def users(asked: Asked) -> Query:
    """The very username, then the beginnings of names, then misspelt ones; followed ones and popular ones first."""
    return _users(asked, [*_typed(handle(asked.text)), _misspelt(handle(asked.text))])


def users_beginning(asked: Asked) -> Query:
    """As `users`, while typing: what is not yet typed is no error."""
    return _users(asked, _typed(handle(asked.text)))


def hashtags(asked: Asked) -> Query:
    """The very tag, the same one written otherwise, then tags with words that begin so, then misspelt ones."""
    return _hashtags(asked, [_misspelt(tag(asked.text))])


def hashtags_beginning(asked: Asked) -> Query:
    return _hashtags(asked, [])


def places(asked: Asked) -> Query:
    """The same name, then names with words that begin so, then misspelt ones; much posted ones first."""
    return _places(asked, [_misspelt(asked.text)])


def places_beginning(asked: Asked) -> Query:
    return _places(asked, [])


def posts(asked: Asked) -> Query:
    """Posts with all the words in caption, hashtags and place; but for their endings; with the author's name; misspelt.

    At last those with one of the words as a hashtag.
    """
    typed = words.typed(asked.text)
    tags = {"terms": {"hashtags": sorted({hashtag(word) for word in asked.text.split()})}}
    together = {"match_phrase": {"words": " ".join(typed)}}
    fits = [
        _fits(_all("words", typed), SAID),
        _fits(_all("stems", list(map(words.stem, typed))), STEMMED),
        _fits(_somewhere(typed, ["words", "authorWords"]), NAMED),
        _fits(_all("words", typed, **_FUZZY), MISSPELT_WORDS),
        _fits(tags, TAG_ALONE),
    ]
    extras = [_fits(tags, TAGGED), *([_fits(together, TOGETHER)] if len(typed) > 1 else [])]
    freshness = {"createdAt": {"origin": clock.iso(asked.at), "scale": HALF_LIFE, "decay": 0.5}}
    functions = [
        {"exp": freshness, "weight": FRESHNESS},
        {**_count("likeCount"), "weight": LIKES},
        {**_count("commentCount"), "weight": COMMENTS},
    ]
    return _search(_best(fits, extras, functions, _without(asked, "authorId")), then={"postId": "desc"})


BY_KIND: dict[Kind, Callable[[Asked], Query]] = {
    "users": users,
    "posts": posts,
    "hashtags": hashtags,
    "places": places,
}
BEGINNINGS: dict[Kind, Callable[[Asked], Query]] = {
    "users": users_beginning,
    "hashtags": hashtags_beginning,
    "places": places_beginning,
}


def hashtag(text: str) -> str:
    """The form in which hashtags are kept: without # (or the full-width one), case-folded, composed."""
    plain = unicodedata.normalize("NFC", _SELECTORS.sub("", text).strip().lstrip("#\uff03"))
    return unicodedata.normalize("NFC", plain.casefold())


def handle(text: str) -> str:
    """A username as it is kept, or the beginning of one."""
    return text.strip().removeprefix("@").casefold()


def tag(text: str) -> str:
    """The hashtag that is meant by some words: people write spaces where it has none."""
    return hashtag("".join(text.split()))


def _users(asked: Asked, fits: list[Query]) -> Query:
    name = handle(asked.text)
    very = _fits({"term": {"username": name}}, VERY_NAME)
    extras = [
        _fits({"terms": {"userId": list(asked.circle.followed)}}, FOLLOWED),
        _whole(name),
        _fits({"term": {"isVerified": True}}, VERIFIED),
    ]
    query = _best([very, *fits], extras, [_count("followerCount")], _without(asked, "userId"))
    return _search(query, then={"userId": "asc"})


def _hashtags(asked: Asked, fits: list[Query]) -> Query:
    typed = tag(asked.text)
    if not typed:  # a sign alone: the most used ones
        fits = [_fits({"match_all": {}}, BEGINNING)]
    fits = [_fits({"term": {"hashtag": typed}}, VERY_NAME), _same(typed), *_typed(asked.text), *fits]
    query = _best(fits, [_whole(typed)], [_count("postCount")])
    return _search(query, then={"hashtag": "asc"}, source=["postCount"])


def _places(asked: Asked, fits: list[Query]) -> Query:
    fits = [_same(asked.text), *_typed(asked.text), *fits]
    query = _best(fits, [_whole(asked.text)], [_count("postCount")])
    return _search(query, then={"place": "asc"}, source=["name", "point", "postCount"])


def _typed(text: str) -> list[Query]:
    """The words of a name, the last one perhaps only begun; or the name as one word, begun."""
    return [_fits(_begun(typed), BEGINNING) for typed in (words.typed(text), [words.joined(text)])]


def _begun(typed: list[str]) -> Query:
    text = {"query": " ".join(typed), "type": "bool_prefix", "operator": "and", "fields": ["words"]}
    return {"multi_match": text} if any(typed) else {"match_none": {}}


def _same(text: str) -> Query:
    return _fits({"term": {"joined": words.joined(text)}}, SAME)


def _whole(text: str) -> Query:
    return _fits(_all("words", words.typed(text)), WHOLE)


def _misspelt(text: str) -> Query:
    return _fits(_all("words", words.typed(text), **_FUZZY), MISSPELT)


def _all(name: str, typed: list[str], **how: Any) -> Query:
    """All words in one field."""
    if not typed:
        return {"match_none": {}}
    return {"match": {name: {"query": " ".join(typed), "operator": "and", **how}}}


def _somewhere(typed: list[str], names: list[str]) -> Query:
    """Each word in one field or another."""
    if not typed:
        return {"match_none": {}}
    return {"bool": {"filter": [{"multi_match": {"query": word, "fields": names}} for word in typed]}}


def _fits(query: Query, score: float) -> Query:
    return {"constant_score": {"filter": query, "boost": score}}


def _count(name: str) -> Query:
    return {"field_value_factor": {"field": name, "modifier": "ln2p", "missing": 0}}


def _without(asked: Asked, name: str) -> list[Query]:
    return [{"terms": {name: list(asked.circle.blocked)}}]


def _best(fits: list[Query], extras: list[Query], functions: list[Query], without: list[Query] | None = None) -> Query:
    """The best fit, and all that speaks for it, added up."""
    best = {"bool": {"must": [{"dis_max": {"queries": fits}}], "should": extras, "must_not": without or []}}
    return {"function_score": {"query": best, "functions": functions, "score_mode": "sum", "boost_mode": "sum"}}


def _search(query: Query, *, then: Query, source: list[str] | Literal[False] = False) -> Query:
    return {"query": query, "sort": [{"_score": "desc"}, then], "_source": source}
