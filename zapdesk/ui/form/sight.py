"""Which parts of a form are in sight: what is folded away, and what a filter leaves. No widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zapdesk.domain.fields import Fieldset, InputField
from zapdesk.domain.form import FormState
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.plan import Part

LONG_FORM = 15
"""A form with more fields than this can be filtered."""


class FormSight:
    """A field with a value or a problem is never folded away, one with a problem never filtered.

    ``kept`` are fields that stay in sight although they were emptied: someone is busy there.
    """

    def __init__(self) -> None:
        self.open_folds: set[str] = set()
        self.kept: set[str] = set()
        self._words: list[str] = []

    def filter(self, text: str) -> None:
        """Leave the fields whose title or id holds every word of ``text``."""
        self._words = text.casefold().split()

    def toggle(self, fold: str, is_open: bool) -> None:
        """Open or close a group of optional fields."""
        if is_open:
            self.open_folds.add(fold)
        else:
            self.open_folds.discard(fold)
            self.kept.clear()

    def matches(self, field: InputField) -> bool:
        """Whether the filter leaves a field."""
        hay = f"{field.name}\n{field.id}".casefold()
        return all(word in hay for word in self._words)

    def shows(self, part: Part, state: FormState, told: Mapping[str, str]) -> bool:
        """Whether a part is in sight; ``told`` holds the problems that are shown now."""
        if self._words:
            return self._is_left(part, state, told)
        if part.fold is None or part.fold in self.open_folds:
            return True
        return any(
            state.value(i) is not UNSET or i in self.kept or told.get(i) for i in part.field_ids
        )

    def _is_left(self, part: Part, state: FormState, told: Mapping[str, str]) -> bool:
        if part.kind in {"fold", "info"}:
            return False
        if part.kind == "items" and isinstance(part.node, Fieldset):
            title = part.node.title.casefold()
            if all(word in title for word in self._words):
                return True
        return any(
            told.get(i) or (i in state.fields and self.matches(state.fields[i]))
            for i in part.field_ids
        )

    @staticmethod
    def fold_text(part: Part, state: FormState) -> str:
        """What the line over a group of optional fields says."""
        count = len(part.field_ids)
        filled = sum(state.value(field_id) is not UNSET for field_id in part.field_ids)
        words = f"{count} optional field{'s' * (count != 1)}"
        return f"{words}, {filled} filled" if filled else words

    def left(self, state: FormState, ids: Iterable[str]) -> int:
        """How many of the fields match the filter."""
        return sum(self.matches(state.fields[i]) for i in ids if i in state.fields)
