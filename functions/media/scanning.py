"""Is an upload malicious? Nothing is decoded, and nothing shown, before the answer is `clean`.

Two scanners. GuardDuty Malware Protection (AWS) looks at every object of the quarantine bucket by itself, and writes
its finding onto the object as a tag. The structural scanner (`structure`) looks at the file here; on AWS too, because
it knows what an antivirus does not mind: a picture that is also an archive, or one that takes minutes to decode.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from functions.media import structure
from functions.media.objects import UploadsSettings
from heliograph import aws, config

FINDING = "GuardDutyMalwareScanStatus"
# Encrypted, too large, too deeply nested: GuardDuty could not look. Nothing that we show is any of these.
HARMLESS, UNFIT = "NO_THREATS_FOUND", ("THREATS_FOUND", "UNSUPPORTED")


class ScannerSettings(config.Settings):
    scanner: Literal["structural", "guardduty"]


@dataclass(frozen=True)
class Scan:
    """`detail` is for the log."""

    status: Literal["clean", "pending", "malicious"]
    detail: str = ""


class ScanPending(Exception):
    """An object has not been scanned yet; its scanner will say when."""


class ScanFailed(Exception):
    """GuardDuty could not scan an object, for a reason that is not the object's."""


def scan(key: str, path: Path | None = None) -> Scan:
    """The finding on the upload under `key`; `path`: its bytes here, if they are. Raises ScanFailed, OSError."""
    found = _tagged(key) if config.read(ScannerSettings).scanner == "guardduty" else Scan("clean")
    if found.status != "clean" or path is None:
        return found
    threat = structure.threat(path)
    return Scan("malicious", threat) if threat else found


def _tagged(key: str) -> Scan:
    """What GuardDuty wrote on the object; nothing yet is pending."""
    answer = aws.client("s3").get_object_tagging(Bucket=config.read(UploadsSettings).uploads_bucket, Key=key)
    finding = {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}.get(FINDING)
    if finding is None:
        return Scan("pending")
    if finding == HARMLESS:
        return Scan("clean")
    if finding in UNFIT:
        return Scan("malicious", f"GuardDuty: {finding}")
    raise ScanFailed(f"{key}: {finding}")
