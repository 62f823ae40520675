"""The HTTPS API: one function per capability behind one REST API, whose routes come from docs/openapi.json."""

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infrastructure import access
from infrastructure.catalogue import API_FUNCTIONS
from infrastructure.code import StackCode
from infrastructure.constructs import api_docs
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.constructs.rest_api import RestApi
from infrastructure.openapi import routes
from infrastructure.specs import Use
from infrastructure.stacks.delivery import DeliveryStack
from infrastructure.stacks.discovery import DiscoveryStack
from infrastructure.stacks.identity import IdentityStack
from infrastructure.stacks.live import LiveStack
from infrastructure.target import STAGE, Target


class ApiStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: Target,
        identity: IdentityStack,
        delivery: DeliveryStack | None,
        discovery: DiscoveryStack,
        live: LiveStack,
        openapi: Path,
    ) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        code = StackCode(self, target)
        signing_key_arns = [key.key_arn for key in identity.signing_keys]
        offers = {
            Use.TOKENS: access.tokens(target, signing_key_arns),
            Use.SIGNING: access.signing(target, signing_key_arns),
            Use.CURSORS: access.cursors(target),
            Use.SEALING: access.sealing(target, identity.field_key.key_arn),
            Use.BUS: access.bus(target),
            Use.MEDIA_URLS: access.media_urls(target, delivery.base_url if delivery else None),
            Use.UPLOAD_FORMS: access.upload_forms(target),
            Use.LIVE: access.live(target, live.appconfig),
            Use.EXPLORE: access.live(target, live.appconfig, access.EXPLORE),
            Use.RANKING: access.live(target, live.appconfig, access.RANKING),
            Use.FEED: access.live(target, live.appconfig, access.FEED),
            Use.PERSONAL_JOBS: access.personal_jobs(target),
            Use.SEARCH: access.search(discovery.endpoint, discovery.domain_arn),
        }
        self.functions = {
            spec.capability: PythonFunction(
                self,
                spec.full_name,
                target=target,
                spec=spec,
                code=code,
                offers=offers,
                environment={
                    "CORS_ORIGIN": target.cors_origin,
                    "PEOPLE_PER_ADDRESS": str(target.people_per_address),
                },
            )
            for spec in API_FUNCTIONS
        }
        declared = routes(openapi)
        behind = {capability: built.function for capability, built in self.functions.items()}
        if target.local:
            declared.append(api_docs.ROUTE)
            behind[api_docs.CAPABILITY] = api_docs.api_docs(
                self, target, openapi, f"/_aws/execute-api/{target.namespace}/{STAGE}"
            )
        self.rest_api = RestApi(self, "RestApi", target=target, routes=declared, functions=behind)
        # Links to posts lead back here.
        self.functions["posts"].function.add_environment("SITE_URL", self.rest_api.url)
        for name, value in {
            "ApiUrl": f"{self.rest_api.url}/v1",
            **({"MediaDistributionDomain": delivery.domain} if delivery else {}),
            "UploadsBucket": target.bucket("uploads"),
            "MediaBucket": target.bucket("media"),
            "SearchEndpoint": discovery.endpoint,
            "SigningKeyId": signing_key_arns[0],
        }.items():
            CfnOutput(self, name, value=value)
