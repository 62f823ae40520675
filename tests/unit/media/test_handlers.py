"""The rooms that the platform calls: routes, queue and stream handlers, on real payloads."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.media import api, dispatch, events, processing, rendering
from functions.media.filters import FILTERS
from heliograph import aws, tokens
from heliograph.errors import Unauthenticated
from heliograph.events import DomainEvent, MediaEdited, PostDeleted, StoryDeleted, wrap
from heliograph.tokens import Caller
from tests.unit.media.fakes import FakeS3, FakeStore
from tests.unit.media.test_processing import MEDIA
from tests.unit.requests import answer, request

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "events"
ALICE = {"Authorization": "Bearer alice"}
UPLOADED = "019aa1b2-0000-7000-8000-000000000101"


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / name).read_text())


def message(body: dict[str, Any], message_id: str = "1") -> dict[str, Any]:
    return {"messageId": message_id, "body": json.dumps(body)}


@pytest.fixture(autouse=True)
def _alice(monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(token: str) -> Caller:
        if token != "alice":
            raise Unauthenticated
        return Caller("u1", "s1", "alice")

    monkeypatch.setattr(tokens, "verify", verify)


@pytest.fixture
def processed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The media ids that were worked on."""
    done: list[str] = []
    monkeypatch.setattr(processing, "process_upload", done.append)
    return done


def test_upload_request_returns_a_form(s3: FakeS3, table: FakeStore, context: Any) -> None:
    body = {"contentType": "image/jpeg", "byteSize": 2_000_000, "purpose": "post"}

    status, told = answer(api.handler(request("POST", "/v1/media", body, ALICE), context))

    assert status == 201
    assert told["mediaId"] in table.items
    assert told["upload"]["method"] == "POST"
    assert told["upload"]["fields"]["Content-Type"] == "image/jpeg"
    assert told["upload"]["expiresAt"].endswith("Z")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"contentType": "application/pdf"}, 415),
        ({"byteSize": 31 * 1024 * 1024}, 413),
        ({"byteSize": 0}, 422),
        ({"purpose": "spying"}, 422),
        ({"contentType": "video/mp4", "byteSize": 501 * 1024 * 1024}, 413),
        ({"contentType": "video/mp4", "purpose": "profile"}, 422),
        ({"resumable": "perhaps"}, 422),
        ({"unknown": 1}, 422),
    ],
)
def test_invalid_upload_request_is_refused(
    s3: FakeS3, table: FakeStore, context: Any, change: dict[str, Any], status: int
) -> None:
    body = {"contentType": "image/jpeg", "byteSize": 2_000_000, "purpose": "post", **change}

    assert answer(api.handler(request("POST", "/v1/media", body, ALICE), context))[0] == status
    assert table.items == {}


@pytest.mark.parametrize(("wished", "name"), [(True, "@alice"), (False, None)])
def test_a_watermark_is_the_name_in_the_token(
    s3: FakeS3, table: FakeStore, context: Any, wished: bool, name: str | None
) -> None:
    body = {"contentType": "image/jpeg", "byteSize": 2_000_000, "purpose": "post", "watermark": wished}

    _, told = answer(api.handler(request("POST", "/v1/media", body, ALICE), context))

    assert table.items[told["mediaId"]].watermark == name


def test_media_are_shown_to_their_owner(table: FakeStore, context: Any) -> None:
    table.items |= {"m1": MEDIA, "m2": replace(MEDIA, media_id="m2", user_id="u2")}

    status, told = answer(api.handler(request("GET", "/v1/media/m1", headers=ALICE), context))

    assert (status, told["mediaId"], told["status"]) == (200, "m1", "awaitingUpload")
    for other in ("m2", "m3"):
        assert answer(api.handler(request("GET", f"/v1/media/{other}", headers=ALICE), context))[0] == 404
    assert answer(api.handler(request("GET", "/v1/media/m1"), context))[0] == 401


