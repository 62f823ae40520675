"""Sealed fields: what a table cannot tell, and what cannot be moved in it."""

import pytest

from heliograph import sealed
from heliograph.sealed import WrongSeal
from tests.held_key import HeldKey

ADDRESS = "ada@example.org"


@pytest.fixture(autouse=True)
def _key(field_key: HeldKey) -> None:
    """Every test here needs a key."""


def test_sealed_field_opens_for_its_owner() -> None:
    blob = sealed.seal("ada", ADDRESS)
    assert sealed.opened("ada", blob) == ADDRESS
    assert ADDRESS.encode() not in blob


def test_equal_texts_are_sealed_differently() -> None:
    assert sealed.seal("ada", ADDRESS) != sealed.seal("ada", ADDRESS)


def test_a_field_moved_to_another_record_does_not_open() -> None:
    with pytest.raises(WrongSeal):
        sealed.opened("eve", sealed.seal("ada", ADDRESS))


def test_a_changed_field_does_not_open() -> None:
    # given one flipped bit, in any byte of it
    blob = sealed.seal("ada", ADDRESS)
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1
        # then
        with pytest.raises(WrongSeal):
            sealed.opened("ada", bytes(changed))


def test_a_truncated_field_does_not_open() -> None:
    blob = sealed.seal("ada", ADDRESS)
    for length in (0, 1, len(blob) // 2, len(blob) - 1):
        with pytest.raises(WrongSeal):
            sealed.opened("ada", blob[:length])


def test_one_data_key_serves_many_fields(field_key: HeldKey) -> None:
    # when
    blobs = [sealed.seal(f"user-{number}", ADDRESS) for number in range(20)]
    opened = {sealed.opened(f"user-{number}", blob) for number, blob in enumerate(blobs)}
    # then KMS was asked once
    assert opened == {ADDRESS}
    assert len(field_key.wrapped) == 1


def test_a_hash_depends_on_secret_kind_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = sealed.keyed_hash("email", ADDRESS)
    assert mine == sealed.keyed_hash("email", ADDRESS)
    assert mine not in (sealed.keyed_hash("phone", ADDRESS), sealed.keyed_hash("email", "eve@example.org"))
    monkeypatch.setattr(sealed.aws, "secret", lambda _name: b"another deployment")
    assert sealed.keyed_hash("email", ADDRESS) != mine
