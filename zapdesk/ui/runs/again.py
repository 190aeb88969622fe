"""Run again: an earlier run's action and inputs, for the form. Nothing is sent from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zapdesk.domain.catalog import Action, App
from zapdesk.domain.filling import Filling
from zapdesk.domain.payload import read_json
from zapdesk.domain.runs import ActionRun
from zapdesk.domain.values import as_text
from zapdesk.errors import InvalidInput, ZapdeskError

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.catalog import CatalogService


@dataclass(frozen=True, slots=True)
class Again:
    """What the form is opened with; ``definition`` is the form that the run was made with, as
    ``read_definition`` reads it. Hidden passwords in ``filling`` are still marked as such."""

    app: App
    action: Action
    filling: Filling
    authentication_id: str | None
    definition: str = ""


async def again(session: Session, run: ActionRun) -> Again:
    """What a run was made of, its app and action as the catalogue has them now.

    Raises InvalidInput where one of them, or what was sent, is gone; ZapdeskError where the
    server or the log could not be asked.
    """
    app = session.catalog.app(run.action.app_id) or await _find(session.catalog, run)
    action = await _action(session.catalog, run)
    record = await session.runs.record(run.id)
    inputs = read_json(record.inputs) if record is not None else None
    if record is None or not isinstance(inputs, dict):
        raise InvalidInput("What this run sent is not in the log any more.")
    labels = {
        name: {as_text(inputs[name]): told} if isinstance(told, str) else told
        for name, told in record.labels.items()
        if name in inputs
    }
    # What came out of a file is no attempt of this log.
    again_of = "" if run.is_foreign else run.id
    filling = Filling(values=inputs, labels=labels, again_of=again_of)
    return Again(app, action, filling, run.authentication_id, record.definition)


async def _find(catalog: CatalogService, run: ActionRun) -> App:
    try:
        return await catalog.find_app(run.action.app_id)
    except InvalidInput:
        raise InvalidInput(
            f"The app {run.app_title} is not in the catalogue any more.",
            hint="Its runs stay in the history.",
        ) from None


async def _action(catalog: CatalogService, run: ActionRun) -> Action:
    from zapdesk.services.catalog import chosen_action

    known = await catalog.actions(run.action.app_id)
    try:
        return chosen_action(known, run.action)
    except ZapdeskError:  # what is known may be old
        return chosen_action(await catalog.actions(run.action.app_id, refresh=True), run.action)
