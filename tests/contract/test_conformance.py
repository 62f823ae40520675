"""The API does what docs/openapi.json says of it, whatever is sent: no 5xx, no undescribed status, type or schema.

schemathesis makes the requests: systematic ones at the bounds of every field, within and without, and random ones,
always the same. Each route that changes something is tried by a new account, on things of its own.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation

from local.client import Client, wait_until
from local.instance import ROOT, Endpoints
from tests.integration.behind import PHOTO
from tests.proof import FULL
from tests.running import IN_PROCESS

# Of a deployed cloud a sample is asked: what it adds is the gateway, and roles that are enforced.
SAMPLED = not (IN_PROCESS or FULL)
EVERY = 25 if SAMPLED else 1
EXAMPLES = 1 if SAMPLED else 8
# A busy machine.
TIMEOUT_SECONDS = 60
BOTH = list(GenerationMode)
GENERATION = GenerationConfig(
    modes=BOTH,
    deterministic=True,
    # Links from elsewhere carry parameters of their own, which are ignored.
    allow_extra_parameters=False,
)
DESCRIPTION = json.loads((ROOT / "docs" / "openapi.json").read_text())
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION, config=SchemathesisConfig())
OPERATIONS: dict[str, APIOperation] = {
    operation.label: operation
    for operation in (
        SCHEMA[path][method.upper()] for path in DESCRIPTION["paths"] for method in DESCRIPTION["paths"][path]
    )
}

# API Gateway answers a method that a path does not have as it answers a path that there is not: 404.
NEVER = CHECKS.get_by_names(["unsupported_method"])
ACCEPTANCE = CHECKS.get_by_names(["positive_data_acceptance"])
# At random, a text may hold what no schema says, and a broken query may differ by what is ignored alone.
VERDICTS = CHECKS.get_by_names(["positive_data_acceptance", "negative_data_rejection"])
# What no schema can say of a valid request.
UNSAID = {
    "POST /v1/auth/confirm": "the code",
    "POST /v1/auth/sign-up": "which passwords are too common",
    "POST /v1/auth/reset-password": "the code",
    "POST /v1/media": "which types of content are accepted",
    "GET /v1/media/{mediaId}/hls/{playlist}": "the token",
    "GET /v1/media/{mediaId}/upload": "that it is in parts",
    "POST /v1/media/{mediaId}/upload/complete": "that it is in parts",
    "POST /v1/posts": "each medium only once",
    "POST /v1/posts/{postId}/comments": "which comment is answered",
    "PATCH /v1/users/me": "a web address, a phone number, which pictures there are",
    "GET /oembed": "which links are ours",
    "PUT /v1/users/{userId}/post-notifications": "that one follows",
    "GET /v1/explore": "that a point has both",
    "GET /v1/explore/trending": "that a point has both",
}


@pytest.fixture(scope="module")
def person_for(join: Callable[[str], Client]) -> Callable[[str], Client]:
    """Who tries a route: one person for all that only read, a new one for each that changes something."""
    reader = join("rita")
    return lambda label: reader if label.startswith("GET ") else join("tess")


@pytest.fixture(scope="module")
def neighbour(join: Callable[[str], Client]) -> Client:
    """Somebody to follow or to block."""
    return join("nell")


def things(person: Client, neighbour: Client, names: set[str]) -> dict[str, str]:
    """Values for the parameters of a path."""
    found = {"userId": neighbour.user_id, "hashtag": "sunset", "sessionId": "another-device", "name": "ember"}
    found |= {"playlist": "master.m3u8", "picture": "thumb"}
    if "username" in names:
        found["username"] = neighbour.get("/users/me")["username"]
    if "exportId" in names:
        found["exportId"] = person.post("/users/me/export", {})["exportId"]
    if "mediaId" in names:
        found["mediaId"] = person.upload(PHOTO)
    if names & {"postId", "commentId", "shortcode"}:
        post_id = found["postId"] = person.create_post([person.upload(PHOTO)])["postId"]
        wait_until(lambda: person.get(f"/posts/{post_id}")["status"] == "published", what="the post")
        found["shortcode"] = person.get(f"/posts/{post_id}/share-link")["url"].rpartition("/")[2]
        found["commentId"] = person.post(f"/posts/{post_id}/comments", {"content": "Mine"})["commentId"]
    if "storyId" in names:
        found["storyId"] = person.post("/stories", {"mediaId": person.upload(PHOTO, purpose="story")})["storyId"]
    return {name: found[name] for name in names}


def systematic(operation: APIOperation) -> Iterator[Case]:
    for case in SCHEMA.iter_coverage_cases(operation, generation_modes=BOTH, generation_config=GENERATION):
        # Cursors are the server's own, and no method is asked for that there is not.
        made_up = "cursor" in (case.query or {}) and case.meta and case.meta.generation.mode is GenerationMode.POSITIVE
        if case.method.upper() == operation.method.upper() and not made_up:
            yield case


@pytest.fixture
def answers_only(request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[None]]:
    """Answers are what is judged here: in the test process, what follows from the requests waits until they end."""
    return request.getfixturevalue("platform").events.held if IN_PROCESS else nullcontext


@pytest.mark.sampled
@pytest.mark.parametrize("label", OPERATIONS)
def test_operation_conforms_to_openapi(
    label: str,
    person_for: Callable[[str], Client],
    neighbour: Client,
    endpoints: Endpoints,
    answers_only: Callable[[], AbstractContextManager[None]],
) -> None:
    # given
    operation, person = OPERATIONS[label], person_for(label)
    assert person.session
    headers = {"Authorization": f"Bearer {person.session.access_token}"}
    site = endpoints.api_url.removesuffix("/v1")
    path = things(person, neighbour, {parameter.name for parameter in operation.path_parameters})

    def check(case: Case, excluded: list) -> None:
        part = case.meta and case.meta.components.get(ParameterLocation.PATH)
        if part and part.mode is GenerationMode.POSITIVE:
            case.path_parameters = path
        case.call_and_validate(site, headers=headers, excluded_checks=excluded, timeout=TIMEOUT_SECONDS)

    with answers_only():
        # then: at the bounds
        for case in islice(systematic(operation), 0, None, EVERY):
            check(case, NEVER + ACCEPTANCE if label in UNSAID else NEVER)
        # and at random
        at_random(operation, lambda case: check(case, NEVER + VERDICTS))


def at_random(operation: APIOperation, check: Callable[[Case], None]) -> None:
    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in BOTH)))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    def checked(case: Case) -> None:
        check(case)

    checked()
