"""How much each signal of the ranked feed weighs: a live document, so that weights change and are compared at run time.

The defaults are those that `benchmarks/ranking` has found on one half of its simulated people.
"""

import hashlib
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from heliograph import live

Positive = Annotated[float, Field(gt=0)]
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
VariantName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]

STANDARD = "standard"


class Weights(BaseModel):
    """Weights of `ranking` and `affinity`. All but those with a unit in their name are in half-lives of recency.

    `prior`: the affinity to an author who has not been met yet; it counts as `prior_encounters` encounters do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    half_life_hours: Positive = 12.0
    affinity: Weight = 3.0
    velocity: Weight = 0.25
    likes_per_comment: Weight = 3.0
    favourite: Weight = 1.0
    seen: Weight = 8.0
    same_author: Weight = 0.5
    same_type: Weight = 0.1
    memory_half_life_days: Positive = 28.0
    prior: Annotated[float, Field(gt=0, le=1)] = 0.2
    prior_encounters: Positive = 1.0


class Variant(BaseModel):
    """Other weights for a share of all viewers."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    share: Share
    weights: Weights


class Ranking(live.Document):
    """`version` names the experiment: another one deals the viewers anew. Who is in no variant has the `weights`."""

    name: ClassVar[str] = "ranking"
    version: Annotated[int, Field(ge=1)] = 1
    weights: Weights = Weights()
    variants: dict[VariantName, Variant] = Field(default_factory=dict[str, Variant])

    @model_validator(mode="after")
    def _shares_fit(self) -> "Ranking":
        if STANDARD in self.variants or sum(variant.share for variant in self.variants.values()) > 1:
            raise ValueError(f"the shares exceed 1 in all, or a variant is called {STANDARD}")
        return self


def chosen(ranking: Ranking, viewer_id: str) -> tuple[str, Weights]:
    """The viewer's variant: its name and weights. The same at every request while the version is the same.

    A hash deals the viewers, as in Kohavi, Tang and Xu, "Trustworthy Online Controlled Experiments" (2020), chapter
    12; salted with the version, so that two experiments do not divide people alike.
    """
    digest = hashlib.sha256(f"{ranking.name}/{ranking.version}/{viewer_id}".encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64
    for name, variant in sorted(ranking.variants.items()):
        if place < variant.share:
            return name, variant.weights
        place -= variant.share
    return STANDARD, ranking.weights
