"""JSON taken apart one level at a time, by byte ranges, without ever being parsed as a whole.

A child is where it begins and ends; only what is looked at is decoded. Keys that repeat, NaN,
numbers of any length and documents that end too early are kept and shown as they stand: nothing
here raises for what a server sent. No single call works on more than the window it is given, so a
caller can stop between two of them.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from enum import Enum

WINDOW = 32 * 1024
"""Bytes looked at in one step: a few milliseconds in the worst case."""

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_UP_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+", re.DOTALL)
_TOKEN = re.compile(_STRING + rb'|[\[\]{},:]|[^\s"\[\]{},:]++', re.DOTALL)
_SIMPLE_CHILD = re.compile(
    rb"[ \t\r\n]*+(?:("
    + _STRING
    + rb")[ \t\r\n]*+:[ \t\r\n]*+)?+("
    # A literal that reaches the end of the window may go on behind it: the comma says it does not.
    + _STRING
    + rb'|[^\s"\[\]{},:]++)[ \t\r\n]*+,',
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\(.)",
    re.DOTALL,
)
_CUT_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_NUMBER = re.compile(rb"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?$")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_QUOTE, _BACKSLASH = b'"\\'
_OPEN, _CLOSE = frozenset(b"{["), frozenset(b"}]")
_BOM = b"\xef\xbb\xbf"


class JsonKind(Enum):
    """What a value is; ODD is what JSON does not know, such as NaN, or nothing at all."""

    OBJECT = "object"
    ARRAY = "list"
    STRING = "text"
    NUMBER = "number"
    BOOLEAN = "true or false"
    NULL = "null"
    ODD = "not JSON"

    @property
    def has_children(self) -> bool:
        return self in {JsonKind.OBJECT, JsonKind.ARRAY}


Span = tuple[int, int]
"""Where something stands in the document: the first byte, and the one behind the last."""


def root_span(data: bytes) -> Span:
    """Where the document's one value stands, without the white space around it."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    start = _space_end(data, start, len(data))
    end = len(data)
    while end > start and data[end - 1] in b" \t\r\n":
        end -= 1
    return start, end


def kind_of(data: bytes, span: Span) -> JsonKind:
    """What the value at ``span`` is, by its first byte and, where that is cheap, by all of it."""
    start, end = span
    match data[start : start + 1]:
        case b"{":
            return JsonKind.OBJECT
        case b"[":
            return JsonKind.ARRAY
        case b'"':
            return JsonKind.STRING
    if end - start <= 5:
        match data[start:end]:
            case b"true" | b"false":
                return JsonKind.BOOLEAN
            case b"null":
                return JsonKind.NULL
    if end - start > WINDOW or _NUMBER.match(data, start, end):
        is_number = data[start : start + 1] in (b"-", *(b"%d" % n for n in range(10)))
        return JsonKind.NUMBER if is_number else JsonKind.ODD
    return JsonKind.ODD


def is_empty(data: bytes | None) -> bool:
    """Whether a result holds no data: nothing, null, or a list or object without anything in it."""
    if data is None:
        return True
    start, end = root_span(data)
    body = data[start:end] if end - start <= WINDOW else b"?"
    return (
        body in (b"", b"null") or re.fullmatch(rb"\[\s*(?:\{\s*\})?\s*\]|\{\s*\}", body) is not None
    )


