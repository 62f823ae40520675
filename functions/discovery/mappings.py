"""The indexes: one per kind, strict, versioned by name behind an alias, so that a new mapping is a new index.

Text is folded (case and accents) by the analyser; hashtags and usernames arrive normalised.
"""

from typing import Any, Literal

Kind = Literal["users", "posts", "hashtags", "places"]
VERSION = 2

_SETTINGS: dict[str, Any] = {
    "analysis": {
        "analyzer": {"folded": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}}
    }
}
_KEYWORD = {"type": "keyword"}
_TEXT = {"type": "text", "analyzer": "folded"}
_TYPED = {"type": "search_as_you_type", "analyzer": "folded"}
_COUNT = {"type": "integer"}
_FLAG = {"type": "boolean"}
_TIME = {"type": "date"}
_POINT = {"type": "geo_point"}
_KEPT = {"type": "keyword", "index": False, "doc_values": False}

_PROPERTIES: dict[Kind, dict[str, Any]] = {
    "users": {
        "userId": _KEYWORD,
        "username": _KEYWORD,
        "usernameWords": _TYPED,
        "fullName": _TYPED,
        "isVerified": _FLAG,
        "isPrivate": _FLAG,
        "followerCount": _COUNT,
    },
    "posts": {
        "postId": _KEYWORD,
        "authorId": _KEYWORD,
        "caption": _TEXT,
        "hashtags": _KEYWORD,
        "createdAt": _TIME,
        "mediaType": _KEYWORD,
        "likeCount": _COUNT,
        "commentCount": _COUNT,
        "audience": _KEYWORD,
        "authorSince": _TIME,
        "authorFollowers": _COUNT,
        "location": {"properties": {"name": _TEXT, "point": _POINT}},
        "gist": _KEYWORD,
        "fingerprint": _KEPT,
        "bands": _KEYWORD,
    },
    "hashtags": {"hashtag": _KEYWORD, "postCount": _COUNT},
    "places": {"place": _KEYWORD, "name": _TYPED, "point": _POINT, "postCount": _COUNT},
}
KINDS = tuple(_PROPERTIES)


def definition(kind: Kind) -> dict[str, Any]:
    """Settings and mappings of an index. An unknown field is refused, so index and code cannot drift apart."""
    return {"settings": _SETTINGS, "mappings": {"dynamic": "strict", "properties": _PROPERTIES[kind]}}
