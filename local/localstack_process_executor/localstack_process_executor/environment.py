"""One execution environment: a function process that is made when it is needed, and made anew when it is spent.

As in Lambda, an environment serves one invocation at a time, and outlives a process that has ended or overrun its time.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localstack_process_executor.process import Answer, FunctionProcess, Invocation, Ready

# Lambda's own limit of the time before a function's first request for work.
_INIT_SECONDS = 10.0


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation; `payload` is JSON, the error's if it failed."""

    payload: bytes
    failed: bool
    logs: str


class InitError(Exception):
    """The function reported an error, or ended, before it asked for work; `payload` is the error as JSON."""

    def __init__(self, payload: bytes, logs: str) -> None:
        super().__init__(payload.decode())
        self.payload = payload
        self.logs = logs


class Environment:
    """`command` is run in `directory` with exactly these `variables`, and the address of its Runtime API."""

    def __init__(
        self, command: Sequence[str], *, directory: Path, variables: Mapping[str, str], timeout_seconds: int
    ) -> None:
        self._command = command
        self._directory = directory
        self._variables = variables
        self._timeout = timeout_seconds
        self._process: FunctionProcess | None = None

    def start(self) -> None:
        """Start the process and wait until it asks for work; raises InitError."""
        self._started()

    def stop(self) -> None:
        """End the process; whatever it was doing is lost."""
        if self._process:
            self._process.stop()
            self._process = None

    def logs(self) -> str:
        """What the process has printed since this was last asked."""
        return self._process.printed() if self._process else ""

    def invoke(self, invocation: Invocation) -> Outcome:
        """Hand one event to the function and wait for its answer; raises InitError if a new process had to be made."""
        process = self._started()
        started = time.monotonic()
        process.give(invocation, deadline=time.time() + self._timeout)
        report = process.report(self._timeout)
        while isinstance(report, Ready):
            # It asks for work after every answer.
            report = process.report(self._timeout)
        milliseconds = (time.monotonic() - started) * 1000
        if report is None:
            answer = _failure("Sandbox.Timedout", invocation, f"Task timed out after {self._timeout:.2f} seconds")
        elif isinstance(report, Answer):
            answer = report
        else:
            answer = _failure("Runtime.ExitError", invocation, f"Runtime exited with status {report.status}")
        printed = process.printed()
        if answer is not report:
            printed += f"\n[ERROR] {answer.payload.decode()}"
            self.stop()
        logs = _account(invocation, printed, milliseconds)
        return Outcome(answer.payload, answer.failed, logs)

    def _started(self) -> FunctionProcess:
        if self._process is None:
            process = FunctionProcess(self._command, self._directory, self._variables)
            report = process.report(_INIT_SECONDS)
            if not isinstance(report, Ready):
                payload = report.payload if isinstance(report, Answer) else _error("Runtime.ExitError", "init failed")
                logs = process.printed()
                process.stop()
                raise InitError(payload, logs)
            self._process = process
        return self._process


def _failure(kind: str, invocation: Invocation, message: str) -> Answer:
    return Answer(_error(kind, f"RequestId: {invocation.id} Error: {message}"), failed=True)


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _account(invocation: Invocation, printed: str, milliseconds: float) -> str:
    """The log of an invocation, framed as Lambda frames it."""
    mark = f"RequestId: {invocation.id}"
    return f"START {mark}\n{printed}\nEND {mark}\nREPORT {mark} Duration: {milliseconds:.2f} ms\n"
