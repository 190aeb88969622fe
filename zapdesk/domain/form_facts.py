"""What a form tells of its values: why one is here, what is wrong with it, what a change did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Why a value is here."""

    TYPED = "typed"
    DEFAULT = "default"
    PRESET = "preset"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in words."""

    field_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit made stale: fields that were cleared, and whether the form is out of date."""

    cleared: tuple[str, ...] = ()
    needs_refetch: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a new definition did to the form, by field id."""

    added: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
