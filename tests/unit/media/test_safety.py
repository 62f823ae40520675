"""Scanners, judgements and fingerprints: the rules, without a cloud."""

import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image
from pydantic import ValidationError

from functions.media import bands, judging, moderation, pdq, scanning, service, structure, watermark
from functions.media.model import Appraisal, Media, Verdict
from functions.media.moderation import Judgement, Limits, ModerationUnavailable, Thresholds
from heliograph import aws, config
from tests.unit.media.pictures import chunk, dots, encoded, quadrants, write

MEDIA = Media(
    media_id="m1",
    user_id="u1",
    status="processing",
    purpose="post",
    content_type="image/jpeg",
    byte_size=10,
    media_type="image",
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    version=1,
)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
JPEG = encoded(quadrants(), "JPEG")
PNG = encoded(quadrants(), "PNG")


def zipped() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("run.sh", "echo")
    return archive.getvalue()


def app1(content: bytes) -> bytes:
    """A JPEG with this in a segment of its metadata."""
    return JPEG[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + JPEG[2:]


def many_scans(count: int) -> bytes:
    """A JPEG whose last scan comes so many times."""
    photo = encoded(quadrants(64, 64), "JPEG", progressive=True)
    last = photo.rindex(b"\xff\xda")
    return photo[:last] + photo[last:-2] * count + photo[-2:]


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (app1(EICAR), "test virus"),
        (JPEG + EICAR, "test virus"),
        (b"MZ\x90\0" + bytes(200), "Windows"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "Linux"),
        (b"\xcf\xfa\xed\xfe" + bytes(200), "macOS"),
        (b"#!/bin/sh\nrm", "script"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><p>", "page"),
        (b"%PDF-1.7\n", "document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "document"),
        (zipped(), "archive"),
        (JPEG + zipped(), "archive"),
        (PNG + zipped(), "archive"),
        (JPEG + b"Rar!\x1a\x07\x01\x00" + bytes(50), "archive"),
        (app1(b"<?php system($_GET['c']); ?>"), "script"),
        (JPEG + b"<script>alert(1)</script>", "script"),
        (PNG[:33] + chunk(b"tEXt", b"Comment\0<script>") + PNG[33:], "script"),
        (JPEG + b"MZ" + bytes(64) + b"This program cannot be run in DOS mode" + bytes(9), "program"),
        (many_scans(200), "scans"),
    ],
)
def test_dangerous_files_are_found(tmp_path: Path, content: bytes, detail: str) -> None:
    threat = structure.threat(write(tmp_path / "upload", content))
    assert threat is not None
    assert detail in threat


@pytest.mark.parametrize(
    "content",
    [
        JPEG,
        PNG,
        b"",
        b"\xff\xd8\xff",
        b"words, not pixels",
        # what phones append: more pictures, the video of a motion photo, a maker's trailer
        JPEG + JPEG,
        JPEG + b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + random.Random(1).randbytes(300_000),
        JPEG + b"MotionPhoto_Data" + random.Random(2).randbytes(50_000) + b"SEFHk\0\0\0SEFT",
        app1(b"http://ns.adobe.com/xap/1.0/\0<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'/>"),
        # four bytes by chance are no archive
        JPEG + b"PK\x05\x06" + bytes(30),
        encoded(quadrants(), "JPEG", progressive=True),
        many_scans(20),
        JPEG[: len(JPEG) // 2],
    ],
)  # fmt: skip
def test_camera_files_are_clean(tmp_path: Path, content: bytes) -> None:
    assert structure.threat(write(tmp_path / "upload", content)) is None


class Tagged:
    """S3, as far as its tags."""

    def __init__(self, finding: str | None) -> None:
        self.tags = [{"Key": "other", "Value": "x"}]
        if finding:
            self.tags.append({"Key": scanning.FINDING, "Value": finding})

    def get_object_tagging(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        assert (Bucket, Key) == ("test-uploads", "uploads/m1")
        return {"TagSet": self.tags}


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """GuardDuty has found this."""
    monkeypatch.setenv("SCANNER", "guardduty")
    config.forget()
    return lambda finding: monkeypatch.setattr(aws, "client", lambda _service: Tagged(finding))


@pytest.mark.parametrize(
    ("finding", "status"),
    [
        (None, "pending"),
        ("NO_THREATS_FOUND", "clean"),
        ("THREATS_FOUND", "malicious"),
        ("UNSUPPORTED", "malicious"),
    ],
)
def test_guardduty_verdict_is_read_from_the_object(
    guarded: Callable[[str | None], None], finding: str, status: str
) -> None:
    guarded(finding)
    assert scanning.scan("uploads/m1").status == status


@pytest.mark.parametrize("finding", ["ACCESS_DENIED", "FAILED"])
def test_failed_scan_is_no_verdict(guarded: Callable[[str | None], None], finding: str) -> None:
    guarded(finding)
    with pytest.raises(scanning.ScanFailed, match=finding):
        scanning.scan("uploads/m1")


def test_files_are_scanned_structurally_besides_guardduty(
    guarded: Callable[[str | None], None], tmp_path: Path
) -> None:
    guarded("NO_THREATS_FOUND")
    assert scanning.scan("uploads/m1", write(tmp_path / "upload", JPEG + zipped())).status == "malicious"


THRESHOLDS = Thresholds(limits={"explicit": Limits(sensitive=0.5, review=0.8, block=0.95), "hate": Limits(review=0.7)})


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        ({}, "allow"),
        ({"explicit": 0.49}, "allow"),
        ({"explicit": 0.5}, "sensitive"),
        ({"explicit": 0.8}, "review"),
        ({"explicit": 0.95}, "block"),
        ({"hate": 1.0}, "review"),
        ({"explicit": 0.6, "hate": 0.7}, "review"),
        ({"something new": 1.0}, "allow"),
    ],
)
def test_the_strictest_label_decides(labels: dict[str, float], verdict: str) -> None:
    assert moderation.verdict(labels, THRESHOLDS) == verdict


def test_several_pictures_are_judged_as_their_worst() -> None:
    one, other = Judgement("review", {"explicit": 0.8, "hate": 0.1}), Judgement("sensitive", {"explicit": 0.6})
    assert moderation.worst([one, other]) == Judgement("review", {"explicit": 0.8, "hate": 0.1})
    assert moderation.worst([]) == Judgement("allow", {})


@pytest.mark.parametrize(("verdict", "marked"), [("allow", False), ("sensitive", True), ("review", True)])
def test_pictures_for_few_eyes_are_marked(verdict: Verdict, marked: bool) -> None:
    judged = replace(MEDIA, status="ready", appraisal=Appraisal(verdict, {}))

    assert service.view(judged).sensitive is marked
    assert not service.view(replace(MEDIA, status="ready")).sensitive


@pytest.mark.parametrize("document", ['{"limits": {"hate": {"block": 1.1}}}', '{"limits": {"hate": {"blck": 1}}}'])
def test_invalid_thresholds_are_refused(document: str) -> None:
    with pytest.raises(ValidationError):
        Thresholds.model_validate_json(document)


class Rekognition:
    def detect_moderation_labels(self, *, Image: dict[str, bytes], MinConfidence: int) -> dict[str, Any]:  # noqa: N803
        assert Image == {"Bytes": JPEG}
        return {
            "ModerationLabels": [
                {"Name": "Exposed Male Nipple", "ParentName": "Explicit", "Confidence": 91.23},
                {"Name": "Explicit", "ParentName": "", "Confidence": 88.0},
                {"Name": "Beer", "ParentName": "Alcohol", "Confidence": 99.0},
            ]
        }


@pytest.fixture
def rekognition(monkeypatch: pytest.MonkeyPatch, model: dict[str, float]) -> None:
    monkeypatch.setenv("MODERATOR", "rekognition")
    config.forget()


def test_rekognitions_categories_become_our_labels(rekognition: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", lambda _service, **_: Rekognition())
    assert moderation.judge(JPEG) == Judgement("review", {"explicit": 0.9123})


def test_breaker_opens_after_failures_of_the_model(rekognition: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a model that is down
    asked: list[str] = []

    def down(service: str, **_: int) -> Any:
        asked.append(service)
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "DetectModerationLabels")

    monkeypatch.setattr(aws, "client", down)
    # then every picture has to wait, and after five it is not asked any more
    for _ in range(8):
        with pytest.raises(ModerationUnavailable):
            moderation.judge(JPEG)
    assert len(asked) == 5


class Lambda:
    """The function with the model, called here."""

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "test-media-moderate"
        import json

        labels = judging.judge(judging.Picture.model_validate_json(Payload))
        return {"Payload": BytesIO(json.dumps(labels).encode())}


def test_our_own_model_judges(monkeypatch: pytest.MonkeyPatch, landscape: Path) -> None:
    monkeypatch.setattr(aws, "client", lambda _service, **_: Lambda())
    judgement = moderation.judge(landscape.read_bytes())
    # a sunset
    assert judgement.verdict == "allow"
    assert 0 <= judgement.labels["explicit"] < 0.1


def test_verdict_decides_review_and_warning() -> None:
    found = [Appraisal(verdict, {}, is_copy=is_copy) for is_copy in (False, True) for verdict in moderation.VERDICTS]
    assert [appraisal.review for appraisal in found[:4]] == [None, None, "content", None]
    assert [appraisal.review for appraisal in found[4:]] == ["copyright", "copyright", "content", None]
    assert [appraisal.sensitive for appraisal in found[:4]] == [False, True, True, False]


# By the reference implementation (PyPI's pdqhash 0.2.8), its first bit the highest.
REFERENCE = {
    "sunset.jpg": "a28efe304746b08ddbe90d12a2b6fd65689d868a7d72b33704cdfde82232534c",
    "portrait-gps.jpg": "0b0f38ffd2b0c42e79695a92c63da4f63949631fc2379ee0b189f11e0e60d999",
    "fig.png": "36344e7b4664a9198e343f685c6cf569788d5539a2e432f3cd548fc777522116",
    "dots": "4b6c6091ac939bf41368a06bec975904b14cbad9d8cbed356c9e42c99645f6a7",
    "small": "4b6c6091ac939bf49368a06be4975984b14cbaddc8cb6d176c9ec2c89645f6a7",
    "wide": "0f16d716d08a642ebdc7e98b6030db50427330b03d6ea302e2a9dd5e9cd6f3bd",
    "radial": "e660f9d8e99952666e6788dc999962666666ddd89999666666661d9919992a26",
}
DRAWN: dict[str, Callable[[], Image.Image]] = {
    "dots": lambda: dots(1),
    "small": lambda: dots(1).resize((50, 33)),
    "wide": lambda: dots(3).resize((1000, 101)),
    "radial": lambda: Image.radial_gradient("L"),
}


@pytest.mark.parametrize("name", REFERENCE)
def test_hashes_are_those_of_the_reference(name: str, landscape: Path) -> None:
    picture = DRAWN[name]() if name in DRAWN else Image.open(landscape.with_name(name))
    # A decoder may round a pixel otherwise; of 256 bits ten are allowed.
    assert pdq.distance(pdq.compute(picture).value, int(REFERENCE[name], 16)) <= 10


def test_a_plain_picture_has_no_good_hash() -> None:
    assert pdq.compute(Image.new("RGB", (100, 70), "navy")).quality == 0
    assert pdq.compute(dots(1)).quality >= pdq.GOOD_QUALITY


def test_other_pictures_are_far_away() -> None:
    hashes = [pdq.compute(dots(seed)).value for seed in range(6)]
    apart = [pdq.distance(one, other) for one in hashes for other in hashes if one != other]
    assert min(apart) > 80


@pytest.mark.parametrize("seed", range(4))
def test_recompressed_shrunk_turned_and_mirrored_pictures_are_near(seed: int) -> None:
    # given the eight hashes that one hash stands for
    picture = dots(seed)
    known = bands.variants(pdq.compute(picture).value)
    assert len(set(known)) == 8
    # when it is made smaller, compressed hard, and turned in any way
    for turn in (None, *Image.Transpose):
        turned = picture if turn is None else picture.transpose(turn)
        copied = Image.open(
            BytesIO(encoded(turned.resize((turned.width // 2, turned.height // 2)), "JPEG", quality=40))
        )
        nearest = min(pdq.distance(pdq.compute(copied).value, value) for value in known)
        # then a blocked picture is recognised
        assert nearest <= bands.BLOCKED.reach


def test_a_name_is_written_into_the_corner_and_nowhere_else(tmp_path: Path) -> None:
    for ground in ("white", "black"):
        plain = Image.new("RGB", (600, 400), ground)
        plain.save(tmp_path / "w1080.jpg", "JPEG")
        # when
        with Image.open(watermark.stamp(tmp_path / "w1080.jpg", "@ada.l", tmp_path)) as shared:
            shared.load()
        # then it can be read on light and on dark
        assert shared.size == plain.size
        corner, rest = shared.crop((450, 350, 600, 400)).convert("L"), shared.crop((0, 0, 600, 300)).convert("L")
        darkest, brightest = corner.getextrema()
        assert isinstance(darkest, int)
        assert brightest - darkest > 80  # pyright: ignore[reportOperatorIssue]
        assert len(rest.getcolors() or []) == 1


@pytest.mark.parametrize("size", [(1, 1), (10, 100), (90, 60), (1080, 108)])
def test_a_name_fits_into_any_picture(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size).save(tmp_path / "w1080.jpg", "JPEG")
    with Image.open(watermark.stamp(tmp_path / "w1080.jpg", "@" + "w" * 30, tmp_path)) as shared:
        assert shared.size == size
