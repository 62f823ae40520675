"""The rebuilding of the index knows all there is, and tells what differs."""

import json
from fnmatch import fnmatch

import pytest

from functions.discovery import generations, indexing, rebuilding
from functions.discovery.generations import Written
from functions.discovery.index import Found, Write
from functions.discovery.rebuilding import Side
from heliograph import resilience
from heliograph.errors import Unavailable
from local import reindex
from local.instance import NAMESPACE, ROOT


def test_every_kind_that_is_indexed_is_scanned() -> None:
    assert reindex.SCANS.keys() == indexing._READERS.keys()


def test_a_checksum_depends_on_everything_but_the_order() -> None:
    documents = [("a", 1, {"x": 1, "y": "é"}), ("b", 2, {"x": 1, "y": "é"}), ("c", 3, {})]
    written = [Write("users", *document) for document in documents]
    found = [Found(*document) for document in reversed(documents)]
    side = rebuilding._side(map(rebuilding._fingerprint, written))
    assert side == rebuilding._side(map(rebuilding._fingerprint, found))
    assert side.count == 3
    for changed in (("d", 1, {"x": 1, "y": "é"}), ("a", 1, {"x": 1, "y": "e"})):
        other = rebuilding._side(map(rebuilding._fingerprint, [Write("users", *changed), *written[1:]]))
        assert (other.count, other.checksum != side.checksum) == (3, True)
    assert Side(1, rebuilding.CHECKSUM - 1) + Side(1, 3) == Side(2, 2)


@pytest.mark.parametrize(
    ("due", "found", "differs"),
    [
        (Write("users", "a", 2, {"x": 1}), Found("a", 2, {"x": 1}), False),
        (Write("users", "a", 2, {"x": 1}), Found("a", 1, {"x": 1}), False),
        (Write("users", "a", 2, {"x": 1}), Found("a", 3, {"x": 1}), True),
        (Write("users", "a", 2, {"x": 1}), Found("a", 2, {"x": 2}), True),
        (Write("users", "a", 2, {"x": 1}), None, True),
        (Write("users", "a", 2, None), Found("a", 2, {"x": 1}), True),
        (Write("users", "a", 2, None), None, False),
    ],
)
def test_comparison_lists_differing_documents(due: Write, found: Found | None, differs: bool) -> None:
    there = {found.id: found} if found else {}
    assert rebuilding._differing([due], there) == ({("users", "a")} if differs else set())


def test_an_engine_that_is_away_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(resilience.time, "sleep", waited.append)

    def away() -> str:
        if len(waited) < 10:
            raise Unavailable
        return "back"

    assert rebuilding._patiently(away) == "back"


def test_the_policy_of_old_months_is_for_indexes_of_posts_alone() -> None:
    policy = json.loads((ROOT / "infrastructure/search/old_months.json").read_text())["policy"]
    [template] = policy["ism_template"]
    [pattern] = template["index_patterns"]
    month = Written("posts", generations.FIRST, frozenset(), is_read=True).index_of(
        "019aab10-0000-7000-8000-00000000000a"
    )
    assert fnmatch(month.replace("test-", f"{NAMESPACE}-"), pattern)
    for kind in ("users", "hashtags", "places"):
        assert not fnmatch(f"{NAMESPACE}-{kind}-{generations.FIRST}", pattern)
    states = {state["name"] for state in policy["states"]}
    assert policy["default_state"] in states
    assert {step["state_name"] for state in policy["states"] for step in state["transitions"]} <= states
