"""Fingerprints on the real engine: what is within reach is found, whatever bits differ."""

import random
from datetime import timedelta
from functools import partial

import pytest

from functions.media import bands, fingerprints, objects, personal, store
from functions.media.model import Appraisal, Media
from heliograph import clock, ids
from tests import capacity
from tests.stores.samples import new_media

TOMORROW = clock.epoch(clock.now() + timedelta(days=1))


@pytest.fixture
def chance() -> random.Random:
    return random.Random(ids.new_id())


def fingerprint(value: int) -> str:
    return f"{value:064x}"


def changed(value: int, bits: int, chance: random.Random) -> str:
    """A fingerprint at this distance."""
    for bit in chance.sample(range(bands.BITS), bits):
        value ^= 1 << bit
    return fingerprint(value)


def test_a_blocked_picture_is_found_within_31_bits_and_no_further(chance: random.Random) -> None:
    # given a picture that is blocked, twice
    value = chance.getrandbits(bands.BITS)
    for _ in range(2):
        bands.block(fingerprint(value))
    # then
    assert all(bands.is_blocked(changed(value, distance, chance)) for distance in (0, 1, 16, 31, 31, 31))
    assert not any(bands.is_blocked(changed(value, distance, chance)) for distance in (32, 60, 128))
    # and so it is turned and mirrored
    assert all(bands.is_blocked(changed(turned, 31, chance)) for turned in bands.variants(value))


@pytest.mark.parametrize("distance", [0, 1, 8, 15])
def test_first_owner_of_picture_is_found_within_15_bits(distance: int, chance: random.Random) -> None:
    # given three who uploaded the same, recorded in any order, one of them twice
    value = chance.getrandbits(bands.BITS)
    uploads = [(ids.new_id(), ids.new_id()) for _ in range(3)]
    for media_id, user_id in (uploads[2], uploads[0], uploads[1], uploads[0]):
        bands.record(fingerprint(value), media_id, user_id)
    # then they are found in the order of their uploads
    found = bands.owners(changed(value, distance, chance))
    assert [(owner.media_id, owner.user_id, owner.distance) for owner in found] == [
        (media_id, user_id, distance) for media_id, user_id in uploads
    ]
    # and no further away
    assert bands.owners(changed(value, 16, chance)) == []


def appraised(value: int) -> Media:
    return new_media(appraisal=Appraisal("allow", {}, fingerprint(value)))


def test_forgetting_picture_removes_only_its_own_records(chance: random.Random) -> None:
    # given two pictures that look alike
    value = chance.getrandbits(bands.BITS)
    one, other = appraised(value), appraised(value)
    for media in (one, other):
        bands.record(fingerprint(value), media.media_id, media.user_id)
    # when one is forgotten, twice, and with it one that never was recorded
    for media in (one, one, appraised(value), new_media()):
        bands.forget_media(media)
    # then the other is there
    assert [owner.media_id for owner in bands.owners(fingerprint(value))] == [other.media_id]
    # and at the end not even its bucket is
    bands.forget(fingerprint(value), other.media_id, other.user_id)
    width = bands.BITS // bands.FIRST.bands
    keys = [f"first#{n}#{value >> n * width & 2**width - 1:08x}" for n in range(bands.FIRST.bands)]
    assert list(bands.BandItem.batch_get(keys)) == []


def test_a_full_bucket_keeps_the_first(chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    # given buckets for two
    monkeypatch.setattr(bands, "FIRST", bands.Index("first", bands=8, entries=2))
    value = chance.getrandbits(bands.BITS)
    uploads = [(ids.new_id(), ids.new_id()) for _ in range(4)]
    # when
    for media_id, user_id in uploads:
        bands.record(fingerprint(value), media_id, user_id)
    # then
    assert [(owner.media_id, owner.user_id) for owner in bands.owners(fingerprint(value))] == uploads[:2]


def test_what_a_picture_costs(chance: random.Random, meter: capacity.Meter) -> None:
    """Six requests to look it up; the figures are in docs/decisions/0014."""
    # given
    value = fingerprint(chance.getrandbits(bands.BITS))
    # when
    bands.is_blocked(value)
    bands.owners(value)
    looked_up = len(meter.requests)
    bands.record(value, ids.new_id(), ids.new_id())
    # then
    assert (looked_up, len(meter.requests) - looked_up) == (6, 8)
    assert meter.read_units == 272 * 0.5 + 264
    assert meter.write_units == 8


def test_erasing_account_erases_its_picture_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    # given two who uploaded the same
    monkeypatch.setattr(objects, "erase_versions", lambda _media_id: None)
    gone, other = (_recorded("cd" * 32) for _ in range(2))
    copied_from = partial(fingerprints.first, "cd" * 32, other.media_id, other.user_id)
    assert copied_from() == bands.Owner(gone.media_id, gone.user_id, 0)
    # when the first of them is erased
    personal.ERASURES["media"](gone.user_id, None)
    # then the other one is known still, and nothing says any more whose copy theirs was
    assert [owner.user_id for owner in bands.owners("cd" * 32)] == [other.user_id]
    assert copied_from() is None


def _recorded(fingerprint: str) -> Media:
    item = new_media(user_id=ids.new_id())
    store.create(item, expires_at=TOMORROW)
    store.appraise(item.media_id, Appraisal("allow", {}, fingerprint))
    bands.record(fingerprint, item.media_id, item.user_id)
    return item
