"""What posts and stories share: they are made of media, and are published when all of these are ready."""

from collections.abc import Callable, Sequence

from functions.media import service as media_service
from functions.media.service import Media, Purpose
from functions.posts.model import Status
from heliograph import transactions


def with_media(owner_id: str, media_ids: Sequence[str], purpose: Purpose, write: Callable[[list[Media]], None]) -> None:
    """Call `write` with the owner's media as they are now.

    `write` commits on the condition that the media still are so; where processing was faster, it is called again.
    Raises NotFound for media of somebody else, Invalid for unusable ones, Conflict for those already used, Contention.
    """

    def attempt() -> None:
        write(media_service.usable(owner_id, media_ids, purpose, "media"))

    transactions.while_unchanged(attempt)


def status_with(media: Sequence[Media]) -> Status:
    """The status of what is made of these media."""
    states = {medium.status for medium in media}
    if "rejected" in states:
        return "failed"
    return "published" if all(medium.is_settled for medium in media) else "processing"


def failure_reason(media: Sequence[Media]) -> str | None:
    """Why what is made of these media can never be published; None where it can."""
    return next((medium.reason for medium in media if medium.status == "rejected"), None)


def largest(medium: Media) -> str:
    """The key of the largest picture of a ready medium: the one to show where a single address is wanted."""
    return max(medium.renditions, key=lambda rendition: (rendition.width, rendition.content_type == "image/jpeg")).key


def filter_of(medium: Media) -> str | None:
    """The named filter chosen for a medium."""
    return (medium.edits or {}).get("filter")
