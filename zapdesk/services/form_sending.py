"""What a form sends, from its state: the order for a run, and where a refusal belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zapdesk.domain.form import FormState
from zapdesk.domain.runs import Labels
from zapdesk.errors import ErrorItem, InvalidInput
from zapdesk.services.choices import ChoiceList

_PLACES = ("/data/inputs/", "/data/input/", "/inputs/", "/input/")
"""Where the three body shapes keep inputs, as JSON pointers."""


def check_complete(state: FormState) -> None:
    """Raises InvalidInput, naming every field, where the form has problems."""
    problems = state.problems()
    if problems:
        lines = [f"{state.field(p.field_id).name}: {p.text}" for p in problems]
        raise InvalidInput("The form is not complete.", " ".join(lines))


def labels(
    state: FormState,
    inputs: Mapping[str, Any],
    known_choices: Callable[[str], ChoiceList | None],
) -> dict[str, Labels]:
    """The labels of the ids among ``inputs`` that were chosen, where they differ from the ids."""
    found: dict[str, Labels] = {}
    for name, value in inputs.items():
        known = known_choices(name) if name in state.fields else None
        if known is None:
            continue
        wanted = set(_texts(value))
        # Of two choices with one id the first is the one that is shown as chosen.
        by_id = {c.id: c.text for c in reversed(known.choices) if c.id in wanted}
        told = {id: by_id[id] for id in _texts(value) if id in by_id and by_id[id] != id}
        if isinstance(value, list) and told:
            found[name] = told
        elif told:
            found[name] = told[value]
    return found


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


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
