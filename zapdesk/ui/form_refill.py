"""What an earlier run or a draft brings into a form that is being opened. No widgets in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

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

    def remarks(self, state: FormState) -> str:
        """What of it is not in the form that came, in words; empty where all of it is."""
        sentences = []
        gone = [name for name in self.filling.values if name in state.parked]
        if gone:
            has = "1 value has" if len(gone) == 1 else f"{len(gone)} values have"
            sentences.append(f"{has} no field any more and is parked below: {_named(gone)}.")
            if len(gone) > 1:
                sentences[-1] = sentences[-1].replace("is parked", "are parked")
        secrets = [n for n in state.secret_ids if state.value(n) is UNSET]
        wanted = [state.field(n).name for n in secrets if n in self.hidden or self._asks(state, n)]
        if wanted:
            sentences.append(f"Passwords are never kept. Type again: {_named(wanted)}.")
        return " ".join(sentences)

    @staticmethod
    def _asks(state: FormState, name: str) -> bool:
        return state.field(name).is_required


def _named(names: Iterable[Any]) -> str:
    shown = [one_line(str(name), 60) for name in names]
    more = len(shown) - _MOST_NAMED
    return ", ".join(shown[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