@pytest.fixture
def dispatched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of uploads that were queued."""
    keys: list[str] = []
    monkeypatch.setattr(dispatch, "dispatch", keys.append)
    return keys


def test_an_s3_notification_reaches_dispatch(dispatched: list[str], context: Any) -> None:
    assert events.dispatch(sample("sqs_s3_upload.json"), context) == {"batchItemFailures": []}

    assert dispatched == [f"uploads/{UPLOADED}"]


def test_a_queued_photo_reaches_processing(processed: list[str], context: Any) -> None:
    assert events.resize(sample("sqs_photos.json"), context) == {"batchItemFailures": []}

    assert processed == [UPLOADED]


def test_an_owner_edits(table: FakeStore, context: Any) -> None:
    table.items |= {"m1": MEDIA, "m2": replace(MEDIA, media_id="m2", user_id="u2")}
    body = {"filter": "ember", "strength": 60, "crop": {"aspect": "4:5", "focus": {"x": 0.3}}, "straighten": -2.5}

    status, told = answer(api.handler(request("PUT", "/v1/media/m1/edits", body, ALICE), context))

    assert status == 202
    assert told["edits"] == {
        "filter": "ember",
        "strength": 60,
        "crop": {"aspect": "4:5", "focus": {"x": 0.3, "y": 0.5}},
        "straighten": -2.5,
    }
    assert table.items["m1"].edits == told["edits"]
    for other in ("m2", "m3"):
        assert answer(api.handler(request("PUT", f"/v1/media/{other}/edits", body, ALICE), context))[0] == 404
    assert answer(api.handler(request("PUT", "/v1/media/m1/edits", body), context))[0] == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filter": "nobodys"}, "filter"),
        ({"strength": 100.5}, "strength"),
        ({"warmth": float("nan")}, "warmth"),
        ({"brightness": -101}, "brightness"),
        ({"rotate": 45}, "rotate"),
        ({"rotate": -90}, "rotate"),
        ({"straighten": 45.1}, "straighten"),
        ({"crop": {"aspect": "7:3"}}, "crop.aspect"),
        ({"crop": {"focus": {"x": 1.1}}}, "crop.focus.x"),
        ({"sharpen": "50"}, "sharpen"),
        ({"blur": 10}, "blur"),
    ],
)
def test_edits_that_break_a_rule_name_the_field(
    table: FakeStore, context: Any, body: dict[str, Any], field: str
) -> None:
    table.items["m1"] = MEDIA

    status, problem = answer(api.handler(request("PUT", "/v1/media/m1/edits", body, ALICE), context))

    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [field]
    assert table.items["m1"] == MEDIA


def test_filters_can_be_previewed_without_sign_in(context: Any) -> None:
    listed = api.handler(request("GET", "/v1/filters"), context)

    assert listed["multiValueHeaders"]["Cache-Control"] == ["public, max-age=3600"]
    items = json.loads(listed["body"])["items"]
    assert [item["name"] for item in items] == list(FILTERS)
    path, _, version = items[0]["lutUrl"].partition("?v=")
    named = api.handler(request("GET", path, query={"v": version}), context)
    assert (named["statusCode"], named["multiValueHeaders"]["Content-Type"]) == (200, ["text/plain"])
    assert named["body"].startswith(f'TITLE "{items[0]["title"]}"\nLUT_3D_SIZE 33\n0.')
    # for ever under its version; under another, or none, the look may change
    assert "immutable" in named["multiValueHeaders"]["Cache-Control"][0]
    for query in ({"v": "00000000"}, None):
        other = api.handler(request("GET", path, query=query), context)
        assert other["multiValueHeaders"]["Cache-Control"] == ["public, max-age=3600"]


def test_unknown_filter_has_no_lut(context: Any) -> None:
    assert answer(api.handler(request("GET", "/v1/filters/nobodys/lut"), context))[0] == 404


def test_edits_of_a_ready_photo_reach_rendering(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    done: list[str] = []
    monkeypatch.setattr(rendering, "render_again", done.append)
    batch = [message({"detail": wrap(MediaEdited(media_id="m1", revision=2), event_id="e")})]

    assert events.render({"Records": batch}, context) == {"batchItemFailures": []}
    assert done == ["m1"]


def test_what_guardduty_has_scanned_reaches_dispatch(dispatched: list[str], context: Any) -> None:
    batch = {"Records": [message(sample("guardduty_scanned.json"))]}

    assert events.dispatch(batch, context) == {"batchItemFailures": []}

    assert dispatched == [f"uploads/{UPLOADED}"]


def test_the_queue_carries_the_notification_as_it_is() -> None:
    (carried,) = sample("sqs_s3_upload.json")["Records"]

    assert json.loads(carried["body"]) == sample("s3_upload.json")


def test_the_message_that_connects_a_bucket_is_no_upload(dispatched: list[str], context: Any) -> None:
    connected = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "test-uploads"}

    assert events.dispatch({"Records": [message(connected)]}, context) == {"batchItemFailures": []}

    assert dispatched == []


def test_a_poison_message_fails_alone(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    done: list[str] = []

    def process(media_id: str) -> None:
        if media_id == "poison":
            raise ConnectionError
        done.append(media_id)

    monkeypatch.setattr(processing, "process_upload", process)
    batch = {"Records": [message({"mediaId": media_id}, media_id) for media_id in ("a", "poison", "b")]}

    assert events.resize(batch, context) == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert done == ["a", "b"]


@pytest.mark.parametrize(
    ("deleted", "owner"),
    [
        (
            PostDeleted(post_id="1", author_id="u1", media_ids=["m1"], hashtags=[], version=2, was_published=True),
            "post#1",
        ),
        (StoryDeleted(story_id="1", author_id="u1", media_ids=["m1"]), "story#1"),
    ],
)
def test_deleted_posts_and_stories_take_their_media_along(
    s3: FakeS3, table: FakeStore, context: Any, deleted: DomainEvent, owner: str
) -> None:
    table.items["m1"] = replace(MEDIA, attached_to=owner)
    event = {"detail": wrap(deleted, event_id="e")}

    for _ in range(2):
        assert events.erase({"Records": [message(event)]}, context) == {"batchItemFailures": []}

    assert table.items == {}


def test_a_verdict_in_the_stream_is_published(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    sent: list[dict[str, Any]] = []

    class Bus:
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (boto3's name)
            sent.extend(Entries)
            return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}

    monkeypatch.setattr(aws, "client", lambda service: Bus())

    assert events.publish_media(sample("dynamodb_media.json"), context) == {"batchItemFailures": []}

    (entry,) = sent
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("heliograph", "MediaReady", "test")
    assert json.loads(entry["Detail"])["data"] == {
        "mediaId": UPLOADED,
        "ownerId": "019aa1b2-0000-7000-8000-000000000001",
        "attachedTo": "post#019aa1b2-0000-7000-8000-000000000201",
        "version": 4,
    }


def test_only_resizing_and_rendering_need_imaging_libraries() -> None:
    """The other functions run without its layer."""
    program = (
        "import sys, functions.media.api, functions.media.events; sys.exit(bool({'PIL', 'numpy'} & sys.modules.keys()))"
    )
    paths = f"{ROOT}:{ROOT / 'layers/shared/python'}"
    settings = {"NAMESPACE": "test", "AWS_REGION": "us-east-1", "PYTHONPATH": paths, "POWERTOOLS_SERVICE_NAME": "test"}

    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=settings)
