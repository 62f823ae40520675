"""The REST API against the document that it is made from."""

import json
from pathlib import Path
from typing import Any

import pytest

from infrastructure.openapi import Route, routes
from tests.infrastructure.conftest import OPENAPI, Templates

STACK = "heliograph-api"


def methods(templates: Templates) -> dict[tuple[str, str], dict[str, Any]]:
    """Every method of the API by path and verb."""
    resources = {r.logical_id: r.properties for r in templates.of_type("AWS::ApiGateway::Resource")}

    def path(reference: dict[str, Any]) -> str:
        resource = resources.get(reference.get("Ref", ""))
        return f"{path(resource['ParentId'])}/{resource['PathPart']}" if resource else ""

    return {
        (path(method.properties["ResourceId"]), method.properties["HttpMethod"]): method.properties
        for method in templates.of_type("AWS::ApiGateway::Method")
    }


def written(folder: Path, paths: dict[str, Any]) -> Path:
    document = folder / "openapi.json"
    document.write_text(json.dumps({"paths": paths}))
    return document


def test_each_operation_goes_to_the_function_of_its_tag(either: Templates):
    functions = {f.logical_id: f.properties["FunctionName"] for f in either.of_type("AWS::Lambda::Function")}
    declared = {key: method for key, method in methods(either).items() if key[0] != "/v1/docs"}
    expected = routes(OPENAPI)
    assert {key for key in declared if key[1] != "OPTIONS"} == {(route.path, route.method) for route in expected}
    for route in expected:
        integration = declared[route.path, route.method]["Integration"]
        parts = integration["Uri"]["Fn::Join"][1]
        (function,) = [part["Fn::GetAtt"][0] for part in parts if isinstance(part, dict)]
        assert functions[function] == f"heliograph-{route.capability}-api"
        assert integration["Type"] == "AWS_PROXY"


def test_each_path_answers_a_preflight_without_a_function(either: Templates):
    declared = methods(either)
    paths = {path for path, _ in declared}
    assert {path for path, verb in declared if verb == "OPTIONS"} == paths
    options = declared["/v1/users/{userId}/follow", "OPTIONS"]
    (answer,) = options["Integration"]["IntegrationResponses"]
    headers = answer["ResponseParameters"]
    assert options["Integration"]["Type"] == "MOCK"
    assert headers["method.response.header.Access-Control-Allow-Methods"] == "'DELETE,PUT'"
    assert headers["method.response.header.Access-Control-Allow-Origin"] == "'*'"
    allowed = headers["method.response.header.Access-Control-Allow-Headers"].strip("'").split(",")
    assert set(allowed) == {"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"}


def test_requests_have_a_ceiling(either: Templates):
    (stage,) = either.of_type("AWS::ApiGateway::Stage")
    (settings,) = stage.properties["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["ThrottlingBurstLimit"] > 0


def test_browsers_may_read_the_gateways_own_errors(either: Templates):
    answers = either.of_type("AWS::ApiGateway::GatewayResponse")
    assert answers
    for answer in answers:
        parameters = answer.properties["ResponseParameters"]
        assert parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"


def test_one_permission_per_function(aws: Templates):
    permissions = [p.properties for p in aws.of_type("AWS::Lambda::Permission") if p.stack == STACK]
    assert len(permissions) == 7
    assert {permission["Principal"] for permission in permissions} == {"apigateway.amazonaws.com"}


def test_the_gateways_own_errors_are_problems(either: Templates):
    answers = either.named("AWS::ApiGateway::GatewayResponse", "ResponseType")
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED"} <= set(answers)
    for answer in answers.values():
        problem = json.loads(answer.properties["ResponseTemplates"]["application/json"])
        assert {"type", "title", "detail", "requestId"} <= set(problem)
        assert str(problem.get("status", "")) == answer.properties.get("StatusCode", "")
        content_type = answer.properties["ResponseParameters"]["gatewayresponse.header.Content-Type"]
        assert content_type == "'application/problem+json'"


def test_the_local_api_has_a_known_address(local: Templates):
    (api,) = local.of_type("AWS::ApiGateway::RestApi")
    tags = {tag["Key"]: tag["Value"] for tag in api.properties["Tags"]}
    assert {"ms-custom-id": "heliograph", "_custom_id_": "heliograph"}.items() <= tags.items()


def test_changed_routes_are_deployed(local: Templates, changed: Templates):
    # given one route more
    assert methods(changed).keys() - methods(local).keys() >= {("/v1/filters", "GET")}
    # then the stage gets a new deployment, which is a snapshot of the routes
    (before,) = local.of_type("AWS::ApiGateway::Deployment")
    (after,) = changed.of_type("AWS::ApiGateway::Deployment")
    assert before.logical_id != after.logical_id


def test_the_deployment_waits_for_every_method(local: Templates):
    (deployment,) = local.of_type("AWS::ApiGateway::Deployment")
    assert {m.logical_id for m in local.of_type("AWS::ApiGateway::Method")} <= set(deployment.raw["DependsOn"])


def test_an_operation_without_a_capability_is_refused(tmp_path):
    with pytest.raises(ValueError, match="first tag"):
        routes(written(tmp_path, {"/v1/lost": {"get": {"tags": ["nobody"]}}}))


def test_members_of_a_path_that_are_not_operations_are_skipped(tmp_path):
    document = written(tmp_path, {"/v1/feed": {"parameters": [], "get": {"tags": ["feed"]}}})
    assert routes(document) == [Route("/v1/feed", "GET", "feed")]


def test_a_missing_document_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="make openapi"):
        routes(tmp_path / "openapi.json")


def test_the_endpoints_are_outputs_of_one_stack(either: Templates):
    assert {
        "ApiUrl", "MediaDistributionDomain", "UploadsBucket", "MediaBucket", "SearchEndpoint", "SigningKeyId",
    } <= set(either.stacks[STACK]["Outputs"])  # fmt: skip


def test_the_api_on_aws_is_behind_a_firewall_and_logged(aws: Templates):
    (stage,) = aws.of_type("AWS::ApiGateway::Stage")
    assert "AccessLogSetting" in stage.properties
    assert "Authorization" not in stage.properties["AccessLogSetting"]["Format"]
    assert len(aws.of_type("AWS::WAFv2::WebACLAssociation")) == 1
