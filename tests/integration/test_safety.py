"""What nobody may see is not shown: malicious files, judged pictures, blocked ones, and a model that is down."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from tests.integration.behind import PHOTO, Aws
from tests.unit.media.pictures import dots, encoded

THRESHOLDS = f"/{NAMESPACE}/live/moderation"
RESIZE = f"{NAMESPACE}-media-resize"
VIRUS = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def author(join: Callable[[str], Client]) -> Client:
    return join("sana")


@pytest.fixture
def thresholds(aws: Aws) -> Iterator[Callable[..., None]]:
    """Put limits for the one label of the model in force, at once; those before come back at the end."""
    ssm = aws("ssm")
    before = ssm.get_parameter(Name=THRESHOLDS)["Parameter"]["Value"]

    def put(text: str) -> None:
        ssm.put_parameter(Name=THRESHOLDS, Value=text, Type="String", Overwrite=True)
        # A worker that has just begun knows no former ones.
        configured(aws, BEGUN_FOR=uuid.uuid4().hex)

    yield lambda **limits: put(json.dumps({"limits": {"explicit": limits}}))
    put(before)


def configured(aws: Aws, **variables: str) -> None:
    """Change the environment of the function that works on photos."""
    client = aws("lambda")
    now = client.get_function_configuration(FunctionName=RESIZE)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=RESIZE, Environment={"Variables": now | variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=RESIZE, WaiterConfig={"Delay": 1})


@contextmanager
def down(aws: Aws) -> Iterator[None]:
    """The model that is asked is Rekognition, which is not here."""
    configured(aws, MODERATOR="rekognition")
    try:
        yield
    finally:
        configured(aws, MODERATOR="model")


def picture() -> Image.Image:
    """One that nobody has seen before."""
    return dots(uuid.uuid4().int)


def verdict(author: Client, content: bytes, **more: Any) -> dict[str, Any]:
    """The media item after it was worked on."""
    body = {"contentType": "image/jpeg", "byteSize": len(content), "purpose": "post", **more}
    media = author.post("/media", body)
    assert author.send_to_form(media["upload"], content).is_success

    def decided() -> dict[str, Any] | None:
        found = author.get(f"/media/{media['mediaId']}")
        return found if found["status"] in ("ready", "rejected") else None

    return wait_until(decided, what="the verdict", seconds=60)


def item(aws: Aws, media_id: str) -> dict[str, Any]:
    key = {"mediaId": {"S": media_id}}
    return aws("dynamodb").get_item(TableName=f"{NAMESPACE}-media", Key=key, ConsistentRead=True)["Item"]


def appraisal(aws: Aws, media_id: str) -> dict[str, Any]:
    return json.loads(item(aws, media_id)["appraisal"]["S"])


def files(aws: Aws, media_id: str) -> list[str]:
    """What the bucket that is served from holds of a media item."""
    s3 = aws("s3")
    (bucket,) = (b["Name"] for b in s3.list_buckets()["Buckets"] if b["Name"].startswith(f"{NAMESPACE}-media-"))
    listed = [s3.list_objects_v2(Bucket=bucket, Prefix=f"{place}/{media_id}") for place in ("m", "originals")]
    return [found["Key"] for page in listed for found in page.get("Contents", [])]


def test_photo_with_virus_is_refused_and_not_kept(author: Client, aws: Aws) -> None:
    # given a photo that can be seen, with a virus in its metadata
    infected = PHOTO[:2] + b"\xff\xfe" + (len(VIRUS) + 2).to_bytes(2, "big") + VIRUS + PHOTO[2:]
    # when
    media = verdict(author, infected)
    # then
    assert (media["status"], media["reason"], media["renditions"]) == ("rejected", "malicious", [])
    assert files(aws, media["mediaId"]) == []


def test_sensitive_pictures_are_marked_and_reviewed(author: Client, aws: Aws, thresholds: Callable[..., None]) -> None:
    # given that everything is taken for sensitive
    thresholds(sensitive=0)
    sensitive = verdict(author, encoded(picture(), "JPEG"))
    # and then for doubtful
    thresholds(review=0)
    doubtful = verdict(author, encoded(picture(), "JPEG"))
    # then both are shown, with a mark
    assert [(media["status"], media["sensitive"]) for media in (sensitive, doubtful)] == [("ready", True)] * 2
    # and the doubtful one is found by who reviews, with what the model saw
    queried = aws("dynamodb").query(
        TableName=f"{NAMESPACE}-media",
        IndexName="byReview",
        KeyConditionExpression="review = :subject",
        ExpressionAttributeValues={":subject": {"S": "content"}},
    )
    found = [reviewed["mediaId"]["S"] for reviewed in queried["Items"]]
    assert doubtful["mediaId"] in found
    assert sensitive["mediaId"] not in found
    assert appraisal(aws, doubtful["mediaId"])["labels"]["explicit"] < 0.5


def test_blocked_picture_is_refused_when_uploaded_again(
    author: Client, join: Callable[[str], Client], aws: Aws, thresholds: Callable[..., None]
) -> None:
    # given a picture that was blocked
    blocked = picture()
    thresholds(block=0)
    refused = verdict(author, encoded(blocked, "JPEG"))
    assert (refused["status"], refused["reason"]) == ("rejected", "contentPolicy")
    assert files(aws, refused["mediaId"]) == []
    thresholds(block=1)
    # when somebody else uploads it again: smaller, compressed harder, mirrored
    again = blocked.resize((360, 240)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    returned = verdict(join("boris"), encoded(again, "JPEG", quality=50))
    # then it is blocked, and other pictures are not
    assert (returned["status"], returned["reason"]) == ("rejected", "contentPolicy")
    other = verdict(author, encoded(picture(), "JPEG"))
    assert (other["status"], other["sensitive"]) == ("ready", False)


def test_copy_of_a_picture_is_flagged_for_its_second_owner(
    author: Client, join: Callable[[str], Client], aws: Aws
) -> None:
    # given somebody's picture
    original = picture()
    verdict(author, encoded(original, "JPEG"))
    # when somebody else uploads it, and then its author once more
    copied = verdict(join("kopp"), encoded(original, "JPEG", quality=60))
    own = verdict(author, encoded(original, "JPEG", quality=70))
    # then the copy is flagged for review, and only there
    assert appraisal(aws, copied["mediaId"])["is_copy"]
    assert item(aws, copied["mediaId"])["review"] == {"S": "copyright"}
    assert author.user_id not in json.dumps(copied)
    assert copied["status"] == "ready"
    # and whose it is may upload it as often as they like
    assert appraisal(aws, own["mediaId"])["is_copy"] is False


@pytest.mark.needs(Feature.DEPLOYMENT)
def test_unjudged_pictures_are_not_shown_and_not_lost(author: Client, aws: Aws) -> None:
    content = encoded(picture(), "JPEG")
    # given that the model is down
    with down(aws):
        media_id = author.upload(content)
        wait_until(lambda: author.get(f"/media/{media_id}")["status"] == "processing", what="the first try")
        # then the picture waits
        with pytest.raises(Exception, match="did not come"):
            wait_until(lambda: author.get(f"/media/{media_id}")["status"] != "processing", seconds=5)
        assert files(aws, media_id) == []
    # and when it is up again, the picture goes on by itself
    wait_until(lambda: author.get(f"/media/{media_id}")["status"] == "ready", seconds=90, what="the next try")


def test_shared_picture_carries_author_name_if_wanted(author: Client) -> None:
    content = encoded(picture(), "JPEG")
    # when
    marked, plain = verdict(author, content, watermark=True), verdict(author, content)
    # then
    assert plain["shareUrl"] is None
    with Image.open(BytesIO(httpx.get(marked["shareUrl"]).content)) as shared:
        assert (shared.format, shared.size) == ("JPEG", (480, 320))
