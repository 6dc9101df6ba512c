"""Secrets that we must be able to read again, such as other hosts' tokens, sealed before they are stored.

AES-256-GCM under a key that is derived from the installation's secret key. What a text is for is
authenticated with it, so that nothing sealed for one purpose opens as another. A copy of the database alone
tells none of them; whoever changes the secret key has to enter them anew.
"""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from grader.errors import SealError
from grader.secret_key import secret_key
from grader.settings import Settings

VERSION = "1"
NONCE_BYTES = 12


class Sealer:
    """Seals and opens texts; threads may share one."""

    def __init__(self, key: str):
        derived = HKDF(SHA256(), length=32, salt=None, info=b"grader: sealed texts, version 1")
        self._cipher = AESGCM(derived.derive(key.encode()))

    def seal(self, text: str, purpose: str) -> str:
        """Return the text so that only `open` under the same key and purpose can read it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), purpose.encode())
        return f"{VERSION}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Return the text; SealError if it was sealed under another key or for another purpose."""
        version, _, data = sealed.partition(":")
        try:
            if version != VERSION:
                raise ValueError(version)
            content = base64.b64decode(data, validate=True)
            return self._cipher.decrypt(
                content[:NONCE_BYTES], content[NONCE_BYTES:], purpose.encode()
            ).decode()
        except (InvalidTag, ValueError):
            text = "A stored secret can't be read: the installation's secret key has changed. Enter it anew."
            raise SealError(text) from None


def sealer_of(settings: Settings) -> Sealer:
    """Return the sealer of this installation."""
    return Sealer(secret_key(settings))
