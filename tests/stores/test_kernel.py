"""Counters, tables, transactions and idempotency on the real engine."""

from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from pynamodb.transactions import TransactWrite

from functions.accounts.store import IdentityItem
from functions.discovery.store import TaggedPost
from functions.posts.store import LikeItem
from heliograph import clock, config, counters, http, idempotency, ids, tables, tokens, transactions
from heliograph.counters import Counter, CounterShard, Total
from heliograph.errors import Unavailable
from tests.capacity import Meter
from tests.stores import engine
from tests.stores.samples import at_once, joined
from tests.unit.requests import answer, request

# --- Counters -------------------------------------------------------------------------------------------------------


def _likes() -> Counter:
    return Counter("post", ids.new_id(), "likes")


def _added(counter: Counter, actor: str) -> None:
    transactions.commit(lambda transaction: counters.add(transaction, counter, actor=actor))


def _added_within(counter: Counter, limit: int) -> None:
    transactions.commit(lambda transaction: counters.add(transaction, counter, actor="ada", limit=limit))


def _removed(counter: Counter, actor: str) -> None:
    transactions.commit(lambda transaction: counters.remove(transaction, counter, actor=actor))


def test_a_counter_adds_up() -> None:
    # given a counter that nobody has touched
    counter = _likes()
    assert counters.total(counter) == Total(0, 0)
    # when
    actors = [f"actor-{number}" for number in range(12)]
    for actor in actors:
        _added(counter, actor)
    for actor in actors[:5]:
        _removed(counter, actor)
    # then
    assert counters.total(counter) == Total(7, 17)


def test_no_counter_is_read_as_less_than_nothing() -> None:
    # given a removal that has come before the addition, which was made in another region
    counter = _likes()
    _removed(counter, "ada")
    assert counters.total(counter) == Total(0, 1)
    # when
    CounterShard(counter.key, "eu-west-1", added=1).save()
    # then
    assert counters.total(counter) == Total(0, 2)


def test_a_counter_stops_at_its_limit() -> None:
    # given one left of three
    counter = _likes()
    for _ in range(2):
        _added_within(counter, 3)
    # when
    _added_within(counter, 3)
    # then
    with pytest.raises(counters.Full):
        _added_within(counter, 3)
    assert counters.total(counter) == Total(3, 3)
    # and a removal makes room for one
    _removed(counter, "ada")
    _added_within(counter, 3)
    assert counters.total(counter) == Total(3, 5)


def test_last_place_goes_to_first_request() -> None:
    # given one left of three
    counter = _likes()
    for _ in range(2):
        _added_within(counter, 3)

    # when it is taken after it was seen, and before the commit
    def too_late(transaction: TransactWrite) -> None:
        counters.add(transaction, counter, actor="ada", limit=3)
        _added_within(counter, 3)

    # then
    with pytest.raises(transactions.ConditionFailed):
        transactions.commit(too_late)
    assert counters.total(counter) == Total(3, 3)


@pytest.mark.parametrize("meanwhile", ["added", "removed"])
def test_a_limit_that_is_not_reached_disturbs_nobody(meanwhile: str) -> None:
    # given
    counter = _likes()
    _added_within(counter, 3)

    def in_time(transaction: TransactWrite) -> None:
        counters.add(transaction, counter, actor="ada", limit=3)
        {"added": _added, "removed": _removed}[meanwhile](counter, "ada")

    # when
    transactions.commit(in_time)
    # then
    assert counters.total(counter).value == {"added": 3, "removed": 1}[meanwhile]


def test_a_limit_holds_over_what_other_regions_have_counted() -> None:
    # given two in another region
    counter = _likes()
    CounterShard(counter.key, "eu-west-1", added=5, removed=3).save()
    # when
    _added_within(counter, 3)
    # then
    with pytest.raises(counters.Full):
        _added_within(counter, 3)


def test_counting_at_once_loses_nothing() -> None:
    # given
    counter = _likes()
    # when
    at_once(*(lambda actor=actor: _added(counter, str(actor)) for actor in range(16)))
    # then
    assert counters.total(counter) == Total(16, 16)


