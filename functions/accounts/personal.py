"""What accounts know of one person, for state machines: see `heliograph.personal`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.accounts import export_files, jobs, service, store
from functions.accounts.service import Account
from heliograph import counters, personal
from heliograph.counters import Counter
from heliograph.tables import Slice


@dataclass(frozen=True)
class Device:
    """A session as it is exported: what signs it in is nobody's business."""

    session_id: str
    created_at: datetime
    expires_at: datetime


def _profile(user_id: str, _after: Any) -> Slice[Account]:
    return Slice([service.me(user_id)], None)


def _sessions(user_id: str, _after: Any) -> Slice[Device]:
    devices = [
        Device(
            item.credential.removeprefix(store.SESSION), item.created_at, datetime.fromtimestamp(item.expires_at, UTC)
        )
        for item in store.sessions(user_id)
    ]
    return Slice(devices, None)


def _erase_export(user_id: str, _after: Any) -> Slice[str]:
    export_files.drop_all(user_id)
    return Slice(["export"] if jobs.drop_export(user_id) else [], None)


def _erase_credentials(user_id: str, _after: Any) -> Slice[str]:
    return Slice(store.drop_credentials(user_id), None)


def _erase_account(user_id: str, _after: Any) -> Slice[str]:
    """The last of all: while the account is there, an erasure that broke off can find whose it was."""
    user = store.user(user_id, consistent=True)
    for name in ("posts", "followers", "following"):
        counters.forget(Counter("user", user_id, name))
    if user is not None:
        store.erase_user(user_id, (f"username#{user.username}", f"email#{user.email}"))
    return Slice([user_id] if user else [], None)


EXPORTS: dict[str, personal.Section] = {"profile": _profile, "sessions": _sessions}
ERASURES: dict[str, personal.Section] = {
    "export": _erase_export,
    "credentials": _erase_credentials,
    "account": _erase_account,
}

handler = personal.handler(EXPORTS, ERASURES)
