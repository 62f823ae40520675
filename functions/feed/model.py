"""The words of this capability: what a feed holds, and in which order it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Order = Literal["ranked", "latest"]


@dataclass(frozen=True)
class Entry:
    """One post in one account's feed. `score`: the owner's affinity to the creator, above 0 up to 1."""

    user_id: str
    post_id: str
    creator_id: str
    created_at: datetime
    score: float
