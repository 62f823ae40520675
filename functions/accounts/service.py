"""Profiles: what an account says about itself. Identity (sign-in and so on) is in `identity.py`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.transactions import TransactWrite

from functions.accounts import pictures, store
from functions.accounts.names import USERNAME_PATTERN, folded
from functions.accounts.store import UserItem
from heliograph import counters, sealed, tables
from heliograph.counters import Counter
from heliograph.errors import NotFound
from heliograph.events import (
    DeletionAsked,
    DomainEvent,
    PopularityMoved,
    PrivacySwitched,
    ProfilePictureReplaced,
    SignedUp,
    UserChanged,
    UserDeleted,
)
from heliograph.outbox import Change

EDITABLE = {
    "full_name": UserItem.full_name,
    "bio": UserItem.bio,
    "website_url": UserItem.website_url,
    "phone_number": UserItem.phone_number,
    "is_private": UserItem.is_private,
}
PICTURE = "profile_picture_media_id"
# A change of these is news to others; counts and sign-ins are not.
PUBLIC_FIELDS = ("username", "full_name", "bio", "website_url", "profile_picture_url", "is_private", "is_verified")


@dataclass(frozen=True)
class Profile:
    """What others may see of an account (whether they may is `graph.service.may_view`'s answer)."""

    user_id: str
    username: str
    full_name: str
    bio: str
    website_url: str | None
    profile_picture_url: str | None
    is_private: bool
    is_verified: bool
    post_count: int
    follower_count: int
    following_count: int
    created_at: datetime
    version: int
    # Its owner has deleted it: it waits for its erasure, hidden from everybody else.
    is_deactivated: bool = False


@dataclass(frozen=True)
class Account:
    """What only its owner sees."""

    profile: Profile
    email: str
    phone_number: str | None


def profile(user_id: str) -> Profile:
    """Raises NotFound, also for an account that is being deleted."""
    found = profiles([user_id]).get(user_id)
    if found is None or found.is_deactivated:
        raise NotFound
    return found


def profiles(user_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Profile]:
    """Profiles by id, in one batched read; unknown ids are left out. `consistent`: as just written."""
    return {item.user_id: _profile(item) for item in store.users(user_ids, consistent=consistent)}


def by_usernames(usernames: Iterable[str]) -> dict[str, str]:
    """The ids of the accounts with these usernames (any case), by the normalised name; unknown ones are left out."""
    possible = (username for username in usernames if re.fullmatch(USERNAME_PATTERN, username))
    identities = [f"username#{folded(username)}" for username in possible]
    return {identity.removeprefix("username#"): owner for identity, owner in store.owners_of(identities).items()}


def is_public(user_id: str) -> bool:
    """Whether the account is there and public, as just written."""
    item = store.user(user_id, consistent=True)
    return item is not None and not item.is_private


def check_public(transaction: TransactWrite, user_id: str) -> None:
    """Let the transaction fail unless the account is there and public at its commit."""
    store.check_public(transaction, user_id)


def me(user_id: str) -> Account:
    """The caller's own account, as just written. Raises NotFound."""
    item = store.user(user_id, consistent=True)
    if item is None:
        raise NotFound
    phone_number = sealed.opened(user_id, item.phone_number) if item.phone_number else None
    return Account(_profile(item), sealed.opened(user_id, item.email), phone_number)


def edit(user_id: str, changes: Mapping[str, Any]) -> Account:
    """Set the given fields of the caller's profile. None clears a field.

    Raises NotFound; and, before anything is changed, what `pictures.choose` says of a picture.
    """
    if PICTURE in changes:
        pictures.choose(user_id, changes[PICTURE])
    fields = {name: value for name, value in changes.items() if name != PICTURE}
    if fields.get("phone_number"):
        fields["phone_number"] = sealed.seal(user_id, fields["phone_number"])
    actions = [tables.written(EDITABLE[name], value) for name, value in fields.items()]
    if actions and not store.change_user(user_id, actions):
        raise NotFound
    return me(user_id)


def materialise(counter: Counter) -> None:
    """Write the true value of one of an account's counters onto the account."""
    counters.settle(counter, lambda total: store.write_count(counter.id, counter.name, total))


def announced(change: Change[UserItem]) -> Iterator[DomainEvent]:
    """The events that a change to the users table means."""
    old, new = change.old, change.new
    if new is None:
        if old is not None:
            yield UserDeleted(user_id=old.user_id, version=int(old.version) + 1)
        return
    if old is None:
        yield SignedUp(user_id=new.user_id)
    if old is None or _public(old) != _public(new):
        yield UserChanged(user_id=new.user_id)
    if old is not None:
        yield from _standing(old, new)
    if new.deletion_id and new.deletes_at and (old is None or old.deletion_id != new.deletion_id):
        yield DeletionAsked(deletion_id=new.deletion_id, user_id=new.user_id, deletes_at=new.deletes_at)
    former = old and old.profile_picture_media_id
    if former and former != new.profile_picture_media_id:
        yield ProfilePictureReplaced(user_id=new.user_id, media_id=former)


def _public(item: UserItem) -> list[Any]:
    return [getattr(item, name) for name in PUBLIC_FIELDS]


def _standing(old: UserItem, new: UserItem) -> Iterator[DomainEvent]:
    """What changes for whoever finds the account or its posts."""
    if _hidden(old) != _hidden(new):
        yield PrivacySwitched(user_id=new.user_id)
    if counters.magnitude(old.follower_count) != counters.magnitude(new.follower_count):
        yield PopularityMoved(kind="user", id=new.user_id)


def _hidden(item: UserItem) -> tuple[bool, bool]:
    """Why posts may be hidden from strangers."""
    return item.is_private, bool(item.deletion_id)


def _profile(item: UserItem) -> Profile:
    return Profile(
        user_id=item.user_id,
        username=item.username,
        full_name=item.full_name,
        bio=item.bio,
        website_url=item.website_url,
        profile_picture_url=item.profile_picture_url,
        is_private=item.is_private,
        is_verified=item.is_verified,
        post_count=int(item.post_count),
        follower_count=int(item.follower_count),
        following_count=int(item.following_count),
        created_at=item.created_at,
        version=int(item.version),
        is_deactivated=bool(item.deletion_id),
    )
