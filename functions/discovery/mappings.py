"""The indexes: one per kind, strict, versioned by name behind an alias, so that a new mapping is a new index.

Text comes as the words that `words` has made of it, and is only taken apart at its spaces; hashtags and usernames
arrive normalised.
"""

from typing import Any, Literal

Kind = Literal["users", "posts", "hashtags", "places"]
VERSION = 3

_SETTINGS: dict[str, Any] = {"analysis": {"analyzer": {"words": {"type": "custom", "tokenizer": "whitespace"}}}}
_KEYWORD = {"type": "keyword"}
_WORDS = {"type": "text", "analyzer": "words"}
_TYPED = {"type": "search_as_you_type", "analyzer": "words", "max_shingle_size": 2}
_SHOWN = {"type": "keyword", "index": False, "doc_values": False}
_COUNT = {"type": "integer"}
_FLAG = {"type": "boolean"}
_TIME = {"type": "date"}
_POINT = {"type": "geo_point"}

_PROPERTIES: dict[Kind, dict[str, Any]] = {
    "users": {
        "userId": _KEYWORD,
        "username": _KEYWORD,
        "words": _TYPED,
        "isVerified": _FLAG,
        "isPrivate": _FLAG,
        "followerCount": _COUNT,
    },
    "posts": {
        "postId": _KEYWORD,
        "authorId": _KEYWORD,
        "words": _WORDS,
        "stems": _WORDS,
        "authorWords": _WORDS,
        "hashtags": _KEYWORD,
        "createdAt": _TIME,
        "mediaType": _KEYWORD,
        "likeCount": _COUNT,
        "commentCount": _COUNT,
        "audience": _KEYWORD,
        "authorSince": _TIME,
        "authorFollowers": _COUNT,
        "location": {"properties": {"point": _POINT}},
    },
    "hashtags": {"hashtag": _KEYWORD, "joined": _KEYWORD, "words": _TYPED, "postCount": _COUNT},
    "places": {
        "place": _KEYWORD,
        "name": _SHOWN,
        "joined": _KEYWORD,
        "words": _TYPED,
        "point": _POINT,
        "postCount": _COUNT,
    },
}
KINDS = tuple(_PROPERTIES)


def definition(kind: Kind) -> dict[str, Any]:
    """Settings and mappings of an index. An unknown field is refused, so index and code cannot drift apart."""
    return {"settings": _SETTINGS, "mappings": {"dynamic": "strict", "properties": _PROPERTIES[kind]}}
