"""The words of this capability: what a feed holds, and in which order it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Order = Literal["ranked", "latest"]


@dataclass(frozen=True)
class Entry:
    """One post in one account's feed. `score`: the same for all, see `fanout`."""

    user_id: str
    post_id: str
    creator_id: str
    created_at: datetime
    score: float
