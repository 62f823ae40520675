"""The routes of the HTTPS API, read from the document that the resolvers generate."""

import json
from dataclasses import dataclass
from pathlib import Path

from infrastructure.catalogue import CAPABILITIES
from infrastructure.code import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, order=True)
class Route:
    path: str
    method: str
    capability: str


def routes(document: Path = DOCUMENT) -> list[Route]:
    """Every operation with the capability that its first tag names, in a stable order."""
    if not document.is_file():
        raise FileNotFoundError(f"{document} is missing: run `make openapi`")
    paths = json.loads(document.read_text())["paths"]
    return sorted(
        Route(path, method.upper(), _capability(path, operation.get("tags", [])))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    )


def _capability(path: str, tags: list[str]) -> str:
    if not tags or tags[0] not in CAPABILITIES:
        raise ValueError(f"{path}: the first tag must name a capability, got {tags}")
    return tags[0]
