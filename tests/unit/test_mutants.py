"""The catalogue of mutants keeps step with the code."""

import re

import pytest

from tests.mutants.catalogue import ALL
from tests.mutants.mutant import ROOT, Mutant, Unfit, located


def unfit(mutant: Mutant) -> str:
    """Why a mutant does not fit; nothing if it does."""
    try:
        edit = located(mutant)
    except Unfit as error:
        return str(error)
    missing = [test for test in mutant.tests if not (ROOT / "tests" / test).exists()]
    if missing or not mutant.tests or not mutant.breaks:
        return f"{mutant.id}: no tests {missing}, or no word on what it breaks"
    return "" if edit.text != (ROOT / edit.path).read_text() else f"{mutant.id}: changes nothing"


def test_every_mutant_fits_code():
    """Its old text is found exactly once, the new one can be parsed, and its tests exist."""
    assert [why for mutant in ALL if (why := unfit(mutant))] == []


def test_ids_are_unique_and_plain():
    ids = [mutant.id for mutant in ALL]

    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9-]{4,40}", one)] == []


@pytest.mark.parametrize(
    ("symbol", "old"),
    [
        ("kernel no_such_function", "x"),
        ("kernel Counter.key", "no such text"),
        ("kernel Counter", "self"),
    ],
)
def test_mutant_that_does_not_fit_is_refused(symbol: str, old: str):
    with pytest.raises(Unfit):
        located(Mutant("example", symbol, old, "new", "nothing", ("unit",)))


def test_symbol_is_found_in_whatever_file():
    edit = located(Mutant("example", "kernel Counter.key", "self.kind", "self.id", "keys", ("unit",)))

    assert edit.path.name == "counters.py"
    assert '{self.id}#{self.name}#{self.id}"' in edit.text
