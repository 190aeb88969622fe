"""What the chosen ids among a form's values are called.

The field's choices say so where they are loaded; until then what a draft, a preset or an earlier
run remembered does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from zapdesk.domain.filling import Filling
from zapdesk.domain.form import FormState
from zapdesk.domain.runs import Labels
from zapdesk.services.choices import ChoiceList


class ChoiceLabels:
    """The labels of one open form. ``known`` gives a field's choices as far as they are loaded."""

    def __init__(self, state: FormState, known: Callable[[str], ChoiceList | None]) -> None:
        self._state = state
        self._known = known
        self._remembered: Mapping[str, Mapping[str, str]] = {}

    def remember(self, filling: Filling) -> None:
        """Know the labels that a filling brings, in the place of those that one brought before."""
        self._remembered = filling.labels

    def of(self, field_id: str, ids: Iterable[str]) -> dict[str, str]:
        """The label of each of the ids that has one that differs from it."""
        wanted = tuple(ids)
        known = self._known(field_id) if field_id in self._state.fields else None
        # A complete list that lacks an id knows better than what was remembered of it.
        is_complete = known is not None and not known.has_more and known.trouble is None
        told = {} if is_complete else dict(self._remembered.get(field_id, {}))
        if known is not None:
            among = set(wanted)
            # Of two choices with one id the first is the one that is shown as chosen.
            told |= {c.id: c.text for c in reversed(known.choices) if c.id in among}
        return {id: told[id] for id in wanted if id in told and told[id] != id}

    def for_run(self, inputs: Mapping[str, Any]) -> dict[str, Labels]:
        """The labels of what is sent, as the log keeps them."""
        found: dict[str, Labels] = {}
        for name, value in inputs.items():
            if told := self._told(name, value):
                found[name] = told if isinstance(value, list) else told[value]
        return found

    def added_to(self, filling: Filling) -> Filling:
        """The filling, with the labels of its values."""
        told = {name: self._told(name, value) for name, value in filling.values.items()}
        return replace(filling, labels={name: labels for name, labels in told.items() if labels})

    def _told(self, name: str, value: Any) -> dict[str, str]:
        if name in self._state.secret_ids:
            return {}
        return self.of(name, _texts(value))


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
