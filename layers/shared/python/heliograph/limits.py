"""Rate limits: token buckets in the table `limits`, one item for each subject of each limit.

    FOLLOW = limits.Limit("follow", burst=60, per_second=60 / 3600)
    limits.spend(FOLLOW, user_id)  # raises Exhausted, which is a 429 with Retry-After

A bucket is one number, the theoretical arrival time of the generic cell rate algorithm (GCRA, ITU-T I.371, annex A, as
virtual scheduling): the time at which it will be full again. Taking tokens moves it on by an interval each, and it may
be ahead of now by the burst's worth of intervals at most.

It costs no read, and one conditional write at most. An instance takes a small batch of tokens with one write and spends
it from memory; what it knows to be empty it refuses from memory. "The later of that time and now" cannot be written in
one update, so an instance guesses by what it has seen last whether the bucket is full. When it guessed wrong, the
refused update has brought the item: if there is room, the request passes, and is booked with the next write. So each
instance may let one request in GRACE_MS through unbooked. A limit of single tokens (`batch=1`) is exact instead: it
writes again. See docs/decisions/0009-rate-limits.md.
"""

from dataclasses import dataclass, field, replace

from cachetools import LRUCache
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from heliograph import clock, tables
from heliograph.errors import TooManyRequests
from heliograph.observability import count, logger

# How long an instance may spend what it has taken, without looking at the item.
ALLOWANCE_MS = 20_000
# A bucket that has been full for less counts as in use, so that an instance that has seen it lately guesses right.
# Such a bucket holds more than its burst, by what comes back in this time.
GRACE_MS = 10_000
# An item is kept so long after its bucket is full again. What else is noted on it must be good for no longer.
KEEP_SECONDS = 3600
REMEMBERED = 4096


