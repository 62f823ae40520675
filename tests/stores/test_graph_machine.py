"""Random histories of the graph, with calls repeated and requests lost at every write, against a model in plain Python.

After each step what is stored is what the model says; after a crash it is what was before the step or what comes after
it, and a retry, or the lost request when it arrives at last, never does a thing twice or undoes what was decided since.
What the acting process then sees of the pair is true; what another one sees was true within the bound.
"""

from functools import partial
from itertools import permutations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pynamodb.exceptions import PynamoDBException

from functions.accounts import service as accounts
from functions.graph import service as graph
from functions.graph import store as edges
from functions.graph.cache import MAX_AGE_SECONDS, PairCache
from heliograph.counters import Counter
from tests.proof import repetitions
from tests.stores.graph_machine import Died, Fault, Wire, faulty, stored
from tests.stores.graph_model import (
    CALLS,
    FOLLOWEES_LIMIT,
    WORKS,
    Call,
    Facts,
    between,
    outcome,
    predicted,
    relationship,
)
from tests.stores.samples import flat, joined, pages

ACTORS = 4
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # each step costs requests: a failing history is shown as it is, not shrunk
    max_examples=repetitions(quick=4, full=40),
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)
# By name and number of person. Much of the graph needs ties, a private account, or somebody who follows enough.
BEGINNING = [
    ("go_private", (0, 0)), ("follow", (1, 0)), ("follow", (3, 0)), ("follow", (3, 1)), ("follow", (3, 2)),
    ("follow", (2, 1)), ("accept", (0, 3)),
]  # fmt: skip
names = st.sampled_from([*CALLS, *["follow"] * 4, "accept", "accept", "go_private"])
pairs = st.sampled_from([*permutations(range(ACTORS), 2), (0, 0)])
writes = st.sampled_from([0, 0, 0, 1])


