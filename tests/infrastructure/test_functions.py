"""Every function: runtime, settings, and no more permissions than the catalogue gives it."""

import ast
from typing import Any

import pytest

from infrastructure.catalogue import ALL_FUNCTIONS
from infrastructure.specs import FunctionSpec
from infrastructure.tables import TABLES
from tests.infrastructure.conftest import ROOT, Resource, Templates

# What it takes to work with a table, written a second time on purpose: a change must be meant.
READ_ACTIONS = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem")
WRITE_ACTIONS = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
SPECS = {spec.full_name: spec for spec in ALL_FUNCTIONS}


def functions(templates: Templates) -> dict[str, Resource]:
    """All that is the platform's; the page that documents the API is a local cloud's own."""
    deployed = templates.named("AWS::Lambda::Function", "FunctionName")
    return {name: function for name, function in deployed.items() if name != "heliograph-api-docs"}


def statements(templates: Templates, function: Resource) -> list[dict[str, Any]]:
    return statements_of(templates, function.stack, function.properties["Role"])


def statements_of(templates: Templates, stack: str, role: Any) -> list[dict[str, Any]]:
    """What a role may do, which is referred to by its ARN."""
    policies = templates.get(stack, role["Fn::GetAtt"][0])["Policies"]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """An ARN with its references left out."""
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join(part if isinstance(part, str) else "*ref*" for part in value["Fn::Join"][1])
    return value if isinstance(value, str) else "*ref*"


def tables_touched(templates: Templates, function: Resource, actions: tuple[str, ...]) -> set[str]:
    return {path.partition("/")[0] for path in paths_touched(templates, function, actions)}


def paths_touched(templates: Templates, function: Resource, actions: tuple[str, ...]) -> set[str]:
    """Tables, and indexes as `table/index/name`."""
    return {
        text(resource).partition(":table/heliograph-")[2]
        for statement in statements(templates, function)
        if set(actions) <= set(as_list(statement["Action"]))
        for resource in as_list(statement["Resource"])
    }


def test_every_function_of_the_catalogue_is_deployed(either: Templates):
    assert set(functions(either)) == {f"heliograph-{name}" for name in SPECS}


def test_functions_have_their_runtime_architecture_and_tracing(either: Templates):
    for function in functions(either).values():
        properties = function.properties
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["TracingConfig"] == {"Mode": "Active"}


def test_functions_have_their_own_role_and_expiring_log_group(either: Templates):
    built = functions(either)
    roles = [(f.stack, f.properties["Role"]["Fn::GetAtt"][0]) for f in built.values()]
    log_groups = either.named("AWS::Logs::LogGroup", "LogGroupName") if built else {}
    assert len(set(roles)) == len(built)
    for name in built:
        assert log_groups[f"/aws/lambda/{name}"].properties["RetentionInDays"] == 30


@pytest.mark.parametrize("spec", ALL_FUNCTIONS, ids=lambda spec: spec.full_name)
def test_a_function_reads_and_writes_the_tables_it_declares_and_no_others(aws: Templates, spec: FunctionSpec):
    function = functions(aws)[f"heliograph-{spec.full_name}"]
    assert tables_touched(aws, function, READ_ACTIONS) == {*spec.reads, *spec.writes}
    assert tables_touched(aws, function, WRITE_ACTIONS) == set(spec.writes)
    assert {path for path in paths_touched(aws, function, READ_ACTIONS) if "/" in path} == {
        f"{table.name}/index/{index.name}"
        for table in TABLES
        for index in table.indexes
        if table.name in {*spec.reads, *spec.writes}
    }


def test_no_function_may_scan_or_administer_a_table_or_use_a_service_wildcard(aws: Templates):
    for name, function in functions(aws).items():
        actions = {action for s in statements(aws, function) for action in as_list(s["Action"])}
        assert not {action for action in actions if "*" in action}, name
        assert not {"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:UpdateTable"} & actions, name


