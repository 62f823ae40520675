"""The executor's environments, with AWS's own runtime client in them."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from localstack_process_executor.environment import Environment, InitError, Outcome
from localstack_process_executor.process import Invocation

HANDLER = """
import os, sys, time

seen = []
print("imported")

def handle(event, context):
    seen.append(event)
    print("asked", event, file=sys.stderr)
    if event == "raise":
        raise LookupError("nothing here")
    if event == "hang":
        time.sleep(60)
    if event == "exit":
        os._exit(3)
    return {"event": event, "seen": len(seen), "id": context.aws_request_id, "left": os.environ["LEFT"]}
"""
Make = Callable[..., Environment]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Environments of a function with a given source; all are stopped at the end."""
    with ExitStack() as stack:

        def made(source: str = HANDLER, timeout_seconds: int = 20) -> Environment:
            (tmp_path / "handler.py").write_text(source)
            environment = Environment(
                [sys.executable, "-m", "awslambdaric", "handler.handle"],
                directory=tmp_path,
                variables={"PATH": os.environ["PATH"], "LEFT": "yes", "PYTHONPATH": str(tmp_path)},
                timeout_seconds=timeout_seconds,
            )
            stack.callback(environment.stop)
            return environment

        yield made


def ask(environment: Environment, event: Any, request: str = "r-1") -> Outcome:
    return environment.invoke(Invocation(request, "arn:aws:lambda:x", "Root=1", json.dumps(event).encode()))


def test_one_process_serves_one_invocation_after_another(make: Make) -> None:
    environment = make()
    environment.start()
    first, second = ask(environment, "a"), ask(environment, "b", "r-2")
    assert json.loads(first.payload) == {"event": "a", "seen": 1, "id": "r-1", "left": "yes"}
    assert json.loads(second.payload) == {"event": "b", "seen": 2, "id": "r-2", "left": "yes"}
    assert [first.failed, second.failed] == [False, False]


def test_what_was_printed_is_in_the_log_of_its_own_invocation(make: Make) -> None:
    environment = make()
    first, second = ask(environment, "a"), ask(environment, "b", "r-2")
    assert first.logs.splitlines()[:4] == ["START RequestId: r-1", "imported", "asked a", "END RequestId: r-1"]
    assert "asked b" in second.logs
    assert "asked a" not in second.logs


def test_an_error_is_answered_and_the_process_goes_on(make: Make) -> None:
    environment = make()
    failed, after = ask(environment, "raise"), ask(environment, "a")
    assert failed.failed
    assert json.loads(failed.payload)["errorType"] == "LookupError"
    assert "[ERROR] LookupError" in failed.logs
    assert json.loads(after.payload)["seen"] == 2


@pytest.mark.parametrize(("event", "kind"), [("hang", "Sandbox.Timedout"), ("exit", "Runtime.ExitError")])
def test_a_process_that_hangs_or_ends_is_replaced(make: Make, event: str, kind: str) -> None:
    environment = make(timeout_seconds=1)
    failed, after = ask(environment, event), ask(environment, "a")
    assert (failed.failed, json.loads(failed.payload)["errorType"]) == (True, kind)
    assert f"[ERROR] {failed.payload.decode()}" in failed.logs
    assert json.loads(after.payload)["seen"] == 1


@pytest.mark.parametrize("source", ["raise RuntimeError('broken')", "import os\nos._exit(1)"], ids=["raises", "ends"])
def test_a_function_that_cannot_be_imported_says_so(make: Make, source: str) -> None:
    with pytest.raises(InitError) as caught:
        make(source).start()
    assert json.loads(caught.value.payload)["errorType"] in {"RuntimeError", "Runtime.ExitError"}


def test_stopping_ends_the_process(make: Make) -> None:
    environment = make("import os\ndef handle(event, context):\n    return os.getpid()\n")
    pid = json.loads(ask(environment, None).payload)
    environment.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
