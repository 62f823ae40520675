"""The profile picture: which rendition stands for a person, and what is not taken."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.accounts import pictures, store
from functions.media import service as media_service
from functions.media.model import Media, Rendition
from heliograph import transactions
from heliograph.errors import Conflict, NotFound

AT = datetime(2026, 1, 1, tzinfo=UTC)


def rendition(name: str, width: int, kind: str = "jpeg") -> Rendition:
    return Rendition(name, width, width, f"image/{kind}", 1, f"m/m1/1/{name}.{kind}")


def medium(*renditions: Rendition, **changes: Any) -> Media:
    given: dict[str, Any] = {
        "media_id": "m1",
        "user_id": "u1",
        "status": "ready",
        "purpose": "profile",
        "content_type": "image/jpeg",
        "byte_size": 1,
        "media_type": "image",
        "created_at": AT,
        "version": 1,
        "renditions": renditions,
    }
    return Media(**(given | changes))


THUMB, SMALL, LARGE = rendition("thumb", 150), rendition("w320", 320), rendition("w640", 640)


@pytest.mark.parametrize(
    ("renditions", "shown"),
    [
        ((THUMB, SMALL, LARGE, rendition("w320", 320, "webp")), SMALL),
        ((THUMB, rendition("w320", 200)), rendition("w320", 200)),
        ((THUMB, LARGE), LARGE),
    ],
    ids=["the smallest that is wide enough", "the widest of a small picture", "never the thumbnail"],
)
def test_profile_picture_is_the_best_fitting_rendition(renditions: tuple[Rendition, ...], shown: Rendition) -> None:
    assert pictures.shown(medium(*renditions)) == shown.key


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> store.UserItem:
    item = store.UserItem("u1", username="ada", created_at=AT, profile_picture_media_id="m0")
    monkeypatch.setattr(store, "user", lambda user_id, consistent: item if user_id == "u1" else None)
    return item


def test_the_same_picture_again_changes_nothing(account: store.UserItem) -> None:
    pictures.choose("u1", "m0")


@pytest.mark.parametrize("waits", [{"status": "processing"}, {"edit_revision": 1}])
def test_a_picture_that_is_not_ready_is_not_taken(
    account: store.UserItem, monkeypatch: pytest.MonkeyPatch, waits: dict[str, Any]
) -> None:
    monkeypatch.setattr(media_service, "usable", lambda *_args: [medium(**waits)])
    with pytest.raises(Conflict, match="not ready"):
        pictures.choose("u1", "m1")


def test_an_account_that_is_gone_has_no_picture(account: store.UserItem) -> None:
    with pytest.raises(NotFound):
        pictures.choose("nobody", None)


def test_picture_and_profile_change_in_one_transaction(
    account: store.UserItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    said: list[Any] = []
    monkeypatch.setattr(media_service, "usable", lambda *_args: [medium(SMALL)])
    monkeypatch.setattr(media_service, "attach", lambda transaction, media, to: said.append((transaction, to)))
    monkeypatch.setattr(store, "set_picture", lambda transaction, _user, *to: said.append((transaction, to)))
    monkeypatch.setattr(transactions, "commit", lambda build: build("one"))
    # when
    pictures.choose("u1", "m1")
    # then
    assert said == [("one", "profile#u1"), ("one", ("m1", SMALL.key))]
