"""A key that is held here instead of in KMS, for tests that seal fields without a cloud; all else is real."""

from typing import Any

from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKey

from heliograph import sealed


class HeldKey(RawMasterKey):
    """`wrapped`: the data keys that it has wrapped."""

    wrapped: list[bytes]

    def _generate_data_key(self, algorithm: Any, encryption_context: Any) -> Any:
        data_key = super()._generate_data_key(algorithm, encryption_context)
        self.wrapped.append(data_key.encrypted_data_key)
        return data_key


def held_key() -> HeldKey:
    wrapping_key = WrappingKey(
        wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
        wrapping_key=bytes(32),
        wrapping_key_type=EncryptionKeyType.SYMMETRIC,
    )
    key = HeldKey(provider_id="test", key_id="held", wrapping_key=wrapping_key)
    key.wrapped = []
    return key


def materials() -> Any:
    """What `sealed` encrypts with."""
    return sealed.materials(held_key())
