"""A REST API whose resources and methods are declared one by one from the routes: few permissions, nothing implicit."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from aws_cdk import CfnTag
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure import principals
from infrastructure.constructs.firewall import protect
from infrastructure.nag import acknowledge
from infrastructure.openapi import Route
from infrastructure.target import STAGE, Target

LOGGING_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
ALLOWED_HEADERS = "Authorization,Content-Type,Idempotency-Key,If-None-Match"
PREFLIGHT_MAX_AGE = "86400"
# Requests per second of the whole stage: a ceiling against runaway cost, far above the need of a new deployment.
RATE_LIMIT = 10_000
BURST_LIMIT = 5_000
ACCESS_LOG_FIELDS = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "latency": "$context.responseLatency",
}
# What API Gateway answers itself, before or instead of a function. Each becomes problem+json like all other errors.
# The two defaults keep whatever status the case has.
GATEWAY_PROBLEMS: dict[str, tuple[int | None, str]] = {
    "MISSING_AUTHENTICATION_TOKEN": (404, "Not Found"),  # its name for a route that does not exist
    "REQUEST_TOO_LARGE": (413, "Content Too Large"),
    "THROTTLED": (429, "Too Many Requests"),
    "WAF_FILTERED": (403, "Forbidden"),
    "INTEGRATION_FAILURE": (503, "Service Unavailable"),
    "INTEGRATION_TIMEOUT": (503, "Service Unavailable"),
    "DEFAULT_4XX": (None, "Bad Request"),
    "DEFAULT_5XX": (None, "Internal Server Error"),
}


class RestApi(Construct):
    """Routes to functions, CORS preflights, problem+json for the gateway's own errors, one stage."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: Target,
        routes: Sequence[Route],
        functions: Mapping[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, construct_id)
        self._target = target
        self.api = self._api()
        self._uris = {name: self._permitted(name, function) for name, function in functions.items()}
        self._resources: dict[str, str] = {"": self.api.attr_root_resource_id}
        declared = Construct(self, "Routes")
        for path in sorted({route.path for route in routes}):
            self._preflight(declared, path, [route.method for route in routes if route.path == path])
        for route in routes:
            self._method(declared, route)
        self._gateway_problems(declared)
        self.stage = self._stage(self._deployment(declared, routes))
        self._acknowledge()

    @property
    def url(self) -> str:
        """Without a trailing slash. A local cloud serves every API under one path."""
        if self._target.gateway:
            return f"{self._target.gateway}/_aws/execute-api/{self.api.ref}/{STAGE}"
        return f"https://{self.api.ref}.execute-api.{self.api.stack.region}.amazonaws.com/{STAGE}"

    def _api(self) -> apigateway.CfnRestApi:
        name = self._target.namespace
        # With these tags both emulators give the API this id, so its URL is known and stays.
        tags = [CfnTag(key=key, value=name) for key in ("ms-custom-id", "_custom_id_")] if self._target.local else None
        return apigateway.CfnRestApi(
            self,
            "Api",
            name=name,
            endpoint_configuration=apigateway.CfnRestApi.EndpointConfigurationProperty(types=["REGIONAL"]),
            tags=tags,
        )

    def _permitted(self, name: str, function: lambda_.Function) -> str:
        """The integration URI of a function that this API may invoke. One permission covers all its routes."""
        lambda_.CfnPermission(
            self,
            f"Invoke{name.title()}",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=self._target.arn("execute-api", f"{self.api.ref}/*"),
        )
        lambda_service = f"arn:aws:apigateway:{function.stack.region}:lambda:path/2015-03-31"
        return f"{lambda_service}/functions/{function.function_arn}/invocations"

    def _resource(self, scope: Construct, path: str) -> str:
        """The id of the resource for `path`, made with its parents on first use."""
        if path not in self._resources:
            parent, _, part = path.rpartition("/")
            self._resources[path] = apigateway.CfnResource(
                scope,
                f"Resource{path}".replace("/", "|"),
                rest_api_id=self.api.ref,
                parent_id=self._resource(scope, parent),
                path_part=part,
            ).ref
        return self._resources[path]

    def _method(self, scope: Construct, route: Route) -> None:
        apigateway.CfnMethod(
            scope,
            f"{route.method}{route.path}".replace("/", "|"),
            rest_api_id=self.api.ref,
            resource_id=self._resource(scope, route.path),
            http_method=route.method,
            authorization_type="NONE",
            integration=apigateway.CfnMethod.IntegrationProperty(
                type="AWS_PROXY", integration_http_method="POST", uri=self._uris[route.capability]
            ),
        )

    def _preflight(self, scope: Construct, path: str, methods: Sequence[str]) -> None:
        headers = {
            "Access-Control-Allow-Origin": self._target.cors_origin,
            "Access-Control-Allow-Methods": ",".join(methods),
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": PREFLIGHT_MAX_AGE,
        }
        apigateway.CfnMethod(
            scope,
            f"OPTIONS{path}".replace("/", "|"),
            rest_api_id=self.api.ref,
            resource_id=self._resource(scope, path),
            http_method="OPTIONS",
            authorization_type="NONE",
            integration=apigateway.CfnMethod.IntegrationProperty(
                type="MOCK",
                passthrough_behavior="WHEN_NO_MATCH",
                request_templates={"application/json": '{"statusCode": 204}'},
                integration_responses=[
                    apigateway.CfnMethod.IntegrationResponseProperty(
                        status_code="204",
                        response_parameters={
                            f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
                        },
                    )
                ],
            ),
            method_responses=[
                apigateway.CfnMethod.MethodResponseProperty(
                    status_code="204", response_parameters={f"method.response.header.{name}": True for name in headers}
                )
            ],
        )

    def _gateway_problems(self, scope: Construct) -> None:
        for kind, (status, title) in GATEWAY_PROBLEMS.items():
            apigateway.CfnGatewayResponse(
                scope,
                f"Problem{kind}",
                rest_api_id=self.api.ref,
                response_type=kind,
                status_code=str(status) if status else None,
                response_parameters={
                    "gatewayresponse.header.Content-Type": "'application/problem+json'",
                    "gatewayresponse.header.Access-Control-Allow-Origin": f"'{self._target.cors_origin}'",
                    **({"gatewayresponse.header.Retry-After": "'1'"} if kind == "THROTTLED" else {}),
                },
                response_templates={"application/json": _problem(status, title)},
            )

    def _deployment(self, declared: Construct, routes: Sequence[Route]) -> apigateway.CfnDeployment:
        """A deployment is a snapshot: its name carries what it was taken of, so that a change takes a new one."""
        shape = repr((sorted(routes), GATEWAY_PROBLEMS, ALLOWED_HEADERS, self._target.cors_origin))
        digest = hashlib.sha256(shape.encode()).hexdigest()[:12]
        deployment = apigateway.CfnDeployment(self, f"Deployment{digest}", rest_api_id=self.api.ref)
        deployment.node.add_dependency(declared)
        return deployment

    def _stage(self, deployment: apigateway.CfnDeployment) -> apigateway.CfnStage:
        stage = apigateway.CfnStage(
            self,
            "Stage",
            rest_api_id=self.api.ref,
            stage_name=STAGE,
            deployment_id=deployment.ref,
            tracing_enabled=True,
            method_settings=[
                apigateway.CfnStage.MethodSettingProperty(
                    resource_path="/*",
                    http_method="*",
                    metrics_enabled=True,
                    logging_level="ERROR" if self._target.for_production else "OFF",
                    throttling_rate_limit=RATE_LIMIT,
                    throttling_burst_limit=BURST_LIMIT,
                )
            ],
        )
        if self._target.for_production:
            stage.access_log_setting = self._access_log()
            stage.node.add_dependency(self._logging_account())
            protect(self, stage, self._target.named("api"))
        return stage

    def _access_log(self) -> apigateway.CfnStage.AccessLogSettingProperty:
        log_group = logs.LogGroup(self, "AccessLog", retention=logs.RetentionDays.ONE_MONTH)
        return apigateway.CfnStage.AccessLogSettingProperty(
            destination_arn=log_group.log_group_arn, format=json.dumps(ACCESS_LOG_FIELDS)
        )

    def _logging_account(self) -> apigateway.CfnAccount:
        """API Gateway logs with one role per account and region."""
        role = iam.Role(
            self,
            "LoggingRole",
            assumed_by=principals.service("apigateway"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(LOGGING_POLICY)],
        )
        acknowledge(
            role,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{LOGGING_POLICY}]",
            "The policy that AWS prescribes for this account-wide role.",
        )
        return apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)

    def _acknowledge(self) -> None:
        for rule, reason in (
            ("AwsSolutions-APIG2", "The functions validate requests, with better messages than the gateway's."),
            ("AwsSolutions-APIG4", "The functions verify access tokens themselves; sign-up and sign-in have none."),
            ("AwsSolutions-COG4", "Identity is the platform's own service, not Cognito."),
        ):
            acknowledge(self, rule, reason)


def _problem(status: int | None, title: str) -> str:
    """An RFC 9457 body; API Gateway fills in the request's id. Not the path: nothing here could encode it."""
    members = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": title,
        "requestId": "$context.requestId",
    }
    return json.dumps({name: value for name, value in members.items() if value is not None})
