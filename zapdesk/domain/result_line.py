"""What a result says in one line, for lists of runs: how much there is, and how it begins.

"Success" is the server's word for its own work; this is what the app sent back.
"""

from __future__ import annotations

import re

from zapdesk.domain.facts import telling_part
from zapdesk.domain.json_outline import (
    ChildScanner,
    JsonKind,
    Span,
    is_empty,
    kind_of,
    preview,
    root_span,
    scalar_text,
)
from zapdesk.domain.result_words import NO_DATA, SAYS

_READ_UP_TO = 32 * 1024  # of a longer one only the beginning is looked at
_LONGEST_VALUE = 60
_MOST_VALUES = 3
_LONGEST_LINE = 160
_UNTOLD = frozenset({JsonKind.OBJECT, JsonKind.ARRAY, JsonKind.NULL})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:")
_OWN_WORDS = frozenset({"message", "summary", "output", "result", "status"})


def result_line(results: bytes | None) -> str:
    """``3 items``, ``id: 42, name: Ada``, ``No data returned``; at most 160 characters."""
    if results is None or is_empty(results):
        return NO_DATA
    if quote := telling_part(results):
        return SAYS + quote
    span = root_span(results)
    if span[1] - span[0] > _READ_UP_TO:
        return preview(results, span, _LONGEST_LINE)
    if kind_of(results, span) is not JsonKind.ARRAY:
        return _one(results, span)
    items = ChildScanner(results, span).run()
    if len(items) != 1:
        return f"{len(items)} items"
    return _one(results, items.span(0))


def _one(results: bytes, span: Span) -> str:
    kind = kind_of(results, span)
    if kind is JsonKind.ARRAY:
        return f"A list of {len(ChildScanner(results, span).run())}"
    if kind is not JsonKind.OBJECT:
        return scalar_text(results, span, _LONGEST_LINE)
    fields = ChildScanner(results, span).run()
    told = []
    for number in range(len(fields)):
        place, key = fields.span(number), fields.key_span(number)
        if key is None or kind_of(results, place) in _UNTOLD:
            continue
        text = " ".join(scalar_text(results, place, _LONGEST_VALUE).split())
        if text:
            told.append((scalar_text(results, key, _LONGEST_VALUE), text))
    if not told:
        return f"{len(fields)} field{'' if len(fields) == 1 else 's'}"
    told.sort(key=_rank)
    line = ", ".join(f"{name}: {text}" for name, text in told[:_MOST_VALUES])
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _rank(told: tuple[str, str]) -> int:
    """What the app says in words comes first, moments last: the run has a time of its own."""
    name, text = told
    if name.lower() in _OWN_WORDS:
        return 0
    return 2 if _MOMENT.match(text) else 1
