"""Use cases of identity: sign up, confirm, sign in, sign out, reset a password."""

import hmac
import secrets
from typing import Literal

from functions.accounts import deletion, mail, passwords, sessions, store
from functions.accounts.names import folded
from heliograph import clock, config, ids
from heliograph.errors import Conflict, Forbidden, Invalid, Unauthenticated

Purpose = Literal["confirm", "reset"]
CODE_MINUTES = 15
CODE_TRIES = 5
CODE_DIGITS = 6
TAKEN = {"username": "This username is taken", "email": "This e-mail address is already in use"}


class IdentitySettings(config.Settings):
    require_confirmation: bool = True


def sign_up(username: str, email: str, password: str, full_name: str) -> str:
    """Create the account and send its confirmation code; the new user's id. Raises Conflict for a taken name."""
    user = store.NewUser(
        ids.new_id(), folded(username), folded(email), passwords.hashed(password), full_name, clock.now()
    )
    try:
        store.create_user(user)
    except store.NameTaken as taken:
        raise Conflict(TAKEN[taken.field]) from None
    _send_code(user.user_id, user.email, "confirm")
    return user.user_id


def confirm(username: str, code: str) -> None:
    """Mark the account's e-mail address as confirmed. Raises Invalid for a wrong, old or used code."""
    user_id = store.owner_of(f"username#{folded(username)}")
    if user_id is None:
        raise _wrong_code()
    _redeem_code(user_id, "confirm", code)
    store.change_user(user_id, [store.UserItem.is_confirmed.set(True)])


def sign_in(login: str, password: str) -> sessions.Session:
    """A new session; it takes back the account's deletion.

    Raises Unauthenticated alike, and in like time, for an unknown login and a wrong password.
    """
    user_id = _user_of_login(login)
    user = store.user(user_id, consistent=True) if user_id else None
    if not passwords.matches(user and user.password_hash, password) or user is None:
        raise Unauthenticated("The login or the password is wrong")
    if config.read(IdentitySettings).require_confirmation and not user.is_confirmed:
        raise Forbidden("Confirm your e-mail address first")
    if user.deletion_id:
        deletion.cancel(user.user_id)
    actions = [store.UserItem.last_active.set(clock.now())]
    if passwords.outdated(user.password_hash):
        actions.append(store.UserItem.password_hash.set(passwords.hashed(password)))
    store.change_user(user.user_id, actions)
    return sessions.start(user.user_id)


def sign_out(user_id: str, session_id: str, refresh_token: str | None, *, everywhere: bool) -> None:
    """End this device's session, the one named by a refresh token of the same account, or all."""
    if everywhere:
        sessions.end_all(user_id)
        return
    owner_id, family_id = sessions.family_of(refresh_token) if refresh_token else (user_id, session_id)
    if owner_id != user_id:
        raise Forbidden("This refresh token belongs to another account")
    sessions.end(user_id, family_id)


def forgot_password(login: str) -> None:
    """Send a reset code if the account exists; say nothing either way."""
    user_id = _user_of_login(login)
    user = store.user(user_id) if user_id else None
    if user is not None:
        _send_code(user.user_id, user.email, "reset")


def reset_password(login: str, code: str, new_password: str) -> None:
    """Set a new password and end every session. Raises Invalid for a wrong, old or used code."""
    user_id = _user_of_login(login)
    if user_id is None:
        raise _wrong_code()
    _redeem_code(user_id, "reset", code)
    hashed = passwords.hashed(new_password)
    # Whoever read the code in the mailbox has also shown that the address is theirs.
    store.change_user(user_id, [store.UserItem.password_hash.set(hashed), store.UserItem.is_confirmed.set(True)])
    sessions.end_all(user_id)


def _user_of_login(login: str) -> str | None:
    kind = "email" if "@" in login else "username"
    return store.owner_of(f"{kind}#{folded(login)}")


def _send_code(user_id: str, email: str, purpose: Purpose) -> None:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    now = clock.now()
    store.put_credential(
        store.CredentialItem(
            user_id,
            f"code#{purpose}",
            secret_hash=sessions.digest(code),
            created_at=now,
            expires_at=clock.epoch(now) + CODE_MINUTES * 60,
        )
    )
    mail.send_code(email, purpose, code, minutes=CODE_MINUTES)


def _redeem_code(user_id: str, purpose: Purpose, code: str) -> None:
    name = f"code#{purpose}"
    expected = store.spend_try(user_id, name, limit=CODE_TRIES, now=clock.epoch(clock.now()))
    given = sessions.digest(code)
    if expected is None or not hmac.compare_digest(expected, given) or not store.consume(user_id, name, given):
        raise _wrong_code()


def _wrong_code() -> Invalid:
    return Invalid.field("code", "wrong, expired or already used")
