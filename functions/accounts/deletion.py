"""Use cases of deleting an account: asked for, taken back by signing in, begun, reported.

The erasure itself is done by all capabilities, in their rooms `personal.py`, one after the other: a state machine waits
until the grace is over, and asks for each section. See docs/operations/erasure.md.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from functions.accounts import jobs, sessions, store
from heliograph import clock, config, ids
from heliograph.errors import NotFound, Unauthenticated

REPORT_KEPT_FOR = timedelta(days=365)

Verdict = Literal["go", "cancelled"]


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


def begin(deletion_id: str, user_id: str) -> Verdict:
    """Whether to erase the account; after a "go" it cannot be taken back. One that is gone has been begun before."""
    if not store.begin_erasure(user_id, deletion_id) and store.user(user_id, consistent=True) is not None:
        return "cancelled"
    now = clock.now()
    jobs.begin_erasure(
        deletion_id, asked_at=ids.created_at(deletion_id), now=now, expires_at=clock.epoch(now + REPORT_KEPT_FOR)
    )
    return "go"


def report(deletion_id: str, counts: Mapping[str, int]) -> None:
    """Note that the erasure is complete, and how many items each section has erased."""
    jobs.finish_erasure(deletion_id, clock.now(), counts)
