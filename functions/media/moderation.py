"""The moderation port."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Judgement:
    verdict: Literal["allow", "sensitive", "review", "block"]
    labels: dict[str, float] = field(default_factory=dict[str, float])


def judge(jpeg: bytes) -> Judgement:  # noqa: ARG001
    """The judgement on a picture."""
    return Judgement("allow")


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """The gravest of several."""
    order = ["allow", "sensitive", "review", "block"]
    return max(judgements, key=lambda judgement: order.index(judgement.verdict))
