"""Opaque page cursors: a keyset position, authenticated so that only the list and viewer it was made for accept it."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from heliograph import aws, config
from heliograph.errors import Malformed

TAG_BYTES = 16
MAX_LENGTH = 2048


class CursorSettings(config.Settings):
    cursor_secret: str


def _tag(listing: str, viewer_id: str, payload: bytes) -> bytes:
    secret = aws.secret(config.read(CursorSettings).cursor_secret)
    bound = json.dumps([listing, viewer_id]).encode() + payload
    return hmac.new(secret, bound, hashlib.sha256).digest()[:TAG_BYTES]


def seal(listing: str, viewer_id: str, position: Any) -> str | None:
    """The cursor for a JSON-able position in `listing`; None when there is no further page."""
    if position is None:
        return None
    payload = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_tag(listing, viewer_id, payload) + payload).decode().rstrip("=")


def open_(listing: str, viewer_id: str, cursor: str | None) -> Any:
    """The position inside a cursor, None for none. Raises Malformed for a tampered or foreign cursor."""
    if cursor is None:
        return None
    if len(cursor) > MAX_LENGTH:
        raise Malformed("The cursor is not valid here")
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("The cursor is not valid here") from None
    tag, payload = sealed[:TAG_BYTES], sealed[TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(listing, viewer_id, payload)):
        raise Malformed("The cursor is not valid here")
    return json.loads(payload)
