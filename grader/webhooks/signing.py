"""How deliveries are signed: HMAC-SHA256 over id, moment and body, as Standard Webhooks has it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32
MAX_TIMESTAMP_DIGITS = 20
MAX_AGE_S = 15 * 60  # with clocks that differ; who sends again signs again


def new_secret() -> str:
    """Return a fresh secret: `whsec_` and 32 random bytes in base 64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature `v1,…` of a message; `timestamp` in seconds since 1970."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signatures(secret_texts: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: a signature by each secret that is good at present."""
    return " ".join(sign(secret, message_id, timestamp, body) for secret in secret_texts)


def is_signed(secret: str, header: str, message_id: str, timestamp: str, body: bytes) -> bool:
    """Whether one of the header's signatures is by this secret; compares in constant time."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MAX_TIMESTAMP_DIGITS):
        return False
    expected = sign(secret, message_id, int(timestamp), body).encode()
    return any(hmac.compare_digest(expected, given.encode()) for given in header.split(" "))


def is_recent(timestamp: str, at_s: float) -> bool:
    """Whether a message signed at this moment may still be taken at `at_s`, both in seconds since 1970."""
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MAX_TIMESTAMP_DIGITS
    return is_number and abs(int(timestamp) - at_s) <= MAX_AGE_S


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