class ChildScanner:
    """Finds the children of the object or list at ``span``, a window at a time.

    ``starts`` and ``ends`` grow with every ``step``; for an object so do ``key_starts`` and
    ``key_ends`` (quotes included; an empty range where a key is missing).
    """

    def __init__(self, data: bytes, span: Span) -> None:
        self._data = data
        self._start, self._end = span
        self._position = self._start + 1
        self._depth = 1
        self._string_start = -1
        self._key: Span | None = None
        self._value_start = -1
        self._value_end = -1
        self.is_object = data[self._start : self._start + 1] == b"{"
        self.starts = array("Q")
        self.ends = array("Q")
        self.key_starts = array("Q")
        self.key_ends = array("Q")
        self.is_done = self._start >= self._end
        self.is_damaged = False

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def read_bytes(self) -> int:
        """How far the scan has come, from the container's first byte."""
        return self._position - self._start

    @property
    def total_bytes(self) -> int:
        return self._end - self._start

    def span(self, number: int) -> Span:
        """Where a child's value stands."""
        return self.starts[number], self.ends[number]

    def key_span(self, number: int) -> Span | None:
        """Where a child's key stands, quotes included; ``None`` in a list."""
        if not self.is_object:
            return None
        return self.key_starts[number], self.key_ends[number]

    @property
    def begun(self) -> tuple[Span, Span] | None:
        """Key and value of the field at which the last window ended, as far as it was read."""
        start = self._value_start if self._value_start >= 0 else self._string_start
        if self.is_done or self._key is None or start < 0:
            return None
        return self._key, (start, self._position)

    def repeated(self, most: int = 1_000) -> frozenset[int]:
        """Which children have a key that occurs more than once (the last is what JSON means);
        looked for only where there are at most ``most`` children.
        """
        if not self.is_object or len(self) > most:
            return frozenset()
        keys = [self._data[a:b] for a, b in zip(self.key_starts, self.key_ends, strict=True)]
        counts = Counter(keys)
        return frozenset(n for n, key in enumerate(keys) if counts[key] > 1)

    def step(self, window: int = WINDOW) -> None:
        """Look at the next ``window`` bytes."""
        # Of one byte alone it cannot be told whether it begins an escape.
        limit = min(self._position + max(window, 2), self._end)
        while not self.is_done and self._position < limit:
            before = self._position
            if self._string_start >= 0:
                self._string(limit)
            elif self._depth > 1:
                self._skip(limit)
            else:
                self._child(limit)
            if self._position == before:
                break
        if not self.is_done and limit == self._end:
            self._finish(is_damaged=True)

    def run(self) -> ChildScanner:
        """Look at everything at once; for small containers."""
        while not self.is_done:
            self.step()
        return self

    def _string(self, limit: int) -> None:
        # A string that the last window cut.
        match = _STRING_REST.match(self._data, self._position, limit)
        self._position = match.end() if match else self._position
        if self._position < limit and self._data[self._position] == _QUOTE:
            self._position += 1
            start, self._string_start = self._string_start, -1
            if self._depth == 1:
                self._text(start, self._position)

    def _skip(self, limit: int) -> None:
        match = _UP_TO_BRACKET.match(self._data, self._position, limit)
        self._position = match.end() if match else self._position
        if self._position >= limit:
            return
        byte = self._data[self._position]
        if byte == _QUOTE:
            self._string_start = self._position
        else:
            self._depth += 1 if byte in _OPEN else -1
            self._value_end = self._position + 1
        self._position += 1

    def _child(self, limit: int) -> None:
        if self._value_start < 0 and self._key is None:
            simple = _SIMPLE_CHILD.match(self._data, self._position, limit)
            if simple and (simple.start(1) >= 0) == self.is_object:
                self._append(simple.span(1), simple.span(2))
                self._position = simple.end()
                return
        self._position = _space_end(self._data, self._position, limit)
        if self._position >= limit:
            return
        token = _TOKEN.match(self._data, self._position, limit)
        if token is None:
            self._string_start = self._position
            self._position += 1
            return
        start, end = token.span()
        self._position = end
        byte = self._data[start]
        if byte in _OPEN:
            self._begin(start, end)
            self._depth = 2
        elif byte in _CLOSE:
            self._finish(is_damaged=False)
        elif byte == _QUOTE:
            self._text(start, end)
        elif byte == 0x2C:
            self._flush()
        elif byte != 0x3A:
            self._begin(start, end)

    def _text(self, start: int, end: int) -> None:
        if self.is_object and self._key is None and self._value_start < 0:
            self._key = (start, end)
        else:
            self._begin(start, end)

    def _begin(self, start: int, end: int) -> None:
        if self._value_start < 0:
            self._value_start = start
        self._value_end = end

    def _flush(self) -> None:
        if self._value_start >= 0 or self._key is not None:
            here = self._key[1] if self._key else self._value_start
            value = (
                (self._value_start, max(self._value_end, self._value_start))
                if self._value_start >= 0
                else (here, here)
            )
            self._append(self._key or (value[0], value[0]), value)
        self._key, self._value_start, self._value_end = None, -1, -1

    def _append(self, key: Span, value: Span) -> None:
        self.starts.append(value[0])
        self.ends.append(value[1])
        if self.is_object:
            self.key_starts.append(key[0])
            self.key_ends.append(key[1])

    def _finish(self, *, is_damaged: bool) -> None:
        if is_damaged:
            if self._string_start >= 0 and self._depth == 1:
                self._text(self._string_start, self._end)
            elif self._value_start >= 0:
                self._value_end = self._end
        self._flush()
        self.is_done, self.is_damaged = True, is_damaged
        self._position = self._end


def scalar_text(data: bytes, span: Span, limit: int | None = None) -> str:
    """A value as a person reads it: a string without quotes and escapes, all else as it stands.

    At most ``limit`` characters and then an ellipsis. Lone surrogates survive as such.
    """
    start, end = span
    is_string = data[start : start + 1] == b'"'
    if is_string:
        start += 1
        end -= end > start and data[end - 1] == _QUOTE
    # An escape is at most twelve bytes for one character.
    most = end if limit is None else min(end, start + 12 * (limit + 1))
    text = _decoded(data, start, most)
    if is_string:
        text = _ESCAPE.sub(_unescaped, _CUT_ESCAPE.sub("", text) if most < end else text)
    if limit is not None and (len(text) > limit or most < end):
        text = text[: max(limit - 1, 0)] + "…"
    return text


def preview(data: bytes, span: Span, limit: int = 120) -> str:
    """The beginning of an object or list on one line."""
    start, end = span
    most = min(end, start + 4 * limit)
    text = " ".join(_decoded(data, start, most).split())
    return text if len(text) <= limit and most == end else text[: limit - 1] + "…"


def exact_text(data: bytes, span: Span) -> str:
    """The bytes of a value as text, for copying."""
    return data[span[0] : span[1]].decode("utf-8", "replace")


def _space_end(data: bytes, start: int, end: int) -> int:
    match = _SPACE.match(data, start, end)
    return match.end() if match else start


def _decoded(data: bytes, start: int, end: int) -> str:
    # Not in the middle of a character: at most three bytes belong to one that began before.
    for _ in range(3):
        if start < end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
    return data[start:end].decode("utf-8", "replace")


def _unescaped(match: re.Match[str]) -> str:
    high, low, single, letter = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if single:
        return chr(int(single, 16))
    return _LETTERS.get(letter, letter)
