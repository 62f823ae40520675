"""What discovery knows of one person, for state machines: see `heliograph.personal`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.discovery import tastes
from heliograph import ids, personal
from heliograph.tables import Slice


@dataclass(frozen=True)
class Taste:
    """A post that the person has met. `interest`: 0 to 1, as their likes, comments and looks tell."""

    post_id: str
    post_made_at: datetime
    hashtags: tuple[str, ...]
    interest: float


def _tastes(user_id: str, _after: Any) -> Slice[Taste]:
    known = tastes.find(user_id)
    found = [Taste(one, ids.created_at(one), met.topics, met.strength / 100) for one, met in sorted(known.items())]
    return Slice(found, None)


def _erase_tastes(user_id: str, _after: Any) -> Slice[str]:
    tastes.forget(user_id)
    return Slice([user_id], None)


EXPORTS: dict[str, personal.Section] = {"tastes": _tastes}
ERASURES: dict[str, personal.Section] = {"tastes": _erase_tastes}

handler = personal.handler(EXPORTS, ERASURES)
