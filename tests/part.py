"""Run one part of the suite, and measure it: python -m tests.part <name> <command>...

Parts run beside each other, so a part that succeeds prints its last line only, and one that fails all that it said.
The figures go to `.local/reports/<name>.json`, for tests/report.py.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

REPORTS = Path(".local/reports")
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Run:
    """One run of a part. Times in seconds; `processor` is of all processes that ended while it ran."""

    name: str
    started: float
    ended: float
    processor: float
    status: int

    @property
    def seconds(self) -> float:
        return self.ended - self.started


def main(name: str, command: list[str]) -> int:
    """Run the command, and return its exit code."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    log = REPORTS / f"{name}.log"
    _say(f"... {name}")
    run = measured(name, command, log)
    (REPORTS / f"{name}.json").write_text(json.dumps(asdict(run)))
    said = log.read_text(errors="replace").rstrip()
    _say(f"{name}: {said.rsplit(chr(10), 1)[-1]}" if run.status == 0 else f"{said}\n{name}: FAILED")
    return run.status


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def measured(name: str, command: list[str], log: Path) -> Run:
    """Run the command. What it starts in the background (a cloud) is counted, too, on Linux."""
    _adopt_orphans()
    started = time.time()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    # Ctrl-C reaches the command by itself, and a polite kill as one: it stops its servers, and then ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(process.pid, signal.SIGINT))
    status = _wait_for(process.pid)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(name, started, time.time(), usage.ru_utime + usage.ru_stime, status)


def _adopt_orphans() -> None:
    """Background programs are nobody's children; they become ours, and their processor time with them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for(pid: int) -> int:
    """The exit code of a child; others that end meanwhile are taken note of."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
