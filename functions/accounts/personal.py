"""What accounts know of one person, for state machines: see `heliograph.personal`."""

from typing import Any

from functions.accounts import export_files, jobs, service, sessions, store
from functions.accounts.identity import identity_of
from functions.accounts.service import Account
from functions.accounts.sessions import Device
from heliograph import admission, counters, personal, sealed
from heliograph.counters import Counter
from heliograph.tables import Slice

PAGE = 100


def _profile(user_id: str, _after: Any) -> Slice[Account]:
    return Slice([service.me(user_id)], None)


def _sessions(user_id: str, after: Any) -> Slice[Device]:
    return sessions.devices(user_id, after, PAGE)


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
    admission.forget(user_id)
    if user is not None:
        address = sealed.opened(user_id, user.email)
        store.erase_user(user_id, (identity_of(user.username), identity_of(address)))
    return Slice([user_id] if user else [], None)


EXPORTS: dict[str, personal.Section] = {"profile": _profile, "sessions": _sessions}
ERASURES: dict[str, personal.Section] = {
    "export": _erase_export,
    "credentials": _erase_credentials,
    "account": _erase_account,
}

handler = personal.handler(EXPORTS, ERASURES)