def test_settling_goes_on_until_what_is_written_is_true() -> None:
    # given somebody who counts on while the first total is being written
    counter, written = _likes(), list[Total]()
    _added(counter, "ada")

    def write(total: Total) -> None:
        if not written:
            _added(counter, "ben")
        written.append(total)

    # when
    counters.settle(counter, write)
    # then
    assert written == [Total(1, 1), Total(2, 2)]


def test_a_forgotten_counter_is_gone_and_may_be_forgotten_again() -> None:
    # given
    counter, other = _likes(), _likes()
    for one in (counter, other):
        _added(one, "ada")
    # when
    for _ in range(2):
        counters.forget(counter)
    # then
    assert (counters.total(counter), counters.total(other)) == (Total(0, 0), Total(1, 1))


# --- Tables ---------------------------------------------------------------------------------------------------------


def test_a_table_is_named_after_the_deployment() -> None:
    assert tables.name("users") == config.named("users") == "test-users"


def test_conditional_writes_say_whether_they_were_made() -> None:
    # given
    item = IdentityItem(f"username#{ids.new_id()}", user_id="ada")
    free, taken = IdentityItem.identity.does_not_exist(), IdentityItem.identity.exists()
    # then
    assert [tables.put_if(item, free), tables.put_if(item, free)] == [True, False]
    assert tables.update_if(item, [IdentityItem.user_id.set("ben")], IdentityItem.user_id == "ada")
    assert not tables.update_if(item, [IdentityItem.user_id.set("cleo")], IdentityItem.user_id == "ada")
    assert not tables.delete_if(item, IdentityItem.user_id == "ada")
    kept = tables.find(IdentityItem, item.identity, consistent=True)
    assert kept is not None
    assert kept.user_id == "ben"
    assert [tables.delete_if(item, taken), tables.delete_if(item, taken)] == [True, False]
    assert tables.find(IdentityItem, item.identity, consistent=True) is None
    # and an unconditional delete does not ask
    tables.delete(item)


def test_a_read_by_key_is_as_consistent_as_asked(meter: Meter) -> None:
    # when
    for consistent in (False, True):
        tables.find(LikeItem, "post", "user", consistent=consistent)
        tables.batch_get(LikeItem, [("post", "user"), ("post", "user")], consistent=consistent)
    # then a duplicate is asked for once
    assert [request.read_units for request in meter.requests] == [0.5, 0.5, 1, 1]


def test_a_batch_above_a_hundred_is_cut_and_its_page_too() -> None:
    # given
    post_id, users = ids.new_id(), [ids.new_id() for _ in range(130)]
    with LikeItem.batch_write() as batch:
        for user_id in users:
            batch.save(LikeItem(post_id, user_id, author_id="author", created_at=clock.now()))
    # when
    found = tables.batch_get(LikeItem, [(post_id, user_id) for user_id in users], consistent=True)
    page = tables.cut((item.user_id for item in LikeItem.query(post_id)), 50, str)
    # then
    assert sorted(item.user_id for item in found) == sorted(users)
    assert (len(page.items), page.next) == (50, sorted(users)[49])


# --- Transactions ---------------------------------------------------------------------------------------------------


def test_a_refused_transaction_names_the_places_of_what_refused() -> None:
    # given a check, a delete, a save and an update, built in another order
    items = [IdentityItem(ids.new_id(), user_id="ada") for _ in range(4)]
    for item in items:
        item.save()
    check, delete, save, update = items

    def build(transaction: Any, refusing: tuple[IdentityItem, ...]) -> None:
        def condition(item: IdentityItem) -> Any:
            return IdentityItem.user_id == ("nobody" if item in refusing else "ada")

        transaction.update(update, actions=[IdentityItem.user_id.set("ben")], condition=condition(update))
        transaction.save(IdentityItem(save.identity, user_id="ben"), condition=condition(save))
        transaction.delete(delete, condition=condition(delete))
        transaction.condition_check(IdentityItem, check.identity, condition=condition(check))

    # then each is counted as PynamoDB sends it: checks, deletes, saves, updates
    for places in [{0}, {1}, {2}, {3}, {0, 3}, {1, 2}]:
        refusing = tuple(items[place] for place in places)
        with pytest.raises(transactions.ConditionFailed) as failure:
            transactions.commit(lambda transaction, refusing=refusing: build(transaction, refusing))
        assert failure.value.positions == places
    # and nothing was written until none refuses
    assert {item.user_id for item in tables.batch_get(IdentityItem, [item.identity for item in items])} == {"ada"}
    transactions.commit(lambda transaction: build(transaction, ()))
    left = {item.identity: item.user_id for item in tables.batch_get(IdentityItem, [item.identity for item in items])}
    assert left == {check.identity: "ada", save.identity: "ben", update.identity: "ben"}


