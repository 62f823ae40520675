"""How much each signal of explore weighs: a live document, so that weights change while functions run.

The defaults are those that `benchmarks/explore` has found on one half of its simulated people; but `circle` and
`trend`, of which these people can tell too little, are as in the feed what a favourite is worth, halved.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from functions.discovery.interests import Memory
from heliograph import live

Positive = Annotated[float, Field(gt=0)]
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]


class Weights(BaseModel):
    """Weights of `exploring`. All but those with a unit in their name are in half-lives of recency.

    `prior`: the affinity to a topic that has not been met yet; it counts as `prior_posts` posts do.
    `uncertain_every`: each so-manieth place is for a post of uncertain worth.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    half_life_hours: Positive = 72.0
    topic: Weight = 6.0
    author: Weight = 1.0
    circle: Weight = 0.5
    quality: Weight = 0.5
    likes_per_comment: Weight = 3.0
    trend: Weight = 0.5
    same_author: Weight = 1.0
    same_topic: Weight = 0.1
    same_source: Weight = 0.1
    uncertain_every: Annotated[int, Field(ge=2)] = 10
    memory_half_life_days: Positive = Memory.half_life_days
    prior: Share = Memory.prior
    prior_posts: Positive = Memory.prior_posts

    @property
    def memory(self) -> Memory:
        return Memory(self.memory_half_life_days, self.prior, self.prior_posts)


class Explore(live.Document):
    """How explore's posts are ordered."""

    name: ClassVar[str] = "explore"
    weights: Weights = Weights()
