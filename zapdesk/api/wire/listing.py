"""Lists: the envelopes they come in, and their entries one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from zapdesk.api.wire.json_text import NULL, Raw, first, is_null, items, members, piece, read, text
from zapdesk.errors import Unreadable

_logger = logging.getLogger(__name__)

T = TypeVar("T")

_ENVELOPE = frozenset({"data", "objects", "links", "meta"})


class Envelope(msgspec.Struct):
    """What stands around a list (``data`` in v2, ``objects`` in v1) or a single object."""

    data: Raw = NULL
    objects: Raw = NULL
    links: Raw = NULL
    meta: Raw = NULL
    next: Raw = NULL
    count: Raw = NULL


class _Links(msgspec.Struct):
    next: Raw = NULL


class _Meta(msgspec.Struct):
    count: Raw = NULL


@dataclass(frozen=True, slots=True)
class Listing:
    """A list answer before its entries are read.

    ``next_url`` is as sent, not yet checked. ``is_last`` is set where the answer says itself that
    no page follows, ``total`` where it says how many entries there are on all pages.
    """

    entries: tuple[Raw, ...]
    next_url: str | None = None
    total: int | None = None
    has_links: bool = False
    is_last: bool = False


def listing(body: bytes) -> Listing:
    """Any list answer: v2 (``data``), v1 (``objects``), array-wrapped or bare.

    Raises Unreadable where the answer is no list.
    """
    root = read(body)
    whole = envelope(root)
    if whole is None:
        if first(root) != b"[":
            raise unexpected("a list")
        return Listing(tuple(items(root)))
    entries = whole.data if is_null(whole.objects) else whole.objects
    if is_null(entries) and not _ENVELOPE & _names(root):
        raise unexpected("a list")
    if not is_null(entries) and first(entries) not in (b"[", b"{"):
        raise unexpected("a list")
    links, meta = piece(whole.links, _Links), piece(whole.meta, _Meta)
    total = text(meta.count if meta else whole.count)
    next_url = text(links.next if links else whole.next) or None
    return Listing(
        tuple(items(entries)),
        next_url,
        int(total) if total.isascii() and total.isdigit() and len(total) < 10 else None,
        links is not None,
        next_url is None and "next" in members(whole.links if links else root),
    )


def _names(root: Raw) -> set[str]:
    """The names of the members of the one object at ``root``."""
    return {name for entry in items(root)[:1] for name in members(entry)}


def envelope(root: Raw) -> Envelope | None:
    """The envelope at ``root`` or alone in an array there, ``None`` where there is none."""
    whole = piece(root, Envelope)
    if whole is None and len(wrapped := items(root)) == 1:
        inner = piece(wrapped[0], Envelope)
        if inner is not None and not (is_null(inner.data) and is_null(inner.objects)):
            return inner
    return whole


def single(root: Raw) -> Raw:
    """What stands under ``data``; a list of one counts as its element; else the root itself."""
    whole = envelope(root)
    if whole is None or is_null(whole.data):
        return root
    inner = items(whole.data)
    return inner[0] if len(inner) == 1 else whole.data


def kept(kind: str, entries: Sequence[Raw], read_one: Callable[[Raw], T | None]) -> tuple[T, ...]:
    """What ``read_one`` makes of each entry; those it cannot read are left out and counted."""
    found = tuple(entry for entry in map(read_one, entries) if entry is not None)
    if len(found) < len(entries):
        missing = len(entries) - len(found)
        _logger.warning("left out %d of %d entries (%s)", missing, len(entries), kind)
    return found


def unexpected(wanted: str) -> Unreadable:
    """The answer is JSON, but not ``wanted``."""
    return Unreadable("The answer is not what was asked for.", f"It does not hold {wanted}.")
