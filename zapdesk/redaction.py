"""The one place that knows what is secret and how it may be spelt.

Used for log files, the store, crash files, the clipboard, exports, window titles and the screen.
Live secrets are registered as they are obtained; patterns catch what nobody registered. Each piece
that is hidden can be shown as such, with the reason.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum

HIDDEN = "••••••"
_SHORTEST = 6  # shorter secrets would hide ordinary words

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"}
)


class Reason(StrEnum):
    """Why something is hidden, as it is told."""

    TOKEN = "a token in use"  # words on screen
    PASSWORD = "the value of a PASSWORD field"  # words on screen
    SENSITIVE = "the value of a field marked as sensitive"
    HEADER = "a header that carries credentials"
    NAME = "a value whose name says that it is secret"
    LOOKS = "it looks like a token or key"
    BEFORE = "hidden when it was recorded"


class Guess(Enum):
    """How much is hidden that nobody registered. BODY is for inputs and results, where an
    ordinary field called ``code``, ``state`` or ``token`` must stay readable."""

    NOTHING = 0
    BODY = 1
    EVERYTHING = 2


@dataclass(frozen=True, slots=True)
class Hidden:
    """Where dots stand in a text, and for what."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A text with its secrets replaced by dots, and every place where that was done."""

    text: str
    hidden: tuple[Hidden, ...] = ()


_VALUE = (
    r"(?:((?:=|%3D)[\"']?)[^\s&\"'#,}\\]+"
    r"|(\"\s*:\s*\")(?:[^\"\\]|\\.)+|('\s*:\s*')(?:[^'\\]|\\.)+"
    r"|(\\{1,8}\"\s*:\s*\\{1,8}\")[^\"\\]+)"  # JSON inside JSON
)

# The groups of each are what is kept; the rest is hidden.
_NAMED = re.compile(
    r"(?i)(?<![a-z])((?:access|refresh|subject|id|auth)_?token|client_?secret|secret_?key|password"
    r"|passwd|api_?key|private_?key)" + _VALUE
)
_NAMED_SHORTLY = re.compile(r"(?i)\b(token|secret|code|state)" + _VALUE)
# "Basic understanding" is no secret: a token has a digit or a sign in it, or is long.
_BEARER = re.compile(
    r"(?i)\b((?:bearer|basic)(?:\s|%20|\+){1,4})(?=[a-z0-9._~+/=$-]*[0-9_~+/=$]|[a-z0-9._~+/=$-]{16})"
    r"[a-z0-9._~+/=$-]{6,}"
)
_SHAPES = (
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),  # a JSON web token
    re.compile(r"\b(?:sk|pk|rk)_(?:live|test)_\w{10,}|\bgh[opsu]_\w{30,}|\bxox[abprs]-[\w-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"),
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-\"'<>{}]+"),
    re.compile(r"(\bhttps?://)[^\s/@:\"'<>]{1,200}:[^\s/@\"'<>]{1,200}(?=@)"),
)
_PATTERNS: dict[Guess, tuple[tuple[re.Pattern[str], Reason], ...]] = {
    Guess.NOTHING: (),
    Guess.BODY: (
        (_BEARER, Reason.LOOKS),
        (_NAMED, Reason.NAME),
        *((shape, Reason.LOOKS) for shape in _SHAPES),
    ),
}
_PATTERNS[Guess.EVERYTHING] = (*_PATTERNS[Guess.BODY], (_NAMED_SHORTLY, Reason.NAME))