@dataclass(frozen=True)
class Limit:
    """`burst` requests at once, and `per_second` in the long run. `batch`: tokens that an instance takes at once."""

    name: str
    burst: int
    per_second: float
    batch: int = 1

    @property
    def interval(self) -> int:
        """Milliseconds in which a token comes back."""
        return max(1, round(1000 / self.per_second))

    @property
    def tolerance(self) -> int:
        """Milliseconds in which an empty bucket is full again."""
        return self.burst * self.interval

    def scaled(self, factor: float) -> "Limit":
        """The same limit for `factor` times as many requests."""
        return replace(self, burst=max(1, round(self.burst * factor)), per_second=self.per_second * factor)

    def room(self, tat: int, now: int) -> int:
        """Tokens in a bucket whose theoretical arrival time is `tat`. Both times in milliseconds since 1970."""
        return max(0, (self.tolerance - max(0, tat - now)) // self.interval)

    def wait(self, tat: int, now: int, tokens: int) -> int:
        """Milliseconds until so many tokens are in the bucket."""
        return max(0, max(tat, now) + tokens * self.interval - self.tolerance - now)


@dataclass(frozen=True)
class Standing:
    """What the RateLimit headers tell: the burst, what is left of it, and when it will be whole again."""

    limit: int
    remaining: int
    reset_seconds: int


class Exhausted(TooManyRequests):
    """A limit has been reached. `standing`: of that limit."""

    def __init__(self, standing: Standing, retry_after: int) -> None:
        super().__init__(retry_after)
        self.standing = standing


class BucketItem(Model):
    """A bucket; that of an account also says which of its sessions are over (`heliograph.admission`)."""

    class Meta(tables.Meta):  # pyright: ignore[reportIncompatibleVariableOverride]  (PynamoDB's idiom)
        table_name = tables.name("limits")

    subject = UnicodeAttribute(hash_key=True)
    tat = NumberAttribute(default=0)
    expires_at = NumberAttribute(attr_name="expiresAt")
    ended_before = UnicodeAttribute(attr_name="endedBefore", default="")
    ended = UnicodeSetAttribute(default=set)


@dataclass
class _Held:
    """What an instance knows of a bucket, and holds of it. `tokens` below zero: spent, but not booked yet."""

    item: BucketItem
    tokens: int = 0
    until: int = 0

    @property
    def tat(self) -> int:
        return int(self.item.tat)


@dataclass
class Memory:
    """The buckets that an instance has met last."""

    buckets: "LRUCache[str, _Held]" = field(default_factory=lambda: LRUCache(REMEMBERED))

    def of(self, key: str) -> _Held:
        if key not in self.buckets:
            self.buckets[key] = _Held(BucketItem(key))
        return self.buckets[key]


_OWN = Memory()


def spend(limit: Limit, subject: str, *, memory: Memory = _OWN) -> Standing:
    """Take one token of the subject's bucket. Raises Exhausted.

    While the table cannot be written, everything passes: an outage of the limiter must not be one of the product.
    """
    now = _now()
    held = memory.of(_key(limit, subject))
    if now >= held.until:
        held.tokens = 0
    if held.tokens < 1:
        _refill(limit, held, now)
    held.tokens -= 1
    return _standing(limit, held, now)


def seen(limit: Limit, subject: str, *, memory: Memory = _OWN) -> BucketItem:
    """The subject's bucket as this instance has seen it last."""
    return memory.of(_key(limit, subject)).item


def mark(limit: Limit, subject: str, *actions: Action, memory: Memory = _OWN) -> BucketItem:
    """Note something on the subject's bucket. This instance knows it at once, others within ALLOWANCE_MS."""
    item = seen(limit, subject, memory=memory)
    tables.update_or_read(item, [*actions, _expiry(limit, _now())])
    return item


def forget(limit: Limit, subject: str, *, memory: Memory = _OWN) -> None:
    """Drop the subject's bucket, with all that is noted on it."""
    key = _key(limit, subject)
    memory.buckets.pop(key, None)
    tables.delete(BucketItem(key))


def forget_all() -> None:
    """Forget what this instance knows (for tests)."""
    _OWN.buckets.clear()


def _refill(limit: Limit, held: _Held, now: int) -> None:
    """Take what this request needs, with what is owed or else a little more. Raises Exhausted."""
    needed = 1 - held.tokens
    held.until = now + ALLOWANCE_MS
    while (room := limit.room(held.tat, now)) >= needed:
        taken = needed if needed > 1 else min(room, limit.batch)
        if _booked(limit, held, now, taken):
            held.tokens += taken
            return
        if limit.batch > 1 and limit.room(held.tat, now) >= needed:
            return
    count("RequestsLimited")
    raise Exhausted(_standing(limit, held, now), max(1, _seconds(limit.wait(held.tat, now, needed))))


def _booked(limit: Limit, held: _Held, now: int, tokens: int) -> bool:
    """Move the bucket's time on. False if the guess was wrong, or tokens are missing; `held` has then seen the item."""
    ahead, tat, lately = tokens * limit.interval, BucketItem.tat, now - GRACE_MS
    if held.tat > lately:
        moved, condition = tat.set(tat + ahead), (tat > lately) & (tat <= now + limit.tolerance - ahead)
    else:
        moved, condition = tat.set(now + ahead), tat.does_not_exist() | (tat <= now)
    try:
        return tables.update_or_read(held.item, [moved, _expiry(limit, now)], condition)
    except PynamoDBException:
        logger.warning("the rate limiter cannot write", exc_info=True)
        count("LimiterUnavailable")
        return True


def _expiry(limit: Limit, now: int) -> Action:
    return BucketItem.expires_at.set((now + limit.tolerance) // 1000 + KEEP_SECONDS)


def _standing(limit: Limit, held: _Held, now: int) -> Standing:
    remaining = max(0, min(limit.burst, limit.room(held.tat, now) + held.tokens))
    return Standing(limit.burst, remaining, _seconds(max(0, held.tat - now)))


def _key(limit: Limit, subject: str) -> str:
    return f"{limit.name}#{subject}"


def _now() -> int:
    return int(clock.now().timestamp() * 1000)


def _seconds(milliseconds: int) -> int:
    """Rounded up."""
    return -(-milliseconds // 1000)
