"""Use cases of erasing an account whose owner has deleted it: begun, reported.

The erasure itself is done by all capabilities, in their rooms `personal.py`, one after the other: a state machine waits
until the grace is over, and asks for each section. See docs/operations/erasure.md.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from functions.accounts import jobs, store
from heliograph import clock, ids

REPORT_KEPT_FOR = timedelta(days=365)

Verdict = Literal["go", "cancelled"]


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
