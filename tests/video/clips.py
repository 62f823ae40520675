"""Clips made for a test: small, each with one of the things that phones do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from functions.media.video import ffmpeg, fragments
from functions.media.video.plan import Plan
from functions.media.video.transcode import Output, chunk

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "30")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "40")
# Two frames of three, and not at even times.
UNEVEN = "settb=1/90000,select='mod(n,3)',setpts='PTS+mod(N,4)*700'"


@dataclass(frozen=True)
class Recipe:
    """How a clip is made. `sound`: arguments for its codec; none means no sound at all. `heard`: what ffmpeg plays."""

    name: str
    seconds: float = 5.0
    rate: int = 30
    size: str = "320x240"
    video: Sequence[str] = H264
    sound: Sequence[str] = ()
    heard: str = "sine=f=440:r=44100"
    filters: str = "null"
    channels: int = 2
    turned: int = 0
    more: Sequence[str] = field(default=())

    def make(self, folder: Path) -> Path:
        path = folder / self.name
        picture = f"testsrc2=s={self.size}:r={self.rate}:d={self.seconds}"
        inputs = ["-f", "lavfi", "-i", picture]
        if self.sound:
            inputs += ["-f", "lavfi", "-i", f"{self.heard}:d={self.seconds}"]
            inputs += ["-ac", str(self.channels), *self.sound]
        arguments = [*inputs, "-vf", self.filters, "-fps_mode", "passthrough", *self.video, "-pix_fmt", "yuv420p"]
        ffmpeg.run([*arguments, *self.more, str(path)], seconds=60)
        return _turned(path, self.turned) if self.turned else path


AAC = ("-c:a", "aac")
PLAIN = Recipe("plain.mp4", sound=AAC)
RECIPES = (
    PLAIN,
    Recipe("quicktime.mov", sound=AAC, turned=90),
    Recipe("upside-down.mp4", turned=180),
    Recipe(
        "uneven.mp4",
        filters=UNEVEN,
        sound=AAC,
        more=("-enc_time_base", "1:90000", "-video_track_timescale", "90000"),
    ),
    Recipe("silent.mp4"),
    Recipe("mono.mp4", sound=AAC, channels=1),
    Recipe("fast.mp4", rate=120, seconds=3.0),
    Recipe("ntsc.mp4", filters="fps=30000/1001"),
    Recipe(
        "open-gop.mp4", video=(*HEVC, "-x265-params", "open-gop=1:keyint=24:min-keyint=24:bframes=4:log-level=error")
    ),
    Recipe("vp9.webm", video=VP9, sound=("-c:a", "libopus"), rate=25),
)  # fmt: skip


def encoded(source: Path, plan: Plan, folder: Path) -> list[Output]:
    """What each worker makes of its chunk."""
    outputs: list[Output] = []
    for number, part in enumerate(plan.chunks):
        place = folder / str(number)
        place.mkdir(parents=True)
        outputs.append(chunk(source, plan, part, place))
    return outputs


def joined(outputs: Sequence[Output], name: str, path: Path) -> Path:
    """One rung of all workers as a file that plays."""
    segments = sorted((s for output in outputs for s in output.segments if s.name == name), key=lambda s: s.index)
    path.write_bytes(outputs[0].inits[name] + b"".join(segment.content for segment in segments))
    return path


def shown(path: Path) -> list[int]:
    """When each frame of a stitched file is shown, from its boxes: in ticks, in order."""
    times: list[int] = []
    clock = 0
    for fragment in fragments.read(path.read_bytes()).fragments:
        times += [clock + sample.shown for sample in fragment.samples]
        clock += sum(sample.duration for sample in fragment.samples)
    return sorted(times)


def decoded(path: Path, container: str = "mov") -> list[str]:
    """A checksum of each frame that a decoder makes of a file."""
    arguments = (*ffmpeg.source(path, container), "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framecrc", "-")
    lines = ffmpeg.run(arguments, seconds=60).decode().splitlines()
    return [line.rsplit(",", 1)[1].strip() for line in lines if not line.startswith("#")]


def _turned(path: Path, degrees: int) -> Path:
    """The same file, with a note that it is to be shown turned."""
    turned = path.with_name(f"turned-{path.name}")
    ffmpeg.run(["-display_rotation", str(degrees), "-i", str(path), "-c", "copy", str(turned)], seconds=60)
    return turned
