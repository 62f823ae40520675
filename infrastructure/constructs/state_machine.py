"""A state machine that calls functions of ours."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infrastructure import permissions
from infrastructure.constructs.alarms import alarm
from infrastructure.constructs.python_function import LOG_RETENTION
from infrastructure.permissions import Permission, allow
from infrastructure.target import Target

FAILURES = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
# Step Functions delivers logs through CloudWatch's own deliveries, which have no resources to name.
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


class StateMachine(Construct):
    """May invoke the functions it is given and no others. On AWS: logs without data, traces, alarms on failure."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: Target,
        name: str,
        definition: Mapping[str, Any],
        functions: Iterable[str],
        runbook: str = "erasure.md",
    ) -> None:
        """`functions`: the ARNs of what it calls. `runbook`: what to read in docs/operations when it fails."""
        super().__init__(scope, construct_id)
        invoke = allow(["lambda:InvokeFunction"], *functions)
        told = target.for_production
        role = permissions.role(self, "Role", service="states", permissions=[invoke, *(_telemetry() if told else ())])
        machine = stepfunctions.CfnStateMachine(
            self,
            "Machine",
            state_machine_name=target.named(name),
            role_arn=role.role_arn,
            # As text: out of an object the CDK would leave what is null.
            definition_string=json.dumps(definition),
            logging_configuration=self._logging(target, name) if told else None,
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=told),
        )
        machine.node.add_dependency(role)
        if told:
            self._alarms(target, name, runbook)

    def _logging(self, target: Target, name: str) -> stepfunctions.CfnStateMachine.LoggingConfigurationProperty:
        """Every step, but not what it was given: that names a person."""
        group = logs.LogGroup(
            self,
            "Logs",
            # Under this prefix CloudWatch keeps the policy that lets deliveries in short.
            log_group_name=f"/aws/vendedlogs/states/{target.named(name)}",
            retention=LOG_RETENTION,
            removal_policy=target.removal_policy,
        )
        return stepfunctions.CfnStateMachine.LoggingConfigurationProperty(
            level="ALL",
            include_execution_data=False,
            destinations=[
                stepfunctions.CfnStateMachine.LogDestinationProperty(
                    cloud_watch_logs_log_group=stepfunctions.CfnStateMachine.CloudWatchLogsLogGroupProperty(
                        log_group_arn=group.log_group_arn
                    )
                )
            ],
        )

    def _alarms(self, target: Target, name: str, runbook: str) -> None:
        for metric in FAILURES:
            alarm(
                self,
                metric,
                target=target,
                metric=cloudwatch.Metric(
                    namespace="AWS/States",
                    metric_name=metric,
                    dimensions_map={"StateMachineArn": target.state_machine_arn(name)},
                    statistic="Sum",
                    period=Duration.minutes(5),
                ),
                above=0,
                description=f"{metric} of {name}: see docs/operations/{runbook}",
            )


def _telemetry() -> tuple[Permission, ...]:
    return (
        allow(LOG_DELIVERY, "*", wildcard="Log deliveries have no resources to name."),
        allow(TRACING, "*", wildcard="X-Ray has no resources to name."),
    )
