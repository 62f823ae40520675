"""What a worker made of a file, and where a run keeps it for its report."""

from dataclasses import dataclass

import pytest

from tests.hostile.corpus import Hostile


@dataclass(frozen=True)
class Outcome:
    """`verdict`: the reason of a rejection, or the status. `leaked`: hidden bytes were found in a rendition."""

    file: Hostile
    verdict: str
    cpu_seconds: float
    peak_megabytes: float
    leaked: bool


OUTCOMES = pytest.StashKey[list[Outcome]]()
