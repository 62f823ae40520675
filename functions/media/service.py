"""The use cases of media: ask for an upload, look at it, attach it to a post or a story, forget it.

Turning pixels into renditions is in `processing.py`: nothing that imports this module loads an imaging library.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pynamodb.transactions import TransactWrite

from functions.media import bands, objects, store
from functions.media import edits as editing
from functions.media.bands import cut, variants
from functions.media.edits import Edits
from functions.media.filters import FILTERS
from functions.media.framing import Aspect, Crop, Focus
from functions.media.grading import cube, fingerprint
from functions.media.model import Media, Purpose, Reason, Rendition, Status
from functions.media.objects import original
from functions.media.presentation import MediaView, OwnMediaView, RenditionView, present, present_to_owner
from functions.media.store import MediaItem
from heliograph.errors import Conflict, Invalid, NotFound
from heliograph.events import DomainEvent, MediaEdited, MediaForgotten, MediaReady, MediaRejected
from heliograph.observability import logger
from heliograph.outbox import Change

__all__ = [
    "FILTERS",
    "Aspect",
    "Crop",
    "Edits",
    "Focus",
    "Media",
    "MediaItem",
    "MediaView",
    "OwnMediaView",
    "Purpose",
    "Reason",
    "Rendition",
    "RenditionView",
    "Status",
    "announced",
    "attach",
    "block",
    "cube",
    "cut",
    "describe",
    "edit",
    "edited",
    "erase",
    "fingerprint",
    "get",
    "original",
    "owned",
    "usable",
    "variants",
    "view",
    "views",
]


def get(user_id: str, media_id: str) -> Media:
    """An item of this account. Raises NotFound."""
    media = store.find(media_id)
    if media is None or media.user_id != user_id:
        raise NotFound
    return media


def owned(user_id: str, media_ids: Iterable[str]) -> list[Media]:
    """Items of this account as last written, in the order asked for. Raises NotFound if any is not this account's."""
    wanted = list(media_ids)
    found = store.find_all(wanted, consistent=True)
    if any(media_id not in found or found[media_id].user_id != user_id for media_id in wanted):
        raise NotFound("No such media")
    return [found[media_id] for media_id in wanted]


def usable(user_id: str, media_ids: Iterable[str], purpose: Purpose, field: str) -> list[Media]:
    """Items of this account as last written, fit to be attached (though they may be in processing still).

    `field`: what the client calls them. Raises NotFound (not this account's), Invalid (another purpose, rejected),
    Conflict (used already).
    """
    media = owned(user_id, media_ids)
    for medium in media:
        if medium.purpose != purpose:
            raise Invalid.field(field, f"{medium.media_id} was uploaded for another purpose: {medium.purpose}")
        if medium.attached_to is not None:
            raise Conflict(f"{medium.media_id} is in use already")
        if medium.status == "rejected":
            raise Invalid.field(field, f"{medium.media_id} was rejected: {medium.reason}")
    return media


def view(media: Media) -> OwnMediaView:
    """What the owner sees."""
    return present_to_owner(media)


def views(media_ids: Iterable[str]) -> dict[str, MediaView]:
    """Views by id, in one batched read; unknown ids are left out."""
    return {media_id: present(media) for media_id, media in store.find_all(media_ids).items()}


def looks(media_ids: Iterable[str]) -> dict[str, str]:
    """The perceptual hashes (PDQ, in hexadecimal) of photos as uploaded and of videos' posters, in one batched read.

    What is too plain for one is left out.
    """
    found = store.find_all(media_ids)
    return {
        media_id: media.appraisal.fingerprint
        for media_id, media in found.items()
        if media.appraisal and media.appraisal.fingerprint
    }


def attach(
    transaction: TransactWrite,
    media: Iterable[Media],
    attached_to: str,
    alt_texts: Mapping[str, str] | None = None,
    edits: Mapping[str, Edits] | None = None,
) -> None:
    """Add to the transaction one write per item: it belongs to `attached_to` from now on.

    `attached_to`: `post#<id>`, `story#<id>` or `profile#<id>`.
    The transaction's condition fails if an item belongs to something already, or its status or its renditions are no
    longer those in `media`, so a decision made on them is never made on old ones. `alt_texts`, `edits`: by media id.
    """
    for item in media:
        alt_text = (alt_texts or {}).get(item.media_id)
        store.attach(transaction, item, attached_to, alt_text, edited(item, (edits or {}).get(item.media_id)))


