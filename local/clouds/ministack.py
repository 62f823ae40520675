"""MiniStack: the light emulator, in this checkout's own interpreter. It enforces permissions; nothing is persisted."""

import sys
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from local.clouds.emulator import Emulator, Feature, Mail
from local.instance import Instance


class MiniStack(Emulator):
    name: ClassVar = "ministack"
    title: ClassVar = "MiniStack"
    health_path: ClassVar = "/_ministack/health"
    default_search: ClassVar = "osmem"

    @property
    def offers(self) -> frozenset[Feature]:
        features = Feature.APPCONFIG, Feature.CDN, Feature.PERMISSIONS, Feature.SIGNATURES, Feature.SEARCH_OUTAGE
        return frozenset({Feature.DEPLOYMENT, *features})

    def command(self, instance: Instance) -> list[str]:
        del instance
        # -P: the checkout must not be importable, or functions could import what their archives lack.
        return [sys.executable, "-P", "-m", "ministack"]

    def environment(self, instance: Instance, search_url: str) -> Mapping[str, str]:
        return {
            "GATEWAY_PORT": str(instance.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_OPENSEARCH_ENDPOINT": urlsplit(search_url).netloc,
            # Enforces the IAM policies of the functions' roles, and the signatures of presigned URLs and forms.
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_ACCOUNT_CONCURRENCY": "96",
            # A burst on few processors must not be followed by one of cold starts, again and again.
            "LAMBDA_WARM_TTL_SECONDS": "600",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(instance.temporary),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def mails(self, instance: Instance) -> list[Mail]:
        answer = httpx.get(f"{instance.aws_endpoint}/_ministack/ses/messages", trust_env=False).raise_for_status()
        messages: list[dict[str, Any]] = [
            message for account in answer.json()["messages"].values() for message in account
        ]
        return [Mail(message["To"], message["Subject"], message["BodyText"]) for message in messages]
