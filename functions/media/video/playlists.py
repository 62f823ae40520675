"""HLS: a master playlist that names the rungs and the sound, and one playlist for each (RFC 8216).

All URIs are relative, so that whatever opened the master playlist opens the rest. Files, below `hls/`:
`master.m3u8`, `<name>.m3u8`, `<name>-init.mp4`, `<name>-<index>.m4s`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from functions.media.video.ladder import Rung

SOUND = "sound"
SOUND_CODEC = "mp4a.40.2"


@dataclass(frozen=True)
class Stored:
    """One segment in the bucket. Seconds and bytes."""

    index: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Stream:
    """One rung in the bucket; `codec` as RFC 6381 writes it."""

    rung: Rung
    codec: str
    segments: tuple[Stored, ...]


def init_name(name: str) -> str:
    return f"{name}-init.mp4"


def segment_name(name: str, index: int) -> str:
    return f"{name}-{index:03}.m4s"


def media_playlist(name: str, segments: Sequence[Stored]) -> str:
    target = max(math.ceil(segment.seconds) for segment in segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{init_name(name)}"',
    ]
    for segment in segments:
        lines += [f"#EXTINF:{segment.seconds:.6f},", segment_name(name, segment.index)]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(streams: Sequence[Stream], sound: Sequence[Stored], frame_rate: float) -> str:
    """`sound`: empty for a silent video. The first stream is what a player begins with."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound:
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{SOUND}",NAME="{SOUND}",DEFAULT=YES,URI="{SOUND}.m3u8"')
    for stream in streams:
        attributes = [
            f"BANDWIDTH={_peak(stream.segments) + _peak(sound)}",
            f"AVERAGE-BANDWIDTH={_average(stream.segments) + _average(sound)}",
            f"RESOLUTION={stream.rung.width}x{stream.rung.height}",
            f"FRAME-RATE={frame_rate:.3f}",
            f'CODECS="{stream.codec}{f",{SOUND_CODEC}" if sound else ""}"',
            *([f'AUDIO="{SOUND}"'] if sound else []),
        ]
        lines += [f"#EXT-X-STREAM-INF:{','.join(attributes)}", f"{stream.rung.name}.m3u8"]
    return "\n".join([*lines, ""])


def _peak(segments: Sequence[Stored]) -> int:
    """Bits per second of the densest segment; a last one of a few frames says nothing."""
    long = [segment for segment in segments if segment.seconds >= 1] or segments
    return max((math.ceil(8 * segment.bytes / segment.seconds) for segment in long), default=0)


def _average(segments: Sequence[Stored]) -> int:
    seconds = sum(segment.seconds for segment in segments)
    return math.ceil(8 * sum(segment.bytes for segment in segments) / seconds) if seconds else 0
