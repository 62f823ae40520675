"""HTTP routes of media."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import Field, StringConstraints

from functions.media import hls, service
from heliograph import http, idempotency
from heliograph.media_urls import Grant

app = http.resolver()

MediaId = Annotated[str, Path(alias="mediaId"), http.AN_ID]


Playlist = Annotated[str, Path(pattern=r"^[a-z0-9]{1,10}\.m3u8$")]


class NewMedia(http.Body):
    content_type: Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, max_length=100)]
    byte_size: Annotated[int, Field(ge=1)]
    purpose: service.Purpose
    resumable: bool = False


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
    if body.resumable:
        promised = service.request_parts(caller.user_id, body.content_type, body.byte_size, body.purpose)
        return NewMediaView(media_id=promised.media_id, upload=_parts(promised))
    request = service.request_upload(caller.user_id, body.content_type, body.byte_size, body.purpose)
    upload = UploadForm(method="POST", url=request.form.url, fields=request.form.fields, expires_at=request.expires_at)
    return NewMediaView(media_id=request.media_id, upload=upload)


@app.get("/v1/media/<mediaId>", summary="One of my media", tags=["media"])
def read_media(media_id: MediaId, caller: http.SignedIn) -> service.MediaView:
    return service.view(service.get(caller.user_id, media_id))


@app.get("/v1/media/<mediaId>/upload", summary="The parts that are missing, with new URLs", tags=["media"])
def read_upload(media_id: MediaId, caller: http.SignedIn) -> UploadParts:
    return _parts(service.missing_parts(caller.user_id, media_id))


@app.post("/v1/media/<mediaId>/upload/complete", summary="All parts are sent", tags=["media"])
def complete_upload(media_id: MediaId, caller: http.SignedIn) -> service.MediaView:
    return service.view(service.complete_upload(caller.user_id, media_id))


def _parts(promised: service.PartsRequest) -> UploadParts:
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
