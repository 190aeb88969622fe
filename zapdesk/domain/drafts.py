"""Drafts and presets: fillings that are kept, each for one action."""

from __future__ import annotations

from dataclasses import dataclass

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.filling import Filling


@dataclass(frozen=True, slots=True)
class Draft:
    """An unsent form. ``saved_ms`` is Unix time in milliseconds."""

    place: str
    action: ActionKey
    authentication_id: str | None
    filling: Filling
    saved_ms: int


@dataclass(frozen=True, slots=True)
class Preset:
    """A named filling. ``definition`` is the form it was saved from, as JSON text."""

    number: int
    action: ActionKey
    name: str
    filling: Filling
    definition: str
    saved_ms: int


def free_name(name: str, taken: set[str]) -> str:
    """``name``, or ``name (2)`` and so on where it is taken."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
