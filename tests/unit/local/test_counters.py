"""The repair of counters knows the set of each."""

import re
from pathlib import Path

from local import counters

COUNTER = re.compile(r'\bCounter\("(\w+)", [^)]*?"(\w+)"\)')


def test_every_counter_has_a_set_to_compare_with() -> None:
    sources = [path.read_text() for path in Path("functions").rglob("*.py")]
    used = {match.groups() for source in sources for match in COUNTER.finditer(source)}
    assert len(used) >= 6
    assert used <= {*counters.SIZES}
