"""How a clip is cut: into segments of some two seconds, and segments into chunks, each the work of one worker.

Every number here is an integer of ticks, so both ways of encoding come to the same frames and the same times: a clip
encoded whole is a plan of one chunk. A plan crosses from step to step as JSON.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from functions.media.video.ladder import MAX_FRAME_RATE, Rung
from functions.media.video.probe import Clip, Frame

SEGMENT_SECONDS = 2
# A key frame of the source that comes within this time is waited for: a worker need decode nothing before it.
PATIENCE_SECONDS = 1
# Ticks per second of everything we write.
TIMESCALE = 90_000


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Segment(Part):
    """`start`, `end`: source ticks. `begins`, `ends`: ticks of what we write, from 0. `cut`: halfway to `begins`."""

    index: int
    start: int
    end: int
    begins: int
    ends: int
    cut: int
    frames: int


class Chunk(Part):
    """Segments that one worker encodes. `seek`: the source tick of the key frame to decode from; None: the start."""

    seek: int | None
    segments: tuple[Segment, ...]


class Plan(Part):
    """`origin`: the source tick of the first frame, where our time begins."""

    container: str
    tick: tuple[int, int]
    origin: int
    capped: bool
    has_sound: bool
    width: int
    height: int
    frame_rate: float
    rungs: tuple[Rung, ...]
    chunks: tuple[Chunk, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(segment for chunk in self.chunks for segment in chunk.segments)

    @property
    def seconds(self) -> float:
        return self.segments[-1].ends / TIMESCALE

    @property
    def time_base(self) -> Fraction:
        return Fraction(*self.tick)


def plan(clip: Clip, rungs: Sequence[Rung], *, chunked_above: float) -> Plan:
    """`chunked_above`: seconds; a longer clip is encoded segment by segment, by as many workers as there are."""
    origin = clip.frames[0].pts
    capped = clip.frame_rate > MAX_FRAME_RATE + 1
    frames = _distinct(_thinned(clip, origin) if capped else clip.frames)
    segments = _segments(clip, frames, origin)
    chunked = clip.can_seek and clip.seconds > chunked_above
    keys = [frame.pts for frame in clip.frames if frame.is_key]
    return Plan(
        container=clip.container,
        tick=clip.time_base.as_integer_ratio(),
        origin=origin,
        capped=capped,
        has_sound=clip.has_sound,
        width=clip.width,
        height=clip.height,
        frame_rate=float(len(frames) / clip.seconds),
        rungs=tuple(rungs),
        chunks=tuple(Chunk(seek=_before(keys, segment.start), segments=(segment,)) for segment in segments)
        if chunked
        else (Chunk(seek=None, segments=segments),),
    )


def bucket(pts: int, origin: int, time_base: Fraction) -> int:
    """Which sixtieth of a second a frame falls in; `transcode` computes the same inside ffmpeg."""
    return (pts - origin) * MAX_FRAME_RATE * time_base.numerator // time_base.denominator


def ticks(pts: int, origin: int, time_base: Fraction) -> int:
    """A source tick in our own time, rounded half up as ffmpeg does."""
    exact = (pts - origin) * time_base * TIMESCALE
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _thinned(clip: Clip, origin: int) -> Iterator[Frame]:
    """The first frame of each sixtieth of a second."""
    last = None
    for frame in clip.frames:
        now = bucket(frame.pts, origin, clip.time_base)
        if now != last:
            last = now
            yield frame


def _distinct(frames: Sequence[Frame] | Iterator[Frame]) -> list[Frame]:
    return list({frame.pts: frame for frame in frames}.values())


def _segments(clip: Clip, frames: Sequence[Frame], origin: int) -> tuple[Segment, ...]:
    starts = list(_starts(frames, clip.time_base, clip.end))
    ends = [*starts[1:], len(frames)]
    segments: list[Segment] = []
    for index, (first, past) in enumerate(zip(starts, ends, strict=True)):
        start = frames[first].pts
        end = frames[past].pts if past < len(frames) else clip.end
        begins, before = (ticks(pts, origin, clip.time_base) for pts in (start, frames[max(first - 1, 0)].pts))
        segments.append(
            Segment(
                index=index,
                start=start,
                end=end,
                begins=begins,
                ends=ticks(end, origin, clip.time_base),
                cut=(before + begins) // 2,
                frames=past - first,
            )
        )
    return tuple(segments)


def _starts(frames: Sequence[Frame], time_base: Fraction, end: int) -> Iterator[int]:
    """Places in `frames` where segments begin; less than a second at the end stays with the segment before."""
    long_enough = SEGMENT_SECONDS / time_base
    too_long = (SEGMENT_SECONDS + PATIENCE_SECONDS) / time_base
    start = 0
    yield start
    while True:
        passed = [
            place for place in range(start + 1, len(frames)) if frames[place].pts - frames[start].pts >= long_enough
        ]
        if not passed:
            return
        keys = (place for place in passed if frames[place].is_key)
        key = next(keys, None)
        waited = key is not None and frames[key].pts - frames[start].pts < too_long
        start = key if key is not None and waited else passed[0]
        if end - frames[start].pts < PATIENCE_SECONDS / time_base:
            return
        yield start


def _before(keys: Sequence[int], pts: int) -> int | None:
    earlier = [key for key in keys if key <= pts]
    return earlier[-1] if earlier and earlier[-1] > keys[0] else None
