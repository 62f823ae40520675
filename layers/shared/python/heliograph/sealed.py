"""Field-level encryption: what a table keeps but cannot tell, and how it is found all the same.

    seal / opened      envelope encryption: AES-256-GCM with key commitment under a data key that KMS wraps
    keyed_hash         HMAC-SHA256 under a secret of the deployment: equal texts are found, none can be guessed offline

A data key is used for many fields of one process (KEY_SECONDS, KEY_USES), so that KMS is asked seldom. That is why the
encryption context names no owner; the owner is sealed in with the text instead, and a field moved to another record
does not open.
"""

import hashlib
import hmac
import json
from functools import cache
from typing import Any

from heliograph import aws, config

KEY_SECONDS = 300.0
KEY_USES = 1000
KEYS_KEPT = 1000
CONTEXT = {"purpose": "field"}


class SealSettings(config.Settings):
    field_key: str


class HashSettings(config.Settings):
    lookup_secret: str


class WrongSeal(Exception):
    """The field was sealed for another owner, or was changed. Never the client's fault."""


def seal(owner_id: str, text: str) -> bytes:
    """The text as only this deployment can read it, and only as this owner's; about 400 bytes and the text."""
    sealed, _ = _client().encrypt(
        source=json.dumps([owner_id, text]).encode(),
        materials_manager=_materials(),
        encryption_context=CONTEXT,
        # Committing, and without a signature of each message: whoever may read may also write.
        algorithm=_sdk().Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
    )
    return sealed


def opened(owner_id: str, sealed: bytes) -> str:
    """What was sealed for this owner. Raises WrongSeal."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415

    try:
        plain, _ = _client().decrypt(source=sealed, materials_manager=_materials())
    except (_sdk().exceptions.AWSEncryptionSDKClientError, InvalidTag, UnicodeDecodeError) as error:
        raise WrongSeal from error
    sealed_for, text = json.loads(plain)
    if sealed_for != owner_id:
        raise WrongSeal
    return text


def keyed_hash(kind: str, text: str) -> str:
    """The name under which a text is looked up; the same text has another name in each kind."""
    secret = aws.secret(config.read(HashSettings).lookup_secret)
    return hmac.new(secret, f"{kind}\n{text}".encode(), hashlib.sha256).hexdigest()


def _sdk() -> Any:
    # Imported here: it loads boto3, and most requests neither seal nor open anything. It has no types.
    import aws_encryption_sdk  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return aws_encryption_sdk


@cache
def _client() -> Any:
    return _sdk().EncryptionSDKClient(commitment_policy=_sdk().CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)


@cache
def _materials() -> Any:
    """Data keys wrapped by the deployment's multi-Region key: what one region seals, all regions open."""
    from botocore.session import Session  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    session: Any = Session()
    session.set_default_client_config(aws.client_config())
    providers = _sdk().key_providers.kms
    return materials(
        providers.MRKAwareStrictAwsKmsMasterKeyProvider(
            key_ids=[config.read(SealSettings).field_key], botocore_session=session
        )
    )


def materials(master_key: Any) -> Any:
    """Data keys wrapped by this key (a MasterKeyProvider of the SDK), kept for a while."""
    return _sdk().CachingCryptoMaterialsManager(
        master_key_provider=master_key,
        cache=_sdk().LocalCryptoMaterialsCache(KEYS_KEPT),
        max_age=KEY_SECONDS,
        max_messages_encrypted=KEY_USES,
    )
