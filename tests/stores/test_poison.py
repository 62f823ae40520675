"""A picture that kills its worker ends rejected; one whose worker died by chance does not: real processes, killed."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from functions.media import store
from functions.media.model import Media
from heliograph import clock
from tests.stores.samples import new_media

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "tests" / "data" / "sunset.jpg"

# What runs in the worker: everything but S3 and the model, which have no part in this.
WORKER = """
import sys
from pathlib import Path
from functions.media import moderation, objects, processing
objects.download = lambda *_, **__: objects.Upload(Path(sys.argv[2]), "etag")
objects.keep_original = objects.put_renditions = objects.delete_upload = lambda *_: None
moderation.judge = lambda _jpeg: moderation.Judgement()
processing.process_upload(sys.argv[1])
"""
# Read by every Python process at its start, so by the worker's children too.
DEADLY = """
import os, signal
from functions.media import inspection
inspection.inspect = lambda _path: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def media() -> Media:
    made = new_media()
    store.create(made, expires_at=clock.epoch(clock.now() + timedelta(days=1)))
    return made


def work(media: Media, *also_from: Path) -> int:
    """Work on the upload in a process of its own; how it ended."""
    paths = (*also_from, ROOT, ROOT / "layers" / "shared" / "python")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "SCANNER": "structural"}
    command = [sys.executable, "-c", WORKER, media.media_id, str(PHOTO)]
    return subprocess.run(command, env=environment, cwd=ROOT, timeout=60, check=False).returncode


def found(media: Media) -> tuple[str, str | None]:
    item = store.find(media.media_id, consistent=True)
    assert item is not None
    return item.status, item.reason


@pytest.fixture
def deadly(tmp_path: Path) -> Path:
    """A folder that makes every decoder a deadly one."""
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    return tmp_path


def test_picture_that_kills_its_worker_is_rejected(media: Media, deadly: Path) -> None:
    # given a worker that was killed by it
    assert work(media, deadly) == -signal.SIGKILL
    assert found(media) == ("processing", None)
    # when the message comes again
    assert work(media, deadly) == 0
    # then only a child has died, and there is a verdict
    assert found(media) == ("rejected", "corrupt")


def test_picture_survives_one_killed_worker(media: Media, deadly: Path) -> None:
    # given
    assert work(media, deadly) == -signal.SIGKILL
    # when the message comes again
    assert work(media) == 0
    # then
    assert found(media) == ("ready", None)
