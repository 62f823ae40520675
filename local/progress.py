"""Progress of a long command, one line per step with the seconds it took."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Generator[None]:
    """Announce a step, and say how long it took or that it failed."""
    interactive = sys.stdout.isatty()
    started = time.monotonic()
    if interactive:
        print(f"  ... {title}", end="", flush=True)
    try:
        yield
    except BaseException:
        _finish(interactive, "failed", title, started)
        raise
    _finish(interactive, "done", title, started)


def _finish(interactive: bool, outcome: str, title: str, started: float) -> None:  # noqa: FBT001 - private, one caller
    start_of_line = "\r" if interactive else ""
    print(f"{start_of_line}  {outcome:<6} {title} ({time.monotonic() - started:.1f} s)", flush=True)


def note(message: str) -> None:
    """Say something that is not a step."""
    print(f"  {message}", flush=True)
