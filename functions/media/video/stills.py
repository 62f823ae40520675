"""What is taken from a clip beside the clip itself: frames to judge and to show, a preview, and how busy it is."""

from collections.abc import Iterator
from pathlib import Path

from functions.media.video import ffmpeg
from functions.media.video.ladder import CRF, even
from functions.media.video.probe import Clip

STILL_SECONDS = 120
# One frame to judge for so many seconds, but never fewer than four.
JUDGED_EVERY = 3
JUDGED_AT_LEAST = 4
JUDGED_SIDE = 448
POSTER_SECONDS, POSTER_WIDTH = 3, 1080
THUMBNAILS, THUMBNAIL_SIDE = 3, 320
# Sound may begin a little before the first picture, and times count from whichever is first.
EARLY_SECONDS = 0.05
PREVIEW_SECONDS, PREVIEW_SIDE, PREVIEW_CRF, PREVIEW_RATES = 3, 480, 27, (10, 30)
SAMPLES, SAMPLE_FRAMES, SAMPLE_SIDE = 2, 8, 480


def judged_frames(source: Path, clip: Clip, folder: Path) -> Iterator[bytes]:
    """JPEG pictures from all over the clip, one after the other."""
    count = max(JUDGED_AT_LEAST, round(float(clip.seconds) / JUDGED_EVERY))
    for number in range(count):
        path = folder / "judged.jpg"
        _picture(source, clip, _spread(clip, number, count), _limited(clip, JUDGED_SIDE), path)
        yield path.read_bytes()


def thumbnails(source: Path, clip: Clip, folder: Path) -> list[Path]:
    """Three pictures of the clip's beginning, middle and end."""
    paths = [folder / f"frame{number + 1}.jpg" for number in range(THUMBNAILS)]
    for number, path in enumerate(paths):
        _picture(source, clip, _spread(clip, number, THUMBNAILS), _limited(clip, THUMBNAIL_SIDE), path)
    return paths


def poster(source: Path, clip: Clip, folder: Path) -> Path:
    """The most typical frame of the first seconds: rarely the black one that many clips begin with."""
    path = folder / "poster.jpg"
    count = max(2, round(min(clip.frame_rate * POSTER_SECONDS, len(clip.frames))))
    width = even(min(clip.width, POSTER_WIDTH))
    _picture(source, clip, 0, f"thumbnail=n={min(count, 200)},scale={width}:-2:flags=lanczos,setsar=1", path)
    return path


def preview(source: Path, clip: Clip, folder: Path) -> Path:
    """Three silent seconds from a third of the clip, as MP4 that begins to play at once."""
    path = folder / "preview.mp4"
    slowest, fastest = PREVIEW_RATES
    rate = float(min(max(clip.frame_rate, slowest), fastest))
    filters = f"{_limited(clip, PREVIEW_SIDE)},fps={rate:.3f}"
    before, after = _at(clip, _just_before(clip, len(clip.frames) // 3 if clip.seconds > PREVIEW_SECONDS else 0))
    arguments = (
        *ffmpeg.source(source, clip.container, *before),
        *(*after, "-map", "0:V:0", "-an", "-t", str(PREVIEW_SECONDS), "-vf", filters, "-map_metadata", "-1"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", str(PREVIEW_CRF), "-pix_fmt", "yuv420p"),
        *("-movflags", "+faststart", str(path)),
    )
    ffmpeg.run(arguments, seconds=STILL_SECONDS)
    return path


def bits_per_pixel(source: Path, clip: Clip, folder: Path) -> float:
    """How busy the clip is: what short samples of it need at constant quality, on the way that `ladder` measures by."""
    path = folder / "sample.h264"
    width, height = _within(clip, SAMPLE_SIDE)
    starts = _sampled(clip)
    total = 0
    for start in starts:
        before, after = _at(clip, start)
        arguments = (
            # One thread: more would decode ahead what is not wanted.
            *ffmpeg.source(source, clip.container, "-threads", "1", *before),
            *(*after, "-map", "0:V:0", "-frames:v", str(SAMPLE_FRAMES), "-vf", f"scale={width}:{height},setsar=1"),
            *(
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-crf",
                str(CRF),
                "-pix_fmt",
                "yuv420p",
                "-f",
                "h264",
                str(path),
            ),
        )
        ffmpeg.run(arguments, seconds=STILL_SECONDS)
        total += path.stat().st_size
    return 8 * total / (len(starts) * min(SAMPLE_FRAMES, len(clip.frames)) * width * height)


def _sampled(clip: Clip) -> list[float]:
    """Where to take samples, in seconds: at key frames all over the clip, so that nothing is decoded in vain."""
    first = clip.frames[0].pts
    keys = [float((frame.pts - first) * clip.time_base) for frame in clip.frames if frame.is_key]
    wanted = range(SAMPLES if clip.can_seek and len(keys) >= SAMPLES else 1)
    return [keys[(2 * number + 1) * len(keys) // (2 * SAMPLES)] if keys else 0.0 for number in wanted]


def _picture(source: Path, clip: Clip, seconds: float, filters: str, path: Path) -> None:
    before, after = _at(clip, seconds)
    arguments = (
        *ffmpeg.source(source, clip.container, *before),
        *(*after, "-map", "0:V:0", "-frames:v", "1", "-vf", filters, "-map_metadata", "-1", "-q:v", "2"),
        *("-update", "1", "-f", "image2", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", str(path)),
    )
    ffmpeg.run(arguments, seconds=STILL_SECONDS)


def _at(clip: Clip, seconds: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options of the input and of the output that begin at `seconds`: an animation is drawn from its start."""
    option = ("-ss", f"{seconds:.3f}")
    return (option, ()) if clip.can_seek else ((), option)


def _spread(clip: Clip, number: int, count: int) -> float:
    """Just before the frame in the middle of part `number` of `count` equal parts, in seconds."""
    return _just_before(clip, (2 * number + 1) * len(clip.frames) // (2 * count))


def _just_before(clip: Clip, place: int) -> float:
    """A frame lasts as long as it likes, so only where one begins is there surely one to be had."""
    return max(0.0, float((clip.frames[place].pts - clip.frames[0].pts) * clip.time_base) - EARLY_SECONDS)


def _limited(clip: Clip, short_side: int) -> str:
    width, height = _within(clip, short_side)
    return f"scale={width}:{height}:flags=bicubic,setsar=1"


def _within(clip: Clip, short_side: int) -> tuple[int, int]:
    scale = min(1.0, short_side / min(clip.width, clip.height))
    return even(clip.width * scale), even(clip.height * scale)
