"""Events, the outbox and the consumers: nothing lost, nothing blocked, failures told one by one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pydantic import ValidationError

from heliograph import aws, consumers, counters_stream, events, outbox
from heliograph.counters import Counter, CounterShard
from heliograph.errors import Unavailable
from heliograph.events import CounterChanged, Followed, UserChanged
from tests.unit.samples import sample


class Bus:
    """EventBridge that refuses some entries a number of times."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.accepted: list[dict[str, Any]] = []

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        assert len(Entries) <= 10
        refused = min(self.refusals, 1)
        self.refusals -= refused
        self.accepted += [json.loads(entry["Detail"]) for entry in Entries[refused:]]
        results = [{"ErrorCode": "ThrottlingException"}] * refused + [{"EventId": "e"}] * (len(Entries) - refused)
        return {"FailedEntryCount": refused, "Entries": results}


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(aws, "client", lambda service: {"events": bus}[service])
    monkeypatch.setattr("heliograph.resilience.time.sleep", lambda _seconds: None)
    return bus


def record(number: int, entity: str) -> dict[str, Any]:
    image = {"entity": {"S": entity}, "shard": {"S": "us-east-1#0"}, "added": {"N": "1"}, "removed": {"N": "0"}}
    return {"eventID": f"e{number}", "dynamodb": {"SequenceNumber": str(number), "NewImage": image}}


def test_an_event_survives_the_wire() -> None:
    event = Followed(follower_id="a", followee_id="b")
    detail = json.loads(json.dumps(events.wrap(event, event_id="e1-0")))
    assert detail["data"] == {"followerId": "a", "followeeId": "b"}
    assert (detail["id"], detail["schema"], detail["version"]) == ("e1-0", "Followed", 1)
    assert events.unwrap(detail) == event


@pytest.mark.parametrize("change", [{"schema": "Unheard"}, {"version": 2}, {"schema": None}])
def test_an_unknown_event_is_refused(change: dict[str, Any]) -> None:
    detail = events.wrap(UserChanged(user_id="a"), event_id="e") | change
    with pytest.raises(events.UnknownEvent):
        events.unwrap(detail)


def test_an_event_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValidationError):
        events.unwrap(events.wrap(UserChanged(user_id="a"), event_id="e") | {"data": {}})


def test_every_change_reaches_the_bus_even_when_it_refuses_at_first(bus: Bus, context: Any) -> None:
    bus.refusals = 2
    records = [record(number, f"post#likes#{number}") for number in range(23)]
    answer = counters_stream.publish({"Records": records}, context)
    assert answer == {"batchItemFailures": []}
    assert sorted(int(detail["data"]["id"]) for detail in bus.accepted) == list(range(23))


def test_what_the_bus_keeps_refusing_is_reported(bus: Bus, context: Any) -> None:
    bus.refusals = 100
    answer = counters_stream.publish({"Records": [record(7, "post#likes#1")]}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}


def test_a_poison_record_is_reported_and_its_neighbours_are_published(bus: Bus, context: Any) -> None:
    records = [record(1, "post#likes#a"), record(2, "poison"), record(3, "post#likes#c")]
    answer = counters_stream.publish({"Records": records}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert [detail["data"]["id"] for detail in bus.accepted] == ["a", "c"]


def test_unreachable_bus_leaves_all_records_for_retry(bus: Bus, context: Any, monkeypatch: Any) -> None:
    def unreachable(**_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://events.example")

    monkeypatch.setattr(bus, "put_events", unreachable)
    answer = counters_stream.publish({"Records": [record(3, "post#likes#a"), record(4, "post#likes#b")]}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "3"}]}


def test_the_same_change_has_the_same_event_id_at_every_delivery(bus: Bus, context: Any) -> None:
    for _ in range(2):
        counters_stream.publish({"Records": [record(1, "post#likes#a")]}, context)
    assert [detail["id"] for detail in bus.accepted] == ["e1-0", "e1-0"]


def test_removal_carries_only_the_old_image() -> None:
    raw = {"eventID": "e", "dynamodb": {"SequenceNumber": "1", "OldImage": record(1, "a#b#c")["dynamodb"]["NewImage"]}}
    change = outbox.change_of(CounterShard, raw)
    assert change.new is None
    assert change.old is not None
    assert (change.old.entity, int(change.old.added)) == ("a#b#c", 1)


