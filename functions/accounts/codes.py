"""One-time codes by e-mail: to confirm an address, to set a new password.

A request for a code is an event; the consumer that sends the mail makes the code. So asking takes the same time whether
or not the account exists, and a mail service that is down delays a code instead of failing the request.

A code is a function of its request, under the deployment's secret: an event that comes twice sends the same code again,
and does not give back its tries. The table keeps a keyed hash.
"""

import hmac
from datetime import datetime, timedelta
from typing import Literal

from functions.accounts import mail, store
from heliograph import clock, sealed
from heliograph.errors import Invalid

Purpose = Literal["confirm", "reset"]
LIFETIME = timedelta(minutes=15)
TRIES = 5
DIGITS = 6


def send(user_id: str, purpose: Purpose, request_id: str, asked_at: datetime) -> None:
    """Mail the code of a request, unless it is too old, a later one has taken its place, or the account is gone."""
    user = store.user(user_id, consistent=True)
    if user is None or asked_at + LIFETIME <= clock.now():
        return
    code = _code(user_id, purpose, request_id)
    asked = store.CredentialItem(
        user_id,
        _name(purpose),
        secret_hash=_digest(user_id, purpose, code),
        request_id=request_id,
        created_at=asked_at,
        expires_at=clock.epoch(asked_at + LIFETIME),
    )
    if store.put_code(asked):
        address = sealed.opened(user_id, user.email)
        mail.send_code(address, purpose, code, minutes=int(LIFETIME.total_seconds() // 60))


def redeem(user_id: str, purpose: Purpose, code: str) -> None:
    """Use a code up. Raises Invalid for a wrong, old or used one, and for any after TRIES tries."""
    expected = store.spend_try(user_id, _name(purpose), limit=TRIES, now=clock.epoch(clock.now()))
    given = _digest(user_id, purpose, code)
    if expected is None or not hmac.compare_digest(expected, given) or not store.use_up(user_id, _name(purpose), given):
        raise wrong()


def wrong() -> Invalid:
    return Invalid.field("code", "wrong, expired or already used")


def _name(purpose: Purpose) -> str:
    return f"code#{purpose}"


def _code(user_id: str, purpose: Purpose, request_id: str) -> str:
    number = int(sealed.keyed_hash("code", f"{user_id} {purpose} {request_id}"), 16)
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _digest(user_id: str, purpose: Purpose, code: str) -> str:
    """Under a key, because a million codes are soon tried against a plain hash."""
    return sealed.keyed_hash("code digest", f"{user_id} {purpose} {code}")
