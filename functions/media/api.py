"""HTTP routes of media."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field, StringConstraints

from functions.media import service
from heliograph import http, idempotency

app = http.resolver()

MediaId = Annotated[str, Path(alias="mediaId"), http.AN_ID]


class NewMedia(http.Body):
    content_type: Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, max_length=100)]
    byte_size: Annotated[int, Field(ge=1)]
    purpose: service.Purpose
    # Resumable uploads are not there yet; a client that does not ask for one may say so.
    resumable: Literal[False] = False
    keep_location: bool = False
    # The author's name on the picture that is downloaded and shared.
    watermark: bool = False


class UploadForm(http.View):
    method: Literal["POST"]
    url: str
    fields: dict[str, str]
    expires_at: http.Time


class NewMediaView(http.View):
    media_id: str
    upload: UploadForm


@app.post(
    "/v1/media",
    status_code=201,
    summary="Ask for an upload",
    tags=["media"],
    middlewares=[idempotency.replay],
)
def request_upload(body: NewMedia, caller: http.SignedIn) -> NewMediaView:
    request = service.request_upload(
        caller.user_id,
        body.content_type,
        body.byte_size,
        body.purpose,
        keep_location=body.keep_location,
        watermark=f"@{caller.username}" if body.watermark else None,
    )
    upload = UploadForm(method="POST", url=request.form.url, fields=request.form.fields, expires_at=request.expires_at)
    return NewMediaView(media_id=request.media_id, upload=upload)


@app.get("/v1/media/<mediaId>", summary="One of my media", tags=["media"])
def read_media(media_id: MediaId, caller: http.SignedIn) -> service.OwnMediaView:
    return service.view(service.get(caller.user_id, media_id))


handler = http.handler(app)
