"""What keeps a form from being sent, and what stands in its body."""

from __future__ import annotations

from zapdesk.domain.form import FormState
from zapdesk.errors import InvalidInput

FRESH_ID = "…fresh id…"
"""Stands in a body for the action's id, which is looked up right before sending."""


def check_complete(state: FormState) -> None:
    """Raises InvalidInput, naming every field, where the form has problems."""
    problems = state.problems()
    if problems:
        lines = [f"{state.field(p.field_id).name}: {p.text}" for p in problems]
        raise InvalidInput("The form is not complete.", " ".join(lines))
