"""Sending a run again from its detail: the same inputs, a fresh action id, a row of its own that is
linked to the first. It asks before, and never sends what it cannot send whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtWidgets import QWidget

from zapdesk.domain.definitions import read_definition
from zapdesk.domain.fields import input_fields
from zapdesk.domain.payload import HIDDEN_PASSWORD, read_json
from zapdesk.domain.runs import ActionRun, RunOrder, RunRecord
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.ui.accounts.live_dialog import is_meant
from zapdesk.ui.runs.attempt_dialog import Answer, ask_again

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session


def order_again(record: RunRecord) -> RunOrder:
    """The order that sends what a run sent. Raises InvalidInput where that cannot be known."""
    run, inputs = record.run, read_json(record.inputs)
    if not isinstance(inputs, dict):
        raise InvalidInput("What this run sent is not in the log any more.")
    if any(value == HIDDEN_PASSWORD for value in inputs.values()):
        raise InvalidInput(
            "Passwords are not kept.", "They have to be filled in again.", hint="Edit and run it."
        )
    return RunOrder(
        profile_id=run.profile_id,
        action=run.action,
        app_title=run.app_title,
        action_title=run.action_title,
        authentication_id=run.authentication_id,
        authentication_title=run.authentication_title,
        inputs=inputs,
        nonce=uuid4().hex,
        kind=run.kind,
        labels=record.labels,
        definition=record.definition,
        again_of=run.id,
    )


def needs_form(record: RunRecord) -> bool:
    """Whether a run can only be sent again by its form: it had passwords, or is not whole."""
    try:
        order_again(record)
    except InvalidInput:
        return True
    return False


def field_names(definition: str) -> dict[str, str]:
    """The names of a form's fields by their ids, as far as they are known."""
    try:
        return {f.id: f.name for f in input_fields(read_definition(definition))}
    except (ZapdeskError, KeyError, ValueError, TypeError):  # none was kept, or another version's
        return {}


async def send_again(
    session: Session, record: RunRecord, parent: QWidget
) -> tuple[Answer, ActionRun | None]:
    """Ask, and send where that is the answer. Raises ZapdeskError where nothing was sent."""
    order = order_again(record)
    if order.profile_id != session.profile.id:
        raise InvalidInput(
            "This run belongs to another profile.", hint="Go to that profile to send it again."
        )
    earlier = await session.runs.earlier_attempt(order)
    if earlier is not None:
        names = field_names(record.definition)
        changed = session.runs.changed
        answer = await ask_again(parent, earlier, names, changed, can_edit=True)
        if answer is not Answer.SEND:
            return answer, None
    if not await is_meant(parent.window(), session.guard, session.profile, order):
        return Answer.CANCEL, None
    return Answer.SEND, await session.runs.start(order)
