"""Exports: one at a time, told as they go, packed into one file."""

import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.accounts import events, export_files, exports, jobs, packing
from functions.accounts.jobs import ExportItem
from functions.media import service as media
from heliograph import clock
from heliograph.errors import NotFound
from heliograph.events import ExportAsked
from heliograph.outbox import Change, change_of
from tests.unit.conftest import NOW
from tests.unit.samples import sample


def item(**changes: Any) -> ExportItem:
    given: dict[str, Any] = {
        "export_id": "e1", "created_at": NOW, "expires_at": clock.epoch(NOW + timedelta(days=7)), **changes,
    }  # fmt: skip
    return ExportItem("u1", **given)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setenv("EXPORT_SECTIONS", "15")
    monkeypatch.setattr(export_files, "sections_finished", lambda *_: 4)
    monkeypatch.setattr(export_files, "url", lambda user_id, export_id: f"https://{user_id}/{export_id}")


def stored(monkeypatch: pytest.MonkeyPatch, found: ExportItem | None) -> None:
    monkeypatch.setattr(jobs, "export", lambda _user: found)


def test_request_during_an_export_returns_the_running_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stored(monkeypatch, item())
    monkeypatch.setattr(jobs, "begin_export", lambda *_, **__: False)
    assert exports.ask("u1") == "e1"


def test_a_new_export_is_kept_for_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    begun: list[ExportItem] = []
    monkeypatch.setattr(jobs, "begin_export", lambda new, **_: begun.append(new) or True)
    # when
    export_id = exports.ask("u1")
    # then
    [new] = begun
    assert (new.export_id, new.user_id, new.created_at) == (export_id, "u1", NOW)
    assert new.expires_at == clock.epoch(NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("found", "status", "done", "url"),
    [
        (item(), "running", 4, None),
        (item(status="ready", byte_size=9), "ready", 15, "https://u1/e1"),
        (item(status="failed"), "failed", 4, None),
        (item(created_at=NOW - timedelta(hours=25)), "failed", 4, None),
    ],
    ids=["running", "ready", "failed", "stopped by hand"],
)
def test_export_view_shows_its_status(
    monkeypatch: pytest.MonkeyPatch, found: ExportItem, status: str, done: int, url: str | None
) -> None:
    stored(monkeypatch, found)
    export = exports.read("u1", "e1")
    assert (export.status, export.sections_done, export.sections_total, export.url) == (status, done, 15, url)
    assert export.expires_at == NOW + timedelta(days=7)


@pytest.mark.parametrize("found", [None, item(export_id="e2"), item(expires_at=clock.epoch(NOW))])
def test_another_or_an_expired_export_is_not_found(monkeypatch: pytest.MonkeyPatch, found: ExportItem | None) -> None:
    stored(monkeypatch, found)
    with pytest.raises(NotFound):
        exports.read("u1", "e1")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, item(), ["e1"]),
        (item(), item(status="ready"), []),
        (item(), item(export_id="e2"), ["e2"]),
        (item(), None, []),
    ],
)
def test_each_export_is_announced_once(old: ExportItem | None, new: ExportItem | None, said: list[str]) -> None:
    assert list(exports.announced(Change(old, new))) == [ExportAsked(export_id=id_, user_id="u1") for id_ in said]


def test_real_stream_records_are_understood() -> None:
    records = sample("dynamodb_exports")["Records"]
    said = [list(exports.announced(change_of(ExportItem, record))) for record in records]
    assert [len(events) for events in said] == [1, 0], "a new export is news, its end is not"


# --- Packing --------------------------------------------------------------------------------------------------------

PARTS: dict[str, list[list[dict[str, Any]]]] = {
    "profile": [[{"username": "ada"}]],
    "story_views": [[]],
    "likes": [[{"postId": "p1"}, {"postId": "p2"}], [{"postId": "p3"}]],
    "media": [[{"mediaId": "m1", "contentType": "image/png"}, {"mediaId": "m2", "contentType": "image/jpeg"}]],
}


class Files:
    """The bucket of exports: what was put there, and what was done, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive = b""
        self.done: list[str] = []
        monkeypatch.setattr(export_files, "parts", lambda _user, _export, section: iter(PARTS[section]))
        monkeypatch.setattr(export_files, "put", self._put)
        monkeypatch.setattr(export_files, "drop_parts", lambda *_: self.done.append("parts dropped"))
        monkeypatch.setattr(jobs, "finish_export", lambda *_, byte_size: self.done.append(f"ready: {byte_size}"))
        originals = {"m1": b"a picture"}
        monkeypatch.setattr(media, "original", lambda id_: io.BytesIO(originals[id_]) if id_ in originals else None)

    def _put(self, _user: str, _export: str, path: Path) -> None:
        self.archive = path.read_bytes()
        self.done.append("put")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    return Files(monkeypatch)


def test_parts_and_pictures_become_one_file(monkeypatch: pytest.MonkeyPatch, files: Files, context: Any) -> None:
    # given
    stored(monkeypatch, item())
    # when
    events.pack_export({"jobId": "e1", "userId": "u1", "sections": list(PARTS)}, context)
    # then each section is a list, and a picture that was never uploaded is left out
    archive = zipfile.ZipFile(io.BytesIO(files.archive))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "README.txt", "profile.json", "story-views.json", "likes.json", "media.json", "media/m1.png",
    ]  # fmt: skip
    assert json.loads(archive.read("likes.json")) == [{"postId": "p1"}, {"postId": "p2"}, {"postId": "p3"}]
    assert json.loads(archive.read("story-views.json")) == []
    assert archive.read("media/m1.png") == b"a picture"
    # and the parts are dropped only when they are not needed any more
    assert files.done == ["put", f"ready: {len(files.archive)}", "parts dropped"]


@pytest.mark.parametrize("found", [None, item(export_id="e2"), item(status="ready")])
def test_late_packing_only_deletes_its_parts(
    monkeypatch: pytest.MonkeyPatch, files: Files, found: ExportItem | None
) -> None:
    stored(monkeypatch, found)
    packing.pack("u1", "e1", list(PARTS))
    assert files.done == ["parts dropped"]


def test_failed_export_is_recorded(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    failed: list[Any] = []
    monkeypatch.setattr(jobs, "fail_export", lambda *given: failed.append(given))
    events.fail_export({"jobId": "e1", "userId": "u1"}, context)
    assert failed == [("u1", "e1")]
