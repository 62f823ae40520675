"""Opaque page cursors: a keyset position that only the list and viewer it was made for can use, and nobody can read.

A position may be the id of something that was left out of the page because this viewer may not see it. So it is
encrypted, with AES-SIV (RFC 5297), which needs no nonce: the same position always gives the same cursor.
"""

import base64
import binascii
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from heliograph import aws, config
from heliograph.errors import Malformed

MAX_LENGTH = 2048


class CursorSettings(config.Settings):
    cursor_secret: str


def seal(listing: str, viewer_id: str, position: Any) -> str | None:
    """The cursor for a JSON-able position in `listing`; None when there is no further page."""
    if position is None:
        return None
    payload = json.dumps(position, separators=(",", ":")).encode()
    sealed = _cipher().encrypt(payload, _bound(listing, viewer_id))
    return _written(sealed)


def open_(listing: str, viewer_id: str, cursor: str | None) -> Any:
    """The position inside a cursor, None for none. Raises Malformed for a tampered or foreign cursor."""
    if cursor is None:
        return None
    if len(cursor) > MAX_LENGTH:
        raise Malformed("The cursor is not valid here")
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        payload = _cipher().decrypt(sealed, _bound(listing, viewer_id))
    except (binascii.Error, ValueError, InvalidTag):
        raise Malformed("The cursor is not valid here") from None
    # The last letter may have bits to spare: one position has one cursor only.
    if _written(sealed) != cursor:
        raise Malformed("The cursor is not valid here")
    return json.loads(payload)


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _cipher() -> AESSIV:
    secret = aws.secret(config.read(CursorSettings).cursor_secret)
    return AESSIV(hashlib.sha512(secret).digest())


def _bound(listing: str, viewer_id: str) -> list[bytes]:
    return [listing.encode(), viewer_id.encode()]
