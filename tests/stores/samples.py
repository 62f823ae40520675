"""Fresh entities with ids of their own, so that no test sees another's."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar

from pynamodb.transactions import TransactWrite

from functions.accounts.identity import identity_of
from functions.accounts.store import CredentialItem, NewUser
from functions.accounts.store import create_user as store_user
from functions.media.model import Media
from functions.posts import store as posts
from functions.posts.model import Comment, Post
from functions.stories.model import Story
from heliograph import clock, ids, sealed, transactions
from heliograph.tables import Slice

T = TypeVar("T")


def new_user(**changes: Any) -> NewUser:
    user_id = ids.new_id()
    address = f"{user_id}@example.org"
    given: dict[str, Any] = {
        "user_id": user_id,
        "username": f"name-{user_id}",
        "email": sealed.seal(user_id, address),
        "email_identity": identity_of(address),
        "password_hash": "hash",
        "full_name": "Ada",
        "created_at": clock.now(),
    }
    return NewUser(**(given | changes))


def joined() -> str:
    """The id of a new account."""
    user = new_user()
    store_user(user)
    return user.user_id


def new_credential(user_id: str, name: str, *, seconds: int = 3600) -> CredentialItem:
    now = clock.now()
    return CredentialItem(
        user_id, name, secret_hash="old", created_at=now, expires_at=clock.epoch(now + timedelta(seconds=seconds))
    )


def new_code(user_id: str, request_id: str, *, secret_hash: str = "old") -> CredentialItem:
    code = new_credential(user_id, "code#reset")
    code.request_id, code.secret_hash = request_id, secret_hash
    return code


def new_media(**changes: Any) -> Media:
    given: dict[str, Any] = {
        "media_id": ids.new_id(),
        "user_id": ids.new_id(),
        "status": "awaitingUpload",
        "purpose": "post",
        "content_type": "image/jpeg",
        "byte_size": 1000,
        "media_type": "image",
        "created_at": clock.now(),
        "version": 1,
    }
    return Media(**(given | changes))


def new_post(**changes: Any) -> Post:
    given: dict[str, Any] = {
        "post_id": ids.new_id(),
        "user_id": ids.new_id(),
        "status": "published",
        "media_ids": (ids.new_id(),),
        "media_type": "image",
        "audience": "followers",
        "created_at": clock.now(),
    }
    return Post(**(given | changes))


def written_post(**changes: Any) -> Post:
    post = new_post(**changes)
    transactions.commit(lambda transaction: posts.put(transaction, post))
    return post


def new_comment(post_id: str, **changes: Any) -> Comment:
    given: dict[str, Any] = {
        "comment_id": ids.new_id(),
        "post_id": post_id,
        "post_author_id": ids.new_id(),
        "user_id": ids.new_id(),
        "content": "Lovely light",
        "created_at": clock.now(),
    }
    return Comment(**(given | changes))


def new_story(**changes: Any) -> Story:
    now = clock.now().replace(microsecond=0)
    given: dict[str, Any] = {
        "story_id": ids.new_id(),
        "user_id": ids.new_id(),
        "status": "published",
        "media_id": ids.new_id(),
        "media_type": "image",
        "audience": "followers",
        "created_at": now,
        "expires_at": now + timedelta(hours=24),
    }
    return Story(**(given | changes))


def committed(build: Callable[[TransactWrite], None]) -> bool:
    """Whether the transaction was written; False where a condition refused it."""
    try:
        transactions.commit(build)
    except transactions.ConditionFailed:
        return False
    return True


def pages(read: Callable[[Any], Slice[T]]) -> list[list[T]]:
    """Every page of a list, from the start to the end."""
    page = read(None)
    found = [page.items]
    while page.next is not None:
        page = read(page.next)
        found.append(page.items)
    return found


def at_once(*actions: Callable[[], T]) -> list[T]:
    """The results of actions that start at the same moment, each in a thread of its own."""
    start = Barrier(len(actions))

    def started(action: Callable[[], T]) -> T:
        start.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(started, actions))


def flat(found: Sequence[Sequence[T]]) -> list[T]:
    return [item for page in found for item in page]
