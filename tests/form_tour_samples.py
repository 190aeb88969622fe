"""What the form's tour shows: a field of every kind, values that are right and wrong for it."""

from __future__ import annotations

from typing import Any

from zapdesk.domain.definitions import FieldDifference
from zapdesk.domain.fields import (
    Choice,
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    ValueType,
)
from zapdesk.errors import Unreachable
from zapdesk.services.choices import ChoiceList

HELP = "What the app says about it, as it is shown under the field."


def field(id: str, title: str, **rest: Any) -> InputField:
    """A field with help under it."""
    return InputField(id, title, rest.pop("description", HELP), **rest)


TEXT, ARRAY = ValueType.STRING, ValueType.ARRAY
FIELDS: tuple[InputField, ...] = (
    field("line", "Line of text", placeholder="Ada Lovelace"),
    field("lines", "Several lines", format=FieldFormat.MULTILINE),
    field("number", "Number", value_type=ValueType.NUMBER, placeholder="12.50"),
    field("integer", "Whole number", value_type=ValueType.INTEGER),
    field("truth", "True or false", value_type=ValueType.BOOLEAN),
    field("choice", "One choice", format=FieldFormat.SELECT),
    field("choices", "Several choices", value_type=ARRAY, format=FieldFormat.SELECT),
    field("list", "List of values", value_type=ARRAY),
    field("map", "Names with values", value_type=ValueType.OBJECT),
    field("rows", "Rows", value_type=ARRAY, items=ValueType.OBJECT),
    field("secret", "Password", format=FieldFormat.PASSWORD),
    field("file", "File", format=FieldFormat.FILE),
    field("date", "Date and time", format=FieldFormat.DATETIME),
    field("code", "Code", format=FieldFormat.CODE),
)
ITEMS = Fieldset(
    "items",
    "Line items",
    (
        field("sku", "Article", value_type=ARRAY),
        field("count", "Quantity", value_type=ARRAY, items=ValueType.INTEGER),
    ),
)
NOTES: tuple[FormNode, ...] = (
    InfoField("note", "A note of the app with a [link](https://help.example.com/tables) in it."),
    field("fixed", "For reading only", format=FieldFormat.READONLY, default_value="created by you"),
)
NODES: tuple[FormNode, ...] = (*FIELDS, ITEMS, *NOTES)

CODE = (
    "# totals\nasync def main(rows):\n    total = 0  # in cents\n    return {'sum': total + 12.5}"
)
FILLED: dict[str, Any] = {
    "line": "Ada Lovelace",
    "lines": "First line\nSecond line\nThird line",
    "number": "0.10",
    "integer": "9223372036854775808",
    "truth": "true",
    "choice": "id-1",
    "choices": ["id-1", "id-2", "typed by hand"],
    "list": ["red", "green"],
    "map": {"colour": "red", "size": "XL"},
    "rows": [{"name": "Ada", "age": "36"}, {"name": "Alan", "age": "41"}],
    "secret": "hunter2",
    "file": "https://example.com/report.pdf",
    "date": "2026-11-24T09:00:00+01:00",
    "code": CODE,
    "sku": ["A-1", "B-2"],
    "count": ["1", "20"],
}
WRONG: dict[str, Any] = {
    "number": "twelve",
    "integer": "1.5",
    "truth": "perhaps",
    "file": "/srv/ada/report.pdf",
    "list": [["deeper"]],
    "map": {"colour": ["red"]},
    "count": ["many"],
}
SOME = ChoiceList(tuple(Choice(f"id-{n}", f"Choice {n}") for n in range(25)), has_more=True)


CHANGES = [
    FieldDifference("email", "E-mail", "added", (("is_required", "false", "true"),)),
    FieldDifference("phone", "Telephone", "added"),
    FieldDifference(
        "name",
        "Name",
        "changed",
        (
            ("is_required", "false", "true"),
            ("default_value", "", "nobody"),
            ("title", "Who", "Name"),
        ),
    ),
    FieldDifference("fax", "Fax number", "removed"),
]

_TROUBLE = Unreachable("There is no network.")
LISTS: dict[str, tuple[ChoiceList | None, bool, str]] = {
    "some": (SOME, False, ""),
    "loading": (None, True, ""),
    "loading-all": (SOME, True, ""),
    "empty": (ChoiceList(note="Nothing here: the app offers nothing to choose."), False, ""),
    "dependency": (ChoiceList(note="Nothing here: needs Table first."), False, ""),
    "failed": (ChoiceList((), True, f"Nothing here: failed: {_TROUBLE}", _TROUBLE), False, ""),
    "failed-later": (
        ChoiceList(SOME.choices, True, f"25 loaded, then it stopped: {_TROUBLE}", _TROUBLE),
        False,
        "",
    ),
    "10000": (
        ChoiceList(tuple(Choice(f"id-{n}", f"Choice {n:,}") for n in range(10_000))),
        False,
        "99",
    ),
    "typed": (SOME, False, "something of my own"),
}
"""By the name of the picture: what is known, whether more is coming, what is typed."""
