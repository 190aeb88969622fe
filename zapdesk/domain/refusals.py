"""Which inputs a server's refusal is about, by the JSON pointers in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from zapdesk.errors import ErrorItem

_PLACES = ("/data/inputs/", "/data/input/", "/inputs/", "/input/")
"""Where the three body shapes keep inputs."""


def input_named(item: ErrorItem, known: Collection[str]) -> str | None:
    """The id among ``known`` that an entry names; a part of a value belongs to the whole."""
    for place in _PLACES:
        if item.pointer.startswith(place):
            rest = item.pointer[len(place) :]
            # An id may hold a slash that the server did not escape.
            names = (_plain(rest), _plain(rest.split("/")[0]))
            return next((name for name in names if name in known), None)
    return None


def refused_inputs(items: Iterable[ErrorItem], known: Collection[str]) -> dict[str, str]:
    """What was said of single inputs, by id; of one input everything that was said of it."""
    said: dict[str, list[str]] = {}
    for item in items:
        name = input_named(item, known)
        if name is not None:
            text = item.text or "The server did not accept this value."
            said[name] = [*(old for old in said.get(name, ()) if old != text), text]
    return {name: " ".join(texts) for name, texts in said.items()}


def _plain(pointer: str) -> str:
    return pointer.replace("~1", "/").replace("~0", "~")