def test_a_transaction_of_a_hundred_items_is_one_request(meter: Meter) -> None:
    # given
    tag = ids.new_id()

    def build(transaction: Any) -> None:
        for number in range(100):
            transaction.save(TaggedPost(tag, f"{number:03}", hashtag="dusk", created_at=clock.now()))

    # when
    transactions.commit(build)
    # then
    assert [(request.operation, request.write_units) for request in meter.requests] == [("TransactWriteItems", 200)]
    assert len(list(TaggedPost.query(tag))) == 100


# --- Idempotency ----------------------------------------------------------------------------------------------------


class _Context:
    function_name = "test"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class _Desk:
    """An API whose one POST numbers its answers; the first may fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, failures: int = 0) -> None:
        self.calls = 0
        self._failures = failures
        monkeypatch.setattr(tokens, "verify", lambda token: tokens.Caller(token, "session", "ada"))

    def ask(self, key: str | None, body: str, caller: str = "ada") -> tuple[int, Any]:
        """By an instance of its own, because an instance serves one request at a time."""
        headers = {"Authorization": f"Bearer {caller}"} | ({"Idempotency-Key": key} if key else {})
        return answer(self._instance()(request("POST", "/v1/things", body, headers), _Context()))

    def _instance(self) -> Any:
        app = http.resolver()

        def numbered(app: APIGatewayRestResolver, _proceed: http.Next) -> Response[Any]:
            self.calls += 1
            if self.calls <= self._failures:
                raise Unavailable
            return Response(201, content_type="application/json", body=f"{self.calls}")

        @app.post("/v1/things", middlewares=[idempotency.replay, numbered])
        def things() -> int:
            raise NotImplementedError

        return http.handler(app)


def test_a_repeated_key_gets_the_first_answer_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    desk, key, other = _Desk(monkeypatch), ids.new_id(), joined()
    # then
    assert [desk.ask(key, '{"a":1}'), desk.ask(key, '{"a":1}')] == [(201, 1), (201, 1)]
    assert desk.ask(key, '{"a":2}')[0] == 409
    assert desk.ask(key, '{"a":1}', other) == (201, 2)
    assert [desk.ask(None, '{"a":1}'), desk.ask(None, '{"a":1}')] == [(201, 3), (201, 4)]
    # and what is kept expires by time to live, in seconds
    stored = engine.client().scan(TableName=config.named("idempotency"))["Items"]
    assert {int(item["expiration"]["N"]) // 10**9 for item in stored} == {1}


def test_a_key_has_an_end(monkeypatch: pytest.MonkeyPatch, meter: Meter) -> None:
    # when
    status, _ = _Desk(monkeypatch).ask("k" * 256, "{}")
    # then nothing is looked up
    assert status == 422
    assert config.named("idempotency") not in {table for request in meter.requests for table in request.tables}


def test_a_failure_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    desk, key = _Desk(monkeypatch, failures=1), ids.new_id()
    # then the same key may try again
    assert [desk.ask(key, "{}")[0] for _ in range(3)] == [503, 201, 201]
    assert desk.calls == 2


def test_of_many_requests_with_one_key_one_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    desk, key = _Desk(monkeypatch), ids.new_id()
    desk.ask(ids.new_id(), "{}")
    # when
    answers = at_once(*[lambda: desk.ask(key, "{}")] * 4)
    # then the others wait, or see the same answer
    assert desk.calls == 2
    assert {status for status, _ in answers} <= {201, 409}
    assert {body for status, body in answers if status == 201} == {2}
