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
    assert bool(operate.UNHANDLED.match(message)) == unhandled
