"""What a form is made of: input fields, info fields and fieldsets, as Zapier defines them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class ValueType(StrEnum):
    """What kind of value a field takes. An unknown word counts as STRING."""

    STRING = "STRING"
    NUMBER = "NUMBER"
    INTEGER = "INTEGER"
    BOOLEAN = "BOOLEAN"
    ARRAY = "ARRAY"
    OBJECT = "OBJECT"


class FieldFormat(StrEnum):
    """How a field is edited; NONE where the definition does not say or uses an unknown word."""

    NONE = ""
    DATETIME = "DATETIME"
    MULTILINE = "MULTILINE"
    PASSWORD = "PASSWORD"  # the word in the API, not a secret
    CODE = "CODE"
    READONLY = "READONLY"
    FILE = "FILE"
    SELECT = "SELECT"


@dataclass(frozen=True, slots=True)
class InputField:
    """One field that takes a value.

    ``items`` is the type of an ARRAY's elements (OBJECT occurs although undocumented).
    ``depends_on`` names fields whose change voids this one's value;
    ``invalidates_input_fields`` means that a change of this field's value brings a new form.
    ``description`` is Markdown; every text may be empty, long, or hold anything at all.
    ``is_sensitive`` is no word of the API: a person marked the field here.
    """

    id: str
    title: str = ""
    description: str = ""
    placeholder: str = ""
    value_type: ValueType = ValueType.STRING
    format: FieldFormat = FieldFormat.NONE
    items: ValueType = ValueType.STRING
    default_value: str = ""
    depends_on: tuple[str, ...] = ()
    invalidates_input_fields: bool = False
    is_required: bool = False
    is_sensitive: bool = False

    @property
    def takes_input(self) -> bool:
        """Whether a value of this field is ever sent."""
        return self.format is not FieldFormat.READONLY

    @property
    def has_choices(self) -> bool:
        """Whether the server offers values to choose from."""
        return self.format is FieldFormat.SELECT

    @property
    def is_secret(self) -> bool:
        """Whether the value is never stored."""
        return self.format is FieldFormat.PASSWORD or self.is_sensitive

    @property
    def name(self) -> str:
        """What to call this field in a sentence."""
        return self.title or self.id


@dataclass(frozen=True, slots=True)
class InfoField:
    """A note in the form (Markdown); it has no value."""

    id: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Fieldset:
    """A titled group, one level deep. Values stay flat, keyed by the ids of its fields."""

    id: str
    title: str = ""
    fields: tuple[InputField | InfoField, ...] = ()


FormNode = InputField | InfoField | Fieldset


def input_fields(nodes: Iterable[FormNode]) -> Iterator[InputField]:
    """Every field that has a place in the form, in the order in which it is drawn."""
    for node in nodes:
        if isinstance(node, Fieldset):
            yield from (f for f in node.fields if isinstance(f, InputField))
        elif isinstance(node, InputField):
            yield node


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a SELECT field offers. The ``id`` is what is sent; it may be the empty string."""

    id: str
    label: str | None = None
    value: str = ""

    @property
    def text(self) -> str:
        """What a person reads: the label, else the value, else the id."""
        return self.label or self.value or self.id


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """One page of choices; ``next_page`` is ``None`` on the last."""

    choices: tuple[Choice, ...]
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class OutputField:
    """One field that an action's result has. ``id`` is a path: ``__`` nests, ``[]`` lists."""

    id: str
    title: str = ""
    sample: str = ""
