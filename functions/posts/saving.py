"""Use cases of saving: an account keeps posts for itself. Nobody else is told, so there is neither count nor event."""

from functools import partial

from functions.posts import saves, service
from heliograph import limits
from heliograph.errors import NotFound
from heliograph.limits import Limit
from heliograph.reading import Skeleton

# Far above what somebody who looks at each post can save.
SAVE = Limit("save", burst=120, per_second=600 / 3600, batch=5)


def save(user_id: str, post_id: str) -> None:
    """Keep a post, or still keep it. Raises NotFound, Conflict (own, but archived or not published), Exhausted."""
    limits.spend(SAVE, user_id)
    service.see_open(user_id, post_id)
    saves.put(user_id, post_id)
    if service.is_gone(post_id):
        saves.delete(user_id, post_id)
        raise NotFound


def unsave(user_id: str, post_id: str) -> None:
    """Do not keep a post any more. Raises NotFound, Exhausted."""
    limits.spend(SAVE, user_id)
    service.see(user_id, post_id)
    saves.delete(user_id, post_id)


def saved_by(user_id: str) -> Skeleton[str]:
    """The ids of the posts that somebody keeps, the last saved first."""
    return partial(saves.saved_by, user_id)


def forget(post_id: str) -> None:
    """Delete what is kept of a post that is gone. Idempotent."""
    saves.forget(post_id)
