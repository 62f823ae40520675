"""The indexes: strict, and versioned; a new VERSION needs a new generation (docs/operations/search-index.md).

Text comes as the words that `words` has made of it, and is only taken apart at its spaces; hashtags and usernames
arrive normalised.
"""

from typing import Any, Literal

Kind = Literal["users", "posts", "hashtags", "places"]
Scale = Literal["small", "large"]
VERSION = 3

# Primary shards of an index (of posts: of each month), and copies of each shard beside it. Small: one node. Large: one
# copy in each of three zones; docs/operations/search-index.md does the sums.
_SHARDS: dict[Scale, dict[Kind, int]] = {
    "small": {"users": 1, "posts": 1, "hashtags": 1, "places": 1},
    "large": {"users": 6, "posts": 3, "hashtags": 3, "places": 3},
}
_REPLICAS: dict[Scale, int] = {"small": 0, "large": 2}

_SETTINGS: dict[str, Any] = {
    # Said, because an engine left to itself refreshes only what was searched lately.
    "refresh_interval": "1s",
    # For so long a delete is remembered, and a late write loses against it: far longer than anything writes.
    "gc_deletes": "1h",
    "analysis": {"analyzer": {"words": {"type": "custom", "tokenizer": "whitespace"}}},
}
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
        "gist": _KEYWORD,
        "fingerprint": _SHOWN,
        "bands": _KEYWORD,
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


# What a document is sorted by to read all of them: as unique as its id.
KEYS: dict[Kind, str] = {"users": "userId", "posts": "postId", "hashtags": "hashtag", "places": "place"}


def definition(kind: Kind, scale: Scale) -> dict[str, Any]:
    """Settings and mappings of an index. An unknown field is refused, so index and code cannot drift apart."""
    size = {"number_of_shards": _SHARDS[scale][kind], "number_of_replicas": _REPLICAS[scale]}
    return {
        "settings": {"index": {**size, **_SETTINGS}},
        "mappings": {"dynamic": "strict", "properties": _PROPERTIES[kind]},
    }
