"""Field Zoo: every kind of field a form can have, and the odd ones that real forms have.

Its runs answer with what was received, so that what was sent can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from zapdesk.sandbox.definitions import Action, App, Call, Choice, Json
from zapdesk.sandbox.forms import fieldset, info, select, text

_TYPES = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT")
_FORMATS = ("", "DATETIME", "MULTILINE", "PASSWORD", "CODE", "FILE", "SELECT", "READONLY")
_COLOURS = (
    Choice("red", "Red"), Choice("green", "Green 🌿"), Choice("blue", None, "blue value"),
    Choice("", "(no colour)"), Choice("7", "Seven"), Choice("true", "True"),
)  # fmt: skip
_AWKWARD = (
    "with.dots", "with spaces", "with[brackets]", "with/slash", "ünïcødé 日本", "100%", "a?b#c&d=e",
    "emoji 🦊", "quote\"'s", "__proto__", "id", "data", "..", "with\\backslash", "+plus+",
)  # fmt: skip
_LONG_TITLE = (
    "**Filter** — write conditions like `status = open`; see [the help](/help/filters). "
    + "Each part is *joined with and*, and the order of them does not matter at all. " * 12
)[:1000]


def _echo(call: Call) -> Sequence[Json]:
    return [{"received": call.inputs, "authentication": call.authentication}]


def _by_type(_: Call) -> Sequence[Json]:
    """Each value type with each format, one group for each type."""
    return [
        fieldset(
            f"group_{kind.lower()}",
            f"{kind.title()} fields",
            [_cell(kind, form) for form in _FORMATS],
        )
        for kind in _TYPES
    ]


def _cell(kind: str, form: str) -> Json:
    name = form or "plain"
    return text(
        f"{kind}_{name}".lower(),
        f"{kind.title()}, {name.lower()}",
        kind=kind,
        form=form,
        items="STRING" if kind == "ARRAY" else "",
        description="This only informs." if form == "READONLY" else "",
    )


def _more_choices(_: Call, input_id: str) -> Sequence[Choice] | None:
    if input_id.startswith("boolean") and input_id.endswith("_select"):
        return (Choice("True", "Yes"), Choice("False", "No"))
    if input_id.endswith("_select") or input_id in _AWKWARD:
        return _COLOURS
    return None


def _item_types(_: Call) -> Sequence[Json]:
    items = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "OBJECT")
    plain = [
        text(f"array_{item.lower()}", f"List of {item.lower()}", kind="ARRAY", items=item)
        for item in items
    ]
    return [
        *plain,
        text("array_untyped", "List without a type of items", kind="ARRAY"),
        select("array_of_select", "List of choices", kind="ARRAY", items="STRING"),
        text("object_plain", "Names and values", kind="OBJECT"),
    ]


def _line_items(_: Call) -> Sequence[Json]:
    def column(field_id: str, title: str, item: str, *, required: bool = False) -> Json:
        return text(field_id, title, kind="ARRAY", items=item, required=required)

    return [
        text("order_name", "Order name", required=True),
        fieldset(
            "line_items",
            "Line items",
            [
                column("product", "Product", "STRING", required=True),
                column("quantity", "Quantity", "INTEGER", required=True),
                column("price", "Unit price", "NUMBER"),
                select("size_select", "Size", kind="ARRAY", items="STRING"),
            ],
        ),
        text("rows", "Free rows", kind="ARRAY", items="OBJECT"),
    ]


def _loose(_: Call) -> Sequence[Json]:
    """What the documents allow beside the ordinary: lower case, missing keys, one-child groups."""
    bare = {"type": "input_field", "id": "bare", "title": "Only the least", "value_type": "STRING",
            "is_required": False}  # fmt: skip
    untitled = text("untitled", "")
    return [
        text("lower_string", "Lower-case string", kind="string"),
        text("lower_integer", "Lower-case integer", kind="integer"),
        text("unknown_type", "A type nobody knows", kind="DURATION"),
        text("unknown_format", "A format nobody knows", form="HOLOGRAM"),
        {**bare, "depends_on": [], "default_value": "", "invalidates_input_fields": False},
        {key: value for key, value in untitled.items() if key != "description"},
        {"type": "fieldset", "id": "one", "title": "A group that is no list",
         "fields": text("only_child", "Only child")},
        {"type": "fieldset", "id": "empty", "title": "An empty group", "fields": []},
        {"type": "hologram", "id": "hologram", "title": "A node nobody knows",
         "value_type": "STRING", "is_required": False},
    ]  # fmt: skip


def _awkward(_: Call) -> Sequence[Json]:
    return [
        select(field_id, f"Id {field_id}") if number % 2 else text(field_id, f"Id {field_id}")
        for number, field_id in enumerate(_AWKWARD)
    ]


def _defaults(_: Call) -> Sequence[Json]:
    return [
        select("label_as_default_select", "Default is a label", default="Green 🌿"),
        select("id_as_default_select", "Default is an id", default="red"),
        select("gone_default_select", "Default that no list has", default="mauve"),
        select("boolean_yes_select", "Boolean spelled yes", kind="BOOLEAN", default="yes"),
        select("boolean_false_select", "Boolean spelled False", kind="BOOLEAN", default="False"),
        text("boolean_plain", "Boolean without choices", kind="BOOLEAN", default="true"),
        text("number_default", "Number", kind="NUMBER", default="0.10"),
        text("code_default", "Code of several lines", form="CODE",
             default="def hello():\n    return 'hi'  \n\n"),
        text("blank_default", "Default of spaces", default="   "),
    ]  # fmt: skip


def _words(_: Call) -> Sequence[Json]:
    return [
        info("note", "**Bold**, `code`, [a link](/help/here), <b>no HTML</b> & a line.\n\n- one"),
        text("long_title", _LONG_TITLE),
        text("angles", "Enter <your name> & <img src=x onerror=alert(1)>",
             description="Use <angle brackets> & ampersands: <script>alert(1)</script>",
             placeholder="<placeholder>"),
        text("bidi", "Right\u202eto left\u202c and zero\u200bwidth",
             description="\u2067שלום\u2069"),
        text("markdown_help", "Help in Markdown",
             description="Use `{{variables}}`:\n\n1. one\n2. **two**\n\n[more](https://a.example)"),
        text("readonly", "Read this", form="READONLY", description="It *cannot* be changed."),
        info("last", ""),
    ]  # fmt: skip


def _changing(call: Call) -> Sequence[Json]:
    """A free text that changes the form, and flags that change after a refetch."""
    count = call.text("how_many")
    number = min(int(count), 300) if count.isascii() and count.isdigit() else 0
    return [
        text("how_many", "How many fields", kind="INTEGER", default="3", invalidates=True),
        text("advanced", "Show more", kind="BOOLEAN", default="false", invalidates=True),
        text("kept", "Kept through changes", required=call.text("advanced") == "true"),
        *(text(f"made_{place}", f"Made {place}") for place in range(1, number + 1)),
        *([text("secret", "Advanced", form="PASSWORD")] if call.text("advanced") == "true" else []),
    ]


def _cycle(_: Call) -> Sequence[Json]:
    return [
        select("first_select", "Depends on the second", depends_on=["second_select"]),
        select("second_select", "Depends on the first", depends_on=["first_select"]),
        select("self_select", "Depends on itself", depends_on=["self_select"]),
        select("ghost_select", "Depends on nothing there", depends_on=["nothing"]),
        select("no_choices", "A list that cannot be had"),
        select("empty_list", "An empty list"),
    ]


def _big(_: Call) -> Sequence[Json]:
    return [
        _cell(_TYPES[number % 4], _FORMATS[number % 7]) | {"id": f"field_{number:03}_select"}
        for number in range(250)
    ]


_SAMPLE = {"received": {"text": "abc"}}

FIELD_ZOO = App(
    id="4c6e8a0b-2d4f-5a6c-8e0b-1d3f5a7ca005",
    key="SandboxFieldZoo",
    title="Field Zoo",
    description="Every kind of field. Its runs answer with what they received.",
    hex_color="e8590c",
    categories=("testing",),
    actions=(
        Action("every_type", "Every Type and Format", "Six types, eight formats.", "WRITE", _echo,
               _by_type, more_choices=_more_choices, sample=_SAMPLE),
        Action("item_types", "Lists and Maps", "ARRAY of everything, OBJECT.", "WRITE", _echo,
               _item_types, {"array_of_select": lambda _: _COLOURS}, sample=_SAMPLE),
        Action("line_items", "Line Items", "A group whose children are all lists.", "WRITE", _echo,
               _line_items, more_choices=_more_choices, sample=_SAMPLE),
        Action("loose_shapes", "Loose Shapes", "Lower case, missing and unknown keys.", "WRITE",
               _echo, _loose, sample=_SAMPLE),
        Action("awkward_ids", "Awkward Ids", "Dots, spaces, slashes, brackets.", "WRITE", _echo,
               _awkward, more_choices=_more_choices, sample=_SAMPLE),
        Action("defaults", "Defaults", "Labels, spellings, several lines.", "WRITE", _echo,
               _defaults, more_choices=_more_choices, sample=_SAMPLE),
        Action("words", "Words", "Markdown, angle brackets, long titles.", "WRITE", _echo, _words,
               sample=_SAMPLE),
        Action("changing_form", "Changing Form", "Text that brings fields.", "WRITE", _echo,
               _changing, sample=_SAMPLE),
        Action("dependencies", "Dependencies", "Circles and ghosts.", "WRITE", _echo, _cycle,
               {"empty_list": lambda _: ()}, _more_choices, _SAMPLE),
        Action("big_form", "Big Form", "250 fields.", "WRITE", _echo, _big,
               more_choices=_more_choices, sample=_SAMPLE),
        Action("no_fields", "No Fields", "Asks for nothing.", "WRITE", _echo, sample=_SAMPLE),
        Action("shared_key", "Find Animal", "Shares its key with another.", "SEARCH", _echo,
               lambda _: (text("animal", "Animal"),), sample=_SAMPLE),
        Action("shared_key", "Find or Create Animal", "Shares its key with another.",
               "SEARCH_OR_WRITE", _echo, lambda _: (text("animal", "Animal", required=True),),
               sample=_SAMPLE),
        Action("same_title", "Find Animal", "Shares its title with another.", "READ", _echo,
               sample=_SAMPLE),
    ),
)  # fmt: skip
