"""Where F6 goes: from one area of the window to the next that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zapdesk.ui.keys import focus_into

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from zapdesk.ui.shell.panels import Panels


def go_by(panels: Panels, focused: QWidget | None, step: int) -> None:
    """Lead the keys ``step`` areas on from the one that ``focused`` is in."""
    shown = [panel for panel in panels.areas if panel.isVisible()]
    here = next((i for i, p in enumerate(shown) if focused and p.isAncestorOf(focused)), None)
    if here is None and focused is panels.catalog.search_box:
        here = 0  # it stands in the top bar
    start = (-1 if step > 0 else 0) if here is None else here
    panel = shown[(start + step) % len(shown)]
    if panel is panels.catalog:
        panels.catalog.focus_search()
    elif panel is panels.runs:
        panels.runs.focus_list()
    else:
        focus_into(panel)
