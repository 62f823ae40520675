"""Only a token of our own key, of the right algorithm, issuer and age names a caller."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions.accounts import sessions, store
from heliograph import aws, config, tokens
from heliograph.errors import Unauthenticated

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


KEYS = {"key-1": KEY, "key-2": ec.generate_private_key(ec.SECP256R1())}


class Kms:
    """KMS with two signing keys."""

    def get_public_key(self, *, KeyId: str) -> dict[str, bytes]:  # noqa: N803
        key = KEYS[KeyId].public_key()
        der = serialization.Encoding.DER
        return {"PublicKey": key.public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)}

    def sign(self, *, KeyId: str, Message: bytes, **_: str) -> dict[str, bytes]:  # noqa: N803
        return {"Signature": KEYS[KeyId].sign(Message, ec.ECDSA(hashes.SHA256()))}


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
    session = sessions.start("ada", "a test")
    user_id, family_id, _secret = session.refresh_token.split(".")
    assert tokens.verify(session.access_token) == tokens.Caller("ada", family_id)
    assert user_id == "ada"


def test_the_published_key_verifies_what_the_private_key_signed() -> None:
    jwk = tokens.signing_keys()[0].jwk
    assert jwk["alg"] == "ES256"
    jwt.decode(token(), jwt.PyJWK(jwk).key, algorithms=["ES256"], issuer="https://test.heliograph.example")


@pytest.fixture
def rotate(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Deploy with other keys."""

    def deploy(signing_key_ids: str) -> None:
        monkeypatch.setenv("SIGNING_KEY_IDS", signing_key_ids)
        config.forget()
        tokens.signing_keys.cache_clear()

    return deploy


def test_a_key_is_rotated_without_signing_anybody_out(
    monkeypatch: pytest.MonkeyPatch, rotate: Callable[[str], None]
) -> None:
    # given a session from before
    monkeypatch.setattr(store, "put_credential", lambda _item: None)
    before = sessions.start("ada", "a test").access_token
    # when the new key first verifies only, then signs
    rotate("key-1,key-2")
    between = sessions.start("ada", "a test").access_token
    assert tokens.verify(before).user_id == "ada"
    rotate("key-2,key-1")
    after = sessions.start("ada", "a test").access_token
    # then every token is good in every function, whichever deployment it has
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before, between, after)]
    assert kids[0] == kids[1] != kids[2]
    for keys in ("key-1,key-2", "key-2,key-1"):
        rotate(keys)
        assert {tokens.verify(token).user_id for token in (before, between, after)} == {"ada"}
        assert {key.kid for key in tokens.signing_keys()} == {kids[0], kids[2]}
    # and the old key's tokens end with it
    rotate("key-2")
    assert tokens.verify(after).user_id == "ada"
    with pytest.raises(Unauthenticated):
        tokens.verify(before)
