"""What people type, as OpenSearch queries. Pure.

A result's score says how well it fits (a constant per way of fitting) and, for users and hashtags, how popular it is;
equal scores are ordered by id. No score depends on how often a word occurs in the index (as BM25 does): such statistics
differ from shard to shard and from replica to replica, and pages would overlap.
"""

import unicodedata
from collections.abc import Callable
from typing import Any, Literal

from functions.discovery.documents import composed, words
from functions.discovery.mappings import Kind

Query = dict[str, Any]

# Further apart than popularity, ln(2 + count), can reach: a better fit always comes first.
VERY_NAME, BEGINNING, MISSPELT = 75, 50, 25
# Each more than those after it together.
TAGGED, SAID, MISSPELT_WORDS = 4, 2, 1

# A typing error is forgiven, but not in the first letter, which also keeps the search cheap.
_FUZZY = {"fuzziness": "AUTO", "prefix_length": 1}


def users(text: str) -> Query:
    """The very username, then the beginning of a name, then a misspelt one; popular people first among equals."""
    misspelt = {"query": _name(text), "operator": "and", "fields": ["usernameWords", "fullName"], **_FUZZY}
    return _users(*_typed_user(text), _fits({"multi_match": misspelt}, MISSPELT))


def users_beginning(text: str, count: int) -> Query:
    """Users to suggest while typing."""
    return _users(*_typed_user(text)) | {"size": count}


def posts(text: str) -> Query:
    """Posts with a hashtag among the words, or all the words in caption or place; new ones first among equals.

    A word that an index takes apart, as it does with `o'neil` or `東京`, must stand together in the text.
    """
    typed = [word for word in map(_bare, composed(text).split()) if word]
    fields = ["caption", "location.name"]
    said = [{"multi_match": {"query": word, "type": "phrase", "fields": fields}} for word in typed]
    misspelt = {"multi_match": {"query": " ".join(typed), "operator": "and", "fields": fields, **_FUZZY}}
    should = [
        _fits({"terms": {"hashtags": list(map(hashtag, typed))}}, TAGGED),
        _fits({"bool": {"must": said}} if said else {"match_none": {}}, SAID),
        _fits(misspelt, MISSPELT_WORDS),
    ]
    return _search({"bool": {"should": should}}, then={"postId": "desc"})


def hashtags(text: str) -> Query:
    """The very tag, then tags that begin so, then misspelt ones; much used ones first."""
    tag = hashtag(text)
    return _hashtags(*_typed_hashtag(tag), _fits({"fuzzy": {"hashtag": {"value": tag, **_FUZZY}}}, MISSPELT))


def hashtags_beginning(text: str, count: int) -> Query:
    """Hashtags to suggest while typing."""
    return _hashtags(*_typed_hashtag(hashtag(text))) | {"size": count}


BY_KIND: dict[Kind, Callable[[str], Query]] = {"users": users, "posts": posts, "hashtags": hashtags}


def hashtag(text: str) -> str:
    """The form in which hashtags are kept: without # (or the full-width one), case-folded, composed."""
    return composed(composed(text.strip().lstrip("#\uff03")).casefold())


def _handle(text: str) -> str:
    return text.strip().removeprefix("@")


def _name(text: str) -> str:
    """The typed words. Signs at the end go: the last word is only taken as a beginning if nothing follows it."""
    return _bare(words(composed(_handle(text))))


def _bare(text: str) -> str:
    """A text without the punctuation around it; `_` may belong to a hashtag."""
    signs = "".join({char for char in text if unicodedata.category(char)[0] in "PZ" and char != "_"})
    return text.strip(signs) if signs else text


def _typed_user(text: str) -> list[Query]:
    fields = [f"{name}{suffix}" for name in ("usernameWords", "fullName") for suffix in ("", "._2gram", "._3gram")]
    typed = {"query": _name(text), "type": "bool_prefix", "operator": "and", "fields": fields}
    return [
        _fits({"term": {"username": _handle(text).casefold()}}, VERY_NAME),
        _fits({"multi_match": typed}, BEGINNING),
    ]


def _typed_hashtag(tag: str) -> list[Query]:
    return [_fits({"term": {"hashtag": tag}}, VERY_NAME), _fits({"prefix": {"hashtag": tag}}, BEGINNING)]


def _users(*fits: Query) -> Query:
    return _search(_popular(fits, "followerCount"), then={"userId": "asc"})


def _hashtags(*fits: Query) -> Query:
    return _search(_popular(fits, "postCount"), then={"hashtag": "asc"}, source=["postCount"])


def _fits(query: Query, score: int) -> Query:
    return {"constant_score": {"filter": query, "boost": score}}


def _popular(fits: tuple[Query, ...], count: str) -> Query:
    """The best fit and the popularity, added up."""
    popularity = {"field": count, "modifier": "ln2p", "missing": 0}
    best = {"dis_max": {"queries": list(fits)}}
    return {"function_score": {"query": best, "field_value_factor": popularity, "boost_mode": "sum"}}


def _search(query: Query, *, then: Query, source: list[str] | Literal[False] = False) -> Query:
    return {"query": query, "sort": [{"_score": "desc"}, then], "_source": source}