class GraphMachine(RuleBasedStateMachine):
    """Four people; `facts` is the model. `there` is what another process has seen, and `past` what it may have seen."""

    def __init__(self) -> None:
        super().__init__()
        self.people = [joined() for _ in range(ACTORS)]
        self.facts: Facts = frozenset()
        self.late: tuple[Wire, Facts, Facts] | None = None
        self.now = 0.0
        self.past: list[tuple[float, Facts]] = []
        self.there = PairCache(timer=lambda: self.now)
        self._start_afresh()
        for name, pair in BEGINNING:
            self._as_predicted(self._call(name, pair))

    @rule(name=names, pair=pairs, times=st.integers(1, 2))
    def call(self, name: str, pair: tuple[int, int], times: int) -> None:
        for _ in range(times):
            self._as_predicted(self._call(name, pair))

    @rule(name=names, pair=pairs, write=writes)
    def resend(self, name: str, pair: tuple[int, int], write: int) -> None:
        with faulty("resent", write):
            self._as_predicted(self._call(name, pair))

    @rule(
        name=names,
        pair=pairs,
        write=writes,
        fault=st.sampled_from(["unsent", "lost", "late"]),
        retried=st.booleans(),
    )
    def crash(self, name: str, pair: tuple[int, int], write: int, fault: Fault, retried: bool) -> None:
        call = self._call(name, pair)
        before, (after, expected) = self.facts, predicted(self.facts, call)
        with faulty(fault, write) as wire:
            try:
                answer = outcome(call)
            except (Died, PynamoDBException):
                assert wire.broken
            else:
                assert not wire.broken
                assert answer == expected
        now = self._look()
        assert now in ((before, after) if wire.broken else (after,))
        self._sees_truly(call.me, call.other)
        if wire.delayed:
            self.late = wire, before, after
        if retried:
            self._as_predicted(call)
            assert self.facts == after

    @precondition(lambda self: self.late is not None)
    @rule()
    def arrive(self) -> None:
        """A request sent long ago arrives: it does its work if what it changes is as it was, and nothing otherwise."""
        assert self.late
        (wire, before, after), self.late = self.late, None
        wire.arrive()
        gained, dropped = after - before, before - after
        known = self.facts
        now = self._look()
        assert now in (known, known - dropped | gained)
        if now != known:
            for who in {frozenset(fact[1:]) for fact in gained | dropped}:
                assert between(known, {*who}) == between(before, {*who})
        self._start_afresh()

    @rule(
        name=st.sampled_from(sorted(WORKS)),
        number=st.sampled_from([0, 0, 0, 1, 2, 3]),
        write=st.integers(0, 3),
        fault=st.sampled_from(["unsent", "lost", "resent"]),
    )
    def work(self, name: str, number: int, write: int, fault: Fault) -> None:
        """Work in many transactions breaks off between any two, and what is done again is finished."""
        do, expected = WORKS[name]
        person, before = self.people[number], self.facts
        after = expected(before, person)
        with faulty(fault, write) as wire:
            try:
                do(person)
            except (Died, PynamoDBException):
                assert wire.broken
        now = self._look()
        for other in self.people:
            assert between(now, {person, other}) in (between(before, {person, other}), between(after, {person, other}))
        do(person)
        assert self._look() == after
        for other in self.people:
            self._sees_truly(person, other)

    def teardown(self) -> None:
        """Read through the product's own lists, nobody is there who should not be; settled counts are true, too."""
        facts = self._look()
        for person in self.people[:2]:
            assert sorted(flat(pages(partial(edges.all_followers, person, limit=3)))) == _who(facts, "yes", of=person)
            assert flat(pages(partial(edges.requesters, person, limit=3))) == _who(facts, "requested", of=person)
            assert flat(pages(partial(edges.followees, person, limit=3))) == _whom(facts, "yes", by=person)
            assert flat(pages(partial(edges.muted, person, limit=3))) == _whom(facts, "posts", "stories", by=person)
            assert flat(pages(partial(edges.close_friends, person, limit=3))) == _whom(facts, "close", by=person)
            assert flat(pages(partial(edges.blocked, person, limit=3))) == _whom(facts, "blocking", by=person)
            tied = {other for other in self.people if other != person and between(facts, {person, other})}
            assert set(flat(pages(partial(graph.ties_of, person, limit=7)))) == tied
            for name in ("following", "followers"):
                accounts.materialise(Counter("user", person, name))
            shown = accounts.profile(person)
            assert shown.following_count == len(_whom(facts, "yes", by=person))
            assert shown.follower_count == len(_who(facts, "yes", of=person))

    def _start_afresh(self) -> None:
        """The acting process is one that has seen nothing yet."""
        graph.seen = PairCache(timer=lambda: self.now)

    def _call(self, name: str, pair: tuple[int, int]) -> Call:
        return Call(name, *(self.people[number] for number in pair))

    def _as_predicted(self, call: Call) -> None:
        expected = predicted(self.facts, call)
        answer = outcome(call)
        assert (self._look(), answer) == expected
        self._sees_truly(call.me, call.other)

    def _look(self) -> Facts:
        """What is stored a second later, sound in itself: the model goes on from it. Another process looks, too."""
        self.now += 1
        now = stored(self.people)
        now.check(self.people)
        self.facts = now.facts
        self._sees_in_time()
        return self.facts

    def _sees_truly(self, me: str, other: str) -> None:
        """What the process that has just acted sees of the two."""
        for viewer, owner in ((me, other), (other, me)):
            if viewer != owner:
                assert graph.viewer(viewer, [owner]).towards(owner) == relationship(self.facts, viewer, owner)

    def _sees_in_time(self) -> None:
        """What another process sees was true at some time within the bound."""
        self.past.append((self.now, self.facts))
        ends = [since for since, _ in self.past[1:]] + [self.now]
        self.past = [known for known, end in zip(self.past, ends, strict=True) if end > self.now - MAX_AGE_SECONDS]
        for me in self.people:
            for other, pair in self.there.pairs(me, self.people).items():
                possible = [relationship(facts, me, other) for _, facts in self.past]
                assert graph._relationship(pair) in possible


def _who(facts: Facts, kind: str, *, of: str) -> list[str]:
    return sorted(a for known, a, b in facts if (known, b) == (kind, of))


def _whom(facts: Facts, *kinds: str, by: str) -> list[str]:
    return sorted({b for known, a, b in facts if known in kinds and a == by})


@pytest.fixture(autouse=True)
def meter() -> None:
    """Not metered: that would double the requests, and what they cost is known from other tests."""


def test_graph_stays_consistent_through_calls_and_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    # given four people and a low limit, when anything happens in any order, then the invariants of the machine hold
    monkeypatch.setattr(edges, "FOLLOWEES_LIMIT", FOLLOWEES_LIMIT)
    run_state_machine_as_test(GraphMachine, settings=SETTINGS)
