"""Sessions: a short access token, and a refresh token that is replaced at every use.

A refresh token is `<userId>.<familyId>.<secret>`; only the secret's SHA-256 is stored, one item per family (device).
Whoever presents a secret that is not the family's current one holds a stolen or a replayed token: the family ends.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jwt.utils import base64url_encode, der_to_raw_signature

from functions.accounts import store
from heliograph import admission, aws, clock, config, ids, tokens
from heliograph.errors import Unauthenticated
from heliograph.tables import Slice
from heliograph.tokens import ACCESS_SECONDS

REFRESH_SECONDS = 30 * 24 * 3600
SECRET_BYTES = 32
DEVICE_MAX = 200


@dataclass(frozen=True)
class Session:
    """`expires_in`: seconds the access token lives."""

    user_id: str
    access_token: str
    refresh_token: str
    expires_in: int = ACCESS_SECONDS


@dataclass(frozen=True)
class Device:
    """Where somebody is signed in: one session. `name`: what the device says of itself (its User-Agent)."""

    session_id: str
    name: str
    created_at: datetime
    last_used_at: datetime


def start(user_id: str, username: str, device: str) -> Session:
    """A new session on a new device."""
    family_id = ids.new_id()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = clock.now()
    store.put_credential(
        store.CredentialItem(
            user_id,
            store.SESSION + family_id,
            secret_hash=digest(secret),
            device=device[:DEVICE_MAX],
            created_at=now,
            last_used_at=now,
            expires_at=clock.epoch(now) + REFRESH_SECONDS,
        )
    )
    return _session(user_id, username, family_id, secret)


def refresh(refresh_token: str) -> Session:
    """The session's next pair of tokens. Raises Unauthenticated; a reused token also ends its family."""
    user_id, family_id, secret = _parts(refresh_token)
    name = store.SESSION + family_id
    fresh = secrets.token_urlsafe(SECRET_BYTES)
    now = clock.now()
    known, user = store.credential(user_id, name), store.user(user_id)
    if known is None or user is None or known.expires_at <= clock.epoch(now):
        raise Unauthenticated("The session has ended")
    until = clock.epoch(now) + REFRESH_SECONDS
    if not store.rotate(user_id, name, old_hash=digest(secret), new_hash=digest(fresh), used_at=now, expires_at=until):
        end(user_id, family_id)
        raise Unauthenticated("This refresh token was used before; its session has been ended")
    return _session(user_id, user.username, family_id, fresh)


def end(user_id: str, family_id: str) -> None:
    """End a session, if there is such a one. Its access tokens first: whoever gets no answer asks again."""
    name = store.SESSION + family_id
    if store.credential(user_id, name):
        admission.end_session(user_id, family_id)
        store.drop_credential(user_id, name)


def end_all(user_id: str) -> None:
    """End every session of an account."""
    admission.end_sessions(user_id)
    store.drop_sessions(user_id)


def devices(user_id: str, position: Any, count: int) -> Slice[Device]:
    """Where an account is signed in, in the order of signing in."""
    found = store.sessions(user_id, position, count, now=clock.epoch(clock.now()))
    return Slice(list(map(_device, found.items)), found.next)


def family_of(refresh_token: str) -> tuple[str, str]:
    """The account and the family that a refresh token names. Raises Unauthenticated for another form."""
    user_id, family_id, _ = _parts(refresh_token)
    return user_id, family_id


def digest(secret: str) -> str:
    """SHA-256 is enough for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _device(item: store.CredentialItem) -> Device:
    return Device(
        session_id=item.credential.removeprefix(store.SESSION),
        name=item.device or "",
        created_at=item.created_at,
        last_used_at=item.last_used_at or item.created_at,
    )


def _parts(refresh_token: str) -> tuple[str, str, str]:
    parts = refresh_token.split(".")
    if len(parts) != 3 or not all(ids.well_formed(part) for part in parts):
        raise Unauthenticated("The refresh token is not valid")
    return parts[0], parts[1], parts[2]


def _session(user_id: str, username: str, family_id: str, secret: str) -> Session:
    return Session(user_id, _access_token(user_id, username, family_id), f"{user_id}.{family_id}.{secret}")


def _access_token(user_id: str, username: str, family_id: str) -> str:
    """A JWT (RFC 7519) whose signing input is hashed and signed inside KMS; the private key never leaves it."""
    key = tokens.signing_keys()[0]
    issued = clock.epoch(clock.now())
    header = {"typ": tokens.TYPE, "alg": tokens.ALGORITHM, "kid": key.kid}
    claims = {
        "iss": config.read(tokens.TokenSettings).issuer,
        "sub": user_id,
        "sid": family_id,
        "preferred_username": username,
        "iat": issued,
        "exp": issued + ACCESS_SECONDS,
    }
    signing_input = ".".join(base64url_encode(json.dumps(part).encode()).decode() for part in (header, claims))
    answer = aws.client("kms").sign(
        KeyId=key.key_id, Message=signing_input.encode(), MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
    )
    signature = der_to_raw_signature(answer["Signature"], key.public_key.curve)
    return f"{signing_input}.{base64url_encode(signature).decode()}"
