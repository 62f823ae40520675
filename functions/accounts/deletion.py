"""Use cases of deleting one's account: asked for, and taken back by signing in. What follows is in `erasure.py`."""

from datetime import datetime, timedelta

from functions.accounts import sessions, store
from heliograph import clock, config, ids
from heliograph.errors import NotFound, Unauthenticated


class DeletionSettings(config.Settings):
    deletion_grace_seconds: int


def ask(user_id: str) -> datetime:
    """Hide the account, end its sessions, and have it erased after the grace; when that is. Raises NotFound."""
    grace = timedelta(seconds=config.read(DeletionSettings).deletion_grace_seconds)
    store.ask_deletion(user_id, ids.new_id(), clock.now() + grace)
    user = store.user(user_id, consistent=True)
    if user is None or user.deletes_at is None:
        raise NotFound
    sessions.end_all(user_id)
    return user.deletes_at


def cancel(user_id: str) -> None:
    """Keep the account after all. Raises Unauthenticated once its erasure has begun."""
    if not store.cancel_deletion(user_id):
        raise Unauthenticated("This account is being deleted")
