"""The table of outcomes, printed at the end of the run."""

from collections import Counter

import pytest

from tests.hostile.outcomes import OUTCOMES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    outcomes = config.stash.get(OUTCOMES, [])
    if not outcomes:
        return
    verdicts = sorted({outcome.verdict for outcome in outcomes})
    rows = [["kind", "files", *verdicts, "peak MB", "slowest, CPU s"]]
    kinds = list(dict.fromkeys(outcome.file.kind for outcome in outcomes))
    for kind in [*kinds, "all"]:
        of_kind = [outcome for outcome in outcomes if kind in (outcome.file.kind, "all")]
        counts = Counter(outcome.verdict for outcome in of_kind)
        slowest = max(of_kind, key=lambda outcome: outcome.cpu_seconds)
        rows.append(
            [
                kind,
                str(len(of_kind)),
                *(str(counts[verdict]) for verdict in verdicts),
                f"{max(outcome.peak_megabytes for outcome in of_kind):.0f}",
                f"{slowest.cpu_seconds:.2f} ({slowest.file.name})",
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.write_line(f"| {cells} |")
