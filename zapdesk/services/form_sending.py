"""Around a form's sending: what keeps it from being sent, and where a refusal belongs."""

from __future__ import annotations

from collections.abc import Iterable

from zapdesk.domain.form import FormState
from zapdesk.errors import ErrorItem, InvalidInput

FRESH_ID = "…fresh id…"
"""Stands in a body for the action's id, which is looked up right before sending."""

_PLACES = ("/data/inputs/", "/data/input/", "/inputs/", "/input/")
"""Where the three body shapes keep inputs, as JSON pointers."""


def check_complete(state: FormState) -> None:
    """Raises InvalidInput, naming every field, where the form has problems."""
    problems = state.problems()
    if problems:
        lines = [f"{state.field(p.field_id).name}: {p.text}" for p in problems]
        raise InvalidInput("The form is not complete.", " ".join(lines))


def refused_fields(state: FormState, items: Iterable[ErrorItem]) -> dict[str, str]:
    """What the server said of single fields, by field id."""
    named = {}
    for item in items:
        for place in _PLACES:
            if item.pointer.startswith(place):
                rest = item.pointer[len(place) :]
                name = next(
                    (n for n in (_plain(rest), _plain(rest.split("/")[0])) if n in state.fields),
                    None,
                )
                if name is not None:
                    named[name] = item.text or "The server did not accept this value."
    return named


def _plain(pointer: str) -> str:
    return pointer.replace("~1", "/").replace("~0", "~")
