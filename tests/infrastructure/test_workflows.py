"""State machines: complete, in order, and with no more rights than the functions they call."""

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from infrastructure.video_workflow import VIDEO
from infrastructure.workflows import ERASURE_STEPS, EXPORT_STEPS, Machine
from tests.infrastructure.conftest import Resource, Templates
from tests.infrastructure.test_functions import as_list, statements_of, text

CAPABILITIES = ("accounts", "media", "graph", "posts", "stories", "feed", "discovery")
States = dict[str, dict[str, Any]]


def machine(templates: Templates, name: Machine) -> Resource:
    return templates.named("AWS::StepFunctions::StateMachine", "StateMachineName")[f"heliograph-{name}"]


def definition(templates: Templates, name: Machine) -> dict[str, Any]:
    return json.loads(text(machine(templates, name).properties["DefinitionString"]))


def personal(capability: str) -> Any:
    return importlib.import_module(f"functions.{capability}.personal")


@pytest.fixture(params=list(Machine))
def states(request: pytest.FixtureRequest, either: Templates) -> States:
    return definition(either, request.param)["States"]


def test_workflows_ask_for_exactly_the_sections_of_each_capability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMESPACE", "test")
    for steps, name in ((EXPORT_STEPS, "EXPORTS"), (ERASURE_STEPS, "ERASURES")):
        known = {
            (capability, section) for capability in CAPABILITIES for section in getattr(personal(capability), name)
        }
        assert {(step.capability, step.section) for step in steps} == known
        assert len(steps) == len(known)


def test_erasure_order_leaves_nothing_behind() -> None:
    order = [step.section for step in ERASURE_STEPS]
    before: Callable[[str, str], bool] = lambda first, second: order.index(first) < order.index(second)  # noqa: E731
    assert before("media", "posts"), "or former versions of their files stay"
    assert before("media", "stories")
    assert before("posts", "ties"), "or followers are not told"
    assert before("ties", "feed"), "or it fills again"
    assert order[-1] == "account", "or nobody knows whose erasure it is"


def test_every_state_has_a_successor_and_every_task_retries(states: States) -> None:
    for name, state in states.items():
        following = [
            *(state[key] for key in ("Next", "Default") if key in state),
            *(choice["Next"] for choice in state.get("Choices", [])),
            *(catch["Next"] for catch in state.get("Catch", [])),
        ]
        assert set(following) <= set(states), name
        assert following or state.get("End") or state["Type"] in ("Succeed", "Fail"), name
        if state["Type"] == "Task":
            assert "States.TaskFailed" in state["Retry"][0]["ErrorEquals"]


def test_every_section_runs_from_start_to_end(states: States) -> None:
    pages = states["Start"]["Result"]
    sections = {name: state for name, state in states.items() if "section" in state.get("Parameters", {})}
    assert {state["Parameters"]["section"] for state in sections.values()} == set(pages)
    for name, state in sections.items():
        section = state["Parameters"]["section"]
        assert pages[section] == {"position": None, "page": 0, "done": 0}, "null must not be lost on the way"
        assert state["ResultPath"] == f"$.pages.{section}"
        more = states[state["Next"]]
        assert more["Choices"][0]["Variable"] == f"$.pages.{section}.position"
        assert (more["Choices"][0]["IsNull"], more["Default"]) == (True, name)


def test_erasure_waits_then_asks_again_and_can_be_redriven(either: Templates) -> None:
    found = definition(either, Machine.ERASURE)
    states = found["States"]
    assert found["StartAt"] == "Wait"
    assert states["Wait"] == {"Type": "Wait", "TimestampPath": "$.deletesAt", "Next": "Begin"}
    assert states["Begin"]["Next"] == "Verdict"
    assert states["Verdict"]["Default"] == "Cancelled", "only a go goes on"
    assert [name for name, state in states.items() if "Catch" in state] == []


def test_failed_export_is_recorded(either: Templates) -> None:
    states = definition(either, Machine.EXPORT)["States"]
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task" and name != "NoteFailure"}
    assert {state["Catch"][0]["Next"] for state in tasks.values()} == {"NoteFailure"}
    assert states["NoteFailure"]["Next"] == "Failed"
    assert states["Failed"]["Type"] == "Fail", "so that the alarm rings"


@pytest.mark.parametrize("name", list(Machine))
def test_a_state_machine_may_call_its_functions_and_nothing_else(aws: Templates, name: Machine) -> None:
    resource = machine(aws, name)
    called = {state["Resource"] for state in definition(aws, name)["States"].values() if "Resource" in state}
    granted = statements_of(aws, resource.stack, resource.properties["RoleArn"])
    invoke, *telemetry = granted
    assert as_list(invoke["Action"]) == ["lambda:InvokeFunction"]
    assert {text(arn) for arn in as_list(invoke["Resource"])} == called
    actions = {action for statement in telemetry for action in as_list(statement["Action"])}
    assert {action.partition(":")[0] for action in actions} == {"logs", "xray"}


@pytest.mark.parametrize("name", list(Machine))
def test_workflow_logs_hold_no_personal_data(aws: Templates, local: Templates, name: Machine) -> None:
    properties = machine(aws, name).properties
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert properties["TracingConfiguration"] == {"Enabled": True}
    assert "LoggingConfiguration" not in machine(local, name).properties


def test_failed_execution_raises_an_alarm(aws: Templates) -> None:
    watched = {
        (alarm.properties["MetricName"], text(alarm.properties["Dimensions"][0]["Value"]).rpartition(":")[2])
        for alarm in aws.of_type("AWS::CloudWatch::Alarm")
        if alarm.properties["Namespace"] == "AWS/States"
    }
    metrics = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    assert watched == {(metric, f"heliograph-{name}") for metric in metrics for name in (*Machine, VIDEO)}


def test_exports_are_private_and_expire_in_a_week(aws: Templates) -> None:
    (bucket,) = [b for b in aws.of_type("AWS::S3::Bucket") if "heliograph-exports-" in text(b.properties["BucketName"])]
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket.properties["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 7
    denied = [
        statement
        for policy in aws.of_type("AWS::S3::BucketPolicy")
        if policy.stack == bucket.stack
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert [statement["Condition"] for statement in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_packer_has_disk_for_the_largest_export(either: Templates) -> None:
    packer = either.named("AWS::Lambda::Function", "FunctionName")["heliograph-accounts-pack-export"]
    assert packer.properties["EphemeralStorage"] == {"Size": 10_240}


def test_grace_period_is_a_month_in_production(aws: Templates, local: Templates) -> None:
    def grace(templates: Templates) -> int:
        function = templates.named("AWS::Lambda::Function", "FunctionName")["heliograph-accounts-api"]
        return int(function.properties["Environment"]["Variables"]["DELETION_GRACE_SECONDS"])

    assert (grace(aws), grace(local)) == (30 * 24 * 3600, 10)
