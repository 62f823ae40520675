"""How often a test repeats itself: as often as it takes to find its faults, and more often with PROOF=full."""

import os

FULL = os.environ.get("PROOF") == "full"


def repetitions(quick: int, full: int) -> int:
    """`quick`, or `full` in the long run that `make test-full` does."""
    return full if FULL else quick
