"""A worker as Lambda runs it, with its memory and no way out of it: every file of a folder, one after the other.

    python -m tests.hostile.worker <folder> <megabytes> <cpu seconds>

For each file a line of JSON: {name, verdict, cpuSeconds, peakMegabytes, leaked}.
"""

import json
import os
import re
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ |= {
    "NAMESPACE": "test",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "UPLOADS_BUCKET": "test-uploads",
    "MEDIA_BUCKET": "test-media",
    "SCANNER": "structural",
    "MODERATOR": "model",
    "LIVE_STORE": "ssm",
}

from functions.media import appraisal, fingerprints, moderation, processing, rendering, service
from functions.media.model import Media
from heliograph import aws, live
from tests.hostile.corpus import HIDDEN
from tests.unit.media.fakes import FakeBands, FakeS3, FakeStore

STATUS = Path("/proc/self/status")


def main(folder: Path) -> None:
    s3, store = FakeS3(), FakeStore()
    known: Any = FakeBands()
    client: Any = lambda *_, **__: s3  # noqa: E731
    aws.client = client
    for room in (appraisal, processing, rendering, service):
        room.store = store  # pyright: ignore[reportAttributeAccessIssue]
    for room in (appraisal, fingerprints, service):
        room.bands = known  # pyright: ignore[reportAttributeAccessIssue]
    moderation._model = lambda _jpeg: {}
    live.fetch = lambda model: model()
    for path in sorted(folder.iterdir()):
        store.create(_media(path.name), expires_at=0)
        s3.objects.clear()
        s3.upload(path.name, path.read_bytes())
        known.recorded.clear()
        _forget_peak()
        began = time.process_time()
        processing.process_upload(path.name)
        outcome = _outcome(path.name, store, s3) | {"cpuSeconds": time.process_time() - began}
        sys.stdout.write(f"{json.dumps(outcome)}\n")
        sys.stdout.flush()


def _outcome(name: str, store: FakeStore, s3: FakeS3) -> dict[str, Any]:
    media = store.items[name]
    shown = [content for (_, key), content in s3.objects.items() if key.startswith("m/")]
    return {
        "name": name,
        "verdict": media.reason or media.status,
        "peakMegabytes": _peak_kilobytes() / 1024,
        "leaked": any(HIDDEN in content for content in shown),
    }


def _media(media_id: str) -> Media:
    return Media(
        media_id=media_id,
        user_id="u1",
        status="awaitingUpload",
        purpose="post",
        content_type="image/jpeg",
        byte_size=1,
        media_type="image",
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        version=1,
    )


def _forget_peak() -> None:
    """Count the peak of resident memory anew (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_kilobytes() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
    assert found
    return int(found.group(1))


if __name__ == "__main__":
    _folder, _megabytes, _cpu_seconds = sys.argv[1:]
    _memory = int(_megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (_memory, _memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(_cpu_seconds), int(_cpu_seconds)))
    main(Path(_folder))
