"""Live documents: AppConfig, or an SSM parameter each where a local cloud has no AppConfig."""

import json

from aws_cdk import Stack
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infrastructure.access import LOAD, AppConfigIds
from infrastructure.target import Target

# Empty: the defaults of the document's model.
FIRST = json.dumps({})


class LiveStack(Stack):
    """`appconfig`: None where SSM keeps the documents."""

    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self.appconfig: AppConfigIds | None = None
        if target.local:
            ssm.CfnParameter(self, "Load", name=target.live_parameter(LOAD), type="String", value=FIRST)
        else:
            self.appconfig = self._appconfig(target)

    def _appconfig(self, target: Target) -> AppConfigIds:
        application = appconfig.CfnApplication(self, "Application", name=target.namespace)
        environment = appconfig.CfnEnvironment(self, "Environment", application_id=application.ref, name="live")
        # At once, and over at once: what follows a minute later must not find this one still being watched.
        strategy = appconfig.CfnDeploymentStrategy(
            self,
            "AtOnce",
            name=target.named("at-once"),
            deployment_duration_in_minutes=0,
            final_bake_time_in_minutes=0,
            growth_factor=100,
            replicate_to="NONE",
        )
        profile = appconfig.CfnConfigurationProfile(
            self, "Load", application_id=application.ref, name=LOAD, location_uri="hosted"
        )
        first = appconfig.CfnHostedConfigurationVersion(
            self,
            "LoadFirst",
            application_id=application.ref,
            configuration_profile_id=profile.ref,
            content=FIRST,
            content_type="application/json",
        )
        appconfig.CfnDeployment(
            self,
            "LoadFirstDeployment",
            application_id=application.ref,
            environment_id=environment.ref,
            configuration_profile_id=profile.ref,
            configuration_version=first.ref,
            deployment_strategy_id=strategy.ref,
        )
        return AppConfigIds(application.ref, environment.ref, profile.ref, strategy.ref)
