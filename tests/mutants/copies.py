"""Copies of the checkout, one for each worker: faults are put in there, and never into the checkout itself."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

from tests.mutants.mutant import ROOT, Mutant, located

STATE = ROOT / ".local" / "mutants"
# Built for the checkout, and the same for all copies.
SHARED = (".venv", "node_modules", ".local/jvm")
SECONDS = 300
STOP_SECONDS = 30
TESTS_FAILED = 1
# A test that failed because its engine did not start says nothing of the code.
NOT_THERE = ("EngineError", "JavaError", "CloudError")

Verdict = Literal["caught", "missed", "slow", "broken"]


@dataclass(frozen=True)
class Outcome:
    """`by`: the test that noticed, and `why`: what it said; or else what went wrong. `set_up`: of the test."""

    verdict: Verdict
    by: str = ""
    why: str = ""
    set_up: bool = False

    @property
    def test(self) -> str:
        """As pytest is asked for it, below tests/."""
        module, _, name = self.by.partition("::")
        return f"{module.replace('.', '/')}.py::{name}"


@dataclass(frozen=True)
class Copy:
    """A copy of the checkout."""

    path: Path

    @classmethod
    def made(cls, number: int) -> "Copy":
        path = STATE / str(number)
        shutil.rmtree(path, ignore_errors=True)
        for name in _files():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, path / name)
        for name in SHARED:
            (ROOT / name).mkdir(parents=True, exist_ok=True)
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).symlink_to((ROOT / name).resolve())
        return cls(path)

    def judge(self, mutant: Mutant) -> Outcome:
        """What the mutant's tests say of the code with the mutant in it."""
        edit = located(mutant)
        (self.path / edit.path).write_text(edit.text)
        try:
            outcome = self._first(mutant)
        finally:
            shutil.copy2(ROOT / edit.path, self.path / edit.path)
        if outcome.set_up and self._run([outcome.test], "").verdict != "missed":
            return replace(outcome, verdict="broken", why=f"without the mutant as well: {outcome.why}")
        return outcome

    def _first(self, mutant: Mutant) -> Outcome:
        """What the first of the mutant's tests says that notices anything."""
        for part in _parts(mutant.tests):
            outcome = self._run(part, mutant.only)
            if outcome.verdict != "missed":
                return outcome
        return Outcome("missed")

    def _run(self, tests: list[str], only: str) -> Outcome:
        report = self.path / ".local" / "report.xml"
        report.unlink(missing_ok=True)
        # Half of the start of a unit test is the loading of a plug-in that only the contract needs.
        plugins = [] if tests[0].startswith("contract") else ["-p", "no:schemathesis"]
        if any("hypothesis" in path.read_text() for test in tests for path in self._files_of(test)):
            plugins += ["-p", "tests.mutants.unshrunk"]
        command = [
            *(self.path / ".venv/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            *(*plugins, f"--junitxml={report}", *(f"tests/{test}" for test in tests), *(["-k", only] if only else [])),
        ]
        environment = {**os.environ, "CLOUD": os.environ.get("CLOUD") or "process"}
        with subprocess.Popen(
            command,
            cwd=self.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as ran:
            try:
                said, _ = ran.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                _stop(ran)
                return Outcome("slow", why=f"more than {SECONDS} s: {' '.join(tests)}")
        if "KeyboardInterrupt" in said:
            raise KeyboardInterrupt
        if ran.returncode == 0:
            return Outcome("missed")
        if ran.returncode != TESTS_FAILED:
            return Outcome("broken", why=said[-2000:])
        return _noticed(report) or Outcome("broken", why=said[-2000:])

    def _files_of(self, test: str) -> list[Path]:
        path = self.path / "tests" / test.partition("::")[0]
        return list(path.rglob("test_*.py")) if path.is_dir() else [path]


def _stop(ran: "subprocess.Popen[str]") -> None:
    """As Ctrl-C does: so fixtures stop what they have started."""
    ran.send_signal(signal.SIGINT)
    try:
        ran.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        ran.kill()


def _noticed(report: Path) -> Outcome | None:
    """The first test of a report that failed, or whose set-up did; None where there is none."""
    for case in ET.parse(report).iter("testcase"):
        for kind in ("failure", "error"):
            found = case.find(kind)
            if found is not None:
                said = (found.get("message") or "").strip().partition("\n")[0][:200]
                test = f"{(case.get('classname') or '').removeprefix('tests.')}::{case.get('name')}"
                verdict = "broken" if any(name in said for name in NOT_THERE) else "caught"
                return Outcome(verdict, by=test, why=said, set_up=said.startswith("failed on setup"))
    return None


def _parts(tests: tuple[str, ...]) -> list[list[str]]:
    """Tests of one part run in one process; those of different parts have fixtures that do not go together."""
    parts: dict[str, list[str]] = {}
    for test in tests:
        parts.setdefault(test.partition("/")[0], []).append(test)
    return list(parts.values())


def _files() -> list[str]:
    """What git knows, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    names = sorted({*listed.split("\0")} - {""})
    return [name for name in names if name not in SHARED and (ROOT / name).is_file()]
