"""HTTP routes of media."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import Field, StringConstraints

from functions.media import service
from functions.media.views import EditsInput, FiltersView, FilterView
from heliograph import http, idempotency
from heliograph.errors import NotFound

app = http.resolver()

# For URLs that name what they lead to, and for those that do not.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}

MediaId = Annotated[str, Path(alias="mediaId"), http.AN_ID]
FilterName = Annotated[str, Path(), http.PERCENT_DECODED]


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


@app.put("/v1/media/<mediaId>/edits", status_code=202, summary="Edit one of my photos", tags=["media"])
def edit_media(media_id: MediaId, body: EditsInput, caller: http.SignedIn) -> service.MediaView:
    service.edit(caller.user_id, media_id, body.edits())
    return service.view(service.get(caller.user_id, media_id))


# --- Filters --------------------------------------------------------------------------------------------------------


@app.get("/v1/filters", summary="The named filters", tags=["media"])
def list_filters() -> Response[FiltersView]:
    items = [
        FilterView(name=name, title=filter_.title, lut_url=f"/v1/filters/{name}/lut?v={service.fingerprint(name)}")
        for name, filter_ in service.FILTERS.items()
    ]
    return Response(200, content_type="application/json", body=FiltersView(items=items), headers=FOR_AN_HOUR)


@app.get(
    "/v1/filters/<name>/lut",
    summary="A filter as a 3D LUT, in the .cube format",
    tags=["media"],
    responses={200: {"description": "The LUT", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def read_lut(name: FilterName, version: Annotated[str | None, Query(alias="v", max_length=64)] = None) -> Response[str]:
    if name not in service.FILTERS:
        raise NotFound
    headers = FOR_EVER if version == service.fingerprint(name) else FOR_AN_HOUR
    return Response(200, content_type="text/plain", body=service.cube(name), headers=headers)


handler = http.handler(app)
