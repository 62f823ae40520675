"""The API's conventions, through a resolver of two small routes."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Path

from heliograph import admission, clock, http, live, tokens
from heliograph.errors import Conflict, Invalid, NotFound, TooManyRequests, Unauthenticated
from heliograph.limits import Limit
from heliograph.load import Load
from tests.unit.requests import answer, request

ThingId = Annotated[str, Path(alias="thingId"), http.AN_ID]
Name = Annotated[str, Path(alias="name"), http.PERCENT_DECODED]
SIGNED_IN = {"Authorization": "Bearer good"}


class NewThing(http.Body):
    full_name: str


class Thing(http.View):
    thing_id: str
    made_at: http.Time


DEAR = Limit("dear", burst=2, per_second=0.1)
app = http.resolver()
RAISED: dict[str, Exception] = {
    "missing": NotFound(),
    "clash": Conflict("twice"),
    "wrong": Invalid.field("fullName", "too short"),
    "busy": TooManyRequests(7),
    "bug": KeyError("a secret"),
}


@app.post("/v1/things/<thingId>", status_code=201)
def create(thing_id: ThingId, body: NewThing, caller: http.SignedIn) -> Thing:
    return Thing(thing_id=f"{thing_id}-{body.full_name}-{caller.user_id}", made_at=clock.now())


@app.get("/v1/things/<thingId>", middlewares=[http.conditional])
def read(thing_id: ThingId) -> Thing:
    if thing_id in RAISED:
        raise RAISED[thing_id]
    return Thing(thing_id=thing_id, made_at=clock.now())


@app.get("/v1/names/<name>")
def read_name(name: Name) -> dict[str, str]:
    return {"name": name}


@app.delete("/v1/things/<thingId>", status_code=204)
def delete(thing_id: ThingId) -> None:
    """Nothing to do."""


@app.post("/v1/dear", status_code=204, middlewares=[http.limited(DEAR)])
def do_what_is_dear() -> None:
    """Nothing to do."""


handle = http.handler(app)


@dataclass(frozen=True)
class Call:
    context: Any

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return handle(request(*args, **kwargs), self.context)


@pytest.fixture
def call(context: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> Call:
    def verify(token: str) -> tokens.Caller:
        if token != "good":
            raise Unauthenticated("The token is not valid")
        return tokens.Caller("ada", "phone", "ada")

    monkeypatch.setattr(tokens, "verify", verify)
    return Call(context)


def test_an_answer_is_camel_case_with_times_in_utc_milliseconds(call: Call) -> None:
    status, body = answer(call("POST", "/v1/things/1", {"fullName": "x"}, SIGNED_IN))
    assert (status, body) == (201, {"thingId": "1-x-ada", "madeAt": "2026-11-22T14:00:00.000Z"})


@pytest.mark.parametrize(
    ("thing", "status", "detail"),
    [
        ("missing", 404, "Not found"),
        ("clash", 409, "twice"),
        ("wrong", 422, "fullName: too short"),
        ("busy", 429, "Try again in 7 seconds"),
        ("bug", 500, "Internal error"),
    ],
)
def test_a_failure_is_a_problem_that_tells_no_secret(call: Call, thing: str, status: int, detail: str) -> None:
    response = call("GET", f"/v1/things/{thing}")
    body = answer(response)[1]
    assert response["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    assert (body["status"], body["detail"]) == (status, detail)
    assert (body["instance"], body["requestId"]) == (f"/v1/things/{thing}", "request-1")
    assert "secret" not in response["body"]


def test_invalid_fields_are_listed(call: Call) -> None:
    status, body = answer(call("POST", "/v1/things/1", {"fullName": 3, "extra": 1}, SIGNED_IN))
    assert status == 422
    assert {error["field"] for error in body["errors"]} == {"fullName", "extra"}


def test_rate_limited_answer_has_retry_after(call: Call) -> None:
    assert call("GET", "/v1/things/busy")["multiValueHeaders"]["Retry-After"] == ["7"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer bad"}, {"Authorization": "Basic good"}])
def test_missing_sign_in_is_reported_before_other_errors(call: Call, headers: dict[str, str]) -> None:
    assert call("POST", "/v1/things/1", {"nonsense": 1}, headers)["statusCode"] == 401
    assert call("POST", "/v1/things/1", {"fullName": "x"}, headers)["statusCode"] == 401


def test_the_authorization_header_is_found_in_any_case(call: Call) -> None:
    assert call("POST", "/v1/things/1", {"fullName": "x"}, {"authorization": "Bearer good"})["statusCode"] == 201


@pytest.mark.parametrize("body", ["{nope", "[" * 30_000, "9" * 5_000], ids=["no JSON", "too deep", "too long a number"])
def test_a_body_that_cannot_be_read_is_malformed(call: Call, body: str) -> None:
    assert call("POST", "/v1/things/1", body, SIGNED_IN)["statusCode"] == 400


@pytest.mark.parametrize("field", ["fullName", "nonsense"])
def test_a_body_over_64_kilobytes_is_too_large_whatever_is_in_it(call: Call, field: str) -> None:
    assert call("POST", "/v1/things/1", {field: "x" * 65_536}, SIGNED_IN)["statusCode"] == 413


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
)
def test_a_body_of_another_type_is_refused(call: Call, content_type: str) -> None:
    headers = {**SIGNED_IN, "content-type": content_type}
    assert call("POST", "/v1/things/1", {"fullName": "x"}, headers)["statusCode"] == 415


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_a_body_may_say_that_it_is_json(call: Call, content_type: str) -> None:
    headers = {**SIGNED_IN, "content-type": content_type}
    assert call("POST", "/v1/things/1", {"fullName": "x"}, headers)["statusCode"] == 201


@pytest.mark.parametrize("path", ["/v1/things/a%20b", "/v1/things/" + "x" * 65, "/v1/nothing"])
def test_what_cannot_be_an_id_or_a_route_is_not_found(call: Call, path: str) -> None:
    status, body = answer(call("GET", path))
    assert (status, body["status"]) == (404, 404)


@pytest.mark.parametrize("path", ["/v1/names/caf%C3%A9", "/v1/names/café"])
def test_text_in_a_path_is_the_same_however_the_gateway_hands_it_over(call: Call, path: str) -> None:
    assert answer(call("GET", path))[1] == {"name": "café"}


def test_no_content_has_no_body(call: Call) -> None:
    response = call("DELETE", "/v1/things/1")
    assert (response["statusCode"], response["body"]) == (204, "")


def test_a_client_that_has_the_current_answer_gets_304(call: Call) -> None:
    first = call("GET", "/v1/things/1")
    etag = first["multiValueHeaders"]["ETag"][0]
    again = call("GET", "/v1/things/1", headers={"If-None-Match": f'"other", {etag}'})
    other = call("GET", "/v1/things/2", headers={"If-None-Match": etag})
    assert (again["statusCode"], again["body"]) == (304, "")
    assert other["statusCode"] == 200
    assert call("GET", "/v1/things/1", headers={"If-None-Match": "x" * 2000})["statusCode"] == 422


# --- Rate limits ----------------------------------------------------------------------------------------------------


def rates(response: dict[str, Any]) -> tuple[int, ...]:
    """Limit, remaining and reset, as the headers tell."""
    return tuple(int(response["multiValueHeaders"][f"RateLimit-{name}"][0]) for name in ("Limit", "Remaining", "Reset"))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (("GET", "/v1/things/1"), 200),
        (("DELETE", "/v1/things/1"), 204),
        (("GET", "/v1/things/1", None, {"If-None-Match": "ETAG"}), 304),
        (("POST", "/v1/things/1", "{nope", SIGNED_IN), 400),
        (("POST", "/v1/things/1", {"fullName": "x"}), 401),
        (("GET", "/v1/things/missing"), 404),
        (("GET", "/v1/nothing"), 404),
        (("POST", "/v1/things/1", "x" * 65_537), 413),
        (("POST", "/v1/things/1", {}, SIGNED_IN), 422),
        (("GET", "/v1/things/busy"), 429),
        (("GET", "/v1/things/bug"), 500),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_every_answer_tells_how_much_is_left(call: Call, given: tuple[Any, ...], status: int) -> None:
    # given what was asked for before
    etag = call("GET", "/v1/things/1")["multiValueHeaders"]["ETag"][0]
    # when
    method, path, body, headers = (*given, *(None,) * (4 - len(given)))
    response = call(method, path, body, {name: value.replace("ETAG", etag) for name, value in (headers or {}).items()})
    # then
    assert response["statusCode"] == status
    limit, remaining, reset = rates(response)
    assert limit in (admission.ACCOUNT.burst, admission.ADDRESS.burst)
    assert 0 < remaining < limit
    assert reset > 0


def test_browsers_may_read_the_headers(call: Call) -> None:
    headers = call("GET", "/v1/things/1", headers={"Origin": "https://heliograph.example"})["multiValueHeaders"]
    exposed = ",".join(headers["Access-Control-Expose-Headers"]).split(",")
    assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "ETag"} <= set(exposed)


def test_rate_limit_is_checked_before_the_request_is_read(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    # given an account with three requests
    monkeypatch.setattr(live, "read", lambda _model: Load(factor=0.1))
    monkeypatch.setattr(admission, "ACCOUNT", Limit("account", burst=30, per_second=1))
    statuses = [call("GET", "/v1/things/1", None, SIGNED_IN)["statusCode"] for _ in range(3)]
    # when
    refused = call("POST", "/v1/things/1", {"nonsense": 1}, SIGNED_IN)
    # then
    assert statuses == [200] * 3
    assert (refused["statusCode"], refused["multiValueHeaders"]["Retry-After"]) == (429, ["10"])
    assert refused["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    assert rates(refused) == (3, 0, 30)
    # and the others are not
    assert call("GET", "/v1/things/1")["statusCode"] == 200


def test_expensive_route_has_its_own_limit_per_address(call: Call) -> None:
    # when
    answers = [call("POST", "/v1/dear") for _ in range(3)]
    # then
    assert [response["statusCode"] for response in answers] == [204, 204, 429]
    assert rates(answers[2]) == (2, 0, 20)
    # and another address, and another route, go on
    assert call("POST", "/v1/dear", address="203.0.113.8")["statusCode"] == 204
    assert call("GET", "/v1/things/1")["statusCode"] == 200


def test_a_bad_token_is_paid_for_by_the_address(call: Call) -> None:
    responses = [call("POST", "/v1/things/1", {"fullName": "x"}, {"Authorization": "Bearer bad"}) for _ in range(2)]
    assert [rates(response)[:2] for response in responses] == [
        (admission.ADDRESS.burst, admission.ADDRESS.burst - spent) for spent in (1, 2)
    ]


def test_a_token_is_verified_once(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    verified: list[str] = []
    monkeypatch.setattr(tokens, "verify", lambda token: verified.append(token) or tokens.Caller("ada", "phone", "ada"))
    # when
    call("POST", "/v1/things/1", {"fullName": "x"}, SIGNED_IN)
    # then
    assert verified == ["good"]
