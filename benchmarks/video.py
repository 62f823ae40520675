"""A video of a minute, encoded by one worker and by many: critical path, frames, times, and what is lost at the seams.

    python -m benchmarks.video [--seconds 60] [--rounds 3]

One machine has not the cores of thirty, so every chunk is encoded alone and its processor time taken; the critical path
of N workers is what the slowest of them would need, each taking the next chunk when it is free, with what goes before
(`plan`) and after (`package`) added. Not in it, because it is the same for any N: scanning and judging, the start of a
function, and fetching the upload. One worker is one that does all the chunks; the single pass, which starts and decodes
once and is the better way for one, stands beside it. Each time is the least of the rounds: what else the machine does
can only add.

The clip pans over real photographs at 1080p30. PSNR is that of the 480 rung against the source, in decibels.
"""

import argparse
import heapq
import itertools
import math
import resource
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import photos
from functions.media.video import ffmpeg, fragments, ladder, playlists, stills, transcode
from functions.media.video.plan import Plan, plan
from functions.media.video.playlists import Stored, Stream
from functions.media.video.probe import Clip, probe
from functions.media.video.transcode import Output
from tests.video.clips import joined, shown

WORKERS = (1, 2, 4, 8, 30)
LEAST_SPEED_UP = 0.8
SIZE = "1920:1080"
MEASURED = "480"
# Frames on each side of a seam.
NEAR = 2
MOST_LOST_DB = 0.5
ENOUGH = 1800

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What `work` returns, and the processor seconds that it took, here and in the processes it started."""
    before = _processor_seconds()
    result = work()
    return result, _processor_seconds() - before


def _processor_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def film(seconds: int, folder: Path) -> Path:
    """Photographs, panned over one after the other, with a tone."""
    pictures = list(photos.camera_photos().values())
    each = seconds / len(pictures)
    inputs: list[str] = []
    graph: list[str] = []
    for number, picture in enumerate(pictures):
        inputs += ["-loop", "1", "-framerate", "30", "-t", f"{each:.3f}", "-i", str(picture)]
        pan = f"crop={SIZE}:x='(iw-ow)*(0.1+0.8*t/{each:.3f})':y='(ih-oh)*(0.5+0.3*sin(t))'"
        graph.append(f"[{number}:v]{pan},setsar=1,format=yuv420p[p{number}]")
    joined = "".join(f"[p{number}]" for number in range(len(pictures)))
    graph.append(f"{joined}concat=n={len(pictures)}[v]")
    path = folder / "film.mp4"
    sound = ("-f", "lavfi", "-i", f"sine=d={seconds}")
    encode = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "16", "-g", "30", "-bf", "2", "-c:a", "aac")
    mapped = ("-filter_complex", ";".join(graph), "-map", "[v]", "-map", f"{len(pictures)}:a")
    ffmpeg.run([*inputs, *sound, *mapped, *encode, str(path)], seconds=ENOUGH)
    return path


def planned(source: Path, folder: Path, chunked_above: float) -> Plan:
    """What the step `plan` does."""
    clip = probe(source)
    busy = stills.bits_per_pixel(source, clip, folder)
    rungs = ladder.ladder(clip.width, clip.height, clip.frame_rate, busy)
    return plan(clip, rungs, chunked_above=chunked_above)


def packaged(whole: Plan, outputs: Sequence[Output]) -> list[str]:
    """What the step `package` does, but for S3."""
    streams = [
        Stream(
            rung,
            fragments.codec(outputs[0].inits[str(rung.name)]),
            tuple(
                Stored(segment.index, segment.seconds, len(segment.content))
                for output in outputs
                for segment in output.segments
                if segment.name == str(rung.name)
            ),
        )
        for rung in whole.rungs
    ]
    master = playlists.master_playlist(streams, (), whole.frame_rate)
    return [master, *(playlists.media_playlist(str(stream.rung.name), stream.segments) for stream in streams)]


def critical_path(chunk_seconds: Sequence[float], workers: int) -> float:
    """When the last chunk is done, if each worker takes the next one as soon as it is free."""
    free = [0.0] * workers
    for seconds in chunk_seconds:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def quality(made: Path, source: Path, whole: Plan) -> list[float]:
    """PSNR of each frame against the source, brought to the same size."""
    (rung,) = (rung for rung in whole.rungs if str(rung.name) == MEASURED)
    log = made.with_suffix(".log")
    even_times = "settb=1/30,setpts=N"
    scaled = f"[1:v]scale={rung.width}:{rung.height}:flags=bicubic,{even_times}[s]"
    graph = f"{scaled};[0:v]{even_times}[m];[m][s]psnr=f={log}"
    ffmpeg.run(["-i", str(made), "-i", str(source), "-lavfi", graph, "-an", "-f", "null", "-"], seconds=ENOUGH)
    return [float(line.split("psnr_avg:")[1].split()[0]) for line in log.read_text().splitlines()]


def seams(whole: Plan) -> list[int]:
    """The places of frames around the beginnings of chunks."""
    counts = [segment.frames for segment in whole.segments]
    starts = list(itertools.accumulate(counts))[:-1]
    return [place for start in starts for place in range(start - NEAR, start + NEAR)]


def wrong_frames(times: Sequence[int], clip: Clip, whole: Plan) -> int:
    """Frames that are missing, repeated, or more than half a tick from the source's time."""
    origin = clip.frames[0].pts
    wanted = [round((frame.pts - origin) * whole.time_base * 90_000) for frame in clip.frames]
    return abs(len(times) - len(wanted)) + sum(one != other for one, other in zip(times, wanted, strict=False))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one worker against many.")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    seconds, rounds = given.seconds, given.rounds
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        source = film(seconds, folder)
        clip = probe(source)
        cut, before = timed(lambda: planned(source, folder, 0))
        single = planned(source, folder, math.inf)
        together, alone = timed(lambda: transcode.chunk(source, single, single.chunks[0], folder))
        parts: list[Output] = []
        took = [math.inf] * len(cut.chunks)
        for _ in track(range(rounds), "rounds"):
            made = [timed(lambda part=part: transcode.chunk(source, cut, part, folder)) for part in cut.chunks]
            parts = [output for output, _ in made]
            took = [min(least, spent) for least, (_, spent) in zip(took, made, strict=True)]
            alone = min(alone, timed(lambda: transcode.chunk(source, single, single.chunks[0], folder))[1])
        _, after = timed(lambda: packaged(cut, parts))
        whole_path, parts_path = (
            joined([together], MEASURED, folder / "whole.mp4"),
            joined(parts, MEASURED, folder / "parts.mp4"),
        )
        lost = [wrong_frames(shown(path), clip, cut) for path in (whole_path, parts_path)]
        same = shown(whole_path) == shown(parts_path)
        whole_db, parts_db = quality(whole_path, source, cut), quality(parts_path, source, cut)
        sizes = [sum(len(s.content) for output in made for s in output.segments) for made in ([together], parts)]

    whole, one = before + alone + after, before + sum(took) + after
    table = Table(title=f"{seconds} s of 1080p30, {len(cut.chunks)} chunks, {len(cut.rungs)} rungs; processor seconds")
    for column in ("workers", "critical path", "speed-up", "speed-up / workers", "against the single pass"):
        table.add_column(column, justify="right")
    table.add_row("single pass", f"{whole:.1f}", "", "", "1.0")
    speed: dict[int, float] = {}
    for workers in WORKERS:
        path = before + critical_path(took, workers) + after
        speed[workers] = one / path
        figures = (f"{path:.1f}", f"{speed[workers]:.1f}", f"{speed[workers] / workers:.2f}", f"{whole / path:.1f}")
        table.add_row(str(workers), *figures)
    console = Console(width=100)
    console.print(table)
    spread = max(took) / statistics.mean(took)
    console.print(f"plan {before:.2f} s, package {after:.3f} s, slowest chunk {spread:.2f} of the mean")
    console.print(f"frames that are wrong: single pass {lost[0]}, chunks {lost[1]}; same times in both: {same}")
    near = seams(cut)
    at = [statistics.mean(values[place] for place in near) for values in (whole_db, parts_db)]
    mean = [statistics.mean(values) for values in (whole_db, parts_db)]
    console.print(
        f"PSNR of {MEASURED}: single pass {mean[0]:.2f} dB, chunks {mean[1]:.2f}; "
        f"within {NEAR} frames of a seam {at[0]:.2f} and {at[1]:.2f}; bytes {sizes[1] / sizes[0]:.3f}"
    )
    many = [workers for workers in WORKERS if 1 < workers <= len(cut.chunks)]
    least = min(speed[workers] / workers for workers in many)
    print(f"video_psnr_lost_at_seams {at[0] - at[1]:.3f} dB <={MOST_LOST_DB}")
    print(f"video_frames_lost_or_repeated {sum(lost) + (not same)} frames <=0")
    print(f"video_speed_up_per_worker {least:.3f} ratio >={LEAST_SPEED_UP}")


if __name__ == "__main__":
    main()
