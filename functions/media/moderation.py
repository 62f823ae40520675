"""May a picture be shown? A model says what is in it, and thresholds that can be changed at any time say what follows.

Two models. Rekognition (AWS) knows many kinds of content. The other runs in a function of ours, `media-moderate`, and
knows one. Both answer with labels between 0 and 1. A model that is down or slow is an error, and the work is tried
again: nothing is shown that no model has seen.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

import pybreaker
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field

from functions.media.model import Verdict
from heliograph import aws, config, live

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

# Rekognition's top-level categories (moderation model 7), in our words. What is not here is allowed.
CATEGORIES = {
    "Explicit": "explicit",
    "Non-Explicit Nudity of Intimate parts and Kissing": "suggestive",
    "Violence": "violence",
    "Visually Disturbing": "disturbing",
    "Hate Symbols": "hate",
}
LEAST_PERCENT = 10
# Below it Rekognition refuses a picture.
LEAST_SIDE = 50

# A model that is not warm takes seconds to load. Asked again it would load once more; the queue tries again anyway.
PATIENCE = {"timeout_seconds": 15, "attempts": 1}

breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=10)


class ModeratorSettings(config.Settings):
    moderator: Literal["rekognition", "model"]


class ModerationUnavailable(Exception):
    """The model is down, slow or failing; the picture is to be judged later."""


class Limits(BaseModel):
    """From which value on a label means what; None: never."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sensitive: float | None = Field(default=None, ge=0, le=1)
    review: float | None = Field(default=None, ge=0, le=1)
    block: float | None = Field(default=None, ge=0, le=1)


class Thresholds(live.Document):
    """Limits for each label. A label without limits is allowed."""

    name: ClassVar[str] = "moderation"
    limits: dict[str, Limits] = Field(
        default={
            "explicit": Limits(sensitive=0.6, review=0.85, block=0.97),
            "suggestive": Limits(sensitive=0.9),
            "violence": Limits(sensitive=0.7, review=0.9),
            "disturbing": Limits(sensitive=0.7, review=0.9),
            "hate": Limits(review=0.7, block=0.98),
        }
    )


@dataclass(frozen=True)
class Judgement:
    """`labels`: what the model saw, each between 0 and 1."""

    verdict: Verdict = "allow"
    labels: dict[str, float] = field(default_factory=dict[str, float])


def judge(jpeg: bytes) -> Judgement:
    """The judgement on a picture; 320 pixels wide are enough. Raises ModerationUnavailable."""
    ask = _rekognition if config.read(ModeratorSettings).moderator == "rekognition" else _model
    try:
        labels = breaker.call(ask, jpeg)
    except (BotoCoreError, ClientError, pybreaker.CircuitBreakerError) as error:
        raise ModerationUnavailable from error
    return Judgement(verdict(labels, live.read(Thresholds, patient=True)), labels)


def verdict(labels: dict[str, float], thresholds: Thresholds) -> Verdict:
    """The strictest that any label calls for."""
    return _strictest(_called(value, thresholds.limits.get(label, Limits())) for label, value in labels.items())


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """One judgement on several pictures: the strictest verdict, and each label's highest value."""
    together = list(judgements)
    names = {label for judgement in together for label in judgement.labels}
    return Judgement(
        _strictest(judgement.verdict for judgement in together),
        {name: max(judgement.labels.get(name, 0.0) for judgement in together) for name in names},
    )


def _strictest(verdicts: Iterable[Verdict]) -> Verdict:
    return VERDICTS[max(map(VERDICTS.index, verdicts), default=0)]


def _called(value: float, limits: Limits) -> Verdict:
    if limits.block is not None and value >= limits.block:
        return "block"
    if limits.review is not None and value >= limits.review:
        return "review"
    return "sensitive" if limits.sensitive is not None and value >= limits.sensitive else "allow"


def _rekognition(jpeg: bytes) -> dict[str, float]:
    answer = aws.client("rekognition", **PATIENCE).detect_moderation_labels(
        Image={"Bytes": jpeg}, MinConfidence=LEAST_PERCENT
    )
    labels: dict[str, float] = {}
    for label in answer["ModerationLabels"]:
        # Only categories have no parent; the rest says what kind of it.
        if name := CATEGORIES.get(label["ParentName"] or label["Name"]):
            labels[name] = max(labels.get(name, 0.0), round(label["Confidence"] / 100, 4))
    return labels


def _model(jpeg: bytes) -> dict[str, float]:
    payload = json.dumps({"jpeg": base64.b64encode(jpeg).decode()})
    name = config.named("media-moderate")
    answer: dict[str, Any] = aws.client("lambda", **PATIENCE).invoke(FunctionName=name, Payload=payload)
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ModerationUnavailable(answer["FunctionError"])
    return told["labels"]
