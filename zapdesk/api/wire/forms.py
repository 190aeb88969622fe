"""Forms, choices and output fields as Zapier sends them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec

from zapdesk.api.wire.json_text import (
    NULL,
    Raw,
    first,
    flag,
    identifier,
    is_null,
    items,
    piece,
    text,
    texts,
)
from zapdesk.api.wire.listing import kept, listing
from zapdesk.domain.fields import (
    Choice,
    ChoicePage,
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    OutputField,
    ValueType,
)

_logger = logging.getLogger(__name__)

_Word = TypeVar("_Word", ValueType, FieldFormat)


class _Node(msgspec.Struct):
    type: Raw = NULL
    id: Raw = NULL
    title: Raw = NULL
    description: Raw = NULL
    placeholder: Raw = NULL
    value_type: Raw = NULL
    format: Raw = NULL
    items: Raw = NULL
    default_value: Raw = NULL
    depends_on: Raw = NULL
    invalidates_input_fields: Raw = NULL
    is_required: Raw = NULL
    fields: Raw = NULL


class _Items(msgspec.Struct):
    type: Raw = NULL


class _Choice(msgspec.Struct):
    id: Raw = NULL
    label: Raw = NULL
    value: Raw = NULL


class _Output(msgspec.Struct):
    id: Raw = NULL
    title: Raw = NULL
    sample: Raw = NULL


def form(body: bytes) -> tuple[FormNode, ...]:
    """The nodes of a form, in order."""
    return kept("form", listing(body).entries, _node)


def choices(body: bytes, page: str, address: str) -> ChoicePage:
    """One page of choices. ``page`` is the page that was asked for, at ``address``.

    The next page is the ``page`` value of the next link, or the whole link where it has more than
    that or none (cursor paging). Without links the pages are counted until an empty one.
    """

    def choice(raw: Raw) -> Choice | None:
        if first(raw) == b'"':
            return Choice(text(raw), None, text(raw))
        wire = piece(raw, _Choice)
        # The empty string is an id too: the choice that clears a field.
        if wire is None or (identifier(wire.id) is None and bytes(wire.id) != b'""'):
            return None
        label = None if is_null(wire.label) else text(wire.label)
        return Choice(identifier(wire.id) or "", label, text(wire.value))

    answer = listing(body)
    found = kept("choices", answer.entries, choice)
    following: str | None = None
    if answer.next_url:
        following = _following(answer.next_url, address)
    elif not answer.has_links and found and page.isdigit():
        following = str(int(page) + 1)
    return ChoicePage(found, None if following == page else following)


def _following(link: str, address: str) -> str:
    try:
        whole = urlsplit(urljoin(address, link))
        query = parse_qs(whole.query)
    except ValueError:  # no address at all: whoever would go on refuses it
        return link
    # Another server's link is not followed, but the number of a page is good here too.
    is_own = whole[:2] == urlsplit(address)[:2]
    is_number = "page" in query and (len(query) == 1 or not is_own)
    return query["page"][0] if is_number else whole.geturl()


def outputs(body: bytes) -> tuple[OutputField, ...]:
    """What an action's result holds."""

    def output(raw: Raw) -> OutputField | None:
        wire = piece(raw, _Output)
        found = identifier(wire.id) if wire else None
        if wire is None or found is None:
            return None
        return OutputField(found, text(wire.title) or found, text(wire.sample))

    return kept("output fields", listing(body).entries, output)


def _node(raw: Raw) -> FormNode | None:
    wire = piece(raw, _Node)
    if wire is not None and text(wire.type) == "fieldset":
        entries = tuple(_flat(wire.fields))
        fields: tuple[InputField | InfoField, ...] = kept("fields of a group", entries, _field)
        return Fieldset(text(wire.id), text(wire.title), fields)
    return _field(raw)


def _field(raw: Raw) -> InputField | InfoField | None:
    wire = piece(raw, _Node)
    if wire is None:
        return None
    kind = text(wire.type)
    if kind == "info_field":
        return InfoField(text(wire.id), text(wire.description))
    # A node of a kind nobody documents can be filled in all the same if it says what it takes.
    is_input = kind == "input_field" or not is_null(wire.value_type)
    return _input_field(wire) if is_input else None


def _flat(fields: Raw) -> Iterator[Raw]:
    """Groups are one level deep; a group inside a group gives its fields to the outer one."""
    left = items(fields)
    while left:
        raw = left.pop(0)
        wire = piece(raw, _Node)
        if wire is not None and text(wire.type) == "fieldset":
            left[:0] = items(wire.fields)
        else:
            yield raw


def _input_field(wire: _Node) -> InputField | None:
    field_id = identifier(wire.id)
    if field_id is None:
        return None
    element = piece(wire.items, _Items)
    return InputField(
        id=field_id,
        title=text(wire.title),
        description=text(wire.description),
        placeholder=text(wire.placeholder),
        value_type=_member(ValueType, text(wire.value_type), ValueType.STRING),
        format=_member(FieldFormat, text(wire.format), FieldFormat.NONE),
        items=_member(ValueType, text(element.type) if element else "", ValueType.STRING),
        default_value=text(wire.default_value),
        depends_on=tuple(t for t in texts(wire.depends_on) if t),
        invalidates_input_fields=flag(wire.invalidates_input_fields),
        is_required=flag(wire.is_required),
    )


def _member(words: type[_Word], word: str, otherwise: _Word) -> _Word:
    try:
        return words(word.upper())
    except ValueError:
        if word:
            _logger.info("%s %.40r is not known and counts as %r", words.__name__, word, otherwise)
        return otherwise
