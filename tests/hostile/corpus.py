"""Files made to do harm, from one seed: more than two hundred, each with the verdicts that are right for it.

`ready` means: re-encoded, and nothing of what was hidden in it has come along. Where several are named, the file is
only broken, and it depends on the decoder how far it gets.
"""

import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import Image

from tests.unit.media.pictures import bomb, chunk, dots, encoded, png

SEED = 20_261_123
# Found in a rendition, it would mean that bytes are copied and not pixels.
HIDDEN = b"HIDDEN-IN-A-PICTURE"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

READY = frozenset({"ready"})
MALICIOUS = frozenset({"malicious"})
UNSUPPORTED = frozenset({"unsupportedFormat"})
CORRUPT = frozenset({"corrupt"})
TOO_MANY_PIXELS = frozenset({"tooManyPixels"})
TOO_LARGE = frozenset({"tooLarge"})
BROKEN = READY | CORRUPT | UNSUPPORTED | TOO_MANY_PIXELS

FUZZED = 15


@dataclass(frozen=True)
class Hostile:
    """A file to upload. `kind`: what it tries; `right`: the verdicts that it may end with."""

    kind: str
    name: str
    content: bytes
    right: frozenset[str]


def corpus() -> list[Hostile]:
    """All files, the same each time."""
    chance = random.Random(SEED)
    good = _good()
    files = [
        *_headers(good),
        *_contents(good),
        *_truncated(good),
        *_two_in_one(good),
        *_disguised(good, chance),
        *_profiles(good, chance),
        *_metadata(good),
        *_fuzzed(good, chance),
        *_videos(chance),
    ]
    return list({file.content: file for file in files}.values())


def _good() -> dict[str, bytes]:
    """One small picture in every format."""
    picture = dots(7).resize((240, 160))
    heif = BytesIO()
    pillow_heif.from_pillow(picture).save(heif, quality=60)
    return {
        "jpeg": encoded(picture, "JPEG"),
        "progressive": encoded(picture, "JPEG", progressive=True),
        "png": encoded(picture, "PNG"),
        "webp": encoded(picture, "WEBP"),
        "lossless": encoded(picture.resize((60, 40)), "WEBP", lossless=True),
        "gif": encoded(picture, "GIF"),
        "avif": encoded(picture, "AVIF", speed=10),
        "heic": heif.getvalue(),
        "tiff": encoded(picture.resize((60, 40)), "TIFF"),
    }


# --- Few bytes, much work -------------------------------------------------------------------------------------------


def _bomb(name: str, content: bytes, right: frozenset[str]) -> Hostile:
    return Hostile("bomb", name, content, right)


