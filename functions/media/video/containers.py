"""Which container a file is, by its first bytes, and whether the whole of it is there.

Only what is recognised here reaches a demuxer, and only the one named here: a playlist or script that is called `.mp4`
is refused before ffmpeg sees it. Boxes: ISO/IEC 14496-12 §4.2; EBML element sizes: RFC 8794 §6.
"""

import struct
from pathlib import Path
from typing import BinaryIO

SNIFFED_BYTES = 16
MOV, MATROSKA, GIF, WEBP = "mov", "matroska", "gif", "webp_anim"
# QuickTime files of old begin without `ftyp`.
FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def sniff(path: Path) -> str | None:
    """The name that ffmpeg gives the demuxer for this file, None if it is not one we accept."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if head[4:8] in FIRST_BOXES:
        return MOV
    if head.startswith(EBML):
        return MATROSKA
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    return None


def is_whole(path: Path, container: str) -> bool:
    """Whether the file is as long as its container says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if container == MOV:
            return _boxes_fit(file, size)
        if container == MATROSKA:
            return _segment_fits(file, size)
    return True


def _boxes_fit(file: BinaryIO, size: int) -> bool:
    """The boxes of the top level fill the file, and its index is among them."""
    position, names = 0, set[bytes]()
    while position + 8 <= size:
        file.seek(position)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            long = file.read(8)
            length = struct.unpack(">Q", long)[0] if len(long) == 8 else 0
        elif length == 0:  # up to the end of the file
            length = size - position
        if length < 8:
            return False
        names.add(name)
        position += length
    return position == size and b"moov" in names


def _segment_fits(file: BinaryIO, size: int) -> bool:
    """The EBML header, and then one segment that ends in the file, or says not where."""
    position = _after_header(file, EBML)
    if position is None:
        return False
    file.seek(position)
    end = _after_header(file, SEGMENT)
    return end is not None and end <= size


def _after_header(file: BinaryIO, name: bytes) -> int | None:
    """Where the element ends that begins here; None if it is another one."""
    if file.read(4) != name:
        return None
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    length = 9 - first[0].bit_length()
    digits = bytes([first[0] & ((1 << (8 - length)) - 1)]) + file.read(length - 1)
    value = int.from_bytes(digits)
    begins = file.tell()
    return begins if value == (1 << 7 * length) - 1 else begins + value
