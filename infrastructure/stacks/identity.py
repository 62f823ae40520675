"""Keys and secrets: what signs access tokens, list cursors and media URLs, and what seals personal fields."""

import string

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infrastructure.nag import acknowledge
from infrastructure.specs import Secret
from infrastructure.target import Target

SECRET_LENGTH = 64


class IdentityStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id, env=target.environment)
        self.signing_keys = [self._signing_key(target, number) for number in target.signing_keys]
        self.field_key = kms.Key(
            self,
            "FieldKey",
            alias=target.named("fields"),
            description="Wraps the data keys of sealed fields: e-mail addresses, phone numbers",
            enable_key_rotation=True,
            # What one region seals, its replicas open.
            multi_region=True,
            removal_policy=target.removal_policy,
        )
        self._secret("CursorSecret", target, Secret.CURSORS)
        self._secret("LookupSecret", target, Secret.LOOKUP)
        self._secret("MediaSecret", target, Secret.MEDIA)

    def _signing_key(self, target: Target, number: int) -> kms.Key:
        later = str(number) if number > 1 else ""
        return kms.Key(
            self,
            f"SigningKey{later}",
            alias=target.named(f"signing{later}"),
            description="Signs access tokens (ES256)",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            # Replicas in other regions share the key material, so a token is good everywhere.
            multi_region=True,
            removal_policy=target.removal_policy,
        )

    def _secret(self, construct_id: str, target: Target, name: Secret) -> None:
        secret = secretsmanager.Secret(
            self,
            construct_id,
            secret_name=target.named(name),
            # Letters and digits only. By the characters: emulators overlook ExcludePunctuation.
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=SECRET_LENGTH, exclude_characters=string.punctuation
            ),
            removal_policy=target.removal_policy,
        )
        acknowledge(
            secret,
            "AwsSolutions-SMG4",
            "Both values must be good while what the old one signed lasts, so the operator rotates in steps "
            "(docs/decisions/0003-media-tokens.md); an automatic rotation would not wait.",
        )