class Redactor:
    """Hides registered secrets, in their usual spellings, and whatever the patterns know."""

    def __init__(self) -> None:
        self._secrets: dict[str, tuple[Reason, tuple[_Spelling, ...]]] = {}
        self._lock = threading.Lock()

    def register(self, secret: str, reason: Reason = Reason.TOKEN) -> None:
        """Hide ``secret`` from now on, in every spelling known here. One shorter than six
        characters is not taken: it would hide ordinary words."""
        if len(secret) >= _SHORTEST and secret != HIDDEN:
            with self._lock:  # the dictionary is replaced, so that readers need no lock
                self._secrets = {**self._secrets, secret: (reason, tuple(_spellings(secret)))}

    def forget(self, secret: str) -> None:
        """Stop hiding ``secret``, for example after sign-out."""
        with self._lock:
            self._secrets = {s: known for s, known in self._secrets.items() if s != secret}

    def with_secrets(self, secrets: Iterable[tuple[str, Reason]]) -> Redactor:
        """A redactor that hides ``secrets`` too, besides all that this one hides now."""
        made = Redactor()
        made._secrets = self._secrets
        for secret, reason in secrets:
            made.register(secret, reason)
        return made

    def shown(self, text: str, guess: Guess = Guess.EVERYTHING) -> Shown:
        """``text`` as it may be shown, with every place where something is hidden; dots that
        are in it already are told of as well."""
        before = ((m.start(), m.end(), Reason.BEFORE) for m in re.finditer(HIDDEN, text))
        return _replaced(text, [*self._found(text, guess), *before])

    def marked(self, text: str, guess: Guess = Guess.BODY) -> str:
        """As ``shown``, but each place bears a mark of its reason, for a text that goes into a
        larger one; ``shown_marks`` takes the marks out again and tells the places."""
        found = self._found(text, guess)
        return _replaced(text, found, marks=True).text if found else text

    def text(self, text: str) -> str:
        """``text`` with every secret replaced by dots."""
        found = self._found(text, Guess.EVERYTHING)
        return _replaced(text, found).text if found else text

    def exact(self, text: str) -> str:
        """``text`` with registered secrets hidden, but no guessing by pattern.

        For bodies: an ordinary input called ``code`` must stay readable.
        """
        found = self._found(text, Guess.NOTHING)
        return _replaced(text, found).text if found else text

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with secret values hidden; names and order are kept."""
        return tuple(
            (name, HIDDEN if name.lower() in SECRET_HEADERS else self.text(value))
            for name, value in headers
        )

    def _found(self, text: str, guess: Guess) -> list[tuple[int, int, Reason]]:
        found: list[tuple[int, int, Reason]] = []
        for reason, spellings in self._secrets.values():
            for spelling in spellings:
                # Most texts hold no secret: looking for a piece of one is much faster.
                if any(piece in text for piece in spelling.pieces):
                    matches = re.finditer(spelling.pattern, text)
                    found += ((m.start(), m.end(), reason) for m in matches)
        for pattern, reason in _PATTERNS[guess]:
            for match in pattern.finditer(text):
                kept = sum(len(group) for group in match.groups() if group)
                found.append((match.start() + kept, match.end(), reason))
        return found


_REASONS = tuple(Reason)
_FIRST_MARK = 0xF_0000  # private characters, which no text has a reason to contain
# The second way is how the log keeps a PASSWORD value; JSON inside JSON or CSV.
_MARKED = re.compile(
    f"({HIDDEN})([{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + len(_REASONS) - 1)}]?)"
    r"|(\{\s*\\?\"{1,2}\$hidden\\?\"{1,2}\s*:\s*\\?\"{1,2}password\\?\"{1,2}\s*\})"
)


def mark(reason: Reason) -> str:
    """Dots that bear the mark of ``reason``."""
    return HIDDEN + chr(_FIRST_MARK + _REASONS.index(reason))


def shown_marks(text: str) -> Shown:
    """A text made of pieces in which secrets were `Redactor.marked`, without the marks, and
    where each of them was. Dots without a mark were there before."""
    pieces: list[str] = []
    hidden: list[Hidden] = []
    copied = length = 0
    for match in _MARKED.finditer(text):
        pieces.append(text[copied : match.start()])
        at = length + match.start() - copied
        copied = match.end()
        dots, sign, kept = match.groups()
        reason = Reason.BEFORE if dots else Reason.PASSWORD
        if sign:
            reason = _REASONS[ord(sign) - _FIRST_MARK]
        pieces.append(dots or kept)
        length = at + len(pieces[-1])
        hidden.append(Hidden(at, length, reason.value))
    pieces.append(text[copied:])
    return Shown("".join(pieces), tuple(hidden))


def _replaced(text: str, found: list[tuple[int, int, Reason]], *, marks: bool = False) -> Shown:
    pieces: list[str] = []
    hidden: list[Hidden] = []
    copied = length = 0
    for start, end, reason in _apart(found):
        pieces += (text[copied:start], mark(reason) if marks else HIDDEN)
        at = length + start - copied
        length, copied = at + len(HIDDEN), end
        hidden.append(Hidden(at, length, reason.value))
    pieces.append(text[copied:])
    return Shown("".join(pieces), tuple(hidden))


def _apart(found: list[tuple[int, int, Reason]]) -> Iterator[tuple[int, int, Reason]]:
    """The places in order; those that overlap as one, with the reason of the first."""
    current: tuple[int, int, Reason] | None = None
    for start, end, reason in sorted(found, key=lambda place: (place[0], -place[1])):
        if current is not None and start < current[1]:
            current = (current[0], max(end, current[1]), current[2])
            continue
        if current is not None:
            yield current
        current = (start, end, reason)
    if current is not None:
        yield current


_BACKSLASH = r"(?:\\|%(?:25){0,4}5[cC])"


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A pattern for a secret; a text that it matches holds one of ``pieces``."""

    pattern: str
    pieces: tuple[str, ...]