def message(number: int, event: Any) -> dict[str, Any]:
    return {"messageId": f"m{number}", "body": json.dumps({"detail": events.wrap(event, event_id=str(number))})}


def test_a_poison_message_fails_alone(context: Any) -> None:
    handled: list[Any] = []

    def handle(event: events.DomainEvent) -> None:
        if event == UserChanged(user_id="bad"):
            raise RuntimeError("cannot")
        handled.append(event)

    batch = [message(number, UserChanged(user_id=name)) for number, name in enumerate(["a", "bad", "c"])]
    batch.append({"messageId": "m3", "body": "not json"})
    answer = consumers.consumer(handle)({"Records": batch}, context)
    assert {item["itemIdentifier"] for item in answer["batchItemFailures"]} == {"m1", "m3"}
    assert handled == [UserChanged(user_id="a"), UserChanged(user_id="c")]


def test_equal_messages_of_a_batch_are_handled_once(context: Any) -> None:
    handled: list[Any] = []
    moved = CounterChanged(kind="post", id="p", name="likes")
    batch = {"Records": [message(number, moved) for number in range(5)]}
    assert consumers.consumer(handled.append)(batch, context) == {"batchItemFailures": []}
    assert handled == [moved]


def test_batch_handler_fails_only_the_messages_it_names(context: Any) -> None:
    given: list[list[Any]] = []

    def handle(told: list[events.DomainEvent]) -> list[events.DomainEvent]:
        given.append(told)
        return [event for event in told if event == UserChanged(user_id="bad")]

    names = ["a", "bad", "a", "c", "bad"]
    records = [message(number, UserChanged(user_id=name)) for number, name in enumerate(names)]
    answer = consumers.batch_consumer(handle)({"Records": records}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m4"}]}
    assert given == [[UserChanged(user_id=name) for name in ("a", "bad", "c")]]


def test_a_batch_that_fails_as_a_whole_is_handled_one_by_one(context: Any) -> None:
    handled: list[Any] = []

    def handle(told: list[events.DomainEvent]) -> list[events.DomainEvent]:
        if UserChanged(user_id="bad") in told:
            raise RuntimeError("cannot")
        handled.extend(told)
        return []

    records = [message(number, UserChanged(user_id=name)) for number, name in enumerate(["a", "bad", "c"])]
    answer = consumers.batch_consumer(handle)({"Records": records}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert handled == [UserChanged(user_id="a"), UserChanged(user_id="c")]


def test_messages_are_delayed_in_an_outage_and_poison_messages_are_not(context: Any) -> None:
    # Given a consumer that waits for something
    later: list[str] = []

    def handle(event: events.DomainEvent) -> None:
        if event == UserChanged(user_id="bad"):
            raise RuntimeError("cannot")
        raise Unavailable

    records = [message(number, UserChanged(user_id=name)) for number, name in enumerate(["a", "bad", "c"])]
    # Then what has to wait is no failure
    answer = consumers.consumer(handle, later=later.extend)({"Records": records}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert later == [records[0]["body"], records[2]["body"]]
    # But it is one for a consumer that does not wait
    answer = consumers.consumer(handle)({"Records": records}, context)
    assert len(answer["batchItemFailures"]) == 3


def test_message_that_cannot_be_delayed_is_redelivered(context: Any) -> None:
    def handle(_event: events.DomainEvent) -> None:
        raise Unavailable

    def later(_bodies: Any) -> None:
        raise RuntimeError("no queue")

    answer = consumers.consumer(handle, later=later)({"Records": [message(1, UserChanged(user_id="a"))]}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_a_counter_is_told_from_its_key() -> None:
    counter = Counter("hashtag", "a#b", "posts")
    assert Counter.of_key(counter.key) == counter


def test_translation_may_give_several_events(bus: Bus, context: Any) -> None:
    def translate(_change: outbox.Change[CounterShard]) -> Iterator[events.DomainEvent]:
        yield UserChanged(user_id="a")
        yield UserChanged(user_id="b")

    outbox.publisher(CounterShard, translate)({"Records": [record(1, "x#y#z")]}, context)
    assert [detail["id"] for detail in bus.accepted] == ["e1-0", "e1-1"]


def test_real_records_of_a_counter_are_understood(bus: Bus, context: Any) -> None:
    assert counters_stream.publish(sample("dynamodb_counters"), context) == {"batchItemFailures": []}
    assert [(detail["data"]["kind"], detail["data"]["name"]) for detail in bus.accepted] == [("post", "likes")] * 2
