"""Chunks and sound of a plan, encoded: H.264 and AAC in fragments that are ready to be served.

A worker decodes from the key frame before its chunk, keeps the frames that the plan names by their ticks, and drops
the rest. So leading pictures of an open GOP, which belong to the chunk before, are decoded there and dropped here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functions.media.video import ffmpeg, fragments
from functions.media.video.ladder import Rung
from functions.media.video.plan import MAX_FRAME_RATE, TIMESCALE, Chunk, Plan, Segment

ENCODE_SECONDS = 800
# A decoder leaves out what it cannot make sense of, such as pictures that refer to others before a cut.
LEAST_DECODED = 0.9
SOUND_RATE = 48_000
SOUND_BITS = 128_000
SOUND_SECONDS = 4

# Segments begin where they are told to, and nowhere else; a worker's output depends on its input alone.
H264 = (
    *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
    *("-g", "100000", "-keyint_min", "1", "-sc_threshold", "0", "-forced-idr", "1", "-bf", "2"),
    # An encoder's first picture is coarser than its later key frames, by 1.5 dB; at each seam there would be one.
    *("-x264-params", "zones=0,0,b=1.4"),
)
NO_METADATA = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")
FRAGMENTED = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-use_editlist", "0", "-f", "mp4")


class Lost(Exception):
    """Frames are missing: the worker did not see all that the plan names."""


@dataclass(frozen=True)
class Encoded:
    """One segment of one rung, or of the sound: `name` says which. `seconds`: how long it is shown."""

    name: str
    index: int
    seconds: float
    content: bytes


@dataclass(frozen=True)
class Output:
    """`inits`: by name of rung, what a player reads before the segments."""

    inits: dict[str, bytes]
    segments: tuple[Encoded, ...]


def chunk(source: Path, plan: Plan, part: Chunk, folder: Path) -> Output:
    """The segments of a chunk, in every rung. Raises ffmpeg.Failed; Lost if much of the source cannot be decoded."""
    if part.seek is not None:
        try:
            return _encode(source, plan, part, folder, least=1.0)
        except Lost:
            # The demuxer came down behind the key frame: decode from the start, which takes longer and misses nothing.
            part = part.model_copy(update={"seek": None})
    return _encode(source, plan, part, folder, least=LEAST_DECODED)


def sound(source: Path, plan: Plan, folder: Path) -> Output:
    """The sound, whole: as long as the pictures, silent where the source has none. Raises ffmpeg.Failed."""
    begin = float(plan.origin * plan.time_base)
    filters = (
        f"[0:a:0]atrim=start={begin:.6f}:end={begin + plan.seconds:.6f},asetpts=PTS-{begin:.6f}/TB,"
        f"aresample={SOUND_RATE}:async=1:first_pts=0,aformat=channel_layouts=mono|stereo,apad,atrim=end={plan.seconds:.6f}[a]"
    )
    path = folder / "sound.mp4"
    arguments = (
        *ffmpeg.source(source, plan.container, "-copyts"),
        *("-filter_complex", filters, "-map", "[a]", "-c:a", "aac", "-b:a", str(SOUND_BITS), *NO_METADATA),
        *("-frag_duration", str(SOUND_SECONDS * 1_000_000), *FRAGMENTED, str(path)),
    )
    ffmpeg.run(arguments, seconds=ENCODE_SECONDS)
    track = fragments.read(path.read_bytes())
    return Output({"sound": track.init}, tuple(_sound_segments(_without_run_up(track))))


def _encode(source: Path, plan: Plan, part: Chunk, folder: Path, *, least: float) -> Output:
    ffmpeg.run(_arguments(source, plan, part, folder), seconds=ENCODE_SECONDS)
    inits: dict[str, bytes] = {}
    encoded: list[Encoded] = []
    for rung in plan.rungs:
        name = str(rung.name)
        track = fragments.read(_path(folder, rung).read_bytes())
        inits[name] = track.init
        found = sum(len(fragment.samples) for fragment in track.fragments)
        planned = sum(segment.frames for segment in part.segments)
        if found < least * planned or len(track.fragments) != len(part.segments):
            raise Lost(f"{found} of {planned} frames, {len(track.fragments)} of {len(part.segments)} segments")
        encoded.extend(
            _picture_segment(name, fragment, segment)
            for fragment, segment in zip(track.fragments, part.segments, strict=True)
        )
    return Output(inits, tuple(encoded))


def _picture_segment(name: str, fragment: fragments.Fragment, segment: Segment) -> Encoded:
    content = fragments.pictures(fragment, segment.index + 1, segment.begins, segment.ends)
    return Encoded(name, segment.index, (segment.ends - segment.begins) / TIMESCALE, content)


def _arguments(source: Path, plan: Plan, part: Chunk, folder: Path) -> list[str]:
    """One decode, and an encoder for each rung, its pictures made from those of the rung above."""
    seek: tuple[str, ...] = ()
    if part.seek is not None:
        seek = ("-seek_timestamp", "1", "-noaccurate_seek", "-ss", f"{float(part.seek * plan.time_base):.6f}")
    graph = [f"[0:V:0]{_kept(plan, part)}[all]"]
    above = "all"
    for rung in plan.rungs:
        graph.append(
            f"[{above}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1,split[v{rung.name}][b{rung.name}]"
        )
        above = f"b{rung.name}"
    graph.append(f"[{above}]nullsink")
    cuts = ",".join(f"{segment.cut / TIMESCALE:.6f}" for segment in part.segments)
    outputs = [argument for rung in plan.rungs for argument in _output(rung, cuts, folder)]
    return [*ffmpeg.source(source, plan.container, "-copyts", *seek), "-filter_complex", ";".join(graph), *outputs]


def _kept(plan: Plan, part: Chunk) -> str:
    """Filters that let the planned frames through, at the planned times: `plan.bucket` and `plan.ticks`, in ffmpeg."""
    tick = plan.time_base
    place = f"floor(({{}}-{plan.origin})*{MAX_FRAME_RATE * tick.numerator}/{tick.denominator})" if plan.capped else "{}"
    now, before = place.format("pts"), place.format("prev_selected_pts")
    return (
        f"trim=start_pts={part.segments[0].start}:end_pts={part.segments[-1].end},"
        f"select='isnan(prev_selected_pts)+gt({now},{before})',"
        f"setpts=PTS-({plan.origin}),settb=1/{TIMESCALE}"
    )


def _output(rung: Rung, cuts: str, folder: Path) -> tuple[str, ...]:
    return (
        *("-map", f"[v{rung.name}]", *H264, "-crf", str(rung.crf)),
        *("-maxrate", str(rung.maxrate), "-bufsize", str(2 * rung.maxrate), "-force_key_frames", cuts),
        *("-fps_mode", "passthrough", "-enc_time_base", f"1:{TIMESCALE}", "-video_track_timescale", str(TIMESCALE)),
        *(*NO_METADATA, *FRAGMENTED, str(_path(folder, rung))),
    )


def _path(folder: Path, rung: Rung) -> Path:
    return folder / f"{rung.name}.mp4"


def _without_run_up(track: fragments.Track) -> Iterator[fragments.Fragment]:
    """An AAC encoder begins with one frame of run-up: without it, sound and pictures begin together."""
    first, *rest = track.fragments
    run_up, *samples = first.samples
    if samples:
        yield fragments.Fragment(tuple(samples), first.data[run_up.size :])
    yield from rest


def _sound_segments(parts: Iterator[fragments.Fragment]) -> Iterator[Encoded]:
    begins = 0
    for index, fragment in enumerate(parts):
        duration = sum(sample.duration for sample in fragment.samples)
        yield Encoded("sound", index, duration / SOUND_RATE, fragments.sound(fragment, index + 1, begins))
        begins += duration
