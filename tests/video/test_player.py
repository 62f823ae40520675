"""A real browser plays what we make: headless Chromium with hls.js, from a plain file server."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from functions.media.hls import MASTER, PLAYLIST_TYPE
from functions.media.video import fragments, playlists, transcode
from functions.media.video.playlists import Stored, Stream
from functions.media.video.probe import probe
from tests.video.clips import AAC, Recipe, encoded
from tests.video.test_frames import ALWAYS, planned

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RATE, SECONDS = 30, 3


class Files(SimpleHTTPRequestHandler):
    def guess_type(self, path: Any) -> str:
        return PLAYLIST_TYPE if str(path).endswith(".m3u8") else super().guess_type(path)

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def stored(outputs: list[transcode.Output], name: str, folder: Path) -> tuple[Stored, ...]:
    """Files of one rung, or of the sound, as the steps lay them down."""
    (folder / playlists.init_name(name)).write_bytes(outputs[0].inits[name])
    segments = sorted((s for output in outputs for s in output.segments if s.name == name), key=lambda s: s.index)
    for segment in segments:
        (folder / playlists.segment_name(name, segment.index)).write_bytes(segment.content)
    listed = tuple(Stored(segment.index, segment.seconds, len(segment.content)) for segment in segments)
    (folder / f"{name}.m3u8").write_text(playlists.media_playlist(name, listed))
    return listed


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with sound in two rungs, encoded by two workers."""
    folder = tmp_path_factory.mktemp("stream")
    source = Recipe("source.mp4", size="640x480", rate=RATE, seconds=SECONDS, sound=AAC).make(folder)
    plan = planned(probe(source), ALWAYS)
    pictures, sound = encoded(source, plan, folder / "work"), transcode.sound(source, plan, folder)
    streams = [
        Stream(rung, fragments.codec(pictures[0].inits[str(rung.name)]), stored(pictures, str(rung.name), folder))
        for rung in plan.rungs
    ]
    heard = stored([sound], playlists.SOUND, folder)
    (folder / MASTER).write_text(playlists.master_playlist(streams, heard, plan.frame_rate))
    shutil.copy(HERE / "player.html", folder)
    shutil.copy(ROOT / "node_modules" / "hls.js" / "dist" / "hls.js", folder)
    return folder


def test_browser_plays_video_to_last_frame(stream: Path) -> None:
    # when
    with served(stream) as address:
        done = subprocess.run(
            ["node", str(HERE / "player.mjs"), f"{address}/player.html"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd=ROOT,
        )
    played = json.loads(done.stdout)

    # then nothing went wrong, in the size that was asked for
    assert played["errors"] == []
    assert (played["levels"], played["width"], played["height"]) == (2, 640, 480)
    assert played["heard"] > 0

    # then time went on, across the seam, to the very last frame
    assert played["duration"] == pytest.approx(SECONDS, abs=0.03)
    assert all(before <= after for before, after in pairwise(played["times"]))
    assert played["times"][-1] == pytest.approx(SECONDS - 1 / RATE, abs=0.005)
    assert played["frames"] == RATE * SECONDS
