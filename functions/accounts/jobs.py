"""Tables exports and erasures: every model and every query of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from heliograph import tables
from heliograph.tables import TimeAttribute


class ExportItem(Model):
    """An account's latest export: running, ready or failed."""

    class Meta(tables.Meta):
        table_name = tables.name("exports")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    export_id = UnicodeAttribute(attr_name="exportId")
    status = UnicodeAttribute(default="running")
    byte_size = NumberAttribute(attr_name="byteSize", null=True)
    created_at = TimeAttribute(attr_name="createdAt")
    expires_at = NumberAttribute(attr_name="expiresAt")


class ErasureItem(Model):
    """The report of an erasure: running or finished. It does not say whose it was. `counts`: items by section."""

    class Meta(tables.Meta):
        table_name = tables.name("erasures")

    deletion_id = UnicodeAttribute(hash_key=True, attr_name="deletionId")
    status = UnicodeAttribute()
    asked_at = TimeAttribute(attr_name="askedAt")
    started_at = TimeAttribute(attr_name="startedAt")
    finished_at = TimeAttribute(attr_name="finishedAt", null=True)
    counts: Any = JSONAttribute(null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


def begin_export(item: ExportItem, *, given_up: datetime) -> bool:
    """Write a new export in place of the last; False while that one runs, unless it began before `given_up`."""
    return tables.put_if(
        item,
        ExportItem.user_id.does_not_exist() | (ExportItem.status != "running") | (ExportItem.created_at < given_up),
    )


def export(user_id: str) -> ExportItem | None:
    return tables.find(ExportItem, user_id, consistent=True)


def finish_export(user_id: str, export_id: str, *, byte_size: int) -> None:
    """Note that the file is there, if this export is still the account's."""
    _end(user_id, export_id, [ExportItem.status.set("ready"), ExportItem.byte_size.set(byte_size)])


def fail_export(user_id: str, export_id: str) -> None:
    """Note that there will be no file, if this export is still the account's."""
    _end(user_id, export_id, [ExportItem.status.set("failed")])


def drop_export(user_id: str) -> bool:
    """False if there was none."""
    return tables.delete_if(ExportItem(user_id), ExportItem.user_id.exists())


def begin_erasure(deletion_id: str, *, asked_at: datetime, now: datetime, expires_at: int) -> None:
    """Begin the report of an erasure, or go on with it."""
    ErasureItem(deletion_id).update(
        [
            ErasureItem.status.set("running"),
            ErasureItem.asked_at.set(asked_at),
            ErasureItem.started_at.set(ErasureItem.started_at | now),
            ErasureItem.expires_at.set(expires_at),
        ]
    )


def finish_erasure(deletion_id: str, now: datetime, counts: Mapping[str, int]) -> None:
    ErasureItem(deletion_id).update(
        [ErasureItem.status.set("finished"), ErasureItem.finished_at.set(now), ErasureItem.counts.set(dict(counts))]
    )


def erasure(deletion_id: str) -> ErasureItem | None:
    return tables.find(ErasureItem, deletion_id, consistent=True)


def _end(user_id: str, export_id: str, actions: list[Action]) -> None:
    tables.update_if(
        ExportItem(user_id), actions, (ExportItem.export_id == export_id) & (ExportItem.status == "running")
    )