def describe(user_id: str, media_id: str, alt_text: str | None) -> None:
    """Set the alternative text of an own item; None clears it. Raises NotFound."""
    if not store.describe(media_id, user_id, alt_text):
        raise NotFound("No such media")


def edit(user_id: str, media_id: str, edits: Edits) -> None:
    """Have an own photo shown with these edits, in the place of all former ones, as soon as it is rendered.

    Raises NotFound, Invalid (not a photo), Conflict (rejected, or in use as a profile picture).
    """
    media = get(user_id, media_id)
    if edited(media, edits) == media:
        return
    if not store.edit(media_id, user_id, editing.stored(edits)):
        raise Conflict("A rejected photo, or one that is a profile picture, cannot be edited")


def edited(media: Media, edits: Edits | None) -> Media:
    """The item as these edits leave it; None leaves it as it is. Raises Invalid (not a photo). Pure."""
    if edits is None or editing.stored(edits) == media.edits:
        return media
    if media.media_type != "image":
        raise Invalid.field("edits", f"{media.media_id} is no photo: only photos can be edited")
    return replace(media, edits=editing.stored(edits), edit_revision=media.edit_revision + 1)


def erase(media_ids: Iterable[str], attached_to: str) -> None:
    """Forget what belonged to something that is gone: files first, then the item, so that a retry finds the rest."""
    for media_id, media in store.find_all(media_ids, consistent=True).items():
        if media.attached_to != attached_to:
            logger.warning("media belongs to something else", extra={"mediaId": media_id, "attachedTo": attached_to})
            continue
        objects.erase(media_id)
        bands.forget_media(media)
        store.delete(media_id)


def forget(media_id: str, user_id: str, fingerprint: str | None) -> None:
    """Delete what is left of an item that is gone; of one that is there, nothing."""
    if store.find(media_id, consistent=True) is not None:
        return
    objects.erase(media_id)
    if fingerprint:
        bands.forget(fingerprint, media_id, user_id)


def block(media_id: str) -> None:
    """Let nobody upload this picture again, nor one like it. Repeatable. Raises NotFound.

    Too plain a picture has no fingerprint, and cannot be told from others.
    """
    media = store.find(media_id)
    if media is None:
        raise NotFound("No such media")
    if media.appraisal and media.appraisal.fingerprint:
        bands.block(media.appraisal.fingerprint)


def announced(change: Change[MediaItem]) -> Iterator[DomainEvent]:
    """The events that a change to the media table means.

    A verdict was given; edits wait to be rendered; they have been. So an item whose edits change is ready anew. Or an
    item that nobody used has expired.
    """
    if change.new is None:
        yield from _forgotten(change.old)
        return
    media, before = store.media_of(change.new), change.old and store.media_of(change.old)
    if before is not None and _stage(before) == _stage(media):
        return
    if media.is_settled:
        yield MediaReady(
            media_id=media.media_id,
            owner_id=media.user_id,
            attached_to=media.attached_to,
            version=media.version,
        )
    elif media.status == "ready":
        yield MediaEdited(media_id=media.media_id, revision=media.edit_revision)
    elif media.status == "rejected" and media.reason is not None:
        yield MediaRejected(
            media_id=media.media_id,
            owner_id=media.user_id,
            attached_to=media.attached_to,
            version=media.version,
            reason=media.reason,
        )


def _forgotten(item: MediaItem | None) -> Iterator[DomainEvent]:
    """What was attached is erased with what it was attached to."""
    media = item and store.media_of(item)
    if media and media.attached_to is None:
        fingerprint = media.appraisal.fingerprint if media.appraisal else None
        yield MediaForgotten(media_id=media.media_id, owner_id=media.user_id, fingerprint=fingerprint)


def _stage(media: Media) -> tuple[Status, int, bool]:
    """What has to change about an item for others to hear of it. Edits before the verdict come with it."""
    return media.status, media.edit_revision if media.status == "ready" else 0, media.is_settled
