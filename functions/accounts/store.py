"""Tables users, identities and credentials: every model and every query of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from heliograph import tables, transactions
from heliograph.counters import Total
from heliograph.tables import Slice, TimeAttribute

SESSION = "session#"
SESSION_END = "session$"
USED = ""


class UserItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("users")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    username = UnicodeAttribute()
    # Sealed (`heliograph.sealed`), as is the phone number.
    email = BinaryAttribute(legacy_encoding=False)
    password_hash = UnicodeAttribute(attr_name="passwordHash")
    full_name = UnicodeAttribute(attr_name="fullName", default="")
    bio = UnicodeAttribute(default="")
    website_url = UnicodeAttribute(attr_name="websiteUrl", null=True)
    profile_picture_url = UnicodeAttribute(attr_name="profilePictureUrl", null=True)
    profile_picture_media_id = UnicodeAttribute(attr_name="profilePictureMediaId", null=True)
    phone_number = BinaryAttribute(attr_name="phoneNumber", null=True, legacy_encoding=False)
    is_private = BooleanAttribute(attr_name="isPrivate", default=False)
    is_verified = BooleanAttribute(attr_name="isVerified", default=False)
    is_confirmed = BooleanAttribute(attr_name="isConfirmed", default=False)
    created_at = TimeAttribute(attr_name="createdAt")
    last_active = TimeAttribute(attr_name="lastActive")
    post_count = NumberAttribute(attr_name="postCount", default=0)
    follower_count = NumberAttribute(attr_name="followerCount", default=0)
    following_count = NumberAttribute(attr_name="followingCount", default=0)
    post_operations = NumberAttribute(attr_name="postOperations", default=0)
    follower_operations = NumberAttribute(attr_name="followerOperations", default=0)
    following_operations = NumberAttribute(attr_name="followingOperations", default=0)
    # While the account waits for its erasure; `is_erasing`: it has begun, and cannot be cancelled any more.
    deletion_id = UnicodeAttribute(attr_name="deletionId", null=True)
    deletes_at = TimeAttribute(attr_name="deletesAt", null=True)
    is_erasing = BooleanAttribute(attr_name="isErasing", default=False)
    version = NumberAttribute(default=1)


class IdentityItem(Model):
    """A reserved name: `username#ada` or `email#<keyed hash>`. Whoever owns the item owns the name."""

    class Meta(tables.Meta):
        table_name = tables.name("identities")

    identity = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(attr_name="userId")


class CredentialItem(Model):
    """What proves an account besides its password: `session#<family>` (one device) or `code#<purpose>`. Hashes only.

    `device`, `last_used_at`: of sessions. `request_id`, `tries`: of codes. A code that was used has an empty hash.
    """

    class Meta(tables.Meta):
        table_name = tables.name("credentials")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    credential = UnicodeAttribute(range_key=True)
    secret_hash = UnicodeAttribute(attr_name="secretHash")
    device = UnicodeAttribute(null=True)
    last_used_at = TimeAttribute(attr_name="lastUsedAt", null=True)
    request_id = UnicodeAttribute(attr_name="requestId", null=True)
    tries = NumberAttribute(default=0)
    created_at = TimeAttribute(attr_name="createdAt")
    expires_at = NumberAttribute(attr_name="expiresAt")


class NameTaken(Exception):
    """The reservation of a name failed because another account holds it. `field`: username or email."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class NewUser:
    user_id: str
    username: str
    email: bytes
    email_identity: str
    password_hash: str
    full_name: str
    created_at: datetime


def create_user(user: NewUser) -> None:
    """Reserve both names and write the account, all or nothing. Raises NameTaken."""

    def build(transaction: TransactWrite) -> None:
        for identity in (f"username#{user.username}", user.email_identity):
            item = IdentityItem(identity, user_id=user.user_id)
            transaction.save(item, condition=IdentityItem.identity.does_not_exist())
        transaction.save(
            UserItem(
                user.user_id,
                username=user.username,
                email=user.email,
                password_hash=user.password_hash,
                full_name=user.full_name,
                created_at=user.created_at,
                last_active=user.created_at,
            ),
            condition=UserItem.user_id.does_not_exist(),
        )

    try:
        transactions.commit(build)
    except transactions.ConditionFailed as failure:
        raise NameTaken("username" if 0 in failure.positions else "email") from failure


def erase_user(user_id: str, identities: Sequence[str]) -> None:
    """Delete an account and let its names go, all or nothing."""

    def build(transaction: TransactWrite) -> None:
        for identity in identities:
            transaction.delete(IdentityItem(identity))
        transaction.delete(UserItem(user_id))

    transactions.commit(build)


def user(user_id: str, *, consistent: bool = False) -> UserItem | None:
    return tables.find(UserItem, user_id, consistent=consistent)


def users(user_ids: Iterable[str], *, consistent: bool = False) -> list[UserItem]:
    return tables.batch_get(UserItem, user_ids, consistent=consistent)


def owner_of(identity: str) -> str | None:
    """The account that holds a name, read consistently."""
    item = tables.find(IdentityItem, identity, consistent=True)
    return item and item.user_id


def owners_of(identities: Iterable[str]) -> dict[str, str]:
    return {item.identity: item.user_id for item in tables.batch_get(IdentityItem, identities)}


def change_user(user_id: str, actions: Sequence[Action]) -> bool:
    """Apply update actions to an existing account and raise its version; False when there is none."""
    return tables.update_if(UserItem(user_id), [*actions, UserItem.version.add(1)], UserItem.user_id.exists())


