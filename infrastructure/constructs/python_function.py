"""A Lambda function as every handler has it."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Size
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure import permissions
from infrastructure.access import Offers
from infrastructure.code import RUNTIME, StackCode
from infrastructure.nag import acknowledge
from infrastructure.permissions import Permission
from infrastructure.specs import FunctionSpec
from infrastructure.target import Target

METRICS_NAMESPACE = "Heliograph"
LOG_RETENTION = logs.RetentionDays.ONE_MONTH


class PythonFunction(Construct):
    """Own role with the permissions its spec declares, own log group with retention, tracing, kernel and layers."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: Target,
        spec: FunctionSpec,
        code: StackCode,
        offers: Offers,
        environment: Mapping[str, str] | None = None,
        also: Sequence[Permission] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.spec = spec
        self.name = target.named(spec.full_name)
        granted = [offers[use] for use in spec.uses]
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{self.name}",
            retention=LOG_RETENTION,
            removal_policy=target.removal_policy,
        )
        role = permissions.role(
            self,
            "Role",
            service="lambda",
            permissions=[
                *permissions.telemetry(target, self.name),
                *permissions.tables(target, spec),
                *(permission for grant in granted for permission in grant.permissions),
                *also,
            ],
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=self.name,
            handler=spec.handler,
            code=code.functions,
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=spec.memory_mb,
            ephemeral_storage_size=Size.mebibytes(spec.disk_mb),
            timeout=Duration.seconds(
                spec.timeout_seconds if spec.patient else target.timeout_seconds(spec.timeout_seconds)
            ),
            layers=code.layers(spec.layers),
            # Everything it may do stands above; nothing adds to it behind our back.
            role=role.without_policy_updates(),
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            # Lambda takes the seventeenth message of a chain for an endless loop, and drops it.
            recursive_loop=lambda_.RecursiveLoop.ALLOW if spec.continues and target.for_production else None,
            environment={
                **_settings(target, spec),
                **{name: value for grant in granted for name, value in grant.environment.items()},
                **(environment or {}),
            },
        )
        acknowledge(
            self.function,
            "AwsSolutions-L1",
            "The layers are locked and built for Python 3.13; a newer runtime comes with newly built layers.",
        )


def _settings(target: Target, spec: FunctionSpec) -> dict[str, str]:
    return {
        "NAMESPACE": target.namespace,
        "POWERTOOLS_SERVICE_NAME": spec.capability,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
