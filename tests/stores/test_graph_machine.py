"""Random histories of the graph, with calls repeated and requests lost at every write, against a model in plain Python.

After each step what is stored is what the model says; after a crash it is what was before the step or what comes after
it, and a retry, or the lost request when it arrives at last, never does a thing twice or undoes what was decided since.
"""

from functools import partial

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pynamodb.exceptions import PynamoDBException

from functions.graph import store as edges
from functions.graph.store import FOLLOWER_SHARDS
from tests.stores.graph_machine import CALLS, Call, Died, Facts, Fault, Wire, faulty, outcome, predicted, stored
from tests.stores.samples import flat, joined, pages

ACTORS = 4
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # each step costs requests: a failing history is shown as it is, not shrunk
    max_examples=5,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow],
)
# Much of the graph needs a private account or a tie to begin with.
names = st.sampled_from([*CALLS, "follow", "follow", "follow", "accept", "accept", "go_private"])
pairs = st.tuples(st.integers(0, ACTORS - 1), st.integers(0, ACTORS - 1))
writes = st.sampled_from([0, 0, 0, 1])


class GraphMachine(RuleBasedStateMachine):
    """Four people; `facts` is the model."""

    def __init__(self) -> None:
        super().__init__()
        self.people = [joined() for _ in range(ACTORS)]
        self.facts: Facts = frozenset()
        self.late: tuple[Wire, Facts, Facts] | None = None

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
        now = self._stored()
        assert now in ((before, after) if wire.broken else (after,))
        self.facts = now
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
        now = self._stored()
        done = self.facts - dropped | gained
        assert now in (self.facts, done)
        people = {frozenset(fact[1:]) for fact in gained | dropped}
        if now != self.facts:
            assert {fact for fact in self.facts if frozenset(fact[1:]) in people} == {
                fact for fact in before if frozenset(fact[1:]) in people
            }
        self.facts = now

    def teardown(self) -> None:
        """Read through the product's own lists, all shards, nobody is there who should not be."""
        facts = self._stored()
        for person in self.people:
            shards = [pages(partial(edges.followers, person, shard, limit=3)) for shard in range(FOLLOWER_SHARDS)]
            assert sorted(flat(pages(partial(edges.all_followers, person, limit=3)))) == sorted(flat(flat(shards)))
            assert sorted(flat(flat(shards))) == _who(facts, "yes", of=person)
            assert flat(pages(partial(edges.requesters, person, limit=3))) == _who(facts, "requested", of=person)
            assert flat(pages(partial(edges.followees, person, limit=3))) == _whom(facts, "yes", by=person)
            assert flat(pages(partial(edges.muted, person, limit=3))) == _whom(facts, "muting", by=person)
            assert flat(pages(partial(edges.close_friends, person, limit=3))) == _whom(facts, "close", by=person)
            assert flat(pages(partial(edges.blocked, person, limit=3))) == _whom(facts, "blocking", by=person)

    def _call(self, name: str, pair: tuple[int, int]) -> Call:
        return Call(name, *(self.people[number] for number in pair))

    def _as_predicted(self, call: Call) -> None:
        self.facts, expected = predicted(self.facts, call)
        assert outcome(call) == expected
        assert self._stored() == self.facts

    def _stored(self) -> Facts:
        now = stored(self.people)
        now.check(self.people)
        return now.facts


def _who(facts: Facts, kind: str, *, of: str) -> list[str]:
    return sorted(a for known, a, b in facts if (known, b) == (kind, of))


def _whom(facts: Facts, kind: str, *, by: str) -> list[str]:
    return sorted(b for known, a, b in facts if (known, a) == (kind, by))


def test_no_history_of_calls_and_crashes_leaves_the_graph_in_halves() -> None:
    # given four people, when anything happens in any order, then the invariants of the machine hold
    run_state_machine_as_test(GraphMachine, settings=SETTINGS)
