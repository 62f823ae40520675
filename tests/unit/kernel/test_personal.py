"""The contract of one person's data: tasks, pages, parts."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from heliograph import aws, personal
from heliograph.personal import UnknownSection
from heliograph.tables import Slice
from tests.unit.samples import sample


@dataclass(frozen=True)
class Place:
    full_name: str


@dataclass(frozen=True)
class Note:
    note_id: str
    written_at: datetime
    places: tuple[Place, ...] = ()
    edits: dict[str, Any] | None = None
    pinned: frozenset[str] = frozenset()


class Bucket:
    """S3, as far as parts are put there."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803  (boto3's names)
        self.objects[f"{Bucket}/{Key}"] = json.loads(Body)


class Context:
    """A Lambda context whose time runs out by `step` of its thousand milliseconds at every look."""

    function_name = "personal"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn"
    aws_request_id = "request-1"

    def __init__(self, step: int) -> None:
        self._left, self._step = 1000 + step, step

    def get_remaining_time_in_millis(self) -> int:
        self._left -= self._step
        return self._left


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    monkeypatch.setenv("EXPORTS_BUCKET", "exports")
    monkeypatch.setattr(aws, "client", lambda _service: bucket)
    return bucket


def numbers(user_id: str, after: Any) -> Slice[str]:
    """Five pages of two numbers."""
    first = after or 0
    return Slice([f"{user_id}{first}", f"{user_id}{first + 1}"], first + 2 if first < 8 else None)


def task(action: str, section: str, **more: Any) -> dict[str, Any]:
    return {
        "action": action, "section": section, "jobId": "job", "userId": "u", "position": None, "page": 0, "done": 0,
        **more,
    }  # fmt: skip


def test_a_task_goes_on_while_half_of_its_time_is_left() -> None:
    # given
    handler = personal.handler({}, {"numbers": numbers})
    # then with time enough it ends, and with little it says where the next begins
    assert handler(task("erase", "numbers"), Context(0)) == {"position": None, "page": 5, "done": 10}
    assert handler(task("erase", "numbers"), Context(200)) == {"position": 6, "page": 3, "done": 6}
    assert handler(task("erase", "numbers"), Context(900)) == {"position": 2, "page": 1, "done": 2}


def test_tasks_with_less_time_do_the_same_work_in_more_steps(bucket: Bucket) -> None:
    # given
    handler = personal.handler({"numbers": numbers}, {})
    handler(task("export", "numbers"), Context(0))
    at_once = dict(bucket.objects)
    bucket.objects.clear()
    # when each task does one page, and is delivered twice
    page: dict[str, Any] = {"position": None, "page": 0, "done": 0}
    while page["page"] == 0 or page["position"] is not None:
        answers = [handler(task("export", "numbers", **page), Context(900)) for _ in range(2)]
        assert answers[0] == answers[1]
        page = answers[0]
    # then
    assert bucket.objects == at_once
    assert sorted(at_once) == [f"exports/u/job/parts/numbers/{number:06}.json" for number in range(5)]
    assert [number for key in sorted(at_once) for number in at_once[key]] == [f"u{number}" for number in range(10)]


def test_part_uses_the_field_names_of_the_api(bucket: Bucket) -> None:
    # given
    note = Note("n1", datetime(2026, 11, 22, 14, tzinfo=UTC), (Place("Lisboã"),), {"filter": "dawn"}, frozenset("ba"))
    handler = personal.handler({"notes": lambda _user, _after: Slice([note], None)}, {})
    # when
    handler(task("export", "notes"), Context(0))
    # then
    [part] = bucket.objects.values()
    assert part == [
        {
            "noteId": "n1",
            "writtenAt": "2026-11-22T14:00:00.000Z",
            "places": [{"fullName": "Lisboã"}],
            "edits": {"filter": "dawn"},
            "pinned": ["a", "b"],
        }
    ]


def test_a_recorded_task_is_understood() -> None:
    asked: list[Any] = []
    handler = personal.handler({}, {"likes": lambda *given: asked.append(given) or Slice(["p1"], None)})
    recorded = sample("workflow_section")
    assert handler(recorded, Context(0)) == {"position": None, "page": 4, "done": 76}
    assert asked == [(recorded["userId"], recorded["position"])]


def test_a_section_without_items_leaves_a_part_too(bucket: Bucket) -> None:
    personal.handler({"none": lambda _user, _after: Slice([], None)}, {})(task("export", "none"), Context(0))
    assert bucket.objects == {f"exports/{personal.parts_prefix('u', 'job')}none/000000.json": []}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (task("export", "numbers"), UnknownSection),
        (task("erase", "letters"), UnknownSection),
        (task("print", "numbers"), ValidationError),
        ({"action": "erase", "section": "numbers"}, ValidationError),
        (task("erase", "numbers", why="not"), ValidationError),
    ],
)
def test_a_task_that_is_not_understood_is_refused(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        personal.handler({}, {"numbers": numbers})(given, Context(0))
