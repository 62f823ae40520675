"""Files that no camera would write, made from a seed: each is named, with the reasons it may be rejected for.

`fit` says whether it may be taken all the same: what is damaged only a little is encoded anew, and harmless.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functions.media.video import ffmpeg
from tests.video.clips import AAC, Recipe

SEED = 5
UNSUPPORTED = frozenset({"unsupportedFormat"})
CORRUPT = frozenset({"corrupt"})
BROKEN = frozenset({"corrupt", "unsupportedFormat", "tooLong", "tooManyPixels"})
BASE = Recipe("base.mp4", seconds=1, sound=AAC, more=("-movflags", "+faststart"))
WEBM = Recipe("base.webm", seconds=1, rate=10, size="160x120", video=("-c:v", "libvpx", "-deadline", "realtime"))


@dataclass(frozen=True)
class Hostile:
    name: str
    content: bytes
    reasons: frozenset[str]
    fit: bool = False


def all_of(folder: Path) -> list[Hostile]:
    good = BASE.make(folder).read_bytes()
    webm = WEBM.make(folder).read_bytes()
    return [*_disguised(good), *_cut(good, webm), *_lying(good), *_damaged(good), *_unusual(folder)]


def _disguised(good: bytes) -> Iterator[Hostile]:
    """Other files under the name of a video; several would make ffmpeg read what it should not."""
    yield Hostile("nothing", b"", UNSUPPORTED)
    yield Hostile("zeros", bytes(4096), UNSUPPORTED)
    yield Hostile("a playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n", UNSUPPORTED)
    yield Hostile("a playlist of the network", b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/latest\n", UNSUPPORTED)
    yield Hostile("a list to concatenate", b"ffconcat version 1.0\nfile /etc/passwd\n", UNSUPPORTED)
    yield Hostile("a session description", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", UNSUPPORTED)
    yield Hostile("a manifest", b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>', UNSUPPORTED)
    yield Hostile("a drawing", b'<svg xmlns="http://www.w3.org/2000/svg"/>', UNSUPPORTED)
    yield Hostile("a page", b"<html><script>alert(1)</script></html>", UNSUPPORTED)
    yield Hostile("a program", b"\x7fELF\x02\x01\x01" + bytes(512), UNSUPPORTED)
    yield Hostile("an archive", b"PK\x03\x04" + bytes(512), UNSUPPORTED)
    yield Hostile("a stream of packets", (b"G" + bytes(187)) * 64, UNSUPPORTED)
    yield Hostile("an AVI", b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(512), UNSUPPORTED)
    yield Hostile("a video behind a playlist", b"#EXTM3U\n" + good, UNSUPPORTED)


def _cut(good: bytes, webm: bytes) -> Iterator[Hostile]:
    for percent in (1, 5, 20, 50, 80, 99):
        yield Hostile(f"cut at {percent} %", good[: len(good) * percent // 100], BROKEN)
        yield Hostile(f"WebM cut at {percent} %", webm[: len(webm) * percent // 100], BROKEN)
    yield Hostile("without its last byte", good[:-1], CORRUPT)
    yield Hostile("a header alone", good[:32], CORRUPT)
    yield Hostile("an EBML header alone", webm[:40], CORRUPT)
    place = good.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", good, place)
    yield Hostile("without an index", good[:place] + good[place + size :], CORRUPT)
    yield Hostile("an index alone", good[: place + size], BROKEN)


def _lying(good: bytes) -> Iterator[Hostile]:
    """Headers that promise what is not there."""
    sample = good.index(b"avc1", good.index(b"stsd"))
    # Of a VisualSampleEntry: 4 bytes of name, 24 others, then width and height.
    huge = good[: sample + 28] + struct.pack(">HH", 65535, 65535) + good[sample + 32 :]
    yield Hostile("65535 pixels each way", huge, frozenset({"tooManyPixels", "corrupt"}), fit=True)
    yield Hostile("no pixels", good[: sample + 28] + bytes(4) + good[sample + 32 :], BROKEN, fit=True)
    times = good.index(b"stts")
    slow = good[: times + 16] + struct.pack(">I", 0x7FFFFFFF) + good[times + 20 :]
    yield Hostile("a frame that lasts for days", slow, frozenset({"tooLong", "corrupt"}))
    hours = good[: times + 16] + struct.pack(">I", 3 * 3600 * 15360 // 30) + good[times + 20 :]
    yield Hostile("three hours", hours, frozenset({"tooLong"}))
    yield Hostile("a sample more than four billion times", _patched(good, b"stsz", 16, b"\xff" * 4), BROKEN, fit=True)
    yield Hostile(
        "chunks that begin beyond the end", _patched(good, b"stco", 12, b"\x7f\xff\xff\xff"), BROKEN, fit=True
    )
    yield Hostile("a box of no size", good + b"\0\0\0\x04free", CORRUPT)
    yield Hostile("a box larger than all files", good + struct.pack(">I4sQ", 1, b"free", 2**63), CORRUPT)
    nested = b""
    for _ in range(2000):
        nested = struct.pack(">I4s", 8 + len(nested), b"moov") + nested
    yield Hostile("two thousand boxes in one another", b"\0\0\0\x10ftypisom\0\0\0\0" + nested, CORRUPT)
    # A data reference to another file: `url ` that is not self-contained.
    reference = good.index(b"url ")
    yield Hostile(
        "an index of another file", good[: reference + 4] + bytes(4) + good[reference + 8 :], BROKEN, fit=True
    )


def _damaged(good: bytes) -> Iterator[Hostile]:
    """Bytes changed at random, in the index and in the pictures."""
    chance = random.Random(SEED)
    index = good.index(b"moov")
    for number in range(12):
        content = bytearray(good)
        for _ in range(4 * (number + 1)):
            content[chance.randrange(index + 8, index + 1500)] = chance.randrange(256)
        yield Hostile(f"index damaged {number}", bytes(content), BROKEN, fit=True)
    for number in range(6):
        content = bytearray(good)
        for _ in range(40 * (number + 1)):
            content[chance.randrange(len(content) // 2, len(content))] = chance.randrange(256)
        yield Hostile(f"pictures damaged {number}", bytes(content), BROKEN, fit=True)


def _unusual(folder: Path) -> Iterator[Hostile]:
    def made(name: str, *arguments: str) -> bytes:
        path = folder / name
        ffmpeg.run([*arguments, str(path)], seconds=60)
        return path.read_bytes()

    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x240:r=5:d=1")
    yield Hostile("sound alone", made("a.mp4", "-f", "lavfi", "-i", "sine=d=1"), UNSUPPORTED)
    yield Hostile("ProRes", made("p.mov", *picture, "-c:v", "prores"), UNSUPPORTED)
    yield Hostile("frames of Motion JPEG", made("j.mov", *picture, "-c:v", "mjpeg", "-strict", "-1"), UNSUPPORTED)
    yield Hostile("AV1", made("v.mp4", *picture, "-c:v", "libsvtav1", "-preset", "12"), UNSUPPORTED)
    ribbon = ("-f", "lavfi", "-i", "testsrc2=s=1600x32:r=5:d=1")
    yield Hostile("a ribbon", made("r.mp4", *ribbon, "-pix_fmt", "yuv420p"), UNSUPPORTED)
    slow = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=70")
    yield Hostile("seventy seconds", made("l.mp4", *slow, "-pix_fmt", "yuv420p"), frozenset({"tooLong"}))
    wide = ("-f", "lavfi", "-i", "color=s=5120x512:r=1:d=1")
    large = made("w.mp4", *wide, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    yield Hostile("wider than we take", large, frozenset({"tooManyPixels"}))


def _patched(content: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """Bytes behind a box's name overwritten; `offset` counts from the name."""
    place = content.index(box) + offset
    return content[:place] + value + content[place + len(value) :]
