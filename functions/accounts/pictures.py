"""The profile picture: a ready photo of the account's own that belongs to nothing else."""

from pynamodb.transactions import TransactWrite

from functions.accounts import store
from functions.media import service as media_service
from functions.media.service import Media
from heliograph import transactions
from heliograph.errors import Conflict, NotFound

# Profiles are shown small; a pixel of the design is two or three of the screen.
WIDTH = 320


def choose(user_id: str, media_id: str | None) -> None:
    """Make a medium the account's picture; None takes the picture away. The former one is erased, by its event.

    Raises NotFound (no such account), Invalid (not a medium for this), Conflict (in use already, or not ready yet).
    """

    def attempt() -> None:
        user = store.user(user_id, consistent=True)
        if user is None:
            raise NotFound
        if user.profile_picture_media_id == media_id:
            return
        media = media_service.usable(user_id, [media_id], "profile", "profilePictureMediaId") if media_id else []
        if not all(medium.is_settled for medium in media):
            raise Conflict("The picture is not ready yet")

        def build(transaction: TransactWrite) -> None:
            media_service.attach(transaction, media, f"profile#{user_id}")
            key = shown(media[0]) if media else None
            store.set_picture(transaction, user, media_id, key)

        transactions.commit(build)

    transactions.while_unchanged(attempt)


def shown(medium: Media) -> str:
    """The key of the rendition that stands for a person: the smallest JPEG that is wide enough, else the widest."""
    pictures = [rendition for rendition in medium.renditions if rendition.content_type == "image/jpeg"]
    wide = [rendition for rendition in pictures if rendition.width >= WIDTH]
    best = min(wide, key=lambda item: item.width) if wide else max(pictures, key=lambda item: item.width)
    return best.key
