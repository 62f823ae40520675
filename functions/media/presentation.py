"""How media appear in answers, here and inside posts and stories.

Offered through `service` (not a `views` room of its own), because the services of posts and stories hold these views.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from functions.media import hls
from functions.media.model import Capture, Media, MediaType, Reason, Status, Video
from heliograph import media_urls


class _View(BaseModel):
    # Not `heliograph.http.View`: consumers that never answer a request import this too, and need no resolver.
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, defer_build=True)


class RenditionView(_View):
    name: str
    width: int
    height: int
    content_type: str
    bytes: int
    url: str


class VideoView(_View):
    duration_seconds: float
    hls_url: str
    preview_url: str
    poster_url: str
    thumbnail_urls: list[str]


class MediaView(_View):
    media_id: str
    status: Status
    reason: Reason | None
    media_type: MediaType
    width: int | None
    height: int | None
    placeholder: str | None
    dominant_color: str | None
    alt_text: str | None
    renditions: list[RenditionView]
    edits: dict[str, Any] | None
    sensitive: bool
    share_url: str | None
    video: VideoView | None = None


class CoordinatesView(_View):
    lat: float
    lon: float


class CaptureView(_View):
    """How the photo was taken; `location` only if its owner asked to keep it."""

    taken_at: str | None
    camera: str | None
    location: CoordinatesView | None


class OwnMediaView(MediaView):
    """A media item as its owner sees it."""

    capture: CaptureView | None


def present_to_owner(media: Media) -> OwnMediaView:
    return OwnMediaView(**dict(present(media)), capture=media.capture and _capture(media.capture))


def _capture(capture: Capture) -> CaptureView:
    location = capture.location and CoordinatesView(lat=capture.location.latitude, lon=capture.location.longitude)
    return CaptureView(taken_at=capture.taken_at, camera=capture.camera, location=location)


def present(media: Media) -> MediaView:
    avif = any(rendition.content_type == "image/avif" for rendition in media.renditions)
    return MediaView(
        media_id=media.media_id,
        status=media.status,
        reason=media.reason,
        media_type=media.media_type,
        width=media.width,
        height=media.height,
        placeholder=media.placeholder,
        dominant_color=media.dominant_color,
        alt_text=media.alt_text,
        renditions=[
            RenditionView(
                name=rendition.name,
                width=rendition.width,
                height=rendition.height,
                content_type=rendition.content_type,
                bytes=rendition.bytes,
                url=media_urls.url(rendition.key, avif=avif),
            )
            for rendition in media.renditions
        ],
        edits=media.edits,
        sensitive=media.appraisal is not None and media.appraisal.sensitive,
        share_url=media.share_key and media_urls.url(media.share_key),
        video=media.video and _video(media.video),
    )


def _video(video: Video) -> VideoView:
    return VideoView(
        duration_seconds=video.duration_seconds,
        hls_url=hls.url(video),
        preview_url=media_urls.url(video.preview),
        poster_url=media_urls.url(video.poster),
        thumbnail_urls=[media_urls.url(key) for key in video.thumbnails],
    )
