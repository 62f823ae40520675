"""One person's data: what each capability exports of it and erases of it, section by section, page by page.

State machines (`infrastructure/workflows.py`) go through the sections. Every capability answers for its own, in its
room `personal.py`; a task works until half of its time is gone and says where the next one begins:

    {action, section, jobId, userId, position, page, done} -> {position, page, done}

`position` is null at the start and at the end; `page` numbers the pages, `done` counts their items.

A task may come twice. A page exported again is the same object in the bucket, and erasing looks for what is left.

The bucket of exports: `<userId>/<exportId>/parts/<section>/<page>.json` until they are packed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from heliograph import aws, clock, config, workflows
from heliograph.tables import Slice

Action = Literal["export", "erase"]
# (user, position) -> a page: dataclasses to export, or whatever was erased; of that only the number is kept.
Section = Callable[[str, Any], Slice[Any]]


class ExportSettings(config.Settings):
    exports_bucket: str


class UnknownSection(ValueError):
    """A state machine asked for a section that this capability does not have."""


class Task(BaseModel):
    """What a state machine asks for: a section, from a position on."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid")

    action: Action
    section: str
    job_id: str
    user_id: str
    position: Any
    page: int
    done: int


def handler(exports: Mapping[str, Section], erasures: Mapping[str, Section]) -> workflows.Handler:
    """The Lambda handler of a capability's sections. Raises ValidationError, UnknownSection."""
    sections: dict[Action, Mapping[str, Section]] = {"export": exports, "erase": erasures}

    def on_task(event: dict[str, Any], context: Any) -> dict[str, Any]:
        task = Task.model_validate(event)
        section = sections[task.action].get(task.section)
        if section is None:
            raise UnknownSection(f"{task.action} {task.section}")
        # Not one page a task: the history of an execution ends at 25,000 events.
        enough = context.get_remaining_time_in_millis() / 2
        position, page, done = task.position, task.page, task.done
        while True:
            found = section(task.user_id, position)
            if task.action == "export":
                _put_part(task, page, found.items)
            position, page, done = found.next, page + 1, done + len(found.items)
            if position is None or context.get_remaining_time_in_millis() < enough:
                return {"position": position, "page": page, "done": done}

    return workflows.handler(on_task)


def parts_prefix(user_id: str, export_id: str) -> str:
    """Where the parts of an export are, each below the name of its section."""
    return f"{user_id}/{export_id}/parts/"


def _put_part(task: Task, page: int, items: list[Any]) -> None:
    aws.client("s3").put_object(
        Bucket=config.read(ExportSettings).exports_bucket,
        Key=f"{parts_prefix(task.user_id, task.job_id)}{task.section}/{page:06}.json",
        Body=json.dumps([_document(item) for item in items], ensure_ascii=False).encode(),
        ContentType="application/json",
    )


def _document(value: Any) -> Any:
    """A value as JSON: dataclasses as camelCase objects, times as in the API, sets as sorted lists."""
    if is_dataclass(value):
        return {to_camel(item.name): _document(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, list | tuple):
        return [_document(item) for item in cast("list[Any]", value)]
    if isinstance(value, frozenset):
        return sorted(cast("frozenset[str]", value))
    return value
