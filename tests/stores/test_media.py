"""Media items on the real engine."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from functions.media import store
from functions.media.model import Appraisal, Capture, Location, Picture, Rendition, Video
from functions.media.store import MediaItem
from heliograph import clock, config, ids, transactions
from tests.stores import engine
from tests.stores.samples import committed, flat, new_media, pages

RENDITIONS = (
    Rendition("w1080", 1080, 720, "image/jpeg", 120_000, "renditions/1/w1080.jpg"),
    Rendition("thumb", 150, 150, "image/webp", 4_000, "renditions/1/thumb.webp"),
)
CAPTURE = Capture("2026-11-22T14:00:05+01:00", "Lichtbild One", Location(51.507222, -0.1275))
PICTURE = Picture(
    width=4000,
    height=3000,
    placeholder="1QcSHQRnh493V4dIh4eXh1h4kJUI",
    dominant_color="#aabbcc",
    renditions=RENDITIONS,
    share_key="m/1/2/share.jpg",
)
TOMORROW = clock.epoch(clock.now() + timedelta(days=1))


def _finish(media_id: str, video: Video | None = None) -> bool:
    return store.finish(media_id, capture=CAPTURE, video=video, **PICTURE)


def _show(media_id: str, revision: int) -> bool:
    edited: Picture = {**PICTURE, "width": 3000, "height": 4000, "renditions": RENDITIONS[:1]}
    return store.show(media_id, revision=revision, **edited)


def _expiry(media_id: str) -> object:
    """The attribute that time to live looks at, as stored."""
    answer = engine.client().get_item(TableName=config.named("media"), Key={"mediaId": {"S": media_id}})
    return answer["Item"].get("expiresAt")


def test_an_item_is_read_as_it_was_written() -> None:
    # given
    media = new_media()
    # when
    store.create(media, expires_at=TOMORROW)
    # then
    assert store.find(media.media_id, consistent=True) == media
    assert store.find(media.media_id) == media
    assert store.find(ids.new_id()) is None
    assert _expiry(media.media_id) == {"N": str(TOMORROW)}


def test_an_upload_in_parts_and_an_animation_that_becomes_a_video() -> None:
    # given an upload in parts, announced as a picture
    media = replace(new_media(), upload_id="2~part")
    store.create(media, expires_at=TOMORROW)
    assert store.find(media.media_id) == media
    # when it turns out to move
    video = Video(3.25, f"m/{media.media_id}/2")
    assert _finish(media.media_id, video)
    # then it is a video
    found = store.find(media.media_id, consistent=True)
    assert found
    assert (found.media_type, found.video, found.upload_id) == ("video", video, "2~part")


def test_the_way_of_an_upload() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    # when
    begun = [store.begin(media.media_id) for _ in range(2)]
    finished = [_finish(media.media_id) for _ in range(2)]
    # then each step is taken once, and what nothing is made of expires all the same
    found = store.find(media.media_id, consistent=True)
    assert (begun, finished) == ([True, False], [True, False])
    assert found == replace(
        media,
        status="ready",
        width=4000,
        height=3000,
        placeholder="1QcSHQRnh493V4dIh4eXh1h4kJUI",
        dominant_color="#aabbcc",
        renditions=RENDITIONS,
        capture=CAPTURE,
        share_key="m/1/2/share.jpg",
        version=3,
    )
    assert _expiry(media.media_id) == {"N": str(TOMORROW)}
    # and no verdict follows a verdict
    assert not store.reject(media.media_id, "corrupt")


def test_what_was_found_out_is_kept_and_found_by_who_reviews() -> None:
    # given one picture of each kind
    found = {
        "harmless": Appraisal("allow", {"explicit": 0.02}, "ab" * 32),
        "doubtful": Appraisal("review", {"explicit": 0.9}, None),
        "copied": Appraisal("allow", {}, "cd" * 32, is_copy=True),
        "doubtful copy": Appraisal("review", {}, "ef" * 32, is_copy=True),
    }
    made = {name: new_media() for name in found}
    for name, media in made.items():
        store.create(media, expires_at=TOMORROW)
        assert store.appraise(media.media_id, found[name])
    # then each is read as it was written
    stored = store.find_all([media.media_id for media in made.values()], consistent=True)
    assert {name: stored[media.media_id].appraisal for name, media in made.items()} == found
    # and listed for who decides about it, the oldest first
    listed = {subject: flat(pages(partial(store.to_review, subject, limit=1))) for subject in ("content", "copyright")}
    content, copies = ([media_id for media_id in found if media_id in stored] for found in listed.values())
    assert content == [made["doubtful"].media_id, made["doubtful copy"].media_id]
    assert copies == [made["copied"].media_id]


def test_after_a_verdict_nothing_more_is_found_out() -> None:
    # given
    media = new_media(watermark="@ada")
    store.create(media, expires_at=TOMORROW)
    store.reject(media.media_id, "malicious")
    # then
    assert not store.appraise(media.media_id, Appraisal("allow", {}))
    assert not store.appraise(ids.new_id(), Appraisal("allow", {}))
    found = store.find(media.media_id, consistent=True)
    assert found is not None
    assert (found.appraisal, found.watermark) == (None, "@ada")


def test_a_rejected_upload_stays_rejected() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    # when
    rejected = [store.reject(media.media_id, "tooManyPixels"), store.reject(media.media_id, "corrupt")]
    # then
    found = store.find(media.media_id, consistent=True)
    assert rejected == [True, False]
    assert found is not None
    assert (found.status, found.reason) == ("rejected", "tooManyPixels")
    assert not _finish(media.media_id)


def test_no_step_makes_an_item_that_is_gone() -> None:
    # given
    media_id = ids.new_id()
    # when
    steps = [
        store.begin(media_id),
        store.reject(media_id, "corrupt"),
        _finish(media_id),
        store.describe(media_id, ids.new_id(), "text"),
    ]
    # then
    assert steps == [False] * 4
    assert store.find(media_id, consistent=True) is None


def test_only_the_owner_describes() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    # when
    described = store.describe(media.media_id, media.user_id, "A harbour at dusk")
    refused = store.describe(media.media_id, ids.new_id(), "spam")
    # then
    found = store.find(media.media_id, consistent=True)
    assert (described, refused, found and found.alt_text) == (True, False, "A harbour at dusk")
    # and clears
    assert store.describe(media.media_id, media.user_id, None)
    cleared = store.find(media.media_id, consistent=True)
    assert cleared is not None
    assert (cleared.alt_text, cleared.version) == (None, 3)


def test_an_item_is_attached_once_and_only_as_it_was_seen() -> None:
    # given
    seen = new_media()
    store.create(seen, expires_at=TOMORROW)
    store.begin(seen.media_id)
    current = replace(seen, status="processing")
    # when it is attached by its former status, by somebody else, rightly, and again
    attached = [
        committed(lambda transaction, media=media: store.attach(transaction, media, "post#1", "A harbour", media))
        for media in (seen, replace(current, user_id=ids.new_id()), current, current)
    ]
    # then
    found = store.find(seen.media_id, consistent=True)
    assert attached == [False, False, True, False]
    assert found is not None
    assert (found.attached_to, found.alt_text, found.version) == ("post#1", "A harbour", 3)
    # and never expires any more
    assert _expiry(seen.media_id) is None


def test_attaching_keeps_an_alternative_text_unless_one_is_given() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    store.describe(media.media_id, media.user_id, "Before")
    # when
    transactions.commit(lambda transaction: store.attach(transaction, media, "story#1", None, media))
    # then
    found = store.find(media.media_id, consistent=True)
    assert (found and found.alt_text, found and found.attached_to) == ("Before", "story#1")


def test_more_than_a_batch_of_items_is_read_at_once() -> None:
    # given
    made = [new_media() for _ in range(105)]
    with MediaItem.batch_write() as batch:
        for media in made:
            batch.save(
                MediaItem(
                    media.media_id,
                    user_id=media.user_id,
                    status=media.status,
                    purpose=media.purpose,
                    content_type=media.content_type,
                    byte_size=media.byte_size,
                    media_type=media.media_type,
                    created_at=media.created_at,
                )
            )
    wanted = [media.media_id for media in made] + [ids.new_id()]
    # then
    assert store.find_all(wanted) == store.find_all(wanted, consistent=True)
    assert store.find_all(wanted) == {media.media_id: media for media in made}


def test_the_typed_item_is_the_stored_one() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    # then
    assert store.media_of(MediaItem.get(media.media_id)) == media


def test_how_far_replaced_files_were_put_away_only_grows() -> None:
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    for revision in (1, 3, 2, 3):
        store.retire(media.media_id, before=revision)
    store.retire(ids.new_id(), before=1)
    found = store.find(media.media_id, consistent=True)
    assert found is not None
    assert (found.retired_revision, found.version) == (3, media.version + 2)


def test_the_last_edits_win() -> None:
    # given a photo that is ready
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    _finish(media.media_id)
    # when it is edited twice before anything is rendered
    edited = [store.edit(media.media_id, media.user_id, edits) for edits in ({"rotate": 90}, {"rotate": 180})]
    # then only the renditions of the last edits are shown, once, and not those of any before
    shown = [_show(media.media_id, revision) for revision in (1, 2, 2, 1)]
    found = store.find(media.media_id, consistent=True)
    assert (edited, shown) == ([True, True], [False, True, False, False])
    assert found is not None
    assert (found.edits, found.edit_revision, found.rendered_revision) == ({"rotate": 180}, 2, 2)
    assert (found.is_settled, found.width, found.renditions) == (True, 3000, RENDITIONS[:1])
    # and no edits at all are edits as well
    assert store.edit(media.media_id, media.user_id, None)
    cleared = store.find(media.media_id, consistent=True)
    assert cleared is not None
    assert (cleared.edits, cleared.is_settled) == (None, False)


def test_edits_before_the_upload_come_with_its_verdict() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    # when
    store.edit(media.media_id, media.user_id, {"rotate": 90})
    refused = _show(media.media_id, 1)
    store.finish(media.media_id, capture=CAPTURE, revision=1, **PICTURE)
    # then
    found = store.find(media.media_id, consistent=True)
    assert (refused, found and found.is_settled) == (False, True)


def test_only_the_owner_edits_and_not_everything() -> None:
    # given
    media, rejected, picture = (new_media() for _ in range(3))
    for item in (media, rejected, picture):
        store.create(item, expires_at=TOMORROW)
    store.reject(rejected.media_id, "corrupt")
    transactions.commit(lambda transaction: store.attach(transaction, picture, "profile#1", None, picture))
    # then
    assert not store.edit(media.media_id, ids.new_id(), {"rotate": 90})
    assert not store.edit(rejected.media_id, rejected.user_id, {"rotate": 90})
    assert not store.edit(picture.media_id, picture.user_id, {"rotate": 90})
    assert not store.edit(ids.new_id(), media.user_id, {"rotate": 90})


def test_what_is_attached_with_edits_is_attached_as_it_was_seen() -> None:
    # given a photo that is edited after it was seen
    seen = new_media()
    store.create(seen, expires_at=TOMORROW)
    store.edit(seen.media_id, seen.user_id, {"rotate": 90})
    current = replace(seen, edits={"rotate": 90}, edit_revision=1)
    wanted = replace(current, edits={"vignette": 30}, edit_revision=2)
    # then
    attached = [
        committed(lambda transaction, media=media: store.attach(transaction, media, "post#1", None, wanted))
        for media in (seen, current)
    ]
    found = store.find(seen.media_id, consistent=True)
    assert attached == [False, True]
    assert found is not None
    assert (found.attached_to, found.edits, found.edit_revision) == ("post#1", {"vignette": 30}, 2)


def test_deleting_twice_is_no_error() -> None:
    # given
    media = new_media()
    store.create(media, expires_at=TOMORROW)
    # when
    for _ in range(2):
        store.delete(media.media_id)
    # then
    assert store.find(media.media_id, consistent=True) is None


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_all_items_of_somebody_are_paged_oldest_first(limit: int) -> None:
    # given
    user_id = ids.new_id()
    made = [new_media(user_id=user_id) for _ in range(3)]
    for media in (*made, new_media()):
        store.create(media, expires_at=TOMORROW)
    store.begin(made[1].media_id)
    # then
    found = flat(pages(partial(store.owned_by, user_id, limit=limit)))
    assert found == [media.media_id for media in made]
