"""Who may go on: every request spends its account's bucket, or else its address's; sessions that are over end here.

An access token is good for ACCESS_SECONDS by itself. What ends it sooner is noted on the bucket of its account, which a
request writes anyway; so every instance learns it with its next write for that account, within twenty seconds.
"""

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from heliograph import aws, clock, config, cursors, ids, limits, live
from heliograph.limits import BucketItem, Limit, Standing
from heliograph.load import Load
from heliograph.tokens import ACCESS_SECONDS, Caller

ACCOUNT = Limit("account", burst=300, per_second=5, batch=10)
ADDRESS = Limit("address", burst=120, per_second=2, batch=5)
# Providers give a household a whole /64 of IPv6 addresses, or more.
IPV6_PREFIX = 64


class AdmissionSettings(config.Settings):
    """Behind a local cloud's one address stand a community and its tests."""

    people_per_address: int = 1


@dataclass(frozen=True)
class Admitted:
    """`caller`: None for an anonymous request. `standing`: in the bucket that the request has spent."""

    caller: Caller | None
    standing: Standing


def admit(caller: Caller | None, address: str) -> Admitted:
    """Let a request in. A caller whose session is over is none. Raises Exhausted."""
    factor = live.read(Load).factor
    if caller and not _over(caller):
        standing = limits.spend(ACCOUNT.scaled(factor), caller.user_id)
        # The write may have brought the news.
        if not _over(caller):
            return Admitted(caller, standing)
    return Admitted(None, spend_address(ADDRESS.scaled(factor), address))


def spend_address(limit: Limit, address: str) -> Standing:
    """Take one token of an address's bucket. Raises Exhausted."""
    return limits.spend(limit.scaled(config.read(AdmissionSettings).people_per_address), veiled(_network(address)))


def veiled(text: str) -> str:
    """A subject for what must not be read from the table: addresses, logins."""
    secret = aws.secret(config.read(cursors.CursorSettings).cursor_secret)
    return hmac.new(secret, f"limits#{text}".encode(), hashlib.sha256).hexdigest()[:32]


def end_session(user_id: str, session_id: str) -> None:
    """Refuse the session's access tokens from now on: here at once, elsewhere within twenty seconds."""
    now = clock.epoch(clock.now())
    item = limits.mark(ACCOUNT, user_id, BucketItem.ended.add({f"{now}#{session_id}"}))
    expired = {note for note in item.ended if int(note.partition("#")[0]) < now - ACCESS_SECONDS}
    if expired:
        limits.mark(ACCOUNT, user_id, BucketItem.ended.delete(expired))


def end_sessions(user_id: str) -> None:
    """Refuse the access tokens of every session that the account has begun until now. Ids are in order of time."""
    limits.mark(ACCOUNT, user_id, BucketItem.ended_before.set(ids.new_id()))


def forget(user_id: str) -> None:
    """Drop what is kept of an account that is gone."""
    limits.forget(ACCOUNT, user_id)


def _over(caller: Caller) -> bool:
    item = limits.seen(ACCOUNT, caller.user_id)
    ended = {note.partition("#")[2] for note in item.ended}
    return caller.session_id < item.ended_before or caller.session_id in ended


def _network(address: str) -> str:
    parsed = ip_address(address)
    return str(ip_network((parsed, IPV6_PREFIX), strict=False)) if isinstance(parsed, IPv6Address) else address
