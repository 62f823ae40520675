"""Use cases of exporting one's data: ask for it, look how far it is, fetch the file.

All capabilities write their parts into the bucket of exports (`heliograph.personal`), one after the other, and in the
end `packing` makes one file of them. An account has one export: a new one takes the place of the last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from functions.accounts import export_files, jobs
from functions.accounts.jobs import ExportItem
from heliograph import clock, config, ids
from heliograph.errors import NotFound
from heliograph.events import ExportAsked
from heliograph.outbox import Change

Status = Literal["running", "ready", "failed"]

# As long as the bucket keeps the file.
KEPT_FOR = timedelta(days=7)
# As long as the state machine may run; one that has not ended by then was stopped by hand.
LONGEST = timedelta(days=1)


class ExportJobSettings(config.Settings):
    export_sections: int


@dataclass(frozen=True)
class Export:
    """So many sections of all are gathered. `url`: where the file is, good for an hour, once it is ready."""

    export_id: str
    status: Status
    sections_done: int
    sections_total: int
    created_at: datetime
    expires_at: datetime
    byte_size: int | None
    url: str | None


def ask(user_id: str) -> str:
    """Begin to gather all of an account's data; the id of the export, or of the one that is running already."""
    now = clock.now()
    item = ExportItem(user_id, export_id=ids.new_id(), created_at=now, expires_at=clock.epoch(now + KEPT_FOR))
    if jobs.begin_export(item, given_up=now - LONGEST):
        return item.export_id
    running = jobs.export(user_id)
    return running.export_id if running else ask(user_id)


def read(user_id: str, export_id: str) -> Export:
    """An account's own export. Raises NotFound, also when it has expired, or another has taken its place."""
    item = jobs.export(user_id)
    now = clock.now()
    if item is None or item.export_id != export_id or item.expires_at <= clock.epoch(now):
        raise NotFound
    status = cast("Status", item.status)
    if status == "running" and item.created_at < now - LONGEST:
        status = "failed"
    total = config.read(ExportJobSettings).export_sections
    done = total if status == "ready" else export_files.sections_finished(user_id, export_id)
    return Export(
        export_id=export_id,
        status=status,
        sections_done=done,
        sections_total=total,
        created_at=item.created_at,
        expires_at=datetime.fromtimestamp(item.expires_at, UTC),
        byte_size=None if item.byte_size is None else int(item.byte_size),
        url=export_files.url(user_id, export_id) if status == "ready" else None,
    )


def fail(user_id: str, export_id: str) -> None:
    jobs.fail_export(user_id, export_id)


def announced(change: Change[ExportItem]) -> Iterator[ExportAsked]:
    """The events that a change to the exports table means."""
    if change.new is not None and (change.old is None or change.old.export_id != change.new.export_id):
        yield ExportAsked(export_id=change.new.export_id, user_id=change.new.user_id)
