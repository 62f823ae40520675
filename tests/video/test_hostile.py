"""What strangers may send: rejected with a reason, or encoded anew; in bounded time and memory, worker alive."""

import math
from pathlib import Path

import pytest

from functions.media.video import ffmpeg, transcode
from functions.media.video.ladder import USUAL, ladder
from functions.media.video.plan import plan
from functions.media.video.probe import Refused, probe
from tests.video import hostile
from tests.video.clips import PLAIN


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[hostile.Hostile]:
    return hostile.all_of(tmp_path_factory.mktemp("hostile"))


def outcome(content: bytes, folder: Path) -> str:
    """The reason it is rejected for, or `encoded`: as the steps find out."""
    path = folder / "upload"
    path.write_bytes(content)
    try:
        clip = probe(path)
        rungs = ladder(clip.width, clip.height, clip.frame_rate, USUAL)[-1:]
        whole = plan(clip, rungs, chunked_above=math.inf)
        transcode.chunk(path, whole, whole.chunks[0], folder)
    except Refused as refused:
        return refused.reason
    except (ffmpeg.Failed, transcode.Lost, transcode.fragments.Unexpected):
        return "corrupt"
    return "encoded"


def test_every_hostile_file_ends_in_verdict(cases: list[hostile.Hostile], tmp_path: Path) -> None:
    assert len(cases) >= 60

    found = {case.name: outcome(case.content, tmp_path) for case in cases}

    wrong = {
        case.name: found[case.name]
        for case in cases
        if found[case.name] not in case.reasons | ({"encoded"} if case.fit else frozenset())
    }
    assert wrong == {}


def test_ffmpeg_is_stopped_when_its_time_is_up(tmp_path: Path) -> None:
    forever = ["-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]

    with pytest.raises(ffmpeg.OutOfTime):
        ffmpeg.run(forever, seconds=0.3)


def test_ffmpeg_gets_no_more_memory_than_it_may_have(tmp_path: Path) -> None:
    large = ["-f", "lavfi", "-i", "color=s=8192x8192:d=1", "-c:v", "libx264", "-f", "null", "-"]

    with pytest.raises(ffmpeg.Failed):
        ffmpeg.run(large, seconds=30, memory_bytes=512 * 1024 * 1024)


def test_ffmpeg_reads_no_network(tmp_path: Path) -> None:
    source = PLAIN.make(tmp_path)
    arguments = list(ffmpeg.source(source, "mov"))
    arguments[-1] = "http://127.0.0.1:9/video.mp4"

    with pytest.raises(ffmpeg.Failed, match="not on whitelist"):
        ffmpeg.run([*arguments, "-f", "null", "-"], seconds=10)
