"""How clips are cut and in which sizes they are offered: rules, without any file."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.media.video.ladder import BUSIEST, CALMEST, CEILINGS, USUAL, crf, ladder
from functions.media.video.plan import TIMESCALE, Plan, plan
from functions.media.video.playlists import Stored, Stream, master_playlist, media_playlist
from functions.media.video.probe import Clip, Frame

TICK = Fraction(1, 600)


def clip(times: list[int], keys: set[int], *, last: int = 20, container: str = "mov") -> Clip:
    frames = tuple(Frame(pts, pts in keys) for pts in times)
    return Clip(container, 1280, 720, TICK, frames, times[-1] + last, has_sound=False)


def steady(count: int, every: int = 20, group: int = 30, origin: int = 0) -> Clip:
    times = [origin + every * number for number in range(count)]
    return clip(times, set(times[::group]), last=every)


def cut(subject: Clip, chunked_above: float = 0) -> Plan:
    return plan(subject, ladder(1280, 720, subject.frame_rate, USUAL), chunked_above=chunked_above)


@given(
    steps=st.lists(st.integers(1, 400), min_size=1, max_size=300),
    keys=st.sets(st.integers(0, 300)),
    origin=st.integers(-5000, 5000),
)
def test_segments_hold_every_frame_once_and_leave_no_gap(steps: list[int], keys: set[int], origin: int) -> None:
    times = [origin]
    for step in steps:
        times.append(times[-1] + step)
    whole = plan(
        Clip(
            "mov",
            640,
            480,
            TICK,
            tuple(Frame(t, n in keys) for n, t in enumerate(times)),
            times[-1] + 20,
            has_sound=False,
        ),
        ladder(640, 480, Fraction(30), USUAL),
        chunked_above=0,
    )

    segments = whole.segments
    assert segments[0].begins == 0
    assert all(one.end == next_.start and one.ends == next_.begins for one, next_ in pairwise(segments))
    assert segments[-1].end == times[-1] + 20
    if not whole.capped:
        held = [sum(segment.start <= t < segment.end for t in times) for segment in segments]
        assert held == [segment.frames for segment in segments]
    for part in whole.chunks:
        assert part.seek is None or part.seek <= part.segments[0].start
        assert part.seek is None or part.seek in times


def test_a_segment_waits_a_little_for_a_key_frame() -> None:
    # given key frames every 2.5 s, then every 8 s
    patient, impatient = cut(steady(300, group=75)), cut(steady(300, group=240))

    assert [segment.begins / TIMESCALE for segment in patient.segments] == [0, 2.5, 5, 7.5]
    assert [segment.begins / TIMESCALE for segment in impatient.segments] == [0, 2, 4, 6, 8]


def test_a_worker_decodes_from_the_key_frame_before_its_chunk() -> None:
    assert [part.seek for part in cut(steady(300, group=150)).chunks] == [None, None, None, 3000, 3000]


def test_one_worker_does_what_is_short_and_what_cannot_be_entered_in_its_midst() -> None:
    long = steady(300)

    assert len(cut(long, chunked_above=10).chunks) == 1
    assert len(cut(long, chunked_above=9.9).chunks) == 5
    assert len(cut(clip([20 * n for n in range(300)], set(), container="gif")).chunks) == 1


def test_time_begins_with_the_first_frame() -> None:
    assert cut(steady(90, origin=1234)).segments[0].begins == 0
    assert cut(steady(90, origin=1234)).seconds == cut(steady(90)).seconds == 3


@pytest.mark.parametrize(
    ("size", "rungs"),
    [
        ((1920, 1080), [(1920, 1080), (1280, 720), (854, 480), (426, 240)]),
        ((1080, 1920), [(1080, 1920), (720, 1280), (480, 854), (240, 426)]),
        ((3840, 2160), [(1920, 1080), (1280, 720), (854, 480), (426, 240)]),
        ((1000, 700), [(686, 480), (342, 240)]),
        ((161, 121), [(160, 120)]),
    ],
)
def test_rungs_go_up_to_the_size_of_the_source(size: tuple[int, int], rungs: list[tuple[int, int]]) -> None:
    assert [(rung.width, rung.height) for rung in ladder(*size, Fraction(30), USUAL)] == rungs


def test_a_busy_title_gets_more_bits_and_a_higher_crf_within_bounds() -> None:
    calm, usual, busy = (ladder(1920, 1080, Fraction(30), bits)[0] for bits in (0.01, USUAL, 1.0))

    assert (calm.crf, usual.crf, busy.crf) == (CALMEST, 23, BUSIEST)
    assert calm.maxrate < usual.maxrate <= busy.maxrate == CEILINGS[1080]
    assert [crf(bits) for bits in (0, USUAL / 2, USUAL * 2, math.inf)] == [CALMEST, 21, 25, BUSIEST]


def test_playlists_name_everything_relatively_and_say_what_it_takes() -> None:
    # given a second of 1,000 bytes, and one of 3,000
    rung = ladder(640, 480, Fraction(30), USUAL)[0]
    segments = (Stored(0, 1.0, 1000), Stored(1, 1.0, 3000))
    sound = (Stored(0, 2.0, 500),)

    master = master_playlist([Stream(rung, "avc1.64001f", segments)], sound, 30.0)
    listed = media_playlist("480", (Stored(0, 2.5, 1), Stored(1, 0.25, 1)))

    assert "BANDWIDTH=26000,AVERAGE-BANDWIDTH=18000,RESOLUTION=640x480" in master
    assert 'CODECS="avc1.64001f,mp4a.40.2",AUDIO="sound"\n480.m3u8\n' in master
    assert 'URI="sound.m3u8"' in master
    assert "AUDIO" not in master_playlist([Stream(rung, "avc1.64001f", segments)], (), 30.0)
    assert "#EXT-X-TARGETDURATION:3\n" in listed
    assert '#EXT-X-MAP:URI="480-init.mp4"\n#EXTINF:2.500000,\n480-000.m4s\n#EXTINF:0.250000,\n480-001.m4s\n' in listed
    assert listed.endswith("#EXT-X-ENDLIST\n")
