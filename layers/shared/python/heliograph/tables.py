"""What every PynamoDB model shares: name, time-outs, times, reads by key and by page, conditional writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]
from pynamodb.attributes import Attribute
from pynamodb.constants import ALL_NEW, ALL_OLD, ATTRIBUTES, ITEM, KEY, RETURN_VALUES, STRING, UPDATE_ITEM
from pynamodb.exceptions import DoesNotExist, PynamoDBException, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from heliograph import clock, config
from heliograph.resilience import retry
from heliograph.transactions import Contention, connection, refusal

T = TypeVar("T")
R = TypeVar("R")
M = TypeVar("M", bound=Model)
# Some three read units of small items.
SPAN = 200


class Meta:
    """Base of each model's Meta. The region and the endpoint come from the SDK's own environment."""

    connect_timeout_seconds = 1
    read_timeout_seconds = 5
    max_retry_attempts = 3


def name(aggregate: str) -> str:
    return config.named(aggregate)


class TimeAttribute(Attribute[datetime]):
    """A time kept in the API's own text form, whose order is the order of time."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return clock.iso(value)

    def deserialize(self, value: str) -> datetime:
        return clock.parse(value)


@dataclass(frozen=True)
class Slice(Generic[T]):
    """One keyset page: the items, and the position after which the next begins (None: the end)."""

    items: list[T]
    next: Any

    def looked_up(self, find: Callable[[list[T]], Mapping[T, R]]) -> "Slice[R]":
        """The page with what `find` knows of each item in its place; what it does not know is left out."""
        found = find(self.items)
        return Slice([found[item] for item in self.items if item in found], self.next)


def cut(items: Iterable[T], limit: int, position: Callable[[T], Any]) -> Slice[T]:
    """The first `limit` of `items`. Give it one more than the limit, and it knows whether a next page exists."""
    page = list(islice(items, limit + 1))
    kept = page[:limit]
    return Slice(kept, position(kept[-1]) if len(page) > limit else None)


def batch_get(model: type[M], keys: Iterable[Any], *, consistent: bool = False) -> list[M]:
    """Items by key, in any order, missing ones left out; a duplicate key is asked for once."""
    unique = list(dict.fromkeys(keys))
    return list(model.batch_get(unique, consistent_read=consistent)) if unique else []


def among(
    model: type[M], hash_key: str, range_key: Attribute[str], wanted: Iterable[str], key: Callable[[M], str]
) -> set[str]:
    """Which of the wanted range keys there are, for half a read unit where few others lie between them.

    One query over all that lies between the first and the last; what lies beyond its first SPAN items is asked for one
    by one, at half a unit each. `range_key`, `key`: the attribute, and its value in an item.
    """
    sought = sorted(set(wanted))
    if not sought:
        return set()
    near = cut(model.query(hash_key, range_key.between(sought[0], sought[-1]), limit=SPAN + 1), SPAN, key)
    far = [(hash_key, one) for one in sought if near.next is not None and one > near.next]
    return {key(item) for item in (*near.items, *batch_get(model, far))} & set(sought)


def find(model: type[M], hash_key: Any, range_key: Any = None, *, consistent: bool = False) -> M | None:
    """The item with this key, or None."""
    try:
        return model.get(hash_key, range_key, consistent_read=consistent)
    except DoesNotExist:
        return None


def put_if(item: Model, condition: Condition) -> bool:
    """Save the item where the condition holds; False (and nothing written) where it does not."""
    return _held(lambda: item.save(condition=condition))


def update_if(item: Model, actions: Sequence[Action], condition: Condition) -> bool:
    """Update the item where the condition holds; False (and nothing written) where it does not."""
    return _held(lambda: item.update(actions=list(actions), condition=condition))


def update_or_read(item: Model, actions: Sequence[Action], condition: Condition | None = None) -> bool:
    """Update the item where the condition holds, with one request; `item` then is what is stored, in either case.

    False where the condition did not hold: nothing was written. Where nothing is stored, `item` is left with its key.
    """
    # PynamoDB hands back the item of a refused condition for transactions only, which cost twice as much.
    request = item.get_update_kwargs_from_instance(list(actions), condition, ALL_OLD)
    try:
        low_level: Any = connection()  # untyped in PynamoDB
        item.deserialize(low_level.dispatch(UPDATE_ITEM, {**request, RETURN_VALUES: ALL_NEW})[ATTRIBUTES])
    except (BotoCoreError, ClientError) as error:
        failure = UpdateError(f"Failed to update item: {error}", error)
        if refusal(failure) != "ConditionalCheckFailedException":
            raise failure from error
        # PynamoDB wraps botocore's error, and leaves the item out.
        cause: Any = error.__cause__
        item.deserialize(cause.response.get(ITEM, request[KEY]))
        return False
    return True


def delete_if(item: Model, condition: Condition) -> bool:
    """Delete the item where the condition holds; False (and nothing deleted) where it does not."""
    return _held(lambda: item.delete(condition=condition))


def delete(item: Model) -> None:
    """Delete the item; that there is none is no error. Like every write here, raises Contention as `commit` does."""
    retry(lambda: _uncontended(item.delete), on=Contention)


def written(attribute: Attribute[Any], value: Any) -> Action:
    """The update action that makes `attribute` hold `value`, or nothing for None."""
    # Already in DynamoDB's form, because `set` takes a tuple for one element of a list, and a dataclass for no map.
    return attribute.remove() if value is None else attribute.set({attribute.attr_type: attribute.serialize(value)})


def _held(write: Callable[[], Any]) -> bool:
    try:
        retry(lambda: _uncontended(write), on=Contention)
    except PynamoDBException as error:
        if refusal(error) == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _uncontended(write: Callable[[], Any]) -> None:
    """DynamoDB refuses a single write while a transaction holds its item, and no SDK tries that again by itself."""
    try:
        write()
    except PynamoDBException as error:
        if refusal(error) == "TransactionConflictException":
            raise Contention from error
        raise
