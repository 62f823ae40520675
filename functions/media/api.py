"""HTTP routes of media."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import Field, StringConstraints

from functions.media import hls, service, uploading
from functions.media.uploading import Announcement, Wishes
from functions.media.views import EditsInput, FiltersView, FilterView
from heliograph import http, idempotency
from heliograph.errors import NotFound
from heliograph.media_urls import Grant

app = http.resolver()

# For URLs that name what they lead to, and for those that do not.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}

MediaId = Annotated[str, Path(alias="mediaId"), http.AN_ID]
FilterName = Annotated[str, Path(), http.PERCENT_DECODED]


Playlist = Annotated[str, Path(pattern=r"^[a-z0-9]{1,10}\.m3u8$")]


class NewMedia(http.Body):
    content_type: Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, max_length=100)]
    byte_size: Annotated[int, Field(ge=1)]
    purpose: service.Purpose
    resumable: bool = False
    keep_location: bool = False
    # The author's name on the picture that is downloaded and shared.
    watermark: bool = False


class UploadForm(http.View):
    method: Literal["POST"]
    url: str
    fields: dict[str, str]
    expires_at: http.Time


class PartView(http.View):
    number: int
    url: str
    bytes: int


class UploadParts(http.View):
    method: Literal["MULTIPART"]
    parts: list[PartView]
    complete_url: str
    expires_at: http.Time


class NewMediaView(http.View):
    media_id: str
    upload: UploadForm | UploadParts


@app.post(
    "/v1/media",
    status_code=201,
    summary="Ask for an upload",
    tags=["media"],
    middlewares=[idempotency.replay],
)
def request_upload(body: NewMedia, caller: http.SignedIn) -> NewMediaView:
    wishes = Wishes(body.keep_location, f"@{caller.username}" if body.watermark else None)
    announced = Announcement(body.content_type, body.byte_size, body.purpose, wishes)
    if body.resumable:
        promised = uploading.request_parts(caller.user_id, announced)
        return NewMediaView(media_id=promised.media_id, upload=_parts(promised))
    request = uploading.request_upload(caller.user_id, announced)
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


@app.get("/v1/media/<mediaId>/upload", summary="The parts that are missing, with new URLs", tags=["media"])
def read_upload(media_id: MediaId, caller: http.SignedIn) -> UploadParts:
    return _parts(uploading.missing_parts(caller.user_id, media_id))


@app.post("/v1/media/<mediaId>/upload/complete", summary="All parts are sent", tags=["media"])
def complete_upload(media_id: MediaId, caller: http.SignedIn) -> service.MediaView:
    return service.view(uploading.complete_upload(caller.user_id, media_id))


def _parts(promised: uploading.PartsRequest) -> UploadParts:
    return UploadParts(
        method="MULTIPART",
        parts=[PartView(number=part.number, url=part.url, bytes=part.bytes) for part in promised.parts],
        complete_url=f"/v1/media/{promised.media_id}/upload/complete",
        expires_at=promised.expires_at,
    )


@app.get(
    "/v1/media/<mediaId>/hls/<playlist>",
    summary="A playlist of a video, where there is no CDN",
    description="To whoever has the URL, as at the CDN: players cannot send a bearer token.",
    tags=["media"],
    responses={200: {"description": "The playlist", "content": {hls.PLAYLIST_TYPE: {"schema": {"type": "string"}}}}},
)
def read_playlist(
    media_id: MediaId,
    playlist: Playlist,
    version: Annotated[int, Query(ge=1)],
    expires: Annotated[int, Query(ge=0)],
    token: Annotated[str, Query(pattern=r"^[\w-]{22}$")],
) -> Response[Any]:
    text = hls.playlist(media_id, version, playlist, Grant(expires, token))
    return Response(200, content_type=hls.PLAYLIST_TYPE, body=text, headers={"Cache-Control": "private, no-cache"})


handler = http.handler(app)
