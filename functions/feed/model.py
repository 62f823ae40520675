"""The words of this capability: what a feed holds, and what travels on the fan-out queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

Action = Literal["push", "forget"]
Order = Literal["ranked", "latest"]


@dataclass(frozen=True)
class Entry:
    """One post in one account's feed. `score`: the owner's affinity to the creator, above 0 up to 1."""

    user_id: str
    post_id: str
    creator_id: str
    created_at: datetime
    score: float


class Page(BaseModel):
    """A message of the fan-out queue: push or forget a post for one page of a shard of its author's followers.

    `after`: the last follower of the page before, None at the start of the shard.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    action: Action
    post_id: str
    author_id: str
    shard: int
    after: str | None = None