def test_wildcard_resources_are_for_actions_without_resources_only(aws: Templates):
    # given tracing, everywhere, metrics, where the load is watched, and the model that judges pictures
    tracing = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    judging = {f"heliograph-media-{name}" for name in ("resize", "resize-first", "video-moderate")}
    expected = dict.fromkeys(functions(aws), tracing) | {
        "heliograph-kernel-load": {*tracing, "cloudwatch:GetMetricData"},
        **{name: {*tracing, "rekognition:DetectModerationLabels"} for name in judging},
    }
    # then
    for name, function in functions(aws).items():
        open_actions = {
            action
            for statement in statements(aws, function)
            if "*" in as_list(statement["Resource"])
            for action in as_list(statement["Action"])
        }
        assert open_actions == expected[name], name


def test_only_the_accounts_api_may_sign_tokens(aws: Templates):
    signers = {
        name
        for name, function in functions(aws).items()
        if any("kms:Sign" in as_list(statement["Action"]) for statement in statements(aws, function))
    }
    assert signers == {"heliograph-accounts-api"}


def test_uploads_are_touched_where_uploads_are_only(either: Templates):
    touched = {
        text(resource).partition(":heliograph-uploads-")[2].partition("/")[2]
        for function in functions(either).values()
        for statement in statements(either, function)
        for resource in as_list(statement["Resource"])
        if ":heliograph-uploads-" in text(resource)
    }
    # The bucket itself is listed.
    assert touched == {"", "uploads/*", "videos/*"}


def test_former_renditions_can_be_marked_for_deletion(either: Templates):
    """No emulator asks for the permission to tag an object."""
    allowed = {
        action
        for statement in statements(either, functions(either)["heliograph-media-render"])
        for action in as_list(statement["Action"])
        if any(text(resource).endswith("/m/*") for resource in as_list(statement["Resource"]))
    }
    assert {"s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"} <= allowed


def test_third_party_layers_exist_on_aws_only(local: Templates, aws: Templates):
    for name, spec in SPECS.items():
        assert len(functions(local)[f"heliograph-{name}"].properties["Layers"]) == 1
        assert len(functions(aws)[f"heliograph-{name}"].properties["Layers"]) == 1 + len(spec.layers)


def test_recursion_is_allowed_for_functions_that_continue_by_messages_only(aws: Templates):
    # given that Lambda stops a chain of messages after sixteen, unless it is told not to
    circling = {name for name, built in functions(aws).items() if built.properties.get("RecursiveLoop") == "Allow"}
    # then
    fanning_out = {f"heliograph-feed-{name}" for name in ("fanout", "fanout-page", "fanout-page-many")}
    waiting = {"heliograph-discovery-index", "heliograph-discovery-authors"}
    assert circling == {*fanning_out, "heliograph-graph-open-requests", *waiting}


def test_the_declared_tables_exist():
    names = {spec.name for spec in TABLES}
    assert {table for spec in ALL_FUNCTIONS for table in (*spec.reads, *spec.writes)} <= names


@pytest.mark.parametrize("spec", ALL_FUNCTIONS, ids=lambda spec: spec.full_name)
def test_the_handler_exists(spec: FunctionSpec):
    module, _, name = spec.handler.rpartition(".")
    base = ROOT if module.startswith("functions.") else ROOT / "layers" / "shared" / "python"
    tree = ast.parse((base / f"{module.replace('.', '/')}.py").read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in defined


def test_settings_name_what_the_function_may_use(local: Templates):
    # given the function that hands out upload forms on a local cloud
    variables = functions(local)["heliograph-media-api"].properties["Environment"]["Variables"]
    # then signed URLs point at the emulator as its clients see it, and nothing it may not use is named
    assert variables["S3_PUBLIC_ENDPOINT"] == "http://localhost:4566"
    assert variables["MEDIA_DELIVERY"] == "presigned"
    assert not {"SEARCH_ENDPOINT", "MAIL_SENDER", "FANOUT_QUEUE_URL", "EVENT_BUS"} & set(variables)


def test_accounts_must_be_confirmed_on_aws_but_not_locally(local: Templates, aws: Templates):
    def setting(templates: Templates) -> str:
        variables = functions(templates)["heliograph-accounts-api"].properties["Environment"]["Variables"]
        return variables["REQUIRE_CONFIRMATION"]

    assert (setting(local), setting(aws)) == ("false", "true")
