"""Domain events: the contract between capabilities. Each has a name, a schema version and typed data.

On the bus: Source `heliograph`, DetailType = the class's name, Detail = {id, schema, version, occurredAt, data}.
Consumers read the truth again by id before they act, so an event is a hint that may come twice, late, or out of order.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from heliograph import clock
from heliograph.counters import Kind

SOURCE = "heliograph"
PostAudience = Literal["followers", "closeFriends"]


class UnknownEvent(ValueError):
    """The bus carried a name or a version that this code does not know."""


class DomainEvent(BaseModel):
    """Base of all events. A change that old consumers cannot read gets a new `schema_version`."""

    # Deferred: a function builds only the schemas of the events it meets, not all of them at every cold start.
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True)
    schema_version: ClassVar[int] = 1


class SignedUp(DomainEvent):
    user_id: str


class ResetAsked(DomainEvent):
    """Somebody asks for a code to set a new password. `identity`: the reservation of the login; nobody may hold it."""

    identity: str
    request_id: str
    asked_at: datetime


class UserChanged(DomainEvent):
    user_id: str


class UserDeleted(DomainEvent):
    """`version`: above every version the account ever had, so that a late index write loses against the deletion."""

    user_id: str
    version: int


class PrivacySwitched(DomainEvent):
    """An account has become private or public, or is to be deleted or no longer. `after`: a post of theirs.

    Their posts are looked through in pages; the posts up to this one have been.
    """

    user_id: str
    after: str | None = None


class PopularityMoved(DomainEvent):
    """A count by which search orders (followers; likes or comments) has reached another power of two, up or down.

    Often enough for what is ordered by magnitude, and for a million likes only 20 times.
    """

    kind: Literal["user", "post"]
    id: str


class ExportAsked(DomainEvent):
    export_id: str
    user_id: str


class DeletionAsked(DomainEvent):
    """The account is to be erased at `deletes_at`, if this deletion has not been cancelled by then."""

    deletion_id: str
    user_id: str
    deletes_at: datetime


class ProfilePictureReplaced(DomainEvent):
    """`media_id`: the former picture."""

    user_id: str
    media_id: str


class Followed(DomainEvent):
    follower_id: str
    followee_id: str


class Unfollowed(DomainEvent):
    follower_id: str
    followee_id: str


class Blocked(DomainEvent):
    blocker_id: str
    blocked_id: str


class MediaReady(DomainEvent):
    media_id: str
    owner_id: str
    attached_to: str | None = None
    version: int


class MediaRejected(DomainEvent):
    media_id: str
    owner_id: str
    attached_to: str | None = None
    version: int
    reason: str


class MediaForgotten(DomainEvent):
    """A media item that nothing was made of is gone; its files may still be there. `fingerprint`: of the picture."""

    media_id: str
    owner_id: str
    fingerprint: str | None = None


class MediaEdited(DomainEvent):
    """A ready photo is to be shown otherwise. `revision`: of its edits."""

    media_id: str
    revision: int


class PostPublished(DomainEvent):
    post_id: str
    author_id: str
    created_at: datetime
    hashtags: list[str]


class PostChanged(DomainEvent):
    """`hashtags` and `former_hashtags`: after and before the change, so that what was dropped can be forgotten."""

    post_id: str
    author_id: str
    hashtags: list[str]
    former_hashtags: list[str]


class PostDeleted(DomainEvent):
    """`version`: above every version the post ever had, so that a late index write loses against the delete."""

    post_id: str
    author_id: str
    media_ids: list[str]
    hashtags: list[str]
    version: int
    was_published: bool


class CommentAdded(DomainEvent):
    """`author_id`: of the comment."""

    comment_id: str
    post_id: str
    post_author_id: str
    author_id: str


class ReplyAdded(DomainEvent):
    """Said besides `CommentAdded`. `answered_user_id`: to whom somebody replies; `author_id`: of the reply."""

    comment_id: str
    parent_comment_id: str
    answered_user_id: str
    post_id: str
    author_id: str


class CommentLiked(DomainEvent):
    """`author_id`: of the comment."""

    comment_id: str
    post_id: str
    author_id: str
    user_id: str


class CommentUnliked(DomainEvent):
    """A like of a comment is gone: taken back, or gone with the comment."""

    comment_id: str
    post_id: str
    author_id: str
    user_id: str


class Mentioned(DomainEvent):
    """Somebody is named in a post that others can come across, or (`comment_id`) in a comment on one."""

    user_id: str
    author_id: str
    post_id: str
    comment_id: str | None = None


class CommentDeleted(DomainEvent):
    comment_id: str
    post_id: str


class PostLiked(DomainEvent):
    post_id: str
    author_id: str
    user_id: str


class PostUnliked(DomainEvent):
    """A like is gone: taken back, or gone with its post."""

    post_id: str
    author_id: str
    user_id: str


class PostNotificationsSwitched(DomainEvent):
    """Somebody wants to be told of each new post of an account they follow, or no longer."""

    follower_id: str
    followee_id: str


class View(BaseModel):
    """A post that somebody has looked at, and for how long."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    post_id: str
    milliseconds: int


class PostsViewed(DomainEvent):
    """What somebody says they have looked at: whether they may see it is for consumers to find out."""

    user_id: str
    views: list[View]


class ProfilesVisited(DomainEvent):
    """Whose profiles somebody says they have looked at."""

    user_id: str
    profile_ids: list[str]
    visited_at: datetime


class StoryPublished(DomainEvent):
    story_id: str
    author_id: str
    expires_at: datetime


class StoryDeleted(DomainEvent):
    story_id: str
    author_id: str
    media_ids: list[str]


class CounterChanged(DomainEvent):
    """Counter (kind, id, name) moved; its new value is read, never carried."""

    kind: Kind
    id: str
    name: str


_BY_NAME: dict[str, type[DomainEvent]] = {event.__name__: event for event in DomainEvent.__subclasses__()}


def wrap(event: DomainEvent, *, event_id: str) -> dict[str, Any]:
    """The Detail document of an event. `event_id` is the same for every delivery of the same change."""
    return {
        "id": event_id,
        "schema": type(event).__name__,
        "version": event.schema_version,
        "occurredAt": clock.iso(clock.now()),
        "data": event.model_dump(by_alias=True, mode="json"),
    }


def unwrap(detail: dict[str, Any]) -> DomainEvent:
    """The event inside a Detail document. Raises UnknownEvent, or ValidationError for data of the wrong shape."""
    kind = _BY_NAME.get(detail.get("schema", ""))
    if kind is None or detail.get("version") != kind.schema_version:
        raise UnknownEvent(f"{detail.get('schema')} version {detail.get('version')}")
    return kind.model_validate(detail["data"])
