"""Secrets in texts for people: blanked here, and nowhere else."""

from __future__ import annotations

import re

HIDDEN = "***"
_LOGIN = re.compile(r"(://)(:?)[^/\s@\"'<>]*@")
_NAMED = re.compile(
    r"(?i)(\b[\w.-]*(?:auth|token|secret|api[-_]?key|passw|session|credential|signature)[\w.-]*=)[^\s&\"']+"
)
_HEADER = re.compile(r"(?i)(bearer\s+|authorization\W+)[^\s&@\"']+")


def without_secrets(text: str) -> str:
    """``text`` without the logins of addresses, the values of secret parameters, and what proves who asks."""
    if "@" in text:
        text = _LOGIN.sub(rf"\1\2{HIDDEN}@", text)
    return _HEADER.sub(rf"\1{HIDDEN}", _NAMED.sub(rf"\1{HIDDEN}", text))
