"""Settings: each concern declares a typed model; the environment is read once, and complaints name the variable."""

import os
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from heliograph.errors import ConfigurationError


class Settings(BaseModel):
    """Base of every settings model. Field `media_bucket` is read from the variable `MEDIA_BUCKET`."""

    model_config = ConfigDict(frozen=True)


class Deployment(Settings):
    """What every function has: the prefix of all physical names, and the region it runs in."""

    namespace: str
    aws_region: str


S = TypeVar("S", bound=Settings)


_known: dict[type[Settings], Settings] = {}


def read(model: type[S]) -> S:
    """The settings `model` asks for. Raises ConfigurationError naming the variables that are missing or wrong."""
    if model not in _known:
        _known[model] = _from_environment(model)
    return cast("S", _known[model])


def forget() -> None:
    """Read the environment anew (for tests that change it)."""
    _known.clear()


def _from_environment(model: type[S]) -> S:
    names = {field: field.upper() for field in model.model_fields}
    values = {field: os.environ[name] for field, name in names.items() if name in os.environ}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = ", ".join(names[str(item["loc"][0])] for item in error.errors())
        raise ConfigurationError(f"{model.__name__}: missing or unreadable {wrong}") from None


def named(name: str) -> str:
    """The physical name of a table or queue: names are deterministic, so stacks and regions need no exports."""
    return f"{read(Deployment).namespace}-{name}"
