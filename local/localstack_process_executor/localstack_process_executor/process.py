"""One function process, and the Lambda Runtime API it is driven by.

The API is AWS's own, version 2018-06-01 (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html): the process
asks for work, and posts an answer or an error.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any

_STOP_SECONDS = 2.0


@dataclass(frozen=True)
class Invocation:
    """One event for the function; `payload` is JSON."""

    id: str
    function_arn: str
    trace: str
    payload: bytes


@dataclass(frozen=True)
class Ready:
    """The process asks for work."""


@dataclass(frozen=True)
class Answer:
    """The process has answered, or reported an error; `payload` is JSON."""

    payload: bytes
    failed: bool


@dataclass(frozen=True)
class Ended:
    """The process is gone."""

    status: int


Report = Ready | Answer | Ended
Work = tuple[Invocation, float]


class FunctionProcess:
    """A running process with a Runtime API of its own; every report is about this process and no other."""

    def __init__(self, command: Sequence[str], directory: Path, variables: Mapping[str, str]) -> None:
        self._work: Queue[Work | None] = Queue()
        self._reports: Queue[Report] = Queue()
        self._api = _Server(("127.0.0.1", 0), _runtime_api(self._work, self._reports))
        # A file, not a pipe: what was printed before the answer is there with the answer, and printing never blocks.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as this object is
        self._read = 0
        self._reading = threading.Lock()
        self._process = subprocess.Popen(
            command,
            cwd=directory,
            env={**variables, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}"},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._serve, daemon=True).start()
        threading.Thread(target=self._wait_for_end, daemon=True).start()

    def give(self, invocation: Invocation, *, deadline: float) -> None:
        """Answer the process's request for work; `deadline` is in epoch seconds."""
        self._work.put((invocation, deadline))

    def report(self, seconds: float) -> Report | None:
        """What the process reports next, or None when it reports nothing in time."""
        try:
            return self._reports.get(timeout=seconds)
        except Empty:
            return None

    def printed(self) -> str:
        """What the process has printed since this was last asked."""
        with self._reading:
            if self._output.closed:
                return ""
            self._output.seek(self._read)
            printed = self._output.read()
            self._read += len(printed)
        return printed.decode(errors="replace").rstrip("\n")

    def stop(self) -> None:
        """End the process, first by asking."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._work.put(None)
        # The server looks for this every half second only; nobody has to wait for it.
        threading.Thread(target=self._api.shutdown, daemon=True).start()
        with self._reading:
            self._output.close()

    def _serve(self) -> None:
        with self._api:
            self._api.serve_forever()

    def _wait_for_end(self) -> None:
        self._reports.put(Ended(self._process.wait()))


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that ends in the middle of a request is reported as ended, which says enough."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _runtime_api(work: "Queue[Work | None]", reports: "Queue[Report]") -> type[BaseHTTPRequestHandler]:
    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # With small packets, Nagle's algorithm and unbuffered writes would cost 40 ms for every request.
        disable_nagle_algorithm = True
        wbufsize = 64 * 1024

        def do_GET(self) -> None:
            reports.put(Ready())
            given = work.get()
            if given is None:
                self.close_connection = True
                return
            invocation, deadline = given
            self._answer(
                200,
                invocation.payload,
                {
                    "Lambda-Runtime-Aws-Request-Id": invocation.id,
                    "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                    "Lambda-Runtime-Trace-Id": invocation.trace,
                },
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reports.put(Answer(body, failed=self.path.endswith("/error")))
            self._answer(202, b"{}", {})

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            """Nothing: LocalStack itself logs invocations."""

    return RuntimeApi
