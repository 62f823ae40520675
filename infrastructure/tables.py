"""The tables: one per aggregate, with their keys, indexes, streams and expiry."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """A global secondary index: of whole items, or (`keys_only`) of their keys."""

    name: str
    partition: str
    sort: str
    keys_only: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One table per aggregate. All keys are strings; `ttl` is a number attribute, epoch seconds."""

    name: str
    partition: str
    sort: str | None = None
    indexes: tuple[Index, ...] = ()
    stream: bool = False
    ttl: str | None = None


TABLES = (
    TableSpec("users", "userId", stream=True),
    TableSpec("identities", "identity"),
    TableSpec("credentials", "userId", "credential", ttl="expiresAt"),
    TableSpec("follows", "edge", "userId", stream=True, ttl="expiresAt"),
    TableSpec(
        "blocks",
        "blockerId",
        "blockedId",
        indexes=(Index("byBlocked", "blockedId", "blockerId", keys_only=True),),
        stream=True,
    ),
    TableSpec(
        "media",
        "mediaId",
        indexes=(
            Index("byUser", "userId", "mediaId", keys_only=True),
            Index("byReview", "review", "mediaId", keys_only=True),
        ),
        stream=True,
        ttl="expiresAt",
    ),
    TableSpec("fingerprints", "band"),
    TableSpec("posts", "postId", indexes=(Index("byUser", "userId", "postId"),), stream=True),
    TableSpec("likes", "postId", "userId", indexes=(Index("byUser", "userId", "postId", keys_only=True),), stream=True),
    TableSpec(
        "comments",
        "commentId",
        indexes=(
            Index("byThread", "threadId", "commentId"),
            Index("byAuthor", "userId", "commentId", keys_only=True),
        ),
        stream=True,
    ),
    TableSpec(
        "saves",
        "userId",
        "postId",
        indexes=(
            Index("byTime", "userId", "saveId", keys_only=True),
            Index("byPost", "postId", "userId", keys_only=True),
        ),
    ),
    TableSpec(
        "comment-likes",
        "userId",
        "commentId",
        indexes=(Index("byComment", "commentId", "userId", keys_only=True),),
        stream=True,
    ),
    TableSpec("mentions", "userId", "contentId", ttl="expiresAt"),
    TableSpec(
        "counters", "entity", "shard", indexes=(Index("byPeriod", "period", "entity", keys_only=True),), stream=True
    ),
    TableSpec("stories", "storyId", indexes=(Index("byUser", "userId", "storyId"),), stream=True, ttl="expiresAt"),
    TableSpec("story-tray", "userId", ttl="expiresAt"),
    TableSpec(
        "story-views",
        "storyId",
        "userId",
        indexes=(Index("byUser", "userId", "storyId", keys_only=True),),
        ttl="expiresAt",
    ),
    TableSpec("feeds", "userId", "postId", ttl="expiresAt"),
    TableSpec("encounters", "userId", ttl="expiresAt"),
    TableSpec("feed-readers", "userId", ttl="expiresAt"),
    TableSpec("feed-authors", "userId", ttl="expiresAt"),
    TableSpec("hashtags", "tag", "postId"),
    TableSpec("usernames", "beginning", "username", indexes=(Index("byUser", "userId", "username", keys_only=True),)),
    TableSpec("tastes", "userId", ttl="expiresAt"),
    TableSpec("dismissals", "userId", "dismissedId", ttl="expiresAt"),
    TableSpec("explore-sessions", "userId", "sessionId", ttl="expiresAt"),
    TableSpec("label-activity", "slot", "use", ttl="expiresAt"),
    TableSpec("label-baselines", "shard", "use", ttl="expiresAt"),
    TableSpec("trends", "list", "shard", ttl="expiresAt"),
    TableSpec("exports", "userId", stream=True, ttl="expiresAt"),
    TableSpec("erasures", "deletionId", ttl="expiresAt"),
    TableSpec("idempotency", "id", ttl="expiration"),
    TableSpec("limits", "subject", ttl="expiresAt"),
)
