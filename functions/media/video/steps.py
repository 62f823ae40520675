"""The steps of the video workflow: see `infrastructure/video_workflow.py` for their order.

Each step may run any number of times. What it finds out about the file is data, `{"verdict": "go" | "reject" | "wait" |
"gone"}`; an error means that the step itself could not be done, and is tried again.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field

from functions.media import moderation, objects, scanning, service, store
from functions.media.hls import MASTER, PLAYLIST_TYPE
from functions.media.model import Appraisal, Reason, Rendition, Video
from functions.media.video import ffmpeg, files, fragments, ladder, playlists, stills, transcode
from functions.media.video import plan as plans
from functions.media.video import probe as probes
from functions.media.video.plan import Chunk, Part, Plan
from functions.media.video.playlists import Stored, Stream
from functions.media.video.probe import Refused
from heliograph import config, workflows
from heliograph.observability import count, logger

G = TypeVar("G", bound=Part)
Outcome = dict[str, Any]
MP4 = "video/mp4"
SEGMENT = "video/iso.segment"


class Torn(Exception):
    """What the workers made does not fit together."""


class PlanSettings(config.Settings):
    video_chunked_above: float


class Upload(Part):
    media_id: str
    key: str


class Source(Upload):
    """The upload whose bytes `etag` names, and the version that its renditions are written under."""

    etag: str
    version: int

    @property
    def prefix(self) -> str:
        return f"m/{self.media_id}/{self.version}"

    @property
    def hls(self) -> str:
        return Video(0, self.prefix).hls


class Planned(Source):
    plan: Plan


class ChunkOf(Planned):
    chunk: Chunk


class Told(Part):
    """What one of several at once has to say; the step that joins them passes the verdict on."""

    verdict: Literal["go", "reject", "gone"] = "go"
    reason: Reason | None = None

    def insist(self) -> None:
        """Raises Refused and Gone, as the step did that said so."""
        if self.reason is not None:
            raise Refused(self.reason, "see the step before")
        if self.verdict == "gone":
            raise files.Gone


class Made(Part):
    """A rung or the sound, as far as one worker made it. `init`: the digest of what comes before its segments."""

    codec: str
    init: str
    segments: tuple[Stored, ...]


class Produced(Told):
    streams: dict[str, Made] = Field(default_factory=dict[str, Made])


class Packaged(Planned):
    pictures: tuple[Produced, ...]
    sound: Produced
    stills: Told


class Picture(Part):
    """What stands for a video where pictures are shown."""

    placeholder: str
    dominant_color: str
    renditions: tuple[Rendition, ...]
    fingerprint: str | None
    user_id: str


class Finished(Planned):
    picture: Picture


class Rejected(Upload):
    reason: Reason


def _probe(given: Upload) -> Outcome:
    media = store.find(given.media_id, consistent=True)
    if media is None or media.status in ("ready", "rejected"):
        # Erased, or the form was used a second time.
        files.forget_upload(given.key)
        raise files.Gone
    etag = files.etag(given.key)
    store.begin(given.media_id)
    with files.copied(given.key, etag) as copy:
        probes.probe(copy.path)
    # The version only makes the keys new, as for photos.
    return {"etag": etag, "version": media.version + 1}


def _scan(given: Source) -> Outcome:
    with files.copied(given.key, given.etag) as copy:
        scan = scanning.scan(given.key, copy.path)
    if scan.status == "malicious":
        raise Refused("malicious", scan.detail)
    return {"verdict": "wait" if scan.status == "pending" else "go"}


def _moderate(given: Source) -> Outcome:
    with files.copied(given.key, given.etag) as copy:
        clip = probes.probe(copy.path)
        worst = moderation.worst(
            [moderation.judge(frame) for frame in stills.judged_frames(copy.path, clip, copy.folder)]
        )
    if not store.appraise(given.media_id, Appraisal(worst.verdict, worst.labels)):
        raise files.Gone
    if worst.verdict == "block":
        raise Refused("contentPolicy", ", ".join(worst.labels))
    return {}


def _plan(given: Source) -> Outcome:
    with files.copied(given.key, given.etag) as copy:
        clip = probes.probe(copy.path)
        busy = stills.bits_per_pixel(copy.path, clip, copy.folder)
    rungs = ladder.ladder(clip.width, clip.height, clip.frame_rate, busy)
    planned = plans.plan(clip, rungs, chunked_above=config.read(PlanSettings).video_chunked_above)
    return {"plan": planned.model_dump(mode="json", by_alias=True)}


def _pictures(given: ChunkOf) -> Outcome:
    with files.copied(given.key, given.etag) as copy:
        output = transcode.chunk(copy.path, given.plan, given.chunk, copy.folder)
        return _stored(given, output, copy.folder, fragments.codec)


def _sound(given: Planned) -> Outcome:
    if not given.plan.has_sound:
        return {"streams": {}}
    with files.copied(given.key, given.etag) as copy:
        output = transcode.sound(copy.path, given.plan, copy.folder)
        return _stored(given, output, copy.folder, lambda _: playlists.SOUND_CODEC)


def _stored(given: Source, output: transcode.Output, folder: Path, codec: Callable[[bytes], str]) -> Outcome:
    """Segments are put where they are served from: to stitch is only to see that all are there."""
    files.write(folder, given.hls, ((playlists.init_name(name), MP4, init) for name, init in output.inits.items()))
    files.write(
        folder, given.hls, ((playlists.segment_name(s.name, s.index), SEGMENT, s.content) for s in output.segments)
    )
    made = {
        name: Made(
            codec=codec(init),
            init=files.digest(init),
            segments=tuple(Stored(s.index, s.seconds, len(s.content)) for s in output.segments if s.name == name),
        )
        for name, init in output.inits.items()
    }
    return Produced(streams=made).model_dump(mode="json", by_alias=True)


def _stills(given: Planned) -> Outcome:
    with files.copied(given.key, given.etag) as copy:
        clip = probes.probe(copy.path)
        pictures = [stills.poster(copy.path, clip, copy.folder), *stills.thumbnails(copy.path, clip, copy.folder)]
        preview = stills.preview(copy.path, clip, copy.folder)
        objects.put_renditions(
            [
                *((f"{given.prefix}/{path.name}", "image/jpeg", path) for path in pictures),
                (f"{given.prefix}/{preview.name}", MP4, preview),
            ]
        )
    return {}


def _picture(given: Source) -> Outcome:
    """The poster as a photo, in all the sizes of photos. The imaging library is loaded here only."""
    from functions.media import appraisal, fingerprints, inspection, rendering, renditions  # noqa: PLC0415
    from functions.media.photo import Photo  # noqa: PLC0415

    media = store.find(given.media_id, consistent=True)
    if media is None or media.appraisal is None:
        raise files.Gone
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        path = folder / "poster"
        files.read(f"{given.prefix}/poster.jpg", path)
        photo = inspection.inspect(path)
        if not isinstance(photo, Photo):
            raise TypeError(f"our own poster: {photo}")
        finding = fingerprints.check(renditions.small(photo), media.media_id, media.user_id)
        if finding.blocked:
            raise Refused("contentPolicy", "its poster is blocked")
        found = replace(media.appraisal, fingerprint=finding.fingerprint, is_copy=finding.is_copy)
        if not appraisal.keep(media, found):
            raise files.Gone
        rendered = renditions.render(photo, folder)
        picture = Picture(
            placeholder=rendered.placeholder,
            dominant_color=rendered.dominant_color,
            renditions=tuple(rendering.stored(rendered.files, given.prefix)),
            fingerprint=finding.fingerprint,
            user_id=media.user_id,
        )
    return {"picture": picture.model_dump(mode="json", by_alias=True)}


def _package(given: Packaged) -> Outcome:
    for part in (*given.pictures, given.sound, given.stills):
        part.insist()
    streams = [_stitched(str(rung.name), given.pictures, given.plan) for rung in given.plan.rungs]
    made = [Stream(rung, part.codec, part.segments) for rung, part in zip(given.plan.rungs, streams, strict=True)]
    sound = given.sound.streams[playlists.SOUND].segments if given.plan.has_sound else ()
    texts = {MASTER: playlists.master_playlist(made, sound, given.plan.frame_rate)}
    texts |= {f"{s.rung.name}.m3u8": playlists.media_playlist(str(s.rung.name), s.segments) for s in made}
    if sound:
        texts[f"{playlists.SOUND}.m3u8"] = playlists.media_playlist(playlists.SOUND, sound)
    with tempfile.TemporaryDirectory() as directory:
        contents = ((name, PLAYLIST_TYPE, text.encode()) for name, text in texts.items())
        files.write(Path(directory), given.hls, contents)
    return {}


def _stitched(name: str, parts: tuple[Produced, ...], plan: Plan) -> Made:
    """The rung as all workers made it: every segment once, and one beginning that fits them all."""
    made = [part.streams[name] for part in parts]
    segments = tuple(sorted((segment for part in made for segment in part.segments), key=lambda one: one.index))
    if [segment.index for segment in segments] != [segment.index for segment in plan.segments]:
        raise Torn(f"segments of {name} are missing")
    if len({(part.init, part.codec) for part in made}) != 1:
        raise Torn(f"workers disagree on {name}")
    return Made(codec=made[0].codec, init=made[0].init, segments=segments)


def _finish(given: Finished) -> Outcome:
    files.keep_original(given.media_id, given.key, given.etag)
    finished = store.finish(
        given.media_id,
        width=given.plan.width,
        height=given.plan.height,
        placeholder=given.picture.placeholder,
        dominant_color=given.picture.dominant_color,
        renditions=given.picture.renditions,
        share_key=None,
        video=Video(round(given.plan.seconds, 3), given.prefix),
    )
    if finished:
        count("MediaReady")
    else:
        # Perhaps erased while it was worked on: then what was just written must go as well.
        service.forget(given.media_id, given.picture.user_id, given.picture.fingerprint)
    files.forget_upload(given.key)
    return {}


def _reject(given: Rejected) -> Outcome:
    if store.reject(given.media_id, given.reason):
        count("MediaRejected")
    objects.erase(given.media_id)
    files.forget_upload(given.key)
    return {}


def _step(given: type[G], handle: Callable[[G], Mapping[str, Any]]) -> workflows.Handler:
    """A handler that turns what was found out about the file into a verdict."""

    def judged(source: G) -> Outcome:
        try:
            return {"verdict": "go", **handle(source)}
        except files.Gone:
            return {"verdict": "gone"}
        except Refused as refused:
            return _rejection(source, refused.reason, refused.detail)
        except ffmpeg.OutOfTime:
            raise
        except (ffmpeg.Failed, fragments.Unexpected, transcode.Lost) as error:
            return _rejection(source, "corrupt", str(error))

    return workflows.step(given, judged)


def _rejection(source: Part, reason: Reason, detail: str) -> Outcome:
    logger.info("video rejected", extra={"given": type(source).__name__, "reason": reason, "detail": detail})
    return {"verdict": "reject", "reason": reason}


probe = _step(Upload, _probe)
scan = _step(Source, _scan)
moderate = _step(Source, _moderate)
plan = _step(Source, _plan)
pictures = _step(ChunkOf, _pictures)
sound = _step(Planned, _sound)
still = _step(Planned, _stills)
picture = _step(Source, _picture)
package = _step(Packaged, _package)
finish = _step(Finished, _finish)
reject = _step(Rejected, _reject)
