"""The page at `/v1/docs`: on a local cloud only."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.code import ROOT, RUNTIME, staged
from infrastructure.openapi import Route
from infrastructure.target import Target

CAPABILITY = "docs"
ROUTE = Route("/v1/docs", "GET", CAPABILITY)


def api_docs(scope: Construct, target: Target, openapi: Path, stage_path: str) -> lambda_.Function:
    """The function behind ROUTE. `stage_path`: what the API's paths are appended to."""
    return lambda_.Function(
        scope,
        "ApiDocs",
        function_name=target.named("api-docs"),
        handler="api_docs.handler",
        code=lambda_.Code.from_asset(staged({"api_docs.py": ROOT / "local" / "api_docs.py", "openapi.json": openapi})),
        runtime=RUNTIME,
        architecture=lambda_.Architecture.ARM_64,
        environment={"STAGE_PATH": stage_path},
    )
