"""Exports and reports of erasures on the real engine."""

from datetime import timedelta

import pytest

from functions.accounts import jobs
from functions.accounts.jobs import ExportItem
from heliograph import clock, ids
from tests.stores.samples import at_once

NOW = clock.now()
LONG_AGO = NOW - timedelta(days=1)


def _begun(user_id: str, export_id: str) -> bool:
    item = ExportItem(user_id, export_id=export_id, created_at=NOW, expires_at=clock.epoch(NOW) + 60)
    return jobs.begin_export(item, given_up=LONG_AGO)


def _status(user_id: str) -> tuple[str, str]:
    item = jobs.export(user_id)
    assert item is not None
    return item.export_id, item.status


def test_an_account_has_one_export_at_a_time() -> None:
    # given
    user_id = ids.new_id()
    # when several are asked for at once
    begun = at_once(*(lambda number=number: _begun(user_id, f"export-{number}") for number in range(4)))
    # then one runs
    assert sorted(begun) == [False, False, False, True]
    assert _status(user_id) == (f"export-{begun.index(True)}", "running")


@pytest.mark.parametrize("end", ["ready", "failed"])
def test_an_export_that_has_ended_makes_room(end: str) -> None:
    # given
    user_id = ids.new_id()
    _begun(user_id, "first")
    if end == "ready":
        jobs.finish_export(user_id, "first", byte_size=12)
    else:
        jobs.fail_export(user_id, "first")
    assert _status(user_id) == ("first", end)
    # when
    assert _begun(user_id, "second")
    # then the second has nothing of the first, and what is said about the first changes nothing
    jobs.finish_export(user_id, "first", byte_size=13)
    jobs.fail_export(user_id, "first")
    second = jobs.export(user_id)
    assert second is not None
    assert (second.export_id, second.status, second.byte_size) == ("second", "running", None)


def test_what_has_ended_stays_so() -> None:
    # given
    user_id = ids.new_id()
    _begun(user_id, "it")
    jobs.finish_export(user_id, "it", byte_size=12)
    # when
    jobs.fail_export(user_id, "it")
    # then
    assert _status(user_id) == ("it", "ready")
    assert [jobs.drop_export(user_id) for _ in range(2)] == [True, False]
    assert jobs.export(user_id) is None


def test_an_export_that_ran_too_long_makes_room() -> None:
    # given
    user_id = ids.new_id()
    begun = ExportItem(user_id, export_id="lost", created_at=LONG_AGO, expires_at=clock.epoch(NOW) + 60)
    jobs.begin_export(begun, given_up=LONG_AGO)
    # then
    assert not jobs.begin_export(ExportItem(user_id, export_id="b", created_at=NOW, expires_at=1), given_up=LONG_AGO)
    after = LONG_AGO + timedelta(seconds=1)
    assert jobs.begin_export(ExportItem(user_id, export_id="c", created_at=NOW, expires_at=1), given_up=after)


def test_a_report_keeps_its_beginning_however_often_it_is_begun() -> None:
    # given
    deletion_id = ids.new_id()
    asked_at, expiry = ids.created_at(deletion_id), clock.epoch(NOW) + 60
    # when
    for minutes in (0, 5):
        begun = NOW + timedelta(minutes=minutes)
        jobs.begin_erasure(deletion_id, asked_at=asked_at, now=begun, expires_at=expiry)
    running = jobs.erasure(deletion_id)
    jobs.finish_erasure(deletion_id, NOW + timedelta(minutes=9), {"posts": 2})
    # then
    report = jobs.erasure(deletion_id)
    assert running is not None
    assert (running.status, running.finished_at) == ("running", None)
    assert report is not None
    assert (report.status, report.counts) == ("finished", {"posts": 2})
    assert (report.asked_at, report.started_at) == (asked_at, NOW)
    assert report.finished_at == NOW + timedelta(minutes=9)
    assert jobs.erasure(ids.new_id()) is None
