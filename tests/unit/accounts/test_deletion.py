"""Deleting an account: asked for, taken back, begun."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.accounts import deletion, erasure, events, identity, jobs, service, sessions, store
from functions.accounts.store import UserItem
from heliograph import ids, workflows
from heliograph.errors import NotFound, Unauthenticated
from heliograph.events import AuthorChanged, DeletionAsked, ExportAsked, SignedUp, UserChanged
from heliograph.outbox import Change
from tests.unit.conftest import NOW

LATER = NOW + timedelta(days=30)


def user(**changes: Any) -> UserItem:
    given: dict[str, Any] = {
        "username": "ada", "email": b"sealed", "password_hash": "hash", "created_at": NOW, "last_active": NOW,
        "is_confirmed": True,
    }  # fmt: skip
    return UserItem("u1", **given | changes)


@pytest.fixture(autouse=True)
def _grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELETION_GRACE_SECONDS", str(30 * 24 * 3600))


def test_deletion_ends_all_sessions_and_returns_its_date(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    # given
    ended: list[str] = []
    asked: dict[str, datetime] = {}
    monkeypatch.setattr(store, "ask_deletion", lambda _user, deletion_id, at: asked.setdefault(deletion_id, at))
    monkeypatch.setattr(store, "user", lambda _id, **_: user(deletion_id="d1", deletes_at=LATER))
    monkeypatch.setattr(sessions, "end_all", ended.append)
    # then
    assert deletion.ask("u1") == LATER
    assert list(asked.values()) == [LATER]
    assert ended == ["u1"]


def test_an_account_that_is_not_there_cannot_be_deleted(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(store, "ask_deletion", lambda *_: False)
    monkeypatch.setattr(store, "user", lambda _id, **_: None)
    with pytest.raises(NotFound):
        deletion.ask("u1")


@pytest.mark.parametrize("in_time", [True, False])
def test_sign_in_cancels_a_deletion_within_the_grace_period(
    monkeypatch: pytest.MonkeyPatch, now: datetime, in_time: bool
) -> None:
    # given somebody with the right password, whose account is being deleted
    monkeypatch.setattr(store, "owner_of", lambda _identity: "u1")
    monkeypatch.setattr(store, "user", lambda _id, **_: user(deletion_id="d1", deletes_at=LATER))
    monkeypatch.setattr("functions.accounts.passwords.matches", lambda *_: True)
    monkeypatch.setattr("functions.accounts.passwords.outdated", lambda _: False)
    monkeypatch.setattr(store, "change_user", lambda *_: True)
    monkeypatch.setattr(sessions, "start", lambda user_id, username, device: f"session of {user_id} on {device}")
    monkeypatch.setattr(store, "cancel_deletion", lambda _id: in_time)
    # then
    if in_time:
        assert identity.sign_in("ada", "password", "a phone") == "session of u1 on a phone"
    else:
        with pytest.raises(Unauthenticated, match="being deleted"):
            identity.sign_in("ada", "password", "a phone")


@pytest.mark.parametrize(
    ("begun", "found", "verdict"),
    [
        (True, user(deletion_id="d1"), "go"),
        (False, user(), "cancelled"),
        (False, user(deletion_id="another"), "cancelled"),
        (False, None, "go"),
    ],
    ids=["in time", "taken back", "asked for anew", "gone already"],
)
def test_deletion_verdict_depends_on_state_and_time(
    monkeypatch: pytest.MonkeyPatch, now: datetime, begun: bool, found: UserItem | None, verdict: str
) -> None:
    # given
    deletion_id, reports = ids.new_id(), []
    monkeypatch.setattr(store, "begin_erasure", lambda *_: begun)
    monkeypatch.setattr(store, "user", lambda _id, **_: found)
    monkeypatch.setattr(jobs, "begin_erasure", lambda deletion_id, **_: reports.append(deletion_id))
    # then only a "go" begins a report
    assert erasure.begin(deletion_id, "u1") == verdict
    assert reports == [deletion_id] * (verdict == "go")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (user(), user(deletion_id="d1", deletes_at=LATER), ["d1"]),
        (user(deletion_id="d1", deletes_at=LATER), user(deletion_id="d1", deletes_at=LATER, version=3), []),
        (user(deletion_id="d1", deletes_at=LATER), user(), []),
        (user(deletion_id="d1", deletes_at=LATER), user(deletion_id="d2", deletes_at=LATER), ["d2"]),
    ],
)
def test_each_deletion_is_announced_once(old: UserItem, new: UserItem, said: list[str]) -> None:
    announced = [event for event in service.announced(Change(old, new)) if isinstance(event, DeletionAsked)]
    assert announced == [DeletionAsked(deletion_id=id_, user_id="u1", deletes_at=LATER) for id_ in said]


def test_deletion_hides_posts_and_cancelling_shows_them_again() -> None:
    deleted = user(deletion_id="d1", deletes_at=LATER)
    for old, new, switched in ((user(), deleted, 1), (deleted, user(), 1), (deleted, deleted, 0)):
        said = list(service.announced(Change(old, new)))
        assert said.count(AuthorChanged(user_id="u1")) == switched


def test_a_new_account_is_not_being_deleted() -> None:
    said = list(service.announced(Change(None, user())))
    assert [type(event) for event in said] == [SignedUp, UserChanged]


def test_events_start_state_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    started: list[Any] = []
    monkeypatch.setenv("EXPORT_MACHINE", "export")
    monkeypatch.setenv("ERASURE_MACHINE", "erasure")
    monkeypatch.setattr(workflows, "start", lambda *given: started.append(given))
    # when
    events._start_job(ExportAsked(export_id="e1", user_id="u1"))
    events._start_job(DeletionAsked(deletion_id="d1", user_id="u1", deletes_at=datetime(2026, 12, 22, tzinfo=UTC)))
    events._start_job(UserChanged(user_id="u1"))
    # then
    assert started == [
        ("export", "e1", {"jobId": "e1", "userId": "u1"}),
        ("erasure", "d1", {"jobId": "d1", "userId": "u1", "deletesAt": "2026-12-22T00:00:00.000Z"}),
    ]


def test_the_report_counts_what_each_section_has_erased(
    monkeypatch: pytest.MonkeyPatch, now: datetime, context: Any
) -> None:
    # given
    reported: list[Any] = []
    monkeypatch.setattr(jobs, "finish_erasure", lambda *given: reported.append(given))
    # when
    pages = {"posts": {"position": None, "page": 2, "done": 27}, "likes": {"position": None, "page": 1, "done": 0}}
    events.report_erasure({"jobId": "d1", "userId": "u1", "pages": pages}, context)
    # then
    assert reported == [("d1", NOW, {"posts": 27, "likes": 0})]