def _spellings(secret: str) -> Iterator[_Spelling]:
    """How a secret may be written: as text, in hexadecimal, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    plain = max(re.findall(r"[a-zA-Z0-9]+", secret), key=len, default="")
    yield _Spelling("".join(map(_character, secret)), (plain,))
    # Every character escaped, those too that need not be.
    units = secret.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(
        rf"{_BACKSLASH}{{1,8}}u{units[at : at + 4]}" for at in range(0, len(units), 4)
    )
    yield _Spelling(f"(?i:{escaped})", _cased(f"u{units[:4]}"))
    percent = "".join(f"%(?:25){{0,4}}{byte:02x}" for byte in raw)
    yield _Spelling(f"(?i:{percent})", _cased(f"{raw[0]:02x}%"))
    escaped = "".join(rf"{_BACKSLASH}{{1,8}}x{byte:02x}" for byte in raw)
    yield _Spelling(f"(?i:{escaped})", _cased(f"x{raw[0]:02x}"))
    first = ord(secret[0])
    referred = "".join(map(_reference, secret))
    yield _Spelling(f"(?i:{referred})", (f"{first};&", *_cased(f"{first:x};&")))
    yield _Spelling(f"(?i:{raw.hex()})", _cased(raw.hex()[:12]))
    wide = secret.encode("utf-16-le", "surrogatepass")
    for form in (raw, wide):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # A secret inside a longer base64 text can start at any of three offsets; the middle
            # part, free of the neighbours' bits, is the same each time.
            for offset in range(3):
                encoded = encode(b"\0" * offset + form).decode()
                start = (0, 2, 3)[offset]
                middle = encoded[start : len(encoded) - (0, 3, 2)[(len(form) + offset) % 3]]
                if len(middle) >= _SHORTEST:
                    yield _in_base64(middle)


def _in_base64(middle: str) -> _Spelling:
    """base64 that may be broken into lines, with its signs escaped for an address."""
    signs = {"+": r"(?:\+|%2[bB])", "/": r"(?:\\{0,8}/|%2[fF])", "=": r"(?:=|%3[dD])"}
    pattern = r"(?:\\{1,8}[rn]|[\r\n]){0,2}".join(signs.get(c, re.escape(c)) for c in middle)
    # A line's end can break one of three pieces, not the others.
    pieces = re.findall(r"[\w-]{8}", middle)[:3]
    if len(pieces) < 2:
        pieces = re.findall(r"[\w-]{4}", middle)
    return _Spelling(pattern, tuple(pieces) if len(pieces) > 1 else ("",))


def _cased(text: str) -> tuple[str, ...]:
    return (text.lower(), text.upper())


def _character(character: str) -> str:
    """One character as any writer of URLs, JSON, HTML, CSV or shell commands may spell it, also
    one inside the other."""
    if character.isascii() and character.isalnum():
        return character
    raw = character.encode("utf-8", "surrogatepass")
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escape = json.dumps(character)[1:-1]
    spelt = {
        _BACKSLASH + "{0,8}" + re.escape(character),
        f"(?i:{_BACKSLASH}{{0,8}}" + "".join(f"%(?:25){{0,4}}{byte:02x}" for byte in raw) + ")",
        "(?i:"
        + "".join(rf"{_BACKSLASH}{{1,8}}u{units[at : at + 4]}" for at in range(0, len(units), 4))
        + ")",
        "(?i:" + "".join(rf"{_BACKSLASH}{{1,8}}x{byte:02x}" for byte in raw) + ")",
        rf"(?i:{_BACKSLASH}{{1,8}}x{ord(character):02x}|{_BACKSLASH}{{1,8}}u{ord(character):08x})",
        f"(?i:{_reference(character)})",
    }
    if len(escape) == 2 and character not in "\\\"'":
        spelt.add(_BACKSLASH + "{1,8}" + re.escape(escape[1]))
    spelt |= {
        " ": {r"\+"},
        "\\": {_BACKSLASH + "{1,8}"},
        '"': {"(?:" + _BACKSLASH + '{0,8}"){1,8}'},  # CSV doubles it
        # Inside quotes of a shell, the second way within JSON or not.
        "'": {"'" + _BACKSLASH + "{1,8}''", "''", "'@\"'@\"'".replace("@", _BACKSLASH + "{0,8}")},
    }.get(character, set())
    # The longest first: a backslash begins its own escapes.
    return f"(?:{'|'.join(sorted(spelt, key=len, reverse=True))})"


_NAMED_REFERENCES = {
    "&": "|amp;", "<": "|lt;", ">": "|gt;", '"': "|quot;", "'": "|apos;", "\xa0": "|nbsp;"
}  # fmt: skip


def _reference(character: str) -> str:
    """A character reference of HTML, escaped again or not."""
    code = ord(character)
    named = _NAMED_REFERENCES.get(character, "")
    return f"&(?:amp;){{0,4}}(?:#0{{0,4}}{code};|#x0{{0,4}}{code:x};{named})"


REDACTOR = Redactor()
