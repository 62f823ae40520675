import json

import pytest

from local import operate


@pytest.mark.parametrize(
    ("message", "unhandled"),
    [
        ("[ERROR] KeyError: 'Records'Traceback (most recent call last):", True),
        ("Traceback (most recent call last):", True),
        ('[ERROR] {"errorType": "Runtime.ExitError"}', True),
        ("2026-11-22T12:00:00Z r-1 Task timed out after 20.00 seconds", True),
        (json.dumps({"level": "ERROR", "message": "unexpected failure", "exception": "Traceback"}), True),
        (
            json.dumps(
                {"level": "ERROR", "message": "message failed", "exception": "Traceback (most recent call last):"}
            ),
            False,
        ),
        (json.dumps({"level": "INFO", "message": "signed in"}), False),
        ("START RequestId: r-1", False),
    ],
)
def test_what_a_function_did_not_handle_is_told_from_what_it_reported(message: str, unhandled: bool) -> None:
    assert list(operate.unhandled([message])) == [message] * unhandled


def test_a_traceback_in_many_messages_is_told_with_its_error() -> None:
    traceback = ["Traceback (most recent call last):", '  File "a.py", line 1', "    b()", "KeyError: 'b'"]
    assert list(operate.unhandled(["START", *traceback, "END", *traceback[:2]])) == [
        "Traceback (most recent call last): KeyError: 'b'",
        "Traceback (most recent call last):",
    ]
