"""JSON without loss: what a person typed and what a server sent keep their exact text.

Numbers keep their digits (2^63 and 0.10 survive), text with lone surrogates survives as escapes,
and hostile documents end in an error instead of a crash.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from zapdesk.errors import InvalidInput

MAX_DEPTH = 200
"""Deeper documents are not taken apart. Writing takes two of the interpreter's 1,000 frames for
each level."""

HIDDEN_PASSWORD = {"$hidden": "password"}
"""What stands in the log in the place of a PASSWORD value."""


class ExactNumber(Decimal):
    """A JSON number that is written as it was read: ``0.10`` stays ``0.10``, ``1E2`` ``1E2``."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> ExactNumber:
        """A number from its JSON text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[ExactNumber], tuple[str]]:
        return (ExactNumber, (self.text,))


def read_json(text: str | bytes) -> Any:
    """The value that ``text`` holds; fractions and integers over 63 bits are ExactNumbers.

    Raises InvalidInput for anything that is not one JSON document: NaN and Infinity, trailing
    text, wrong encoding, or more than ``MAX_DEPTH`` levels.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_float=ExactNumber, parse_int=exact_integer
        )
        if is_too_deep(value):
            raise RecursionError
    except RecursionError:
        raise InvalidInput("This JSON is nested too deeply.") from None
    except ArithmeticError:
        raise InvalidInput("This JSON holds a number too large to be kept.") from None
    except ValueError as error:
        raise InvalidInput("This is not valid JSON.", str(error)) from None
    return value


def is_too_deep(value: Any) -> bool:
    """Whether there are more than ``MAX_DEPTH`` levels in a value."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        holders = [item for item in level if isinstance(item, (dict, list))]
        if not holders:
            return False
        level = [
            item
            for holder in holders
            for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
    return True


def write_json(value: Any, indent: int | None = None) -> bytes:
    """``value`` as JSON in UTF-8; lone surrogates become escapes. Raises InvalidInput for NaN
    and for what JSON cannot hold.
    """
    parts: list[str] = []
    try:
        _write(value, indent, 0, parts)
    except RecursionError:
        raise InvalidInput("This value is nested too deeply.") from None
    text = "".join(parts)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join(
            c if not 0xD800 <= ord(c) <= 0xDFFF else f"\\u{ord(c):04x}" for c in text
        ).encode("utf-8")


def without_secrets(inputs: Mapping[str, Any], secret_ids: frozenset[str]) -> dict[str, Any]:
    """``inputs`` as they may be kept: every PASSWORD value replaced by a marker."""
    return {
        name: dict(HIDDEN_PASSWORD) if name in secret_ids and value is not None else value
        for name, value in inputs.items()
    }


def texts_within(values: Iterable[Any]) -> Iterator[str]:
    """Every text and number inside ``values``, as text."""
    for value in values:
        match value:
            case Mapping():
                yield from texts_within(value.values())
            case list() | tuple():
                yield from texts_within(value)
            case None | bool():
                pass
            case ExactNumber():
                yield value.text
            case _:
                yield str(value)


def exact_integer(text: str) -> int | ExactNumber:
    """A whole number from its JSON text, written as it was read."""
    # More than 18 digits may not fit 63 bits, and Python refuses to read over 4,300 of them;
    # an int has no -0.
    return int(text) if len(text) <= 18 and text != "-0" else ExactNumber(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""A single value as JSON; ``json.dumps`` makes an encoder for each call."""


def _write(value: Any, indent: int | None, level: int, out: list[str]) -> None:
    match value:
        case str():
            out.append(_text(value))
        case ExactNumber():
            out.append(value.text)
        case None | bool() | int() | float():
            try:
                out.append(_text(value))
            except ValueError:
                raise InvalidInput(f"{value} is not a JSON number.") from None
        case dict():
            colon = ": " if indent else ":"
            items = ((_text(str(k)) + colon, v) for k, v in value.items())
            _write_inside("{}", items, bool(value), indent, level, out)
        case list() | tuple():
            _write_inside("[]", (("", v) for v in value), bool(value), indent, level, out)
        case _:
            raise InvalidInput(f"{type(value).__name__} cannot be written as JSON.")


def _write_inside(
    pair: str, items: Any, is_filled: bool, indent: int | None, level: int, out: list[str]
) -> None:
    if level >= MAX_DEPTH:
        raise RecursionError
    line = "\n" + " " * (indent * (level + 1)) if indent else ""
    out.append(pair[0])
    separator = line
    for prefix, value in items:
        out.append(separator + prefix)
        _write(value, indent, level + 1, out)
        separator = "," + line
    if indent and is_filled:
        out.append("\n" + " " * (indent * level))
    out.append(pair[1])
