"""What an earlier run or a draft brings into a form that is being opened. No widgets in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from zapdesk.domain.filling import Filling
from zapdesk.domain.form import FormState
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.domain.values import UNSET
from zapdesk.ui.plain_text import one_line

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Refill:
    """``filling`` holds no markers of passwords; ``hidden`` are the ids that had one."""

    filling: Filling
    authentication_id: str | None = None
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, filling: Filling, authentication_id: str | None) -> Refill:
        """What ``filling`` brings, apart from what was never kept."""
        hidden = frozenset(n for n, value in filling.values.items() if value == HIDDEN_PASSWORD)
        kept = {n: value for n, value in filling.values.items() if n not in hidden}
        extra = {n: value for n, value in filling.extra.items() if value != HIDDEN_PASSWORD}
        return cls(replace(filling, values=kept, extra=extra), authentication_id, hidden)

    def gone(self, state: FormState) -> list[str]:
        """Ids of values that no field of the form takes; they are parked."""
        return [name for name in self.filling.values if name in state.parked]

    def wanted_passwords(self, state: FormState) -> list[str]:
        """Ids of the PASSWORD fields that had a value then, or need one, and have none."""
        return [
            name
            for name, field in state.fields.items()
            if field.is_secret
            and state.value(name) is UNSET
            and (name in self.hidden or field.is_required)
        ]


def named(names: Iterable[str]) -> str:
    """Some of the names, and how many more there are."""
    shown = [one_line(name, 60) for name in names]
    more = len(shown) - _MOST_NAMED
    return ", ".join(shown[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
