"""Fragmented MP4: reading what ffmpeg wrote, and writing its fragments anew with the times that they must have.

A worker's encoder begins at 0, and shifts what it writes so that pictures can be reordered. Here every fragment gets
the time of its place in the whole, and decoding times that are the presentation times in order, so that fragments of
different workers meet exactly, whatever the frame rate does. Composition offsets are then signed (`trun` version 1).
Boxes: ISO/IEC 14496-12 §8.8.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Sample flags: whether a sample depends on others (8.8.3.1).
SYNC, DEPENDENT = 0x02000000, 0x01010000

# tfhd
BASE_OFFSET, DESCRIPTION, DEFAULT_DURATION, DEFAULT_SIZE, DEFAULT_FLAGS = 0x01, 0x02, 0x08, 0x10, 0x20
BASE_IS_MOOF = 0x020000
# trun
DATA_OFFSET, FIRST_FLAGS, DURATIONS, SIZES, FLAGS, OFFSETS = 0x01, 0x04, 0x100, 0x200, 0x400, 0x800


class Unexpected(ValueError):
    """The file is not what we had ffmpeg write."""


@dataclass(frozen=True)
class Sample:
    """`shown`: its presentation time, in ticks, counted from the decoding time of the fragment's first sample."""

    duration: int
    size: int
    shown: int


@dataclass(frozen=True)
class Fragment:
    """Samples in decoding order, and their bytes. The first is a sync sample."""

    samples: tuple[Sample, ...]
    data: bytes


@dataclass(frozen=True)
class Track:
    """`init`: what comes before the fragments and describes them."""

    init: bytes
    fragments: tuple[Fragment, ...]


def read(content: bytes) -> Track:
    """A file with one track, and fragments (or none). Raises Unexpected."""
    boxes = list(_boxes(content, 0, len(content)))
    moofs = [(begin, end) for name, begin, end in boxes if name == b"moof"]
    mdats = [(begin, end) for name, begin, end in boxes if name == b"mdat"]
    if [end for _, end in moofs] != [begin - 8 for begin, _ in mdats]:
        raise Unexpected("fragments without data")
    init = content[: moofs[0][0] - 8] if moofs else content
    return Track(init, tuple(_fragment(content, moof, mdat) for moof, mdat in zip(moofs, mdats, strict=True)))


def pictures(fragment: Fragment, sequence: int, begins: int, ends: int) -> bytes:
    """The fragment as number `sequence`, shown from `begins` to `ends`, in ticks."""
    earliest = min(sample.shown for sample in fragment.samples)
    shown = [begins + sample.shown - earliest for sample in fragment.samples]
    decoded = sorted(shown)
    durations = [after - before for before, after in pairwise([*decoded, ends])]
    if min(durations) <= 0:
        raise Unexpected("times do not rise")
    offsets = [when - decode for when, decode in zip(shown, decoded, strict=True)]
    flags = [SYNC, *[DEPENDENT] * (len(shown) - 1)]
    return _written(fragment, sequence, begins, durations=durations, flags=flags, offsets=offsets)


def sound(fragment: Fragment, sequence: int, begins: int) -> bytes:
    """The fragment as number `sequence`, heard from `begins`, in ticks. Every sample stands alone."""
    durations = [sample.duration for sample in fragment.samples]
    return _written(
        fragment,
        sequence,
        begins,
        durations=durations,
        flags=[SYNC] * len(durations),
        offsets=[0] * len(durations),
    )


def codec(init: bytes) -> str:
    """The codec of H.264 pictures in the notation of RFC 6381. Raises Unexpected."""
    place = init.find(b"avcC")
    if place < 0:
        raise Unexpected("no avcC")
    return f"avc1.{init[place + 5 : place + 8].hex()}"


Place = tuple[int, int]  # begin and end of a box's content


def _boxes(content: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while begin + 8 <= end:
        size, name = struct.unpack_from(">I4s", content, begin)
        if size < 8 or begin + size > end:
            raise Unexpected(f"box of {size} bytes")
        yield name, begin + 8, begin + size
        begin += size


def _child(content: bytes, parent: Place, wanted: bytes) -> Place:
    for name, begin, end in _boxes(content, *parent):
        if name == wanted:
            return begin, end
    raise Unexpected(f"no {wanted.decode()}")


def _fragment(content: bytes, moof: Place, mdat: Place) -> Fragment:
    traf = _child(content, moof, b"traf")
    defaults = _defaults(content, _child(content, traf, b"tfhd")[0])
    samples: list[Sample] = []
    clock = 0
    for name, begin, _ in _boxes(content, *traf):
        if name == b"trun":
            for duration, size, offset in _run(content, begin, defaults):
                samples.append(Sample(duration, size, clock + offset))
                clock += duration
    data = content[mdat[0] : mdat[1]]
    if sum(sample.size for sample in samples) != len(data):
        raise Unexpected("samples do not fill their data")
    return Fragment(tuple(samples), data)


def _defaults(content: bytes, at: int) -> tuple[int, int]:
    """Duration and size of samples that do not say their own."""
    flags = int.from_bytes(content[at + 1 : at + 4])
    at += 8 + 8 * bool(flags & BASE_OFFSET) + 4 * bool(flags & DESCRIPTION)
    duration = size = 0
    if flags & DEFAULT_DURATION:
        (duration,) = struct.unpack_from(">I", content, at)
        at += 4
    if flags & DEFAULT_SIZE:
        (size,) = struct.unpack_from(">I", content, at)
    return duration, size


def _run(content: bytes, at: int, defaults: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """Duration, size and composition offset of each sample of a `trun`."""
    (head, count) = struct.unpack_from(">II", content, at)
    at += 8 + 4 * bool(head & DATA_OFFSET) + 4 * bool(head & FIRST_FLAGS)
    form = ">i" if head >> 24 else ">I"
    for _ in range(count):
        duration, size, offset = *defaults, 0
        if head & DURATIONS:
            (duration,) = struct.unpack_from(">I", content, at)
            at += 4
        if head & SIZES:
            (size,) = struct.unpack_from(">I", content, at)
            at += 4
        at += 4 * bool(head & FLAGS)
        if head & OFFSETS:
            (offset,) = struct.unpack_from(form, content, at)
            at += 4
        yield duration, size, offset


def _written(
    fragment: Fragment,
    sequence: int,
    begins: int,
    *,
    durations: Sequence[int],
    flags: Sequence[int],
    offsets: Sequence[int],
) -> bytes:
    sizes = [sample.size for sample in fragment.samples]
    rows = b"".join(struct.pack(">IIIi", *row) for row in zip(durations, sizes, flags, offsets, strict=True))
    mfhd = _box(b"mfhd", struct.pack(">II", 0, sequence))
    tfhd = _box(b"tfhd", struct.pack(">II", BASE_IS_MOOF, 1))
    tfdt = _box(b"tfdt", struct.pack(">IQ", 1 << 24, begins))
    run_head = struct.pack(">II", 1 << 24 | DATA_OFFSET | DURATIONS | SIZES | FLAGS | OFFSETS, len(sizes))

    def moof(data_offset: int) -> bytes:
        trun = _box(b"trun", run_head + struct.pack(">i", data_offset) + rows)
        return _box(b"moof", mfhd + _box(b"traf", tfhd + tfdt + trun))

    return moof(len(moof(0)) + 8) + _box(b"mdat", fragment.data)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content
