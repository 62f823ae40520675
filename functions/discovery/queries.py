"""What people type, as OpenSearch queries. Pure.

Results are ordered by relevance, then by id, so that equal scores keep their order from page to page.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from functions.discovery.documents import words
from functions.discovery.mappings import Kind

Query = dict[str, Any]

# A typing error is forgiven, but not in the first letter, which also keeps the search cheap.
_FUZZY = {"fuzziness": "AUTO", "prefix_length": 1}


def users(text: str) -> Query:
    """The very username, then the beginning of a name, then a misspelt one; popular people first among equals."""
    misspelt = {"query": words(_handle(text)), "operator": "and", "fields": ["usernameWords", "fullName"], **_FUZZY}
    should = [*_typed_user(text), {"multi_match": misspelt}]
    return _search({"bool": {"should": should}}, by="followerCount", then={"userId": "asc"}, source=[])


def users_beginning(text: str, count: int) -> Query:
    """Users to suggest while typing."""
    query = {"bool": {"should": _typed_user(text)}}
    return _search(query, by="followerCount", then={"userId": "asc"}, source=[]) | {"size": count}


def posts(text: str) -> Query:
    """Posts with all the words in caption or place, or with a hashtag among the words; new ones first among equals."""
    said = {"query": text, "operator": "and", "fields": ["caption", "location.name"], **_FUZZY}
    tags = [hashtag(word) for word in text.split()]
    should = [{"multi_match": said}, {"terms": {"hashtags": tags, "boost": 2}}]
    return _search({"bool": {"should": should}}, then={"postId": "desc"}, source=[])


def hashtags(text: str) -> Query:
    """The very tag, then tags that begin so, then misspelt ones; much used ones first."""
    tag = hashtag(text)
    return _hashtags(*_typed_hashtag(tag), {"fuzzy": {"hashtag": {"value": tag, **_FUZZY}}})


def hashtags_beginning(text: str, count: int) -> Query:
    """Hashtags to suggest while typing."""
    return _hashtags(*_typed_hashtag(hashtag(text))) | {"size": count}


BY_KIND: dict[Kind, Callable[[str], Query]] = {"users": users, "posts": posts, "hashtags": hashtags}


def hashtag(text: str) -> str:
    """The form in which hashtags are kept: without #, case-folded, composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip().lstrip("#")).casefold())


def _handle(text: str) -> str:
    return text.strip().removeprefix("@")


def _typed_user(text: str) -> list[Query]:
    fields = [f"{name}{suffix}" for name in ("usernameWords", "fullName") for suffix in ("", "._2gram", "._3gram")]
    typed = {"query": words(_handle(text)), "type": "bool_prefix", "operator": "and", "boost": 3, "fields": fields}
    return [{"term": {"username": {"value": _handle(text).casefold(), "boost": 10}}}, {"multi_match": typed}]


def _typed_hashtag(tag: str) -> list[Query]:
    return [
        {"term": {"hashtag": {"value": tag, "boost": 10}}},
        {"prefix": {"hashtag": {"value": tag, "boost": 3}}},
    ]


def _hashtags(*should: Query) -> Query:
    return _search({"bool": {"should": list(should)}}, by="postCount", then={"hashtag": "asc"}, source=["postCount"])


def _search(query: Query, *, then: Query, source: list[str], by: str | None = None) -> Query:
    if by:
        weight = {"field": by, "modifier": "ln2p", "missing": 0}
        query = {"function_score": {"query": query, "field_value_factor": weight}}
    return {"query": query, "sort": [{"_score": "desc"}, then], "_source": source}
