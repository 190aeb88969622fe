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

HIDDEN = "••••••"
_SHORTEST = 6  # shorter secrets would hide ordinary words

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"}
)

# The groups of each are what is kept; the rest is hidden.
_PATTERNS = (
    # "Basic understanding" is no secret: a token has a digit or a sign in it, or is long.
    re.compile(
        r"(?i)\b((?:bearer|basic)\s+)(?=[a-z0-9._~+/=$-]*[0-9_~+/=$]|[a-z0-9._~+/=$-]{16})"
        r"[a-z0-9._~+/=$-]{6,}"
    ),
    re.compile(
        r"(?i)\b(access_token|refresh_token|client_secret|subject_token|id_token|password"
        r"|api_key|token|code|state)"
        r"(?:(=|%3D)[^\s&\"'#,}]+|(\"\s*:\s*\")(?:[^\"\\]|\\.)+|('\s*:\s*')(?:[^'\\]|\\.)+)"
    ),
)


class Redactor:
    """Hides registered secrets, in their usual spellings, and whatever the patterns know."""

    def __init__(self) -> None:
        self._spellings: dict[str, str] = {}
        self._matcher: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def register(self, secret: str) -> None:
        """Hide ``secret`` from now on: raw, URL-encoded, JSON-escaped and base64."""
        if len(secret) < _SHORTEST:
            return
        with self._lock:
            self._spellings[secret] = "|".join(_spellings(secret))
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
            text = pattern.sub(_kept_and_hidden, text)
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
        # The longest first: one secret may be the beginning of another.
        every = [self._spellings[secret] for secret in sorted(self._spellings, key=len)[::-1]]
        self._matcher = re.compile("|".join(every)) if every else None


def _kept_and_hidden(match: re.Match[str]) -> str:
    return "".join(group for group in match.groups() if group) + HIDDEN


def _spellings(secret: str) -> Iterable[str]:
    """Regular expressions for ``secret``: as text, in hexadecimal, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield "".join(map(_character, secret))
    yield raw.hex()
    yield raw.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # A secret inside a longer base64 text can start at any of three offsets; the middle
        # part, free of the neighbours' bits, is the same each time.
        for offset in range(3):
            encoded = encode(b"\0" * offset + raw).decode()
            start = (0, 2, 3)[offset]
            end = len(encoded) - (0, 3, 2)[(len(raw) + offset) % 3]
            if end - start >= _SHORTEST:
                yield re.escape(encoded[start:end])


def _character(character: str) -> str:
    """One character raw, as any writer of URLs or JSON may spell it."""
    if character.isascii() and character.isalnum():
        return character
    raw = character.encode("utf-8", "surrogatepass")
    units = character.encode("utf-16-be", "surrogatepass").hex()
    spelt = {
        re.escape(character),
        re.escape(json.dumps(character)[1:-1]),
        "(?i:" + "".join(f"%{byte:02x}" for byte in raw) + ")",
        "(?i:" + "".join(rf"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + ")",
    }
    if character in "/ ":
        spelt.add({"/": r"\\/", " ": r"\+"}[character])
    # The longest first: a backslash begins its own escapes.
    return f"(?:{'|'.join(sorted(spelt, key=len, reverse=True))})"


REDACTOR = Redactor()
