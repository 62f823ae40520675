"""Only a token of our own key, of the right algorithm, issuer and age names a caller."""

import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.utils import base64url_decode, base64url_encode

from functions.accounts import sessions, store
from heliograph import aws, config, http, ids, tokens
from heliograph.errors import Unauthenticated
from tests.unit.requests import answer, request

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


SECRET = "s" * 32
NESTED = base64url_encode(b"[" * 700).decode()


def token(key: Any = KEY, algorithm: str = "ES256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A good token, but for what is asked for. None leaves a claim, or a member of the header, out."""
    now = int(time.time())
    claims = {"iss": "https://test.heliograph.example", "sub": "ada", "sid": "phone"}
    claims |= {"preferred_username": "ada", "iat": now, "exp": now + 60}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    headers = {"kid": own_kid()} | (header or {})
    # Of the type PyJWT must be told that there is none.
    headers = {name: value for name, value in headers.items() if value is not None or name == "typ"}
    return jwt.encode(claims, key, algorithm, headers)


def by_hand(header: dict[str, Any], key: bytes) -> str:
    """A token as an attacker makes it, with an HMAC of any key: libraries refuse to."""
    good = base64url_decode(token().split(".")[1])
    signed = b".".join(base64url_encode(part) for part in (json.dumps(header).encode(), good))
    return f"{signed.decode()}.{base64url_encode(hmac.digest(key, signed, 'sha256')).decode()}"


def public_key(encoding: serialization.Encoding) -> bytes:
    return KEY.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


def own_kid() -> str:
    return tokens.signing_keys()[0].kid


BAD: dict[str, Callable[[], str]] = {
    "expired": lambda: token(exp=int(time.time()) - 1),
    "not valid yet": lambda: token(nbf=int(time.time()) + 60),
    "issued in the future": lambda: token(iat=int(time.time()) + 60),
    "no expiry": lambda: token(exp=None),
    "no time of issue": lambda: token(iat=None),
    "no issuer": lambda: token(iss=None),
    "no subject": lambda: token(sub=None),
    "no session": lambda: token(sid=None),
    "no name": lambda: token(preferred_username=None),
    "another issuer": lambda: token(iss="https://elsewhere.example"),
    "a subject that is a number": lambda: token(sub=7),
    "another key": lambda: token(key=OTHER_KEY),
    "an unknown kid": lambda: token(header={"kid": "another"}),
    "no kid": lambda: token(header={"kid": None}),
    "a kid that is a list": lambda: by_hand({"typ": "JWT", "alg": "ES256", "kid": [own_kid()]}, b"key"),
    "another type": lambda: token(header={"typ": "dpop+jwt"}),
    "no type": lambda: token(header={"typ": None}),
    "none": lambda: token(key="", algorithm="none"),
    "None": lambda: by_hand({"typ": "JWT", "alg": "None", "kid": own_kid()}, b""),
    "HS256": lambda: token(key=SECRET, algorithm="HS256"),
    "HS256 with the public key": lambda: by_hand(
        {"typ": "JWT", "alg": "HS256", "kid": own_kid()}, public_key(serialization.Encoding.PEM)
    ),
    "HS256 with the public key's bytes": lambda: by_hand(
        {"typ": "JWT", "alg": "HS256", "kid": own_kid()}, public_key(serialization.Encoding.DER)
    ),
    "a key of its own": lambda: by_hand({"typ": "JWT", "alg": "ES256", "kid": own_kid(), "jwk": {}}, b"key"),
    "an unknown critical header": lambda: token(header={"crit": ["unheard"], "unheard": 1}),
    "another signature": lambda: token()[:-4] + "AAAA",
    "no signature": lambda: token().rpartition(".")[0] + ".",
    "half": lambda: token()[: len(token()) // 2],
    "one part more": lambda: token() + ".AAAA",
    "no token": lambda: "not.a.token",
    "no text": lambda: "\x00\xff.é.\u202e",
    "brackets": lambda: f"{NESTED}.{NESTED[:40]}.AAAA",
    "huge": lambda: token(sid="x" * 100_000),
    "empty": lambda: "",
    "blank": lambda: " ",
}


def test_a_good_token_names_its_caller() -> None:
    assert tokens.verify(token()) == tokens.Caller("ada", "phone", "ada")


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_any_other_token_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(make())


def test_a_token_that_is_too_long_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "jwt", None)
    with pytest.raises(Unauthenticated):
        tokens.verify("x" * (tokens.MAX_LENGTH + 1))


@pytest.fixture
def ask(context: Any) -> Callable[[str | None], dict[str, Any]]:
    """Call a route that needs a caller, with this Authorization header."""
    app = http.resolver()

    @app.get("/v1/me")
    def me(caller: http.SignedIn) -> list[str]:
        return [caller.user_id]

    handle = http.handler(app)

    def asked(authorization: str | None) -> dict[str, Any]:
        headers = {} if authorization is None else {"Authorization": authorization}
        return handle(request("GET", "/v1/me", headers=headers), context)

    return asked


def test_a_refusal_does_not_say_what_was_wrong(ask: Callable[[str | None], dict[str, Any]]) -> None:
    # given a token that is good, and whatever else may come in its place
    assert answer(ask(f"Bearer {token()}")) == (200, ["ada"])
    headers = [f"Bearer {make()}" for make in BAD.values()]
    headers += [f"Basic {token()}", f"DPoP {token()}", token(), "Bearer", "", None]
    # when
    answers = [ask(header) for header in headers]
    # then all are alike
    assert {refused["statusCode"] for refused in answers} == {401}
    assert len({refused["body"] for refused in answers}) == 1
    assert {tuple(refused["multiValueHeaders"]["WWW-Authenticate"]) for refused in answers} == {("Bearer",)}
    assert set(answer(answers[0])[1]) == {"type", "title", "status", "detail", "instance", "requestId"}


def test_issued_tokens_are_far_below_the_length_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "put_credential", lambda _item: None)
    assert len(sessions.start(ids.new_id(), "x" * 30, "a test").access_token) < tokens.MAX_LENGTH / 2


def test_issued_tokens_are_accepted_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "put_credential", lambda _item: None)
    session = sessions.start("ada", "ada", "a test")
    user_id, family_id, _secret = session.refresh_token.split(".")
    assert tokens.verify(session.access_token) == tokens.Caller("ada", family_id, "ada")
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


def test_key_rotation_keeps_sessions_valid(monkeypatch: pytest.MonkeyPatch, rotate: Callable[[str], None]) -> None:
    # given a session from before
    monkeypatch.setattr(store, "put_credential", lambda _item: None)
    before = sessions.start("ada", "ada", "a test").access_token
    # when the new key first verifies only, then signs
    rotate("key-1,key-2")
    between = sessions.start("ada", "ada", "a test").access_token
    assert tokens.verify(before).user_id == "ada"
    rotate("key-2,key-1")
    after = sessions.start("ada", "ada", "a test").access_token
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
