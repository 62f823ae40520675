"""API Gateway's part, played in the test process."""

import json
from typing import Any

from tests.process.assembly import GatewayAnswer, Route
from tests.process.gateway import BASE, Gateway, Request

NOT_FOUND = GatewayAnswer(404, {"Content-Type": "application/problem+json"}, '{"requestId": "$context.requestId"}')
BROKEN = GatewayAnswer(503, {}, "{}")
ROUTES = [
    Route("GET", "/v1/users/{userId}", "accounts", {}),
    Route("GET", "/v1/users/me", "me", {}),
    Route("OPTIONS", "/v1/users/me", "", {"Access-Control-Allow-Methods": "GET"}),
]


def gateway(answer: Any) -> tuple[Gateway, list[tuple[str, dict[str, Any]]]]:
    asked: list[tuple[str, dict[str, Any]]] = []

    def invoke(function: str, event: dict[str, Any]) -> Any:
        asked.append((function, event))
        return answer(event) if callable(answer) else answer

    answers = {"MISSING_AUTHENTICATION_TOKEN": NOT_FOUND, "INTEGRATION_FAILURE": BROKEN}
    return Gateway(ROUTES, answers, invoke, settle=lambda: None), asked


def request(method: str, target: str) -> Request:
    return Request(method, BASE + target, {"x-forwarded-for": "203.0.113.7, 10.0.0.1"}, b"")


def test_literal_path_goes_before_a_parameter() -> None:
    served, asked = gateway({"statusCode": 200, "body": "{}"})
    for target in ("/v1/users/me", "/v1/users/ada"):
        assert served.answer(request("GET", target)).status == 200
    assert [(function, event["pathParameters"]) for function, event in asked] == [
        ("me", None),
        ("accounts", {"userId": "ada"}),
    ]


def test_event_is_that_of_a_rest_api() -> None:
    served, asked = gateway({"statusCode": 200, "body": "{}"})
    served.answer(request("GET", "/v1/users/a%20b?tag=one&tag=two&empty="))
    [(_, event)] = asked
    assert event["path"] == "/v1/users/a b"
    assert event["queryStringParameters"] == {"tag": "one", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"tag": ["one", "two"], "empty": [""]}
    assert event["requestContext"]["identity"]["sourceIp"] == "203.0.113.7"


def test_headers_of_the_function_are_passed_on() -> None:
    served, _ = gateway({"statusCode": 201, "multiValueHeaders": {"Link": ["a", "b"]}, "body": "made"})
    answer = served.answer(request("GET", "/v1/users/me"))
    assert (answer.status, answer.headers, answer.body) == (201, [("Link", "a"), ("Link", "b")], b"made")


def test_unknown_route_gets_the_answer_of_the_template() -> None:
    served, asked = gateway({"statusCode": 200})
    answer = served.answer(request("POST", "/v1/users/me"))
    assert (answer.status, asked) == (404, [])
    assert json.loads(answer.body)["requestId"] != "$context.requestId"


def test_preflight_is_answered_without_a_function() -> None:
    served, asked = gateway({"statusCode": 200})
    answer = served.answer(request("OPTIONS", "/v1/users/me"))
    assert (answer.status, answer.headers, asked) == (204, [("Access-Control-Allow-Methods", "GET")], [])


def test_function_that_raises_is_a_fault() -> None:
    def broken(_event: dict[str, Any]) -> Any:
        raise RuntimeError("a secret")

    served, _ = gateway(broken)
    answer = served.answer(request("GET", "/v1/users/me"))
    assert (answer.status, b"secret" in answer.body) == (503, False)
    assert served.faults == ["me: RuntimeError: a secret"]
