"""What a row of a JSON document says: texts that are safe to look at, and how they are drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from zapdesk.domain.facts import size_text
from zapdesk.domain.json_outline import (
    ChildScanner,
    JsonKind,
    Span,
    kind_of,
    preview,
    scalar_text,
)
from zapdesk.domain.recognition import LOOKED_AT, Special, recognise
from zapdesk.redaction import HIDDEN
from zapdesk.ui.plain_text import visible_text

CELL_LIMIT = 500
AT_ONCE = 16 * 1024
"""Bytes that are read without a pause: about a millisecond."""
# What stands in the log in the place of a PASSWORD value.
_HIDDEN = re.compile(rb'\{\s*"\$hidden"\s*:\s*"password"\s*\}')

KIND_TOKENS: Mapping[JsonKind, str] = {
    JsonKind.OBJECT: "muted",
    JsonKind.ARRAY: "muted",
    JsonKind.STRING: "success",
    JsonKind.NUMBER: "accent",
    JsonKind.BOOLEAN: "unknown",
    JsonKind.NULL: "unknown",
    JsonKind.ODD: "error",
}
SPECIAL_ICONS = {
    Special.LINK: "external-link",
    Special.IMAGE: "image",
    Special.HTML: "code",
    Special.BASE64: "file",
}


@dataclass(frozen=True, slots=True)
class JsonCell:
    """What a row says: safe texts, what kind of value it is (``None`` for a group), and what
    else a text is."""

    key: str
    value: str
    kind: JsonKind | None
    special: Special | None = None


def is_hidden(data: bytes, span: Span) -> bool:
    """Whether the marker of a PASSWORD value stands there, as it does in the log."""
    return _HIDDEN.fullmatch(data, *span) is not None


def special_of(data: bytes, span: Span) -> Special | None:
    """What else the text at ``span`` is."""
    return recognise(scalar_text(data, span, LOOKED_AT), span[1] - span[0] - 2)


def value_words(data: bytes, span: Span, *, are_inputs: bool = False) -> str:
    """A value on one line; of what holds others how much it holds."""
    kind = kind_of(data, span)
    if kind is JsonKind.STRING:
        return f'"{shown(scalar_text(data, span, CELL_LIMIT))}"'
    if not kind.has_children:
        return shown(scalar_text(data, span, CELL_LIMIT)) or "nothing"
    size = span[1] - span[0]
    if are_inputs and is_hidden(data, span):
        return f"{HIDDEN}  never stored"
    if size > AT_ONCE:
        return f"{kind.value} of {size_text(size)}"
    if size <= 100:
        return shown(preview(data, span))
    count = len(ChildScanner(data, span).run())
    noun = "field" if kind is JsonKind.OBJECT else "item"
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shown(text: str) -> str:
    """A text on one line, with what cannot be seen written out."""
    return visible_text(text, CELL_LIMIT).replace("\n", "↵").replace("\t", "⇥")
