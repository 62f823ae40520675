"""Live documents: AppConfig, or an SSM parameter each where a local cloud has no AppConfig."""

import json

from aws_cdk import Stack
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infrastructure.access import EXPLORE, FEED, LOAD, MODERATION, RANKING, AppConfigIds
from infrastructure.target import Target

DOCUMENTS = (LOAD, MODERATION, FEED, RANKING, EXPLORE)
# Empty: the defaults of the document's model.
FIRST = json.dumps({})


class LiveStack(Stack):
    """`appconfig`: None where SSM keeps the documents."""

    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self.appconfig: AppConfigIds | None = None
        if target.local:
            for name in DOCUMENTS:
                ssm.CfnParameter(self, name.title(), name=target.live_parameter(name), type="String", value=FIRST)
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
        profiles = {name: self._document(name, application, environment, strategy) for name in DOCUMENTS}
        return AppConfigIds(application.ref, environment.ref, profiles, strategy.ref)

    def _document(
        self,
        name: str,
        application: appconfig.CfnApplication,
        environment: appconfig.CfnEnvironment,
        strategy: appconfig.CfnDeploymentStrategy,
    ) -> str:
        """A document with its first version in force; the id of its profile."""
        profile = appconfig.CfnConfigurationProfile(
            self, name.title(), application_id=application.ref, name=name, location_uri="hosted"
        )
        first = appconfig.CfnHostedConfigurationVersion(
            self,
            f"{name.title()}First",
            application_id=application.ref,
            configuration_profile_id=profile.ref,
            content=FIRST,
            content_type="application/json",
        )
        appconfig.CfnDeployment(
            self,
            f"{name.title()}FirstDeployment",
            application_id=application.ref,
            environment_id=environment.ref,
            configuration_profile_id=profile.ref,
            configuration_version=first.ref,
            deployment_strategy_id=strategy.ref,
        )
        return profile.ref
