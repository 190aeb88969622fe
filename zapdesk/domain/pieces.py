"""Mapped values: text with pieces in it that are worked out when the value is used.

A piece is chosen by a person and is a marked part of the value. ``{{…}}`` that was typed or pasted
is ordinary text and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zapdesk.errors import InvalidInput

_BRACES = re.compile(r"\{\{\s*([^{}\s](?:[^{}]{0,498}?[^{}\s])?)\s*\}\}")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,9})\]|\[\"([^\"]*)\"\]")

_MAPPED = "$mapped"
_PLAIN = "$plain"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece, by its expression: ``now``, ``env.NAME``, ``run:last.results[0].id``, …"""

    expression: str

    @property
    def text(self) -> str:
        """As it is written between other text."""
        return f"{{{{{self.expression}}}}}"


@dataclass(frozen=True, slots=True)
class Mapped:
    """Text with pieces; no two texts stand side by side, and none is empty."""

    parts: tuple[str | Piece, ...]

    @property
    def text(self) -> str:
        """As it is shown where pieces cannot be marked."""
        return "".join(p.text if isinstance(p, Piece) else p for p in self.parts)


Resolver = Callable[[Piece], str]
"""Works a piece out; raises InvalidInput in words where it cannot be."""


def mapped(*parts: str | Piece) -> Mapped | str:
    """A value of these parts: ordinary text where no piece is among them."""
    joined: list[str | Piece] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    if any(isinstance(part, Piece) for part in joined):
        return Mapped(tuple(joined))
    return "".join(part for part in joined if isinstance(part, str))


def interpreted(text: str) -> Mapped | str:
    """``text`` with every ``{{…}}`` taken as a piece: only where a person asked for that."""
    parts: list[str | Piece] = []
    end = 0
    for match in _BRACES.finditer(text):
        parts += [text[end : match.start()], Piece(match[1])]
        end = match.end()
    return mapped(*parts, text[end:])


def interpreted_within(value: Any) -> Any:
    """``value`` with every ``{{…}}`` in its texts taken as a piece, however deep; not in names."""
    match value:
        case str():
            return interpreted(value)
        case list():
            return [interpreted_within(item) for item in value]
        case dict():
            return {name: interpreted_within(item) for name, item in value.items()}
        case _:
            return value


def pieces_in(value: Any) -> Iterator[Piece]:
    """Every piece in a value, however deep."""
    match value:
        case Mapped():
            yield from (part for part in value.parts if isinstance(part, Piece))
        case list():
            for item in value:
                yield from pieces_in(item)
        case dict():
            for item in value.values():
                yield from pieces_in(item)


def resolved(value: Any, resolver: Resolver) -> Any:
    """``value`` with every piece worked out. Raises what ``resolver`` raises."""
    match value:
        case Mapped():
            return "".join(resolver(p) if isinstance(p, Piece) else p for p in value.parts)
        case list():
            return [resolved(item, resolver) for item in value]
        case dict():
            return {name: resolved(item, resolver) for name, item in value.items()}
        case _:
            return value


def no_pieces(piece: Piece) -> str:
    """The resolver of forms that know nothing to insert."""
    raise InvalidInput(f"'{piece.text}' cannot be worked out here.")


def follow(value: Any, path: str) -> Any:
    """What stands in ``value`` at ``path``, such as ``.results[0].id`` or ``["a.b"]``.

    Raises InvalidInput naming the step that leads nowhere.
    """
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise InvalidInput(f"'{path[at:]}' is not a path. Write it like .results[0].id.")
        name = step[1] if step[1] is not None else step[3]
        if name is not None and isinstance(value, Mapping) and name in value:
            value = value[name]
        elif step[2] is not None and isinstance(value, list) and int(step[2]) < len(value):
            value = value[int(step[2])]
        else:
            raise InvalidInput(f"There is nothing at '{path[: step.end()]}'.")
        at = step.end()
    return value


def to_document(value: Any) -> Any:
    """A value as plain JSON that ``from_document`` reads back, pieces included."""
    match value:
        case Mapped():
            parts = [{"piece": p.expression} if isinstance(p, Piece) else p for p in value.parts]
            return {_MAPPED: parts}
        case list():
            return [to_document(item) for item in value]
        case dict():
            shown = {name: to_document(item) for name, item in value.items()}
            return {_PLAIN: shown} if _MAPPED in shown or _PLAIN in shown else shown
        case _:
            return value


def from_document(document: Any) -> Any:
    """What ``to_document`` wrote. Raises InvalidInput for a piece that is not written that way."""
    match document:
        case {"$mapped": list(parts)} if len(document) == 1:
            read: list[str | Piece] = []
            for part in parts:
                match part:
                    case str():
                        read.append(part)
                    case {"piece": str(expression)}:
                        read.append(Piece(expression))
                    case _:
                        raise InvalidInput("A mapped value in this file cannot be read.")
            return mapped(*read)
        case {"$plain": dict(shown)} if len(document) == 1:
            return {name: from_document(item) for name, item in shown.items()}
        case dict():
            return {name: from_document(item) for name, item in document.items()}
        case list():
            return [from_document(item) for item in document]
        case _:
            return document
