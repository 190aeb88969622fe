"""How a form differs from the one that an earlier run was made with: told when it is run again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from zapdesk.domain.definitions import differences, read_definition
from zapdesk.errors import InvalidInput
from zapdesk.ui.form.definition_sheet import definition_sheet, summary
from zapdesk.ui.notices import NoticeArea

if TYPE_CHECKING:  # it imports what must not be imported before the first paint
    from zapdesk.services.forms import FormSession

SUBJECT = "definition"
_PATIENCE_S = 120.0


async def tell_since_run(
    parent: QWidget,
    notices: NoticeArea,
    form: FormSession,
    definition: str,
    ran_ms: int,
    is_open: Callable[[], bool],
) -> None:
    """Wait until the form is there, and say what has changed since the run of ``ran_ms``; nothing
    where it is the same, where it is not known how it was, or where it ``is_open`` no more."""
    if not definition:
        return
    try:
        before = read_definition(definition)
    except (InvalidInput, KeyError, ValueError, TypeError):
        return
    if not await _is_there(form) or not is_open():
        return
    found = differences(before, form.state.nodes)
    if not found:
        return

    def show() -> None:
        title, zone = form.action.title, form.pieces.zone
        definition_sheet(parent, title, ran_ms, zone, found).open()

    notices.show_notice(SUBJECT, "info", summary(found, "that run"), "Show", show)


async def _is_there(form: FormSession) -> bool:
    """Whether the form came, with everything that its values bring."""
    changed = asyncio.Event()
    forget = form.changed.subscribe(lambda _: changed.set())
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not form.is_loaded or form.is_loading:
                await changed.wait()
                changed.clear()
            await form.settle()
    except TimeoutError:
        return False
    finally:
        forget()
    return form.trouble is None
