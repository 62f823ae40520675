"""One-time codes: made from their request, mailed until they are old, never given back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.accounts import codes, events, identity, mail, store
from heliograph import clock, outbox, sealed
from heliograph.errors import Invalid
from heliograph.events import DomainEvent, ResetAsked, wrap
from tests.held_key import HeldKey
from tests.unit.requests import queued
from tests.unit.samples import sample

ADDRESS = "ada@example.org"


class Mailbox:
    """What was mailed, and the one account there is, with its one code."""

    def __init__(self, now: datetime) -> None:
        self.user = store.UserItem(
            "u1", username="ada", email=sealed.seal("u1", ADDRESS), created_at=now, is_confirmed=False
        )
        self.code: store.CredentialItem | None = None
        self.mails: list[tuple[str, str, str]] = []

    def find(self, user_id: str, consistent: bool) -> store.UserItem | None:
        return self.user if user_id == "u1" else None

    def put(self, item: store.CredentialItem) -> bool:
        self.code = item
        return True


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, now: datetime, field_key: HeldKey) -> Mailbox:
    mailbox = Mailbox(now)
    monkeypatch.setattr(store, "user", mailbox.find)
    monkeypatch.setattr(store, "put_code", mailbox.put)
    monkeypatch.setattr(store, "owner_of", lambda name: "u1" if name == identity.identity_of(ADDRESS) else None)
    monkeypatch.setattr(
        mail, "send_code", lambda address, purpose, code, minutes: mailbox.mails.append((address, purpose, code))
    )
    return mailbox


def asked(now: datetime, login: str = ADDRESS, request_id: str = "r1") -> ResetAsked:
    return ResetAsked(identity=identity.identity_of(login), request_id=request_id, asked_at=now)


def test_reset_request_answers_the_same_for_known_and_unknown_addresses(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    # given no table at all
    published: list[DomainEvent] = []
    monkeypatch.setattr(outbox, "publish", lambda event, event_id: published.append(event))
    # when
    for login in (ADDRESS, "nobody@example.org", "nobody"):
        identity.forgot_password(login)
    # then
    assert [type(event) for event in published] == [ResetAsked] * 3
    assert "example.org" not in str(published)


def test_reset_code_is_mailed_to_the_owner_of_the_address(mailbox: Mailbox, now: datetime, context: Any) -> None:
    # when
    handled = events.send_codes(
        queued(*(wrap(asked(now, login), event_id="e") for login in (ADDRESS, "nobody@example.org"))), context
    )
    # then
    assert handled == {"batchItemFailures": []}
    assert [(address, purpose) for address, purpose, _ in mailbox.mails] == [(ADDRESS, "reset")]


def test_repeated_request_gives_the_same_code_and_a_new_request_a_new_one(mailbox: Mailbox, now: datetime) -> None:
    # when
    for request_id in ("r1", "r1", "r2"):
        identity.send_reset_code(asked(now, request_id=request_id))
    # then
    first, again, other = (code for _, _, code in mailbox.mails)
    assert first == again
    assert first != other
    assert all(len(code) == 6 and code.isdecimal() for code in (first, other))


def test_the_table_holds_no_code(mailbox: Mailbox, now: datetime) -> None:
    # when
    identity.send_reset_code(asked(now))
    # then
    (_, _, code) = mailbox.mails[0]
    assert mailbox.code is not None
    assert code not in str(mailbox.code.attribute_values)
    assert mailbox.code.expires_at == clock.epoch(now) + 15 * 60


def test_late_code_request_is_ignored(mailbox: Mailbox, now: datetime) -> None:
    identity.send_reset_code(asked(now - timedelta(minutes=15)))
    assert (mailbox.mails, mailbox.code) == ([], None)


def test_superseded_code_request_is_not_mailed(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(store, "put_code", lambda _item: False)
    identity.send_reset_code(asked(now))
    assert mailbox.mails == []


def test_a_new_account_gets_a_code_until_it_is_confirmed(mailbox: Mailbox) -> None:
    # when
    identity.send_confirmation_code("u1")
    mailbox.user.is_confirmed = True
    identity.send_confirmation_code("u1")
    identity.send_confirmation_code("gone")
    # then
    assert [(address, purpose) for address, purpose, _ in mailbox.mails] == [(ADDRESS, "confirm")]


@pytest.mark.parametrize("tried", ["wrong", "used elsewhere", "no tries left"])
def test_only_the_right_unused_code_is_redeemed(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, now: datetime, tried: str
) -> None:
    # given
    identity.send_reset_code(asked(now))
    (_, _, code) = mailbox.mails[0]
    assert mailbox.code is not None
    kept = None if tried == "no tries left" else mailbox.code.secret_hash
    monkeypatch.setattr(store, "spend_try", lambda *_args, **_options: kept)
    monkeypatch.setattr(store, "use_up", lambda *_args: tried != "used elsewhere")
    given = f"{(int(code) + 1) % 10**6:06}" if tried == "wrong" else code
    # then
    with pytest.raises(Invalid, match="wrong, expired or already used"):
        codes.redeem("u1", "reset", given)
    if tried == "wrong":
        codes.redeem("u1", "reset", code)


def test_a_real_batch_is_understood(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    # given
    sent: list[Any] = []
    monkeypatch.setattr(identity, "send_confirmation_code", sent.append)
    monkeypatch.setattr(identity, "send_reset_code", lambda event: sent.append(event.identity))
    # then
    assert events.send_codes(sample("sqs_code_requests"), context) == {"batchItemFailures": []}
    assert sent == ["019aa1b2-0000-7000-8000-000000000001", "username#ada"]
