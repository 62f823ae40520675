"""What a failed test over HTTP says of what happened behind the API."""

import json
from datetime import UTC, datetime, timedelta

from tests.evidence import shown

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def said(*lines: str, after: float = 0.0) -> list[tuple[datetime, str]]:
    return [(NOON + timedelta(seconds=after + number), line) for number, line in enumerate(lines)]


def logged(level: str, message: str, **more: str) -> str:
    return json.dumps({"level": level, "message": message, **more})


def test_errors_and_last_lines_are_shown_in_the_order_of_time() -> None:
    # Given two functions, one of which failed before its last lines
    early = [logged("INFO", "early"), logged("WARNING", "odd"), "[ERROR] KeyError: 'a'", "Task timed out"]
    lines = {
        "heliograph-feed-fanout": said(*early, logged("INFO", "7"), logged("INFO", "8"), logged("INFO", "9")),
        "heliograph-posts-publish": said("START RequestId: r-1", "END RequestId: r-1", after=2.5),
    }
    # Then what says nothing is left out
    assert [line.split(" ", 1)[1] for line in shown(lines, {}).splitlines()[:-1]] == [
        "feed-fanout: WARNING odd",
        "feed-fanout: [ERROR] KeyError: 'a'",
        "feed-fanout: Task timed out",
        "feed-fanout: INFO 7",
        "feed-fanout: INFO 8",
        "feed-fanout: INFO 9",
    ]


def test_functions_are_mixed_by_time() -> None:
    lines = {"b": said("first", "third", after=0), "a": said("second", after=0.5)}
    assert shown(lines, {}).splitlines() == [
        "12:00:00.000 b: first",
        "12:00:00.500 a: second",
        "12:00:01.000 b: third",
        "no dead letters",
    ]


def test_a_traceback_has_lines_of_its_own() -> None:
    line = logged("ERROR", "unexpected failure", postId="p-1", exception="Traceback\n  File a.py\nKeyError: 'a'")
    assert shown({"a": said(line)}, {}).splitlines()[:4] == [
        '12:00:00.000 a: ERROR unexpected failure {"postId": "p-1"}',
        "Traceback",
        "  File a.py",
        "KeyError: 'a'",
    ]


def test_metrics_are_shown_as_their_values() -> None:
    described = {"CloudWatchMetrics": [{"Metrics": [{"Name": "MessagesHandled"}, {"Name": "MessagesFailed"}]}]}
    line = json.dumps({"_aws": described, "service": "feed", "MessagesHandled": [2.0], "MessagesFailed": [0.0]})
    assert shown({"a": said(line)}, {}).splitlines()[0] == "12:00:00.000 a: MessagesHandled=2 MessagesFailed=0"


def test_dead_letters_are_named() -> None:
    assert shown({}, {"feed-fanout-dlq": "2 not json"}).splitlines() == [
        "no function has logged anything",
        "dead letters in feed-fanout-dlq: 2 not json",
    ]
