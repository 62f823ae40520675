"""What is in an uploaded video, as ffmpeg finds it, and whether we take it.

There is no ffprobe, and ffmpeg's messages are for people. Its `framecrc` output is for programs: it lists codecs, sizes
and time bases, and of each packet the time, the length and whether it is a key frame, without decoding anything.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from functions.media.model import MAX_VIDEO_BYTES, Reason
from functions.media.video import containers, ffmpeg

MAX_SECONDS = 60
# Recorders stop a little late.
GRACE_SECONDS = Fraction(1, 2)
MAX_FRAMES = 240 * MAX_SECONDS
MAX_SIDE = 4096
MIN_SIDE = 16
MAX_ASPECT = 10
PROBE_SECONDS = 60
# Twice what the most frames and their sound can fill.
LISTING_BYTES = 5_000_000

CODECS = {
    containers.MOV: frozenset({"h264", "hevc", "vp9"}),
    containers.MATROSKA: frozenset({"h264", "hevc", "vp9", "vp8"}),
    containers.GIF: frozenset({"gif"}),
    containers.WEBP: frozenset({"webp", "webp_anim"}),
}
# Sound in any other codec is left away.
SOUND_CODECS = frozenset({"aac", "alac", "mp3", "opus", "vorbis", "pcm_s16le", "pcm_s16be", "pcm_s24le", "ac3", "eac3"})

# A packet's flags, as ffmpeg numbers them.
KEY, DISCARD = 0x1, 0x4


class Refused(Exception):
    """The verdict on a video that cannot be shown. The text is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Frame:
    """`pts`: when it is shown, in ticks of the clip's time base."""

    pts: int
    is_key: bool


@dataclass(frozen=True)
class Clip:
    """`width`, `height`: upright, in square pixels. `frames`: those shown, in the order of showing. `end`: in ticks."""

    container: str
    width: int
    height: int
    time_base: Fraction
    frames: tuple[Frame, ...]
    end: int
    has_sound: bool

    @property
    def seconds(self) -> Fraction:
        return (self.end - self.frames[0].pts) * self.time_base

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, on average."""
        return len(self.frames) / self.seconds

    @property
    def can_seek(self) -> bool:
        """A frame of an animation is drawn over the one before."""
        return self.container in (containers.MOV, containers.MATROSKA)


def probe(path: Path) -> Clip:
    """The clip in the file at `path`. Raises Refused with the reason why there is none that we take."""
    size = path.stat().st_size
    if size > MAX_VIDEO_BYTES:
        raise Refused("tooLarge", f"{size} bytes")
    container = containers.sniff(path)
    if container is None:
        raise Refused("unsupportedFormat", "unknown magic bytes")
    if not containers.is_whole(path, container):
        raise Refused("corrupt", "the file ends before its container")
    try:
        listing = _Listing(_packets(path, container))
        _check(listing, container)
        width, height = _upright(path, container)
    except ffmpeg.Failed as error:
        raise Refused("corrupt", str(error)) from None
    frames = tuple(sorted(listing.frames, key=lambda frame: frame.pts))
    return Clip(container, width, height, listing.time_base, frames, listing.end, listing.sound in SOUND_CODECS)


def _packets(path: Path, container: str) -> str:
    """The list of packets, of pictures and sound."""
    arguments = (
        *ffmpeg.source(path, container, "-copyts"),
        *("-map", "0:V:0?", "-map", "0:a:0?", "-c", "copy"),
        *("-frames:v", str(MAX_FRAMES + 1), "-fs", str(LISTING_BYTES), "-f", "framecrc", "-"),
    )
    return ffmpeg.run(arguments, seconds=PROBE_SECONDS).decode(errors="replace")


class _Listing:
    """framecrc, read: `#name stream: value` lines, then `stream, dts, pts, duration, size, checksum[, F=flags]...`."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        self._headers = dict(line[1:].split(": ", 1) for line in lines if line.startswith("#") and ": " in line)
        kinds = {self._headers[name]: name.split()[1] for name in self._headers if name.startswith("media_type")}
        self._video, sound = kinds.get("video"), kinds.get("audio")
        self.codec = self._headers.get(f"codec_id {self._video}")
        self.sound = self._headers.get(f"codec_id {sound}")
        packets = [_packet(line) for line in lines if line and not line.startswith("#") and line[0] == self._video]
        shown = [packet for packet in packets if not packet.flags & DISCARD]
        self.frames = [Frame(packet.pts, bool(packet.flags & KEY)) for packet in shown]
        self.end = max((packet.pts + max(packet.duration, 1) for packet in shown), default=0)

    @property
    def time_base(self) -> Fraction:
        return Fraction(self._headers[f"tb {self._video}"])

    @property
    def size(self) -> tuple[int, int]:
        """As stored, in pixels."""
        width, height = self._headers.get(f"dimensions {self._video}", "0x0").split("x")
        return int(width), int(height)


@dataclass(frozen=True)
class _Packet:
    pts: int
    duration: int
    flags: int


def _packet(line: str) -> _Packet:
    _, _, pts, duration, *more = (part.strip() for part in line.split(","))
    flags = next((int(part.removeprefix("F="), base=16) for part in more if part.startswith("F=")), KEY)
    return _Packet(int(pts), int(duration), flags)


def _check(listing: _Listing, container: str) -> None:
    """Raises Refused."""
    if listing.codec not in CODECS[container]:
        raise Refused("unsupportedFormat", f"{listing.codec} in {container}")
    narrow, wide = sorted(listing.size)
    if wide > MAX_SIDE:
        raise Refused("tooManyPixels", f"{wide}x{narrow}")
    if narrow < MIN_SIDE or wide > MAX_ASPECT * narrow:
        raise Refused("unsupportedFormat", f"{wide}x{narrow} cannot be shown")
    if not listing.frames:
        raise Refused("corrupt", "no frames")
    seconds = (listing.end - min(frame.pts for frame in listing.frames)) * listing.time_base
    if seconds > MAX_SECONDS + GRACE_SECONDS or len(listing.frames) > MAX_FRAMES:
        raise Refused("tooLong", f"{float(seconds):.1f} s, {len(listing.frames)} frames")


def _upright(path: Path, container: str) -> tuple[int, int]:
    """Size of the first picture, decoded and turned as it is meant to be seen. Raises ffmpeg.Failed, Refused."""
    arguments = (*ffmpeg.source(path, container), "-map", "0:V:0", "-frames:v", "1", "-f", "framecrc", "-")
    text = ffmpeg.run(arguments, seconds=PROBE_SECONDS).decode()
    headers = dict(line[1:].split(": ", 1) for line in text.splitlines() if line.startswith("#"))
    if not text or text.splitlines()[-1].startswith("#"):
        raise Refused("corrupt", "the first frame cannot be decoded")
    width, height = (int(side) for side in headers["dimensions 0"].split("x"))
    across, down = (int(part) for part in headers.get("sar 0", "1/1").split("/"))
    return (round(width * across / down) if across and down else width), height
