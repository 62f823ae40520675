"""What media know of one person, for state machines: see `heliograph.personal`."""

from typing import Any

from functions.media import bands, objects, store
from functions.media.model import Media
from heliograph import personal
from heliograph.tables import Slice

EXPORTED = 100
ERASED = 10


def _media(user_id: str, after: Any) -> Slice[Media]:
    return store.owned_by(user_id, after, EXPORTED).looked_up(store.find_all)


def _erase_media(user_id: str, after: Any) -> Slice[str]:
    """Files first, then the item, so that a retry finds the rest. An item that a post or story shows goes as well."""
    page = store.owned_by(user_id, after, ERASED)
    found = store.find_all(page.items, consistent=True)
    for media_id in page.items:
        objects.erase_versions(media_id)
        if media_id in found:
            bands.forget_media(found[media_id])
        store.delete(media_id)
    return page


EXPORTS: dict[str, personal.Section] = {"media": _media}
ERASURES: dict[str, personal.Section] = {"media": _erase_media}

handler = personal.handler(EXPORTS, ERASURES)
