"""Access tokens: ES256 JWTs signed through KMS, verified in each function with the public key alone.

`SIGNING_KEY_IDS` lists the keys: the first signs, all verify, so a key is rotated by putting a new one in front and
dropping the old one after the longest token life. `kid` is the RFC 7638 thumbprint of the public key.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import ECAlgorithm

from heliograph import aws, config
from heliograph.errors import Unauthenticated

ALGORITHM = "ES256"
TYPE = "JWT"
ACCESS_SECONDS = 15 * 60
# Ours have about 450 characters. What is longer is not worth reading.
MAX_LENGTH = 1024


class TokenSettings(config.Settings):
    signing_key_ids: str
    issuer: str


@dataclass(frozen=True)
class Caller:
    """Who is asking, as the token says: the account, the refresh-token family (device), and the account's name."""

    user_id: str
    session_id: str
    username: str


@dataclass(frozen=True)
class SigningKey:
    kid: str
    key_id: str
    public_key: EllipticCurvePublicKey

    @property
    def jwk(self) -> dict[str, str]:
        return {**_members(self.public_key), "kid": self.kid, "alg": ALGORITHM, "use": "sig"}


@cache
def signing_keys() -> tuple[SigningKey, ...]:
    """The deployment's keys, the signing one first; the public halves come from KMS once per process."""
    return tuple(_load(key_id) for key_id in config.read(TokenSettings).signing_key_ids.split(","))


def verify(token: str) -> Caller:
    """The caller that a bearer token names. Raises Unauthenticated, alike for whatever is wrong with the token."""
    if len(token) > MAX_LENGTH:
        raise Unauthenticated
    try:
        header = jwt.get_unverified_header(token)
        key = next((key for key in signing_keys() if key.kid == header.get("kid")), None)
        if key is None or header.get("typ") != TYPE:
            raise Unauthenticated
        claims = jwt.decode(
            token,
            key.public_key,
            algorithms=[ALGORITHM],
            issuer=config.read(TokenSettings).issuer,
            options={"require": ["exp", "iat", "iss", "sub", "sid", "preferred_username"]},
        )
    except jwt.InvalidTokenError:
        raise Unauthenticated from None
    return Caller(str(claims["sub"]), str(claims["sid"]), str(claims["preferred_username"]))


def _load(key_id: str) -> SigningKey:
    public_key = load_der_public_key(aws.client("kms").get_public_key(KeyId=key_id)["PublicKey"])
    if not isinstance(public_key, EllipticCurvePublicKey):
        raise TypeError(f"KMS key {key_id} is not an elliptic-curve key")
    return SigningKey(_thumbprint(public_key), key_id, public_key)


def _members(public_key: EllipticCurvePublicKey) -> dict[str, str]:
    jwk = ECAlgorithm.to_jwk(public_key, as_dict=True)
    return {name: jwk[name] for name in ("crv", "kty", "x", "y")}


def _thumbprint(public_key: EllipticCurvePublicKey) -> str:
    canonical = json.dumps(_members(public_key), separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
