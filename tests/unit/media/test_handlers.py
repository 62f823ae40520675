"""The rooms that the platform calls: routes, queue and stream handlers, on real payloads."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.media import api, events, processing
from heliograph import aws, tokens
from heliograph.errors import Unauthenticated
from heliograph.events import DomainEvent, PostDeleted, StoryDeleted, wrap
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
        return Caller("u1", "s1")

    monkeypatch.setattr(tokens, "verify", verify)


@pytest.fixture
def processed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The media ids that were worked on."""
    done: list[str] = []
    monkeypatch.setattr(processing, "process_upload", done.append)
    return done


def test_asking_for_an_upload(s3: FakeS3, table: FakeStore, context: Any) -> None:
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
def test_what_cannot_be_promised(
    s3: FakeS3, table: FakeStore, context: Any, change: dict[str, Any], status: int
) -> None:
    body = {"contentType": "image/jpeg", "byteSize": 2_000_000, "purpose": "post", **change}

    assert answer(api.handler(request("POST", "/v1/media", body, ALICE), context))[0] == status
    assert table.items == {}


def test_media_are_shown_to_their_owner(table: FakeStore, context: Any) -> None:
    table.items |= {"m1": MEDIA, "m2": replace(MEDIA, media_id="m2", user_id="u2")}

    status, told = answer(api.handler(request("GET", "/v1/media/m1", headers=ALICE), context))

    assert (status, told["mediaId"], told["status"]) == (200, "m1", "awaitingUpload")
    for other in ("m2", "m3"):
        assert answer(api.handler(request("GET", f"/v1/media/{other}", headers=ALICE), context))[0] == 404
    assert answer(api.handler(request("GET", "/v1/media/m1"), context))[0] == 401


def test_an_s3_notification_reaches_processing(processed: list[str], context: Any) -> None:
    assert events.resize(sample("sqs_s3_upload.json"), context) == {"batchItemFailures": []}

    assert processed == [UPLOADED]


def test_the_queue_carries_the_notification_as_it_is() -> None:
    (carried,) = sample("sqs_s3_upload.json")["Records"]

    assert json.loads(carried["body"]) == sample("s3_upload.json")


def test_what_is_no_upload_is_ignored(processed: list[str], context: Any) -> None:
    connected = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "test-uploads"}
    elsewhere = {"Records": [{"s3": {"object": {"key": "somewhere/else"}}}]}

    batch = {"Records": [message(connected, "1"), message(elsewhere, "2")]}

    assert events.resize(batch, context) == {"batchItemFailures": []}
    assert processed == []


def test_a_poison_message_fails_alone(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    done: list[str] = []

    def process(media_id: str) -> None:
        if media_id == "poison":
            raise ConnectionError
        done.append(media_id)

    monkeypatch.setattr(processing, "process_upload", process)
    keys = ["uploads/a", "uploads/poison", "uploads/b"]
    batch = {"Records": [message({"Records": [{"s3": {"object": {"key": key}}}]}, key) for key in keys]}

    assert events.resize(batch, context) == {"batchItemFailures": [{"itemIdentifier": "uploads/poison"}]}
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


def test_only_the_resizer_needs_an_imaging_library() -> None:
    """The other functions run without its layer."""
    program = "import sys, functions.media.api, functions.media.events; sys.exit('PIL' in sys.modules)"
    paths = f"{ROOT}:{ROOT / 'layers/shared/python'}"
    settings = {"NAMESPACE": "test", "AWS_REGION": "us-east-1", "PYTHONPATH": paths, "POWERTOOLS_SERVICE_NAME": "test"}

    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=settings)
