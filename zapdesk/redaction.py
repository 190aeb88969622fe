"""The one place that knows what is secret and how it may be spelt.

Used for log files, stored exchanges, crash files, the clipboard and the screen. Live secrets are
registered as they are obtained; patterns catch what nobody registered.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "••••••"
_SHORTEST = 6  # shorter secrets would hide ordinary words

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"}
)

_PATTERNS = (
    re.compile(r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=$-]{6,}"),
    re.compile(
        r"(?i)\b(access_token|refresh_token|client_secret|subject_token|id_token|password"
        r"|api_key|token|code|state)(=|%3D|[\"']\s*:\s*[\"'])[^\s&\"'#,}]+"
    ),
)


class Redactor:
    """Hides registered secrets, in their usual spellings, and whatever the patterns know."""

    def __init__(self) -> None:
        self._spellings: dict[str, frozenset[str]] = {}
        self._matcher: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def register(self, secret: str) -> None:
        """Hide ``secret`` from now on: raw, URL-encoded, JSON-escaped and base64."""
        if len(secret) < _SHORTEST:
            return
        with self._lock:
            self._spellings[secret] = frozenset(_spellings(secret))
            self._compile()

    def forget(self, secret: str) -> None:
        """Stop hiding ``secret``, for example after sign-out."""
        with self._lock:
            if self._spellings.pop(secret, None) is not None:
                self._compile()

    def text(self, text: str) -> str:
        """``text`` with every secret replaced by dots."""
        matcher = self._matcher
        if matcher is not None:
            text = matcher.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<1>\g<2>{HIDDEN}", text)
        return text

    def exact(self, text: str) -> str:
        """``text`` with registered secrets hidden, but no guessing by pattern.

        For bodies: an ordinary input called ``code`` must stay readable.
        """
        matcher = self._matcher
        return matcher.sub(HIDDEN, text) if matcher is not None else text

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with secret values hidden; names and order are kept."""
        return tuple(
            (name, HIDDEN if name.lower() in SECRET_HEADERS else self.text(value))
            for name, value in headers
        )

    def _compile(self) -> None:
        every = sorted({s for group in self._spellings.values() for s in group}, key=len)
        self._matcher = re.compile("|".join(map(re.escape, reversed(every)))) if every else None


def _spellings(secret: str) -> Iterable[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield quote(raw, safe="")
    yield quote_plus(raw)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield raw.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # A secret inside a longer base64 text can start at any of three offsets; the middle
        # part, free of the neighbours' bits, is the same each time.
        for offset in range(3):
            encoded = encode(b"\0" * offset + raw).decode()
            start = (0, 2, 3)[offset]
            end = len(encoded) - (0, 3, 2)[(len(raw) + offset) % 3]
            if end - start >= _SHORTEST:
                yield encoded[start:end].rstrip("=")


REDACTOR = Redactor()
