"""The graph's routes: what they accept, and what they hand to the service."""

from typing import Any

import pytest

from functions.graph import service
from functions.graph.api import handler
from heliograph import tokens
from heliograph.tokens import Caller
from tests.unit.requests import answer, request

ANNA = "019aa1b2-0000-7000-8000-000000000001"
BEN = "019aa1b2-0000-7000-8000-000000000002"


@pytest.fixture
def muted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, bool]]:
    """What the service was told to mute: posts, stories."""
    told: list[tuple[bool, bool]] = []
    monkeypatch.setattr(tokens, "verify", lambda token: Caller(BEN, "device", "ben"))
    monkeypatch.setattr(service, "mute", lambda me, other, *, posts, stories: told.append((posts, stories)))
    return told


def send(context: Any, method: str, body: Any = None) -> int:
    headers = {"Authorization": "Bearer good", "Content-Type": "application/json"}
    status, _ = answer(handler(request(method, f"/v1/users/{ANNA}/mute", body, headers), context))
    return status


@pytest.mark.parametrize(
    ("method", "body", "told"),
    [
        ("PUT", None, (True, True)),
        ("PUT", "", (True, True)),
        ("PUT", {}, (True, True)),
        ("PUT", {"posts": False}, (False, True)),
        ("PUT", {"posts": True, "stories": False}, (True, False)),
        ("PUT", {"posts": False, "stories": False}, (False, False)),
        ("DELETE", None, (False, False)),
    ],
)
def test_mute_sets_the_parts_named_in_the_request(
    muted: list[tuple[bool, bool]], context: Any, method: str, body: Any, told: tuple[bool, bool]
) -> None:
    assert send(context, method, body) == 204
    assert muted == [told]


@pytest.mark.parametrize(("body", "status"), [({"posts": "perhaps"}, 422), ({"reels": True}, 422), ([], 400)])
def test_a_body_that_names_no_part_is_refused(
    muted: list[tuple[bool, bool]], context: Any, body: Any, status: int
) -> None:
    assert send(context, "PUT", body) == status
    assert muted == []
