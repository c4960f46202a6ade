"""Signatures of Standard Webhooks 1.0 (HMAC-SHA256, ``v1``) and the secrets they are made with. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from streams.config.settings import Settings
from streams.config.values import SettingsError

SHORTEST_KEY = 24
"""Bytes that Standard Webhooks asks of a secret."""
PREFIX = "whsec_"


def signed(message_id: str, body: bytes, keys: Sequence[bytes], now: int) -> dict[str, str]:
    """The three headers; ``now`` in Unix seconds. One signature a key, so that a secret can be changed."""
    content = f"{message_id}.{now}.".encode() + body
    marks = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def keys_of(settings: Settings) -> list[bytes]:
    """The secrets as keys. Raises `SettingsError` where there is none, or one that is no such secret."""
    given = settings.webhook_secret.get_secret_value().split() if settings.webhook_secret else []
    if not given:
        raise SettingsError("WEBHOOK_SECRET is not set: without a signature anybody could post to a receiver")
    return [_key(secret) for secret in given]


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or len(key) < SHORTEST_KEY:
        step = f'printf "{PREFIX}%s" "$(openssl rand -base64 32)" makes one'
        raise SettingsError(f"WEBHOOK_SECRET is {PREFIX} and base64 of {SHORTEST_KEY} bytes or more; {step}")
    return key
