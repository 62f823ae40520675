"""The steps, one after the other as the machine calls them, over S3 and a table in memory; each may come twice."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.media import events, moderation, scanning
from functions.media.moderation import Judgement
from functions.media.scanning import Scan
from functions.media.video import ffmpeg, steps
from heliograph import config, workflows
from tests.unit.media.fakes import FakeBands, FakeS3, FakeStore
from tests.unit.media.test_processing import MEDIA
from tests.video.clips import PLAIN, Recipe

ROOT = Path(__file__).parents[2]
KEY = "videos/m1"
UPLOAD = {"mediaId": "m1", "key": KEY}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return PLAIN.make(tmp_path_factory.mktemp("clip")).read_bytes()


@pytest.fixture(autouse=True)
def _cloud(monkeypatch: pytest.MonkeyPatch, s3: FakeS3, table: FakeStore, clip: bytes) -> None:
    monkeypatch.setattr(steps, "store", table)
    monkeypatch.setenv("VIDEO_CHUNKED_ABOVE", "3")
    config.forget()
    table.items["m1"] = replace(MEDIA, media_type="video", content_type="video/mp4")
    s3.objects["test-uploads", KEY] = clip


@pytest.fixture
def call(context: Any) -> Callable[..., Json]:
    """A step, called twice with the same input through JSON, as Step Functions does."""

    def call(name: str, given: Json) -> Json:
        first, second = (getattr(steps, name)(json.loads(json.dumps(given)), context) for _ in range(2))
        assert first == second
        return first

    return call


def test_an_upload_becomes_a_video(
    call: Callable[..., Json], context: Any, s3: FakeS3, table: FakeStore, clip: bytes
) -> None:
    # given the clip, found good
    probed = steps.probe(UPLOAD, context)
    assert (probed["verdict"], table.items["m1"].status) == ("go", "processing")
    source = UPLOAD | {"etag": probed["etag"], "version": probed["version"]}
    assert call("scan", source)["verdict"] == call("moderate", source)["verdict"] == "go"

    # when it is planned, and every part made
    planned: Json = source | {"plan": call("plan", source)["plan"]}
    assert len(planned["plan"]["chunks"]) == 3
    pictures = [call("pictures", planned | {"chunk": chunk}) for chunk in planned["plan"]["chunks"]]
    sound = call("sound", planned)
    assert call("still", planned)["verdict"] == "go"
    picture = call("picture", source)["picture"]
    assert s3.keys("test-media") != []
    assert table.items["m1"].status == "processing", "nothing is shown before the end"
    made = {"pictures": pictures, "sound": sound, "stills": {"verdict": "go", "picture": picture}}
    assert call("package", planned | made) == {"verdict": "go"}
    assert steps.finish(planned | {"picture": picture}, context) == {"verdict": "go"}

    # then it is there, whole, and described
    media = table.items["m1"]
    assert media.video
    assert (media.status, media.media_type, media.width, media.height) == ("ready", "video", 320, 240)
    assert (media.video.duration_seconds, media.video.folder) == (5.0, f"m/m1/{source['version']}")
    hls = {key.removeprefix(f"{media.video.hls}/") for key in s3.keys("test-media") if "/hls/" in key}
    assert hls == {
        *("master.m3u8", "240.m3u8", "240-init.mp4", "240-000.m4s", "240-001.m4s", "240-002.m4s"),
        *("sound.m3u8", "sound-init.mp4", "sound-000.m4s", "sound-001.m4s"),
    }
    for key in (media.video.poster, media.video.preview, *media.video.thumbnails, media.renditions[0].key):
        assert ("test-media", key) in s3.objects
        assert "immutable" in s3.headers[key]["CacheControl"]

    # then the original is kept, the upload is gone, and a late duplicate finds nothing to do
    assert s3.objects["test-media", "originals/m1"] == clip
    assert s3.keys("test-uploads") == []
    assert steps.finish(planned | {"picture": picture}, context)["verdict"] == "gone"
    assert steps.probe(UPLOAD, context) == {"verdict": "gone"}


def test_an_animation_becomes_a_video(context: Any, s3: FakeS3, table: FakeStore, tmp_path: Path) -> None:
    # given a GIF among the photos
    upload = {"mediaId": "m1", "key": "uploads/m1"}
    table.items["m1"] = MEDIA
    animation = Recipe("a.gif", seconds=4, rate=10, size="160x120", video=(), more=("-pix_fmt", "pal8")).make(tmp_path)
    s3.upload("m1", animation.read_bytes())

    # when
    source = upload | steps.probe(upload, context)
    steps.moderate(source, context)
    planned = source | steps.plan(source, context)
    (chunk,) = planned["plan"]["chunks"]
    pictures = [steps.pictures(planned | {"chunk": chunk}, context)]
    steps.still(planned, context)
    shown = steps.picture(source, context)
    made = {"pictures": pictures, "sound": steps.sound(planned, context), "stills": shown}
    steps.package(planned | made, context)
    steps.finish(planned | shown, context)

    # then
    media = table.items["m1"]
    assert media.video
    assert (media.status, media.media_type, media.video.duration_seconds) == ("ready", "video", 4.0)


def test_verdicts_are_data(
    call: Callable[..., Json], context: Any, monkeypatch: pytest.MonkeyPatch, s3: FakeS3
) -> None:
    probed = steps.probe(UPLOAD, context)
    source = UPLOAD | {"etag": probed["etag"], "version": probed["version"]}

    monkeypatch.setattr(scanning, "scan", lambda *_: Scan("pending"))
    assert call("scan", source) == {"verdict": "wait"}
    monkeypatch.setattr(scanning, "scan", lambda *_: Scan("malicious", "found"))
    monkeypatch.setattr(moderation, "judge", lambda _: Judgement("block", {"explicit": 0.9}))
    assert call("scan", source) == {"verdict": "reject", "reason": "malicious"}
    assert call("moderate", source) == {"verdict": "reject", "reason": "contentPolicy"}

    # Another file under the same form, while the first is worked on.
    s3.objects["test-uploads", KEY] = b"another"
    assert call("plan", source) == {"verdict": "reject", "reason": "corrupt"}
    s3.delete_object("test-uploads", KEY)
    assert call("plan", source) == {"verdict": "gone"}


def test_a_rejection_leaves_nothing_behind(call: Callable[..., Json], s3: FakeS3, table: FakeStore) -> None:
    s3.objects["test-media", "m/m1/2/hls/240-000.m4s"] = b"half"

    assert call("reject", UPLOAD | {"reason": "tooLong"}) == {"verdict": "go"}

    assert (table.items["m1"].status, table.items["m1"].reason) == ("rejected", "tooLong")
    assert s3.objects == {}


def test_what_is_erased_meanwhile_stays_erased(context: Any, s3: FakeS3, table: FakeStore, known: FakeBands) -> None:
    # given an item that goes while its video is made
    probed = steps.probe(UPLOAD, context)
    source = UPLOAD | {"etag": probed["etag"], "version": probed["version"]}
    planned = source | steps.plan(source, context)
    table.delete("m1")

    known.record("ab", "m1", "u1")

    picture = {"placeholder": "", "dominantColor": "#000000", "renditions": [], "fingerprint": "ab", "userId": "u1"}
    steps.finish(planned | {"picture": picture}, context)

    assert s3.objects == {}
    assert known.recorded == set()


@pytest.mark.parametrize("at_fault", ["pictures", "sound", "stills"])
@pytest.mark.parametrize("verdict", [{"verdict": "reject", "reason": "corrupt"}, {"verdict": "gone"}])
def test_one_bad_verdict_decides_for_whole_video(
    context: Any, call: Callable[..., Json], at_fault: str, verdict: Json
) -> None:
    probed = steps.probe(UPLOAD, context)
    planned = UPLOAD | {"etag": probed["etag"], "version": probed["version"]}
    planned |= {"plan": call("plan", planned)["plan"]}
    made: Json = {"pictures": [], "sound": {"verdict": "go", "streams": {}}, "stills": {"verdict": "go"}}
    made[at_fault] = [verdict] if at_fault == "pictures" else verdict

    assert call("package", planned | made) == verdict


def test_a_video_of_a_picture_that_is_blocked_is_rejected(
    call: Callable[..., Json], context: Any, table: FakeStore, known: FakeBands
) -> None:
    # given a video whose poster was blocked, and somebody who uploads it once more
    _judged(call, context, "m1")
    (entry,) = known.recorded
    assert entry[:2] == ("m1", "u1")
    known.block(entry[-1])
    table.items["m2"] = replace(table.items["m1"], media_id="m2", user_id="u2", appraisal=None)

    assert _judged(call, context, "m2") == {"verdict": "reject", "reason": "contentPolicy"}
    assert known.recorded == {entry}


def test_copy_of_video_is_flagged(call: Callable[..., Json], context: Any, table: FakeStore, known: FakeBands) -> None:
    for media_id, user_id in (("m1", "u1"), ("m2", "u2"), ("m3", "u1")):
        table.items[media_id] = replace(table.items["m1"], media_id=media_id, user_id=user_id, appraisal=None)
        assert _judged(call, context, media_id)["verdict"] == "go"

    assert {media_id: media.appraisal and media.appraisal.is_copy for media_id, media in table.items.items()} == {
        "m1": False, "m2": True, "m3": False,
    }  # fmt: skip


def _judged(call: Callable[..., Json], context: Any, media_id: str) -> Json:
    """What the last step says that judges the upload."""
    upload = {"mediaId": media_id, "key": KEY}
    source = upload | steps.probe(upload, context)
    call("moderate", source)
    planned = source | {"plan": call("plan", source)["plan"]}
    call("still", planned)
    return call("picture", source)


def test_an_error_of_ours_is_no_verdict(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> bytes:
        raise ffmpeg.OutOfTime("stopped")

    probed = steps.probe(UPLOAD, context)
    source = UPLOAD | {"etag": probed["etag"], "version": probed["version"]}
    planned = source | steps.plan(source, context)
    monkeypatch.setattr(ffmpeg, "run", slow)

    with pytest.raises(ffmpeg.OutOfTime):
        steps.sound(planned, context)


def test_segments_that_are_missing_are_no_verdict_either(context: Any) -> None:
    probed = steps.probe(UPLOAD, context)
    source = UPLOAD | {"etag": probed["etag"], "version": probed["version"]}
    planned = source | steps.plan(source, context)
    pictures = [steps.pictures(planned | {"chunk": chunk}, context) for chunk in planned["plan"]["chunks"]]

    with pytest.raises(steps.Torn):
        steps.package(planned | {"pictures": pictures[:1], "sound": {"streams": {}}, "stills": {}}, context)
    pictures[0]["streams"]["240"]["init"] = "another"
    with pytest.raises(steps.Torn):
        steps.package(planned | {"pictures": pictures, "sound": {"streams": {}}, "stills": {}}, context)


def test_an_event_of_the_bucket_starts_one_execution_named_after_the_item(
    monkeypatch: pytest.MonkeyPatch, context: Any
) -> None:
    started: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(workflows, "start", lambda *given: started.append(given))
    monkeypatch.setenv("VIDEO_MACHINE", "arn:video")
    config.forget()
    keys = ["videos/m1", "videos%2Fm1", "elsewhere/m2"]
    bodies = [json.dumps({"detail": {"object": {"key": key}}}) for key in keys]
    batch = {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}

    assert events.start_video(batch, context) == {"batchItemFailures": []}

    assert started == [("arn:video", "m1", {"mediaId": "m1", "key": KEY})]


def test_steps_without_the_layer_of_ffmpeg_or_images_load_neither() -> None:
    program = "import sys, functions.media.video.steps; sys.exit(bool({'PIL', 'imageio_ffmpeg'} & {*sys.modules}))"
    paths = f"{ROOT}:{ROOT / 'layers/shared/python'}"
    settings = {"NAMESPACE": "test", "AWS_REGION": "us-east-1", "PYTHONPATH": paths, "POWERTOOLS_SERVICE_NAME": "test"}

    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=settings)
