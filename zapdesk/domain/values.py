"""What one field's value may be, what is wrong with it, and how it goes out.

A value is UNSET (not sent), ``None`` (null), or JSON: text for scalars, a list for ARRAY, a map of
text for OBJECT. Scalars go out as text, exactly as typed: the oldest description of the API
asks for text in every type but ARRAY and OBJECT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from zapdesk.domain.fields import Choice, FieldFormat, InputField, ValueType
from zapdesk.domain.payload import ExactNumber, write_json
from zapdesk.domain.pieces import to_document
from zapdesk.errors import InvalidInput


class Unset:
    """The value of a field that is not sent."""

    _only: Unset | None = None

    def __new__(cls) -> Unset:
        """There is only one."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset()

_INTEGER = re.compile(r"[-+]?\d+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_TRUE = frozenset({"true", "yes", "1", "on", "y", "t"})
_FALSE = frozenset({"false", "no", "0", "off", "n", "f"})


def is_missing(value: Any) -> bool:
    """Whether a required field with this value counts as not filled; false and 0 are values."""
    return value is UNSET or value is None or value in ("", [], {})


def is_filled(field: InputField, value: Any) -> bool:
    """Whether ``field`` counts as filled; the id of a choice may be the empty text."""
    return not is_missing(value) or (field.has_choices and value == "")


def truth(text: str) -> bool | None:
    """What a spelling of a boolean means, in any of the ways apps write them."""
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def problem(field: InputField, value: Any) -> str:
    """What is wrong with ``value``, as a sentence; empty where nothing is."""
    if not is_filled(field, value):
        return f"{_short(field.name)} is required." if field.is_required else ""
    if field.value_type is ValueType.ARRAY:
        if not isinstance(value, list):
            return "This takes a list of values."
        for number, item in enumerate(value, 1):
            if wrong := _item_problem(field, item):
                return f"Value {number}: {wrong}"
        return ""
    if field.value_type is ValueType.OBJECT:
        return _map_problem(value)
    if isinstance(value, (list, dict)):
        return "This takes one value, not a list or an object."
    return "" if field.has_choices else _scalar_problem(field.value_type, field.format, value)


def _item_problem(field: InputField, item: Any) -> str:
    if field.items is ValueType.OBJECT:
        return _map_problem(item)
    if isinstance(item, (list, dict)):
        return "this is not a single value."
    if field.has_choices:
        return ""
    return _scalar_problem(field.items, field.format, item)


def _map_problem(value: Any) -> str:
    if not isinstance(value, dict):
        return "This takes names with values."
    for name, item in value.items():
        if isinstance(item, (list, dict)):
            return f"The value of '{_short(name)}' is not a single value."
    return ""


def _scalar_problem(value_type: ValueType, form: FieldFormat, value: Any) -> str:
    text = as_text(value).strip()
    if value_type is ValueType.INTEGER and not _INTEGER.fullmatch(text):
        return f"'{_short(text)}' is not a whole number."
    if value_type is ValueType.NUMBER and not _NUMBER.fullmatch(text):
        return f"'{_short(text)}' is not a number. Write it like 1234.5."
    if value_type is ValueType.BOOLEAN and truth(text) is None:
        return f"'{_short(text)}' is neither true nor false."
    if form is FieldFormat.FILE:
        return _url_problem(text)
    return ""


def _url_problem(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return (
            "This takes the web address of a file, beginning with https://. "
            "The server downloads it; a file on this computer cannot be sent."
        )
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def as_text(value: Any) -> str:
    """A scalar as the text that is sent for it."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case ExactNumber():
            return value.text
        case Decimal() | int() | float():
            return str(value)
        case _:
            return write_json(value).decode()


def as_sent(field: InputField, value: Any, *, native: bool = False) -> Any:
    """``value`` in the form in which it goes out.

    ``native`` sends NUMBER, INTEGER and BOOLEAN as JSON numbers and booleans where the text is
    one; a profile can ask for that.
    """
    if value is None:
        return None
    if field.value_type is ValueType.ARRAY:
        items = value if isinstance(value, list) else [value]
        if field.items is ValueType.OBJECT:
            return [_map_as_sent(item) for item in items]
        return [_scalar_as_sent(field.items, field.has_choices, i, native) for i in items]
    if field.value_type is ValueType.OBJECT:
        return _map_as_sent(value)
    return _scalar_as_sent(field.value_type, field.has_choices, value, native)


def _map_as_sent(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        str(name): item if item is None or isinstance(item, (list, dict)) else as_text(item)
        for name, item in value.items()
    }


def _scalar_as_sent(value_type: ValueType, has_choices: bool, value: Any, native: bool) -> Any:
    if value is None or isinstance(value, (list, dict)):
        return value
    text = as_text(value)
    if has_choices:
        return text  # the id of a choice, whatever it looks like
    if value_type is ValueType.BOOLEAN and (meaning := truth(text)) is not None:
        return meaning if native else as_text(meaning)
    if native and value_type in {ValueType.NUMBER, ValueType.INTEGER}:
        return _json_number(text)
    return text


_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)


def _json_number(text: str) -> Any:
    number = text.strip()
    if not _JSON_NUMBER.fullmatch(number):
        return text
    try:
        return ExactNumber(number)
    except ArithmeticError:  # an exponent beyond what a Decimal holds
        return text


def matching_choice(default: str, field: InputField, choices: Iterable[Choice]) -> str | None:
    """The id of the choice that ``default`` stands for.

    Definitions give an id, a label, or any spelling of a boolean. An id is taken first, then a
    label or a spelling where exactly one choice has it; ``None`` where nothing fits.
    """
    known = tuple(choices)
    if any(choice.id == default for choice in known):
        return default
    by_label = [c.id for c in known if default in (c.label, c.value)]
    if len(by_label) == 1:
        return by_label[0]
    meaning = truth(default)
    if field.value_type is ValueType.BOOLEAN and meaning is not None:
        alike = [c.id for c in known if meaning in (truth(c.id), truth(c.label or ""))]
        if len(alike) == 1:
            return alike[0]
    return None


def default_of(field: InputField) -> Any:
    """What is filled in before a person has decided anything."""
    if not field.default_value:
        return UNSET
    if field.value_type is ValueType.ARRAY:
        return [field.default_value]
    if field.value_type is ValueType.OBJECT:
        return UNSET  # a default is always text, and text is no map
    return field.default_value


def from_texts(field: InputField, texts: Sequence[Any]) -> Any:
    """The value meant by text from outside a form: several, or one for an ARRAY, make a list.

    Raises InvalidInput where several are given for a field that takes one.
    """
    if field.value_type is ValueType.ARRAY:
        return list(texts)
    if len(texts) > 1:
        raise InvalidInput(f"{field.name} takes one value, {len(texts)} were given.")
    return texts[0]


def same_value(one: Any, other: Any) -> bool:
    """Whether two held values are the same one."""
    if one is UNSET or other is UNSET:
        return one is other
    # 1 == True == 1.0 and 0.10 == 0.1 in Python, but they are not the same JSON.
    return as_json(one) == as_json(other)


def as_json(value: Any) -> bytes:
    """A held value as JSON, pieces included. Raises InvalidInput where it is none."""
    # Bodies, drafts and presets hold a value some levels down; it must fit in there too.
    return write_json([[[[to_document(value)]]]])
