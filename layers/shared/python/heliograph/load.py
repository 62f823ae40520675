"""How much the platform lets in: one factor, set by how well it copes with what it has."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from heliograph import live

LOWEST = 0.1
# A minute's recovery. Falling is not limited: 0.1 is reached within the minute in which it is needed.
STEP = 0.1
# The oldest message's age in seconds, and the share of failed requests: (all is well, as bad as it gets).
AGE_SECONDS = (60.0, 600.0)
FAILED_SHARE = (0.01, 0.2)
# Fewer requests say nothing by their share of failures.
ENOUGH_REQUESTS = 50


class Load(live.Document):
    """`factor` multiplies the general rate limits. `pinned`: an operator has set it, and it stays."""

    name: ClassVar[str] = "load"
    factor: float = Field(default=1.0, ge=LOWEST, le=1.0)
    pinned: bool = False


@dataclass(frozen=True)
class Signals:
    """What the last minutes tell. Nothing measured is nothing wrong.

    `oldest_seconds`: age of the oldest message in any consumer's queue.
    """

    oldest_seconds: float = 0.0
    requests: float = 0.0
    failures: float = 0.0

    @property
    def pressure(self) -> float:
        """0: all is well, 1: as bad as it gets."""
        failed = self.failures / self.requests if self.requests >= ENOUGH_REQUESTS else 0.0
        return max(_between(self.oldest_seconds, *AGE_SECONDS), _between(failed, *FAILED_SHARE))


def adapted(load: Load, signals: Signals) -> Load:
    """The next minute's load: down at once to what the pressure asks for, up by a step, and only when all is well.

    Between the two it stays as it is, so that it does not swing.
    """
    if load.pinned:
        return load
    asked = round(1 - (1 - LOWEST) * signals.pressure, 1)
    calm = signals.pressure == 0
    return load.model_copy(
        update={"factor": min(1.0, round(load.factor + STEP, 1)) if calm else min(load.factor, asked)}
    )


def _between(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, and straight between them."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
