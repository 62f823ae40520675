"""The recorded payloads of `events/`."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[2] / "events"


def sample(name: str) -> Any:
    """The payload of one trigger, such as `dynamodb_users`."""
    return json.loads((EVENTS / f"{name}.json").read_text())
