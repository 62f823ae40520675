"""The CDK app: reads the context and wires the stacks."""

from pathlib import Path

from aws_cdk import App, Validations

from infrastructure.openapi import DOCUMENT
from infrastructure.platform import build
from infrastructure.target import Target


def main() -> None:
    app = App()
    target = Target.of(app.node)
    build(app, target, Path(app.node.try_get_context("openapi") or DOCUMENT))
    if target.for_production:
        from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415  (a second to import, and not for local deployments)

        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


main()