def _headers(good: dict[str, bytes]) -> Iterator[Hostile]:
    """Sizes that are absurd, or not true."""
    yield _bomb("png of 169 megapixels", bomb(), TOO_MANY_PIXELS)
    for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (30_000, 1_000), (0, 0), (0, 50)):
        right = TOO_MANY_PIXELS if width else CORRUPT
        yield _bomb(f"png {width}x{height}", png(width, height, rows=b""), right | CORRUPT)
    for width, height in ((1, 5_000), (5_000, 1), (3, 100)):
        yield _bomb(f"png {width}x{height}", png(width, height, rows=bytes((width // 8 + 2) * height)), UNSUPPORTED)
    for side in (0, 30_000, 65_500):
        right = (TOO_MANY_PIXELS | CORRUPT) if side else CORRUPT
        yield _bomb(f"jpeg {side}x{side}", _sized(good["jpeg"], side), right)
        yield _bomb(f"progressive jpeg {side}x{side}", _sized(good["progressive"], side), right)
    for side in (0, 20_001, 65_535):
        header = b"GIF89a" + struct.pack("<HH", side, side) + good["gif"][10:]
        yield _bomb(f"gif {side}x{side}", header, BROKEN - READY if side else BROKEN)
    webp = good["webp"]
    yield _bomb("webp 16,383x16,383", webp[:26] + struct.pack("<HH", 16_383, 16_383) + webp[30:], TOO_MANY_PIXELS)
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (2**24 - 1).to_bytes(3, "little") * 2
    yield _bomb("webp with a canvas of 2^48", _riff(canvas + webp[12:]), BROKEN - READY)
    for name in ("avif", "heic"):
        place = good[name].index(b"ispe") + 8
        for side in (2**16, 2**31 - 1, 0):
            content = good[name][:place] + struct.pack(">II", side, side) + good[name][place + 8 :]
            yield _bomb(f"{name} {side}x{side}", content, BROKEN)
    yield _bomb("tiff 60,000x60,000", _tiff(60_000, 60_000), UNSUPPORTED)


def _contents(good: dict[str, bytes]) -> Iterator[Hostile]:
    """Few bytes that become many, or are gone through many times."""
    frames = good["gif"][:-1] + good["gif"][_frames_at(good["gif"]) : -1] * 2_000 + b";"
    yield _bomb("gif of 2,001 frames", frames, BROKEN | frozenset({"tooLong"}))
    for scans in (101, 1_000, 20_000):
        yield _bomb(f"jpeg of {scans} scans", _scans(good["progressive"], scans), MALICIOUS)
    yield _bomb("jpeg of 60 scans", _scans(good["progressive"], 60), BROKEN)
    zeros = zlib.compress(bytes(200_000_000), 9)
    for kind, head in ((b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0"), (b"iCCP", b"icc\0\0")):
        yield _bomb(f"png with 200 MB in {kind.decode()}", _with_chunk(good["png"], kind, head + zeros), BROKEN)
    many = b"".join(chunk(b"tEXt", b"k%d\0" % number + bytes(900_000)) for number in range(12))
    yield _bomb("png with 11 MB of text", good["png"][:33] + many + good["png"][33:], BROKEN)
    yield _bomb("png with rows that never end", png(2_000, 2_000, rows=bytes(300_000_000)), BROKEN)
    yield _bomb("31 MB", good["jpeg"] + bytes(31 * 1024 * 1024), TOO_LARGE)


def _sized(jpeg: bytes, side: int) -> bytes:
    """The JPEG with another size in its frame header."""
    frame = next(place for place in range(len(jpeg)) if jpeg[place] == 0xFF and jpeg[place + 1] in (0xC0, 0xC2))
    return jpeg[: frame + 5] + struct.pack(">HH", side, side) + jpeg[frame + 9 :]


def _scans(jpeg: bytes, count: int) -> bytes:
    """The JPEG with its last scan so many times."""
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * count + jpeg[-2:]


def _frames_at(gif: bytes) -> int:
    """Where the first block after the palette begins."""
    colours = 3 * 2 ** ((gif[10] & 7) + 1) if gif[10] & 0x80 else 0
    return 13 + colours


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _tiff(width: int, height: int) -> bytes:
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (279, 4, 1)]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4)


def _with_chunk(content: bytes, kind: bytes, data: bytes) -> bytes:
    return content[:33] + chunk(kind, data) + content[33:]


# --- Cut off --------------------------------------------------------------------------------------------------------


def _truncated(good: dict[str, bytes]) -> Iterator[Hostile]:
    cuts = {
        "jpeg": _segments(good["jpeg"]),
        "progressive": _segments(good["progressive"]),
        "png": _chunks(good["png"], 8, "big"),
        "webp": _chunks(good["webp"], 12, "little"),
        "lossless": _chunks(good["lossless"], 12, "little"),
        "gif": [6, 13, _frames_at(good["gif"]), len(good["gif"]) // 2, len(good["gif"]) - 20],
        "avif": _boxes(good["avif"]),
        "heic": _boxes(good["heic"]),
    }
    for name, places in cuts.items():
        whole = good[name]
        for place in sorted({*places, len(whole) // 3, len(whole) // 2}):
            yield Hostile("cut off", f"{name} at {place}", whole[:place], CORRUPT | UNSUPPORTED)


def _segments(jpeg: bytes) -> list[int]:
    """Before, within and after each segment; not after the last byte."""
    starts = [place for place in range(2, len(jpeg) - 2) if jpeg[place] == 0xFF and jpeg[place + 1] not in (0, 0xFF)]
    return [2, *(place for start in starts for place in (start, start + 3))]


def _chunks(content: bytes, place: int, order: str) -> list[int]:
    places: list[int] = []
    while place + 8 <= len(content):
        places += [place, place + 8]
        if order == "big":
            place += 12 + int.from_bytes(content[place : place + 4], "big")
        else:
            size = int.from_bytes(content[place + 4 : place + 8], "little")
            place += 8 + size + size % 2
    # Without its last, empty chunk a PNG is whole to a decoder.
    return [cut for cut in places if cut < len(content) - 12]


def _boxes(content: bytes) -> list[int]:
    places, place = [], 0
    while place + 8 <= len(content):
        places += [place + 4, place + 8]
        place += max(8, int.from_bytes(content[place : place + 4], "big"))
    return [cut for cut in places if cut < len(content)]


# --- Something else, too --------------------------------------------------------------------------------------------


def _two_in_one(good: dict[str, bytes]) -> Iterator[Hostile]:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("run.sh", "#!/bin/sh")
    behind = {
        "zip": archive.getvalue(),
        "rar": b"Rar!\x1a\x07\x01\x00" + bytes(60),
        "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(60),
        "page": b"<html><body onload=alert(1)>",
        "script": b"<script>alert(1)</script>",
        "php": b"<?php system($_GET['c']); ?>",
        "program": b"\x7fELF\x02\x01\x01" + bytes(60),
        "windows program": b"MZ" + bytes(64) + b"This program cannot be run in DOS mode." + bytes(60),
        "virus": EICAR,
    }
    for form in ("jpeg", "png", "webp", "gif"):
        for name, payload in behind.items():
            yield Hostile("two in one", f"{form} and {name}", good[form] + payload, MALICIOUS)
    for name, payload in (("virus", EICAR), ("php", behind["php"]), ("script", behind["script"])):
        yield Hostile("two in one", f"{name} in a jpeg's comment", _comment(good["jpeg"], payload), MALICIOUS)
        yield Hostile(
            "two in one",
            f"{name} in a png's text",
            _with_chunk(good["png"], b"tEXt", b"Comment\0" + payload),
            MALICIOUS,
        )
    # What is appended without being any of these is not shown: only pixels are.
    for form in ("jpeg", "png", "webp", "gif"):
        yield Hostile("two in one", f"{form} and words", good[form] + HIDDEN, BROKEN)
    yield Hostile("two in one", "words in a comment", _comment(good["jpeg"], HIDDEN), READY)
    yield Hostile("two in one", "words in a text", _with_chunk(good["png"], b"tEXt", b"Comment\0" + HIDDEN), READY)


def _comment(jpeg: bytes, text: bytes, marker: bytes = b"\xff\xfe") -> bytes:
    return jpeg[:2] + marker + struct.pack(">H", len(text) + 2) + text + jpeg[2:]


# --- Something else altogether --------------------------------------------------------------------------------------


def _disguised(good: dict[str, bytes], chance: random.Random) -> Iterator[Hostile]:
    malicious = {
        "shell script": b"#!/bin/sh\nrm -rf /\n",
        "page": b"<!DOCTYPE html><script>alert(1)</script>",
        "drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "external entity": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><svg>&y;</svg>",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n",
        "postscript with a preview": b"\xc5\xd0\xd3\xc6" + bytes(60),
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>endobj\n",
        "windows program": b"MZ\x90\0" + bytes(500),
        "linux program": b"\x7fELF\x02\x01\x01" + bytes(500),
        "macos program": b"\xcf\xfa\xed\xfe" + bytes(500),
        "rar": b"Rar!\x1a\x07\x00" + bytes(500),
        "virus": EICAR,
    }
    for name, content in malicious.items():
        yield Hostile("disguised", name, content, MALICIOUS)
    unsupported = {
        "one byte": b"\xff",
        "words": b"words, not pixels " * 50,
        "zeros": bytes(5_000),
        "noise": chance.randbytes(5_000),
        "bmp": encoded(Image.new("RGB", (9, 9)), "BMP"),
        "ico": encoded(Image.new("RGB", (16, 16)), "ICO"),
        "ppm": encoded(Image.new("RGB", (9, 9)), "PPM"),
        "psd": b"8BPS\0\1" + bytes(500),
        "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(500),
        "tiff": good["tiff"],
        "fli": struct.pack("<IH", 500, 0xAF11) + bytes(494),
        "wmf": b"\xd7\xcd\xc6\x9a" + bytes(500),
    }
    for name, content in unsupported.items():
        yield Hostile("disguised", name, content, UNSUPPORTED)
    magic = {"jpeg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a", "webp": good["webp"][:12]}
    for claimed, beginning in magic.items():
        yield Hostile("disguised", f"{claimed}'s first bytes alone", beginning, CORRUPT | UNSUPPORTED)
        yield Hostile("disguised", f"noise as {claimed}", beginning + chance.randbytes(9_000), BROKEN - READY)
        for form in magic:
            if form != claimed:
                content = beginning + good[form][len(beginning) :]
                yield Hostile("disguised", f"{form} as {claimed}", content, BROKEN - READY)


# --- Around the pixels ----------------------------------------------------------------------------------------------


def _profiles(good: dict[str, bytes], chance: random.Random) -> Iterator[Hostile]:
    """A broken colour profile is no reason to refuse a photo: it is ignored."""
    picture = dots(7).resize((240, 160))
    header = struct.pack(">I4sI4s4s4s", 132, b"lcms", 0x02400000, b"mntr", b"CMYK", b"Lab ")
    profiles = {
        "noise": chance.randbytes(600),
        "empty": b"\0",
        "a header alone": header,
        "of cmyk": header + bytes(12) + b"acsp" + bytes(92),
        "2^32 tags": header + bytes(12) + b"acsp" + bytes(88) + b"\xff\xff\xff\xff" + bytes(400),
        "a tag outside": header + bytes(12) + b"acsp" + bytes(88) + struct.pack(">I4sII", 1, b"rXYZ", 2**31, 2**31),
    }
    for name, profile in profiles.items():
        for form in ("JPEG", "PNG", "WEBP"):
            yield Hostile("profile", f"{name} in {form}", encoded(picture, form, icc_profile=profile), READY | CORRUPT)
    split = b"ICC_PROFILE\0\xff\xff" + chance.randbytes(400)
    yield Hostile("profile", "part 255 of 255", _comment(good["jpeg"], split, b"\xff\xe2"), READY)
    cmyk = encoded(picture.convert("CMYK"), "JPEG", icc_profile=profiles["of cmyk"])
    yield Hostile("profile", "cmyk with a broken one", cmyk, READY)


def _metadata(good: dict[str, bytes]) -> Iterator[Hostile]:
    start = b"II*\0" + struct.pack("<I", 8)

    def directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
        packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        return start + struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)

    exif = {
        "a cycle": directory((0x0112, 3, 1, 6), following=8),
        "a directory that holds itself": directory((0x8769, 4, 1, 8), (0x8825, 4, 1, 8)),
        "2^32 - 1 values": directory((0x0112, 3, 2**32 - 1, 8), (0x010F, 2, 2**32 - 1, 8)),
        "values outside": directory((0x010F, 2, 4_000, 2**32 - 2)),
        "orientation 99": directory((0x0112, 3, 1, 99)),
        "60,000 entries": start + struct.pack("<H", 60_000) + bytes(2_000),
        "nothing": b"",
        "half a header": b"II*",
    }
    for name, content in exif.items():
        yield Hostile("metadata", f"exif: {name}", _comment(good["jpeg"], b"Exif\0\0" + content, b"\xff\xe1"), READY)
        yield Hostile("metadata", f"png's exif: {name}", _with_chunk(good["png"], b"eXIf", content), READY | CORRUPT)
    yield Hostile(
        "metadata", "an app segment of no length", good["jpeg"][:2] + b"\xff\xe1\0\0" + good["jpeg"][2:], BROKEN
    )
    filled = good["jpeg"][:2] + b"\xff" * 100_000 + good["jpeg"][3:]
    yield Hostile("metadata", "100,000 fillers", filled, BROKEN)
    many = good["jpeg"][:2] + b"\xff\xfe\0\x02" * 50_000 + good["jpeg"][2:]
    yield Hostile("metadata", "50,000 comments", many, BROKEN)
    header = struct.pack(">IIBBBBB", 240, 160, 8, 2, 0, 0, 0)
    yield Hostile("metadata", "a png with two headers", _with_chunk(good["png"], b"IHDR", header), BROKEN)
    palette = good["gif"][:10] + bytes([good["gif"][10] & 0x7F]) + good["gif"][11:]
    yield Hostile("metadata", "a gif without its palette", palette, BROKEN)


# --- Any bit --------------------------------------------------------------------------------------------------------


def _fuzzed(good: dict[str, bytes], chance: random.Random) -> Iterator[Hostile]:
    for form, content in good.items():
        for number in range(FUZZED):
            fuzzed = bytearray(content)
            for _ in range(chance.choice((1, 5, 50))):
                # Past the magic bytes, or the decoder would not even be asked.
                fuzzed[chance.randrange(16, len(fuzzed))] ^= 1 << chance.randrange(8)
            yield Hostile("bits changed", f"{form} {number}", bytes(fuzzed), BROKEN)


# --- Videos that come as photos -------------------------------------------------------------------------------------


def _videos(chance: random.Random) -> Iterator[Hostile]:
    ftyp = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"
    nested = b""
    for _ in range(2_000):
        nested = struct.pack(">I4s", len(nested) + 8, b"moov") + nested
    videos = {
        "mp4": ftyp + struct.pack(">I4s", 5_008, b"mdat") + chance.randbytes(5_000),
        "mp4 with a box of 2^32 - 1": ftyp + b"\xff\xff\xff\xffmdat" + chance.randbytes(500),
        "mp4 with a box of no size": ftyp + b"\0\0\0\x01moov" + bytes(8) + chance.randbytes(500),
        "mp4 with 2,000 boxes in each other": ftyp + nested,
        "mov": b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + chance.randbytes(2_000),
        "webm": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff" + chance.randbytes(2_000),
        "avi": b"RIFF\xff\xff\xff\xffAVI LIST" + chance.randbytes(2_000),
        "flv": b"FLV\x01\x05" + chance.randbytes(2_000),
        "transport stream": (b"G" + chance.randbytes(187)) * 20,
        "mp3": b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + chance.randbytes(2_000),
        "ogg": b"OggS\0\x02" + chance.randbytes(2_000),
        "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    }
    for name, content in videos.items():
        yield Hostile("video", name, content, UNSUPPORTED | CORRUPT)
