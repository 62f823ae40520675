"""The table at the end of `make test`."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from local.instance import ROOT
from tests.part import REPORTS, Run
from tests.report import Part, read, total

CASE = "<testsuites><testsuite><testcase name='a'/><testcase name='b'>{}</testcase></testsuite></testsuites>"


@pytest.mark.parametrize(
    ("outcome", "passed", "failed"),
    [("", 2, 0), ("<failure/>", 1, 1), ("<error/>", 1, 1), ("<skipped/>", 1, 1), ("<system-out/>", 2, 0)],
)
def test_a_skipped_test_counts_as_failed(tmp_path: Path, outcome: str, passed: int, failed: int) -> None:
    (tmp_path / "unit.json").write_text(json.dumps(asdict(Run("unit", 10.0, 15.0, 4.0, 0))))
    (tmp_path / "unit.xml").write_text(CASE.format(outcome))
    part = read("unit", tmp_path)
    assert (part.passed, part.failed) == (passed, failed)


def test_a_part_that_breaks_off_without_a_report_counts_as_failed() -> None:
    assert Part(Run("lint", 0.0, 1.0, 1.0, 2)).failed == 1


def test_tests_that_are_not_offered_are_listed(tmp_path: Path) -> None:
    (tmp_path / "http.json").write_text(json.dumps(asdict(Run("http", 0.0, 1.0, 1.0, 0))))
    (tmp_path / "http.not-offered").write_text("test_a (CloudFront)\ntest_b (AppConfig)\n")
    assert read("http", tmp_path).not_offered == ["test_a (CloudFront)", "test_b (AppConfig)"]


def test_the_total_is_from_the_first_start_to_the_last_end() -> None:
    parts = [Part(Run("a", 100.0, 160.0, 50.0, 0)), Part(Run("b", 110.0, 170.0, 20.0, 0))]
    assert total(parts, budget=600.0) == "70 of 600 s, 70 s of processor time\n0 passed, 0 failed"


@pytest.mark.parametrize(("code", "said"), [(0, "fast: last\n"), (3, "first\nlast\nfast: FAILED\n")])
def test_a_part_says_all_only_when_it_fails(tmp_path: Path, code: int, said: str) -> None:
    command = [sys.executable, "-m", "tests.part", "fast", "sh", "-c", f"echo first; echo last; exit {code}"]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (code, f"... fast\n{said}")
    assert json.loads((tmp_path / REPORTS / "fast.json").read_text())["status"] == code
