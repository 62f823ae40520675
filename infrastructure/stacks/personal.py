"""One person's data: the bucket of exports, and the state machines that export and erase."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure import access, workflows
from infrastructure.catalogue import WORKFLOW_FUNCTIONS
from infrastructure.code import StackCode
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.constructs.state_machine import StateMachine
from infrastructure.nag import acknowledge
from infrastructure.specs import Use
from infrastructure.stacks.identity import IdentityStack
from infrastructure.target import Target
from infrastructure.workflows import Machine

# As long as an export says that its file is there (`functions/accounts/exports.py`).
EXPORTS_KEPT_FOR = Duration.days(7)


class PersonalStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target, identity: IdentityStack) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self._exports(target)
        code = StackCode(self, target)
        offers = {
            Use.EXPORT_PARTS: access.export_parts(target),
            Use.EXPORT_FILES: access.export_files(target),
            Use.ORIGINALS: access.originals(target),
            Use.SEALING: access.sealing(target, identity.field_key.key_arn),
            Use.UPLOADS: access.uploads(target),
            Use.ERASE_VERSIONS: access.erase_versions(target),
        }
        for spec in WORKFLOW_FUNCTIONS:
            PythonFunction(self, spec.full_name, target=target, spec=spec, code=code, offers=offers)
        for machine in Machine:
            definition = workflows.definition(machine, target)
            StateMachine(
                self,
                machine.title(),
                target=target,
                name=machine,
                definition=definition,
                functions=workflows.functions(definition),
            )

    def _exports(self, target: Target) -> None:
        bucket = s3.Bucket(
            self,
            "Exports",
            bucket_name=target.bucket("exports"),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=target.for_production,
            lifecycle_rules=[
                s3.LifecycleRule(expiration=EXPORTS_KEPT_FOR, abort_incomplete_multipart_upload_after=Duration.days(1))
            ],
            removal_policy=target.removal_policy,
        )
        acknowledge(
            bucket,
            "AwsSolutions-S1",
            "Keys name accounts; a log of accesses would keep them longer than the files, which are gone in a week.",
        )
