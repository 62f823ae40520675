"""Signing in and out on the real engine: what opens an account, and what closes it again."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.accounts import codes, deletion, identity, passwords, service, sessions, store
from functions.accounts.sessions import Session
from functions.accounts.store import UserItem
from heliograph import admission, clock, ids, limits
from heliograph.errors import DomainError, Forbidden, Unauthenticated
from heliograph.limits import Exhausted
from heliograph.tokens import Caller
from tests.stores.samples import new_user

PASSWORD = "quiet-harbour-19"
ADDRESS = "203.0.113.9"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key signs here: an access token names its session."""
    monkeypatch.setenv("CURSOR_SECRET", "cursors")
    monkeypatch.setenv("DELETION_GRACE_SECONDS", "3600")
    monkeypatch.setattr(sessions, "_access_token", lambda _user_id, _username, family_id: family_id)


@pytest.fixture
def user_id() -> str:
    """A confirmed account with the password."""
    return _joined(confirmed=True)


def _joined(*, confirmed: bool) -> str:
    user = new_user(username=f"n{ids.new_id()[-12:]}", password_hash=passwords.hashed(PASSWORD))
    store.create_user(user)
    store.change_user(user.user_id, [UserItem.is_confirmed.set(confirmed)])
    return user.user_id


def _login(user_id: str) -> str:
    return service.me(user_id).profile.username


def _sign_in(user_id: str, password: str = PASSWORD) -> Session:
    return identity.sign_in(_login(user_id), password, "a phone")


def _let_in(session: Session) -> bool:
    """Whether its access token is good, wherever it is asked for."""
    limits.forget_all()
    caller = Caller(session.user_id, session.access_token, "ada")
    # An instance learns of an end with the write of the request before.
    return [admission.admit(caller, ADDRESS).caller for _ in range(2)] == [caller] * 2


def _refused(error: type[DomainError], action: Callable[[], object]) -> None:
    with pytest.raises(error):
        action()


def test_password_opens_account(user_id: str) -> None:
    # when
    session = _sign_in(user_id)
    # then
    assert session.user_id == user_id
    assert _let_in(session)
    # and another password, or a login that nobody has, does not
    _refused(Unauthenticated, lambda: _sign_in(user_id, "quiet-harbour-20"))
    _refused(Unauthenticated, lambda: identity.sign_in("nobody.at.all", PASSWORD, "a phone"))


def test_unconfirmed_account_is_refused() -> None:
    user_id = _joined(confirmed=False)

    _refused(Forbidden, lambda: _sign_in(user_id))


def test_guesses_are_limited_per_login(user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(identity, "SIGN_IN", replace(identity.SIGN_IN, burst=3))
    other = _joined(confirmed=True)
    # when
    for _ in range(3):
        _refused(Unauthenticated, lambda: _sign_in(user_id, "a guess"))
    # then the right password is refused as well, and another login is not
    _refused(Exhausted, lambda: _sign_in(user_id))
    assert _sign_in(other).user_id == other


def test_sign_in_takes_deletion_back(user_id: str) -> None:
    # given
    deletion.ask(user_id)
    assert service.me(user_id).profile.is_deactivated
    # when
    _sign_in(user_id)
    # then
    assert not service.me(user_id).profile.is_deactivated


def test_refresh_gives_next_pair_once(user_id: str) -> None:
    # given
    session = _sign_in(user_id)
    # when
    renewed = sessions.refresh(session.refresh_token)
    # then
    assert renewed.refresh_token != session.refresh_token
    assert _let_in(renewed)
    # and who uses the former token again ends the session for everybody
    _refused(Unauthenticated, lambda: sessions.refresh(session.refresh_token))
    _refused(Unauthenticated, lambda: sessions.refresh(renewed.refresh_token))
    assert not _let_in(renewed)


def test_expired_session_is_not_renewed(user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a session that DynamoDB has not deleted yet
    session = _sign_in(user_id)
    monkeypatch.setattr(sessions, "REFRESH_SECONDS", -1)
    renewed = sessions.refresh(session.refresh_token)
    # then
    _refused(Unauthenticated, lambda: sessions.refresh(renewed.refresh_token))


def test_sign_out_ends_one_session(user_id: str) -> None:
    # given
    phone, laptop = _sign_in(user_id), _sign_in(user_id)
    # when
    identity.sign_out(user_id, phone.access_token, None, everywhere=False)
    # then
    assert [_let_in(phone), _let_in(laptop)] == [False, True]
    _refused(Unauthenticated, lambda: sessions.refresh(phone.refresh_token))
    # and the other one by its refresh token
    identity.sign_out(user_id, phone.access_token, laptop.refresh_token, everywhere=False)
    assert not _let_in(laptop)


def test_session_of_another_account_is_not_ended(user_id: str) -> None:
    # given
    other = _joined(confirmed=True)
    session = _sign_in(other)
    # then
    _refused(Forbidden, lambda: identity.sign_out(user_id, "session", session.refresh_token, everywhere=False))
    assert _let_in(session)
    assert sessions.refresh(session.refresh_token).user_id == other


def test_sign_out_everywhere_ends_all_sessions(user_id: str) -> None:
    # given
    devices = [_sign_in(user_id) for _ in range(2)]
    # when
    identity.sign_out(user_id, devices[0].access_token, None, everywhere=True)
    # then
    assert not any(map(_let_in, devices))
    for device in devices:
        _refused(Unauthenticated, lambda device=device: sessions.refresh(device.refresh_token))


def test_password_reset_ends_all_sessions(user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    session = _sign_in(user_id)
    mailed: list[str] = []
    monkeypatch.setattr("functions.accounts.mail.send_code", lambda _to, _purpose, code, **_: mailed.append(code))
    codes.send(user_id, "reset", ids.new_id(), clock.now())
    # when
    identity.reset_password(_login(user_id), mailed[0], "another-harbour-7")
    # then
    assert not _let_in(session)
    _refused(Unauthenticated, lambda: sessions.refresh(session.refresh_token))
    _refused(Unauthenticated, lambda: _sign_in(user_id))
    assert _sign_in(user_id, "another-harbour-7").user_id == user_id


def test_phone_number_is_sealed(user_id: str) -> None:
    # when
    service.edit(user_id, {"phone_number": "+46701234567"})
    # then its owner reads it, and the table does not tell it
    assert service.me(user_id).phone_number == "+46701234567"
    kept = store.user(user_id)
    assert kept
    assert b"701234567" not in kept.phone_number
