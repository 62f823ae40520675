"""Every frame once, at its time, whether a clip is encoded whole or by many workers."""

import math
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from functions.media.video import ffmpeg, fragments, transcode
from functions.media.video.ladder import USUAL, ladder
from functions.media.video.plan import TIMESCALE, Plan, plan
from functions.media.video.probe import Clip, probe
from tests.video.clips import PLAIN, RECIPES, Recipe, decoded, encoded, joined, shown

NEVER, ALWAYS = math.inf, 0.0


def planned(clip: Clip, chunked_above: float) -> Plan:
    """A plan as it reaches a worker: through JSON."""
    rungs = ladder(clip.width, clip.height, clip.frame_rate, USUAL)
    return Plan.model_validate_json(plan(clip, rungs, chunked_above=chunked_above).model_dump_json(by_alias=True))


def psnr(first: Path, second: Path) -> list[float]:
    """Of each frame, in decibels; equal frames count as 100."""
    log = first.with_suffix(".psnr")
    graph = f"[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]psnr=stats_file={log}"
    ffmpeg.run(["-i", str(first), "-i", str(second), "-lavfi", graph, "-f", "null", "-"], seconds=60)
    values = (line.split("psnr_avg:")[1].split()[0] for line in log.read_text().splitlines())
    return [min(float(value), 100.0) for value in values]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_one_worker_and_many_make_the_same_frames_at_the_same_times(recipe: Recipe, tmp_path: Path) -> None:
    # given a clip, cut for one worker and for many
    source = recipe.make(tmp_path)
    clip = probe(source)
    whole, cut = planned(clip, NEVER), planned(clip, ALWAYS)
    assert len(whole.chunks) == 1 < len(cut.chunks)

    # when
    rung = str(whole.rungs[-1].name)
    together, apart = encoded(source, whole, tmp_path / "whole"), encoded(source, cut, tmp_path / "cut")
    one, many = (joined(outputs, rung, tmp_path / f"{len(outputs)}.mp4") for outputs in (together, apart))

    # then each frame is there once, its times rise from 0 to the end, and both ways agree
    expected = sum(segment.frames for segment in whole.segments)
    times = shown(one)
    assert times == shown(many)
    assert (len(times), times[0]) == (expected, 0)
    assert all(before < after for before, after in pairwise([*times, whole.segments[-1].ends]))
    assert len(decoded(one)) == len(decoded(many)) == expected

    # then the times are the source's own
    if not whole.capped:
        origin = clip.frames[0].pts
        exact = [(frame.pts - origin) * clip.time_base * TIMESCALE for frame in clip.frames]
        assert expected == len(clip.frames)
        assert max(abs(time - wanted) for time, wanted in zip(times, exact, strict=True)) <= Fraction(1, 2)

    # then all workers begin alike, and nobody sees where one ended and the next began
    assert len({output.inits[rung] for output in apart}) == 1
    assert min(psnr(one, many)) > 30


def test_a_hundred_and_twenty_frames_a_second_become_sixty(tmp_path: Path) -> None:
    clip = probe(Recipe("fast.mp4", rate=120, seconds=2.5).make(tmp_path))

    cut = planned(clip, ALWAYS)

    assert (len(clip.frames), sum(segment.frames for segment in cut.segments)) == (300, 150)


def test_pictures_are_upright_before_they_are_measured(tmp_path: Path) -> None:
    clip = probe(Recipe("turned.mp4", size="320x180", seconds=1, turned=90).make(tmp_path))

    assert (clip.width, clip.height) == (180, 320)


@pytest.mark.parametrize("channels", [1, 2])
def test_sound_is_as_long_as_the_pictures_and_begins_with_them(channels: int, tmp_path: Path) -> None:
    source = Recipe("source.mp4", sound=("-c:a", "aac"), channels=channels).make(tmp_path)
    cut = planned(probe(source), ALWAYS)

    output = transcode.sound(source, cut, tmp_path)

    frame = 1024 / transcode.SOUND_RATE
    assert abs(sum(segment.seconds for segment in output.segments) - cut.seconds) <= frame
    track = fragments.read(output.inits["sound"] + b"".join(segment.content for segment in output.segments))
    assert len(track.fragments) == len(output.segments) > 1


def test_sound_is_heard_when_it_was_made(tmp_path: Path) -> None:
    # given a tone that begins after a second of silence
    tone = "aevalsrc='0.9*sin(2*PI*1000*t)*gte(t,1)':s=44100"
    source = Recipe("source.mp4", sound=("-c:a", "aac"), heard=tone, channels=1).make(tmp_path)

    output = transcode.sound(source, planned(probe(source), ALWAYS), tmp_path)

    path = tmp_path / "joined.mp4"
    path.write_bytes(output.inits["sound"] + b"".join(segment.content for segment in output.segments))
    assert abs(_first_heard(path) - 1) < 0.01


def _first_heard(path: Path) -> float:
    """When there is sound first, in seconds."""
    pcm = ffmpeg.run((*ffmpeg.source(path, "mov"), "-f", "s16le", "-ac", "1", "-"), seconds=60)
    loud = next(place for place, (level,) in enumerate(struct.iter_unpack("<h", pcm)) if abs(level) > 5000)
    return loud / transcode.SOUND_RATE


def test_worker_that_seeks_past_key_frame_starts_again(tmp_path: Path) -> None:
    # given a chunk that says to decode from a place in the midst of it
    source = PLAIN.make(tmp_path)
    cut = planned(probe(source), ALWAYS)
    wrong = cut.chunks[1].model_copy(update={"seek": cut.chunks[2].segments[0].start})

    output = transcode.chunk(source, cut, wrong, tmp_path)

    (segment,) = cut.chunks[1].segments
    track = fragments.read(output.inits["240"] + output.segments[0].content)
    assert len(track.fragments[0].samples) == segment.frames


def test_nothing_of_the_source_but_its_pictures_and_sound_is_kept(tmp_path: Path) -> None:
    # given a clip that says where it was taken
    where = "Rue des Saules"
    source = Recipe("where.mp4", seconds=1, more=("-metadata", f"title={where}")).make(tmp_path)
    assert where.encode() in source.read_bytes()

    (output,) = encoded(source, planned(probe(source), NEVER), tmp_path / "out")

    assert where.encode() not in b"".join([*output.inits.values(), *(segment.content for segment in output.segments)])
