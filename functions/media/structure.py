"""The structural scanner: is this file something else than a picture or a video, or also something else?

It reads bytes and decodes nothing. What a phone appends to a photo is no threat: more pictures (MPF), a depth map, the
video of a motion photo, a maker's notes.
"""

import mmap
import re
import struct
from pathlib import Path

# What begins so is opened by something else than a viewer.
PROGRAMS = {
    "a Windows program": (b"MZ",),
    "a Linux program": (b"\x7fELF",),
    "a macOS program": (
        b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
    ),
    "a script": (b"#!", b"<?php", b"<%"),
    "a page": (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml"),
    "a document": (b"%PDF-", b"%!PS", b"\xc5\xd0\xd3\xc6"),
    "an archive": (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"),
}  # fmt: skip
BEGINNING = 16
# What must not be anywhere in a file. Each has six bytes or more: shorter ones turn up in compressed pixels by chance.
HIDDEN = {
    "a test virus": (b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE",),
    "a program": (b"This program cannot be run in DOS mode", b"\x7fELF\x01\x01\x01", b"\x7fELF\x02\x01\x01"),
    "an archive": (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"),
    "a script": (b"<script", b"<SCRIPT", b"<?php ", b"<?php\n"),
    "a page": (b"<html>", b"<html ", b"<!DOCTYPE html"),
}
# A ZIP is read from its end: this record, and at most so long a comment (APPNOTE.TXT 4.3.16).
ZIP_END, ZIP_CENTRAL = b"PK\x05\x06", b"PK\x01\x02"
ZIP_END_BYTES, ZIP_COMMENT_BYTES = 22, 65_535
# Cameras write one, web sites ten; each costs a pass over all pixels, however few bytes it has.
MAX_JPEG_SCANS = 100
JPEG_START, JPEG_END, JPEG_SCAN = 0xD8, 0xD9, 0xDA
# In the data of a scan a marker is FF and neither a stuffed zero, a restart nor a filler.
JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def threat(path: Path) -> str | None:
    """What makes this file dangerous, None if nothing does. Raises OSError."""
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _disguise(content[:BEGINNING]) or _hidden(content) or _endless(content)


def _disguise(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for kind, beginnings in PROGRAMS.items():
        if head.startswith(beginnings) or text.startswith(beginnings):
            return f"is {kind}"
    return None


def _hidden(content: mmap.mmap) -> str | None:
    for kind, signs in HIDDEN.items():
        if any(content.find(sign) >= 0 for sign in signs):
            return f"holds {kind}"
    return "is an archive, too" if _zipped(content) else None


def _zipped(content: mmap.mmap) -> bool:
    """Whether the file ends as a ZIP whose directory is where its end says: four bytes found by chance do no harm."""
    end = content.rfind(ZIP_END, max(0, len(content) - ZIP_END_BYTES - ZIP_COMMENT_BYTES))
    if end < 0 or end + ZIP_END_BYTES > len(content):
        return False
    (directory_bytes,) = struct.unpack_from("<I", content, end + 12)
    directory = end - directory_bytes
    return directory >= 0 and content[directory : directory + 4] == ZIP_CENTRAL


def _endless(content: mmap.mmap) -> str | None:
    if content[:2] != bytes((0xFF, JPEG_START)):
        return None
    scans = _scans(content)
    return f"has {scans} scans" if scans > MAX_JPEG_SCANS else None


def _scans(content: mmap.mmap) -> int:
    """The number of scans of a JPEG (ITU T.81, B.1), as far as its structure can be followed."""
    scans, place = 0, 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == JPEG_END:
            break
        if marker == 0xFF:  # a filler
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        place += 2 + length
        if marker == JPEG_SCAN:
            scans += 1
            following = JPEG_MARKER.search(content, place)
            place = following.start() if following else len(content)
    return scans
