"""Background programs that outlive the command that started them.

Each program inherits a lock on its own file and holds it until it ends. So "is it running?" is answered by the lock,
which a crash releases, and never by a process id, which the system may have given to another program meanwhile.
"""

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STOP_SECONDS = 10.0
# Below what systems give to outgoing connections (Linux from 32768, others from 49152), above what is well known.
_PORTS = (20_000, 32_000)


@dataclass(frozen=True)
class Program:
    """One background program and the files it is known by."""

    name: str
    directory: Path

    @property
    def _lock(self) -> Path:
        return self.directory / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """What the program has printed since it was started last."""
        return self.directory / f"{self.name}.log"

    def running(self) -> bool:
        """Whether the program that was started last is alive."""
        return held(self._lock)

    def pid(self) -> int | None:
        """The process id of the running program."""
        return int(self._lock.read_text()) if self.running() else None

    def crashed(self) -> bool:
        """Whether the program ended without having been stopped."""
        return self._lock.exists() and not held(self._lock)

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Start the program in a session of its own, so that Ctrl-C on the command that starts it does not reach it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Through a shell, the program becomes nobody's child: no zombie stays when it ends.
            started = subprocess.run(
                ["/bin/sh", "-c", '"$@" >"$0" 2>&1 & echo $!', self.log, *command],
                check=True,
                env=environment,
                cwd=self.directory,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=[lock.fileno()],
                start_new_session=True,
            )
            lock.write(started.stdout.strip())

    def stop(self) -> None:
        """End the program, first by asking; also forget one that has crashed."""
        if (pid := self.pid()) is not None:
            _signal(pid, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while self.running() and time.monotonic() < deadline:
                time.sleep(0.02)
            if self.running():
                _signal(pid, signal.SIGKILL)
        self._lock.unlink(missing_ok=True)

    @contextmanager
    def ending_with_us(self) -> Iterator[None]:
        """Stop the program and remove its folder when the block ends, or this process does, even if it is killed."""
        command = [sys.executable, "-I", __file__, self.name, self.directory]
        # Only this process has the other end of the pipe, and the system closes it when the process ends.
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
            try:
                yield
            finally:
                self.stop()


def free_port(besides: int = 0) -> int:
    """A port of 127.0.0.1 that nothing listens on. It may be taken up late: no connection is given such a number."""
    while True:
        port = random.randrange(*_PORTS)
        if port != besides and _free(port):
            return port


def _free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def held(lock: Path) -> bool:
    """Whether a living process holds this lock file."""
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":  # the other end of `ending_with_us`
    sys.stdin.read()
    left = Program(sys.argv[1], Path(sys.argv[2]))
    left.stop()
    shutil.rmtree(left.directory, ignore_errors=True)
