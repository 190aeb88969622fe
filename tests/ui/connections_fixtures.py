"""The connections window over a session that is told what to say, for the tests that import it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.ui.look.theme import Theme


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QWidget]:
    theme = qapp.findChild(Theme) or Theme(qapp, "light")
    assert theme is not None
    widget = QWidget()
    widget.resize(1000, 700)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was asked to open; it takes all of them."""
    found: list[str] = []

    def take(url: QUrl) -> bool:
        found.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", take)
    return found
