"""The table at the end of `make test`: per part what passed, and what share of the time it took.

python -m tests.report [--budget SECONDS] <part>...
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.table import Table

from tests.part import REPORTS, Run


@dataclass
class Part:
    """The outcome of one part: its run, and what pytest reported of it (JUnit's XML)."""

    run: Run
    outcomes: Counter[str] = field(default_factory=Counter)
    not_offered: list[str] = field(default_factory=list)

    @property
    def passed(self) -> int:
        return self.outcomes["passed"]

    @property
    def failed(self) -> int:
        """A skipped test has proved nothing, so it counts as failed; so does a part that broke off without a report."""
        return self.outcomes.total() - self.passed or int(self.run.status != 0)


def main() -> int:
    """Print the table, and below it what each cloud does not offer. 1 if any part failed, or is missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--budget", type=float, help="seconds that all should take at most, on two quiet cores")
    parser.add_argument("parts", nargs="+")
    arguments = parser.parse_args()
    parts = [read(name, REPORTS) for name in arguments.parts if (REPORTS / f"{name}.json").exists()]
    missing = [name for name in arguments.parts if not (REPORTS / f"{name}.json").exists()]
    console = Console(width=110)
    console.print(table(parts))
    lines = [f"not offered to {part.run.name}: {line}" for part in parts for line in part.not_offered]
    lines += [f"did not run: {name}" for name in missing]
    lines.append(total(parts, arguments.budget))
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return int(bool(missing) or any(part.failed for part in parts))


def table(parts: list[Part]) -> Table:
    """A row for each part; its share is of the processor's time, which does not depend on what ran beside it."""
    made = Table("part", title="Tests")
    for heading in ("passed", "failed", "not offered", "seconds", "processor", "share"):
        made.add_column(heading, justify="right")
    processor = sum(part.run.processor for part in parts) or 1.0
    for part in parts:
        run = part.run
        figures = part.passed, part.failed, len(part.not_offered), round(run.seconds), round(run.processor)
        made.add_row(run.name, *map(str, figures), f"{run.processor / processor:.0%}")
    return made


def total(parts: list[Part], budget: float | None) -> str:
    """The last line, in the form that other programs look for."""
    seconds = max((part.run.ended for part in parts), default=0) - min((part.run.started for part in parts), default=0)
    processor = sum(part.run.processor for part in parts)
    of = f" of {budget:.0f}" if budget else ""
    passed, failed = sum(part.passed for part in parts), sum(part.failed for part in parts)
    return f"{seconds:.0f}{of} s, {processor:.0f} s of processor time\n{passed} passed, {failed} failed"


def read(name: str, folder: Path) -> Part:
    """Read what a part has left in the folder of reports."""
    part = Part(Run(**json.loads((folder / f"{name}.json").read_text())))
    report, not_offered = folder / f"{name}.xml", folder / f"{name}.not-offered"
    if report.exists():
        part.outcomes.update(_outcome(case) for case in ET.parse(report).iter("testcase"))
    if not_offered.exists():
        part.not_offered = not_offered.read_text().splitlines()
    return part


def _outcome(case: ET.Element) -> str:
    return next((child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed")


if __name__ == "__main__":
    sys.exit(main())
