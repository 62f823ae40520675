"""Only a token of our own key, of the right algorithm, issuer and age names a caller."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions.accounts import sessions, store
from heliograph import aws, tokens
from heliograph.errors import Unauthenticated

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


class Kms:
    """KMS with one signing key."""

    def get_public_key(self, *, KeyId: str) -> dict[str, bytes]:  # noqa: N803
        key = {"key-1": KEY}[KeyId].public_key()
        der = serialization.Encoding.DER
        return {"PublicKey": key.public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)}

    def sign(self, *, KeyId: str, Message: bytes, **_: str) -> dict[str, bytes]:  # noqa: N803
        return {"Signature": {"key-1": KEY}[KeyId].sign(Message, ec.ECDSA(hashes.SHA256()))}


@pytest.fixture(autouse=True)
def _kms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", lambda service: {"kms": Kms()}[service])


def token(key: Any = KEY, algorithm: str = "ES256", kid: str | None = None, **changes: Any) -> str:
    claims = {
        "iss": "https://test.heliograph.example",
        "sub": "ada",
        "sid": "phone",
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm, {"kid": kid or tokens.signing_keys()[0].kid})


def test_a_good_token_names_its_caller() -> None:
    assert tokens.verify(token()) == tokens.Caller("ada", "phone")


@pytest.mark.parametrize(
    "make",
    [
        lambda: token(exp=int(time.time()) - 1),
        lambda: token(exp=None),
        lambda: token(sid=None),
        lambda: token(iss="https://elsewhere.example"),
        lambda: token(key=OTHER_KEY),
        lambda: token(kid="another"),
        lambda: token(key="", algorithm="none"),
        lambda: token(key="a" * 32, algorithm="HS256"),
        lambda: token()[:-4] + "AAAA",
        lambda: "not.a.token",
        lambda: "",
    ],
    ids=["expired", "no expiry", "no session", "issuer", "key", "kid", "none", "hmac", "signature", "form", "empty"],
)
def test_any_other_token_is_refused(make: Any) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(make())


def test_what_a_sign_in_issues_is_accepted_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "put_credential", lambda _item: None)
    session = sessions.start("ada")
    user_id, family_id, _secret = session.refresh_token.split(".")
    assert tokens.verify(session.access_token) == tokens.Caller("ada", family_id)
    assert user_id == "ada"


def test_the_published_key_verifies_what_the_private_key_signed() -> None:
    jwk = tokens.signing_keys()[0].jwk
    assert jwk["alg"] == "ES256"
    jwt.decode(token(), jwt.PyJWK(jwk).key, algorithms=["ES256"], issuer="https://test.heliograph.example")