def check_public(transaction: TransactWrite, user_id: str) -> None:
    """Let the transaction fail unless the account is there and public."""
    public = UserItem.is_private == False  # noqa: E712  (builds an expression)
    transaction.condition_check(UserItem, user_id, condition=public)


def ask_deletion(user_id: str, deletion_id: str, deletes_at: datetime) -> bool:
    """Note that an account is to be erased; False if that was noted before, or there is none."""
    return tables.update_if(
        UserItem(user_id),
        [UserItem.deletion_id.set(deletion_id), UserItem.deletes_at.set(deletes_at), UserItem.version.add(1)],
        UserItem.user_id.exists() & UserItem.deletion_id.does_not_exist(),
    )


def cancel_deletion(user_id: str) -> bool:
    """Let an account be; False if its erasure has begun, or there is no account any more."""
    return tables.update_if(
        UserItem(user_id),
        [UserItem.deletion_id.remove(), UserItem.deletes_at.remove(), UserItem.version.add(1)],
        UserItem.user_id.exists() & (UserItem.is_erasing == False),  # noqa: E712  (builds an expression)
    )


def begin_erasure(user_id: str, deletion_id: str) -> bool:
    """From here on the deletion cannot be cancelled; False if it has been. Idempotent."""
    return tables.update_if(UserItem(user_id), [UserItem.is_erasing.set(True)], UserItem.deletion_id == deletion_id)


def write_count(user_id: str, name: str, total: Total) -> None:
    """Materialise one counter (posts, followers, following) unless a later reading is already there."""
    value, operations = {
        "posts": (UserItem.post_count, UserItem.post_operations),
        "followers": (UserItem.follower_count, UserItem.follower_operations),
        "following": (UserItem.following_count, UserItem.following_operations),
    }[name]
    tables.update_if(
        UserItem(user_id),
        [value.set(total.value), operations.set(total.operations), UserItem.version.add(1)],
        UserItem.user_id.exists() & (operations < total.operations),
    )


def set_picture(transaction: TransactWrite, user: UserItem, media_id: str | None, key: str | None) -> None:
    """Change the profile picture; refused when it is no longer the one that `user` has."""
    attribute = UserItem.profile_picture_media_id
    same = attribute == user.profile_picture_media_id if user.profile_picture_media_id else attribute.does_not_exist()
    transaction.update(
        UserItem(user.user_id),
        actions=[
            tables.written(attribute, media_id),
            tables.written(UserItem.profile_picture_url, key),
            UserItem.version.add(1),
        ],
        condition=UserItem.user_id.exists() & same,
    )


def put_credential(item: CredentialItem) -> None:
    item.save()


def credential(user_id: str, name: str) -> CredentialItem | None:
    return tables.find(CredentialItem, user_id, name, consistent=True)


def rotate(user_id: str, name: str, *, old_hash: str, new_hash: str, used_at: datetime, expires_at: int) -> bool:
    """Replace a credential's secret if it still is the old one; False when it is not, or the credential is gone."""
    return tables.update_if(
        CredentialItem(user_id, name),
        [
            CredentialItem.secret_hash.set(new_hash),
            CredentialItem.last_used_at.set(used_at),
            CredentialItem.expires_at.set(expires_at),
        ],
        CredentialItem.secret_hash == old_hash,
    )


def sessions(user_id: str, after: str | None, limit: int, *, now: int) -> Slice[CredentialItem]:
    """An account's sessions that have not expired, the oldest first."""
    live = CredentialItem.expires_at > now
    begun = CredentialItem.credential.startswith(SESSION)
    items = CredentialItem.query(
        user_id,
        CredentialItem.credential.between(f"{after}!", SESSION_END) if after else begun,
        filter_condition=live,
        consistent_read=True,
    )
    return tables.cut(items, limit, lambda item: item.credential)


def put_code(item: CredentialItem) -> bool:
    """Keep a code unless a later request's is there; whether it is (still, or again) the one to send."""
    later = CredentialItem.request_id.does_not_exist() | (CredentialItem.request_id < item.request_id)
    if tables.put_if(item, later):
        return True
    kept = credential(item.user_id, item.credential)
    return kept is not None and (kept.request_id, kept.secret_hash) == (item.request_id, item.secret_hash)


def spend_try(user_id: str, name: str, *, limit: int, now: int) -> str | None:
    """Count one try at a code; its hash while tries and time are left, else None."""
    item = CredentialItem(user_id, name)
    left = (CredentialItem.tries < limit) & (CredentialItem.expires_at > now)
    return item.secret_hash if tables.update_if(item, [CredentialItem.tries.add(1)], left) else None


def use_up(user_id: str, name: str, secret_hash: str) -> bool:
    """Mark a code as used if it still has this secret: of two concurrent uses, one wins.

    Its item stays until it expires, so that a late copy of its request does not bring it back.
    """
    return tables.update_if(
        CredentialItem(user_id, name),
        [CredentialItem.secret_hash.set(USED)],
        CredentialItem.secret_hash == secret_hash,
    )


def drop_credential(user_id: str, name: str) -> None:
    CredentialItem(user_id, name).delete()


def drop_credentials(user_id: str) -> list[str]:
    """Delete all that proves an account; what that was."""
    items = list(CredentialItem.query(user_id, consistent_read=True))
    with CredentialItem.batch_write() as batch:
        for item in items:
            batch.delete(item)
    return [item.credential for item in items]


def drop_sessions(user_id: str) -> None:
    """End every session of an account."""
    with CredentialItem.batch_write() as batch:
        for item in CredentialItem.query(user_id, CredentialItem.credential.startswith(SESSION), consistent_read=True):
            batch.delete(item)
