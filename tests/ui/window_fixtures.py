"""A window over placeholder panels, for the tests that name this module among their plugins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.placeholders import destroy, make_window, placeholder_panels
from zapdesk.paths import Paths
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp)


@pytest.fixture
def paths(home: Path) -> Paths:
    return Paths.find().create()


@pytest.fixture
def panels(look: Theme) -> Panels:
    return placeholder_panels()


@pytest.fixture
def window(look: Theme, panels: Panels, paths: Paths) -> Iterator[MainWindow]:
    found = make_window(look, panels, paths)
    found.resize(1280, 800)
    found.show()
    found.activateWindow()
    QTest.qWaitForWindowActive(found)
    yield found
    destroy(found)
