"""The table at the end of `make test`: per suite what passed, and what its cloud does not offer.

python -m tests.report .local/reports/*.xml
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.table import Table

NOT_OFFERED = re.compile(r"not offered by [^:]+: (.+)")


@dataclass
class Suite:
    """The outcome of one run of pytest, from the report it wrote (JUnit's XML)."""

    name: str
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    not_offered: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def main(paths: list[Path]) -> None:
    """Print the table, and below it what each cloud does not offer."""
    suites = [read(path) for path in sorted(paths)]
    table = Table("suite", "passed", "not offered", "failed", "seconds", title="Tests")
    for suite in suites:
        numbers = (suite.passed, len(suite.not_offered), suite.failed + len(suite.skipped), round(suite.seconds))
        table.add_row(suite.name, *map(str, numbers))
    console = Console(width=110)
    console.print(table)
    for suite in suites:
        for line in suite.not_offered:
            console.print(f"not offered by {suite.name}: {line}", markup=False, soft_wrap=True)


def read(path: Path) -> Suite:
    """Read one report; a test skipped for any other reason than its cloud counts as failed."""
    suite = Suite(path.stem)
    for element in ET.parse(path).iter("testsuite"):
        suite.seconds += float(element.get("time", "0"))
    for case, outcome, message in _cases(path):
        match outcome:
            case "passed":
                suite.passed += 1
            case "skipped" if found := NOT_OFFERED.search(message):
                suite.not_offered.append(f"{case} ({found[1]})")
            case "skipped":
                suite.skipped.append(case)
            case _:
                suite.failed += 1
    return suite


def _cases(path: Path) -> Iterator[tuple[str, str, str]]:
    for case in ET.parse(path).iter("testcase"):
        outcomes = [child for child in case if child.tag in {"failure", "error", "skipped"}]
        outcome = outcomes[0].tag if outcomes else "passed"
        yield case.get("name", ""), outcome, outcomes[0].get("message", "") if outcomes else ""


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
