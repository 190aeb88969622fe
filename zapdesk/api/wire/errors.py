"""Error answers in all their shapes."""

from __future__ import annotations

import msgspec

from zapdesk.api.wire.json_text import NULL, Raw, first, items, piece, read, text
from zapdesk.errors import ErrorItem, Unreadable

_MOST = 100
"""Entries of one answer that are looked at."""


class _Errors(msgspec.Struct):
    errors: Raw = NULL
    messages: Raw = NULL
    code: Raw = NULL
    detail: Raw = NULL
    title: Raw = NULL
    message: Raw = NULL
    error: Raw = NULL
    error_description: Raw = NULL


class _ErrorItem(msgspec.Struct):
    code: Raw = NULL
    title: Raw = NULL
    detail: Raw = NULL
    message: Raw = NULL
    source: Raw = NULL
    meta: Raw = NULL


class _Source(msgspec.Struct):
    pointer: Raw = NULL
    parameter: Raw = NULL


class _ErrorMeta(msgspec.Struct):
    source: Raw = NULL
    full_details: Raw = NULL


class _Details(msgspec.Struct):
    code: Raw = NULL
    message: Raw = NULL


def error_items(body: bytes) -> tuple[ErrorItem, ...] | None:
    """The entries of an error answer in any of its shapes; ``None`` where it has none of them.

    v2 ``{errors: [{…}]}``, v1 ``{errors: [text]}``, ``{messages: [{detail}]}``, the gateway's
    flat ``{code, detail}`` and OAuth's ``{error, error_description}``.
    """
    try:
        return _items(read(body))
    except Unreadable:
        return None


def _items(root: Raw) -> tuple[ErrorItem, ...] | None:
    wrapped = items(root)
    wire = piece(wrapped[0] if len(wrapped) == 1 else root, _Errors)
    if wire is None:
        return None
    for entries in (wire.errors, wire.messages):
        if first(entries) == b"[":
            return tuple(_error_item(raw) for raw in items(entries)[:_MOST])
    if first(wire.errors) == b"{":
        return (_error_item(wire.errors),)
    detail = text(wire.detail) or text(wire.message) or text(wire.error_description)
    code = text(wire.code) or (text(wire.error) if first(wire.error) == b'"' else "")
    title = text(wire.title)
    return (ErrorItem(code, title, detail),) if detail or code or title else None


def _error_item(raw: Raw) -> ErrorItem:
    wire = piece(raw, _ErrorItem)
    if wire is None:
        return ErrorItem(detail=text(raw))
    source, meta = piece(wire.source, _Source), piece(wire.meta, _ErrorMeta) or _ErrorMeta()
    again = piece(meta.full_details, _Details) or _Details()  # it repeats what stands outside
    return ErrorItem(
        text(wire.code) or text(again.code),
        text(wire.title),
        text(wire.detail) or text(wire.message) or text(again.message),
        text(source.pointer) if source else "",
        text(source.parameter) if source else "",
        text(meta.source),
    )
