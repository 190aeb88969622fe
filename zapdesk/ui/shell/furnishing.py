"""Building the inside of the window behind the first frame, in slices that nobody feels.

Each step of the generator takes a few hundredths of a second; between two of them the event loop
turns, so the window is moved, resized and closed as always. Keys that are pressed meanwhile are
kept by the window. Imports are most of the work, and are spread like the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zapdesk.ui.shell.main_window import MainWindow
    from zapdesk.ui.shell.qt_application import Application
    from zapdesk.ui.shell.snapshot import Snapshot


def furnish(
    application: Application, window: MainWindow, theme_choice: str, load: Callable[[], Snapshot]
) -> Iterator[None]:
    """Build it; ``load`` reads what the panels show. After the last step the window is whole."""
    from zapdesk.ui.look.theme import Theme

    theme = Theme(application, theme_choice, is_dressed=False)
    yield
    from zapdesk.ui.catalog.panel import CatalogPanel

    yield
    catalog = CatalogPanel(theme)
    yield
    from zapdesk.ui.runs.panel import RunPanel

    yield
    runs = RunPanel(theme)
    yield
    from zapdesk.ui.form.tabs.action_tabs import ActionTabs

    yield
    from zapdesk.ui.runs.detail import RunDetail
    from zapdesk.ui.shell.panels import Panels

    panels = Panels(catalog, ActionTabs(theme), RunDetail(theme), runs)
    yield
    for name in ("top_bar", "workspace"):  # the window imports them in the next step
        import_module(f"zapdesk.ui.shell.{name}")

    yield
    window.furnish(theme, panels)
    yield
    window.show_snapshot(load())
    yield
    theme.dress()
    yield
    window.reveal()
