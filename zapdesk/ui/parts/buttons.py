"""Buttons. Each has a name that is spoken, a tool tip that is plain, and takes the focus by Tab."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from zapdesk.ui.look.metrics import ICON, ROW_DENSE
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line

_GAP = 2  # between icon and text, beside the four pixels that Qt leaves

Look = Literal["plain", "primary", "quiet", "link"]


def _label(text: str) -> str:
    # An ampersand would underline what follows it.
    return one_line(text).replace("&", "&&")


def presses(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press ``button`` where the key is Enter, which Qt leaves to the default of a dialog."""
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    if not is_enter or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    if not event.isAutoRepeat():
        button.click()
    return True


class Button(QPushButton):
    """A push button in one of four looks; ``primary`` once in a view at most."""

    def __init__(self, text: str, *, look: Look = "plain", icon: str = "", tip: str = "") -> None:
        super().__init__(_label(text))
        self.setProperty("look", look)
        self.setAutoDefault(False)
        if look == "link":
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(one_line(text))
        if icon:
            token = {"primary": "accent_text", "link": "accent"}.get(look, "muted")
            self.setIcon(theme().icon(icon, token))
            self.setIconSize(QSize(ICON + _GAP, ICON))
        if tip:
            self.setToolTip(plain_tool_tip(tip))

    def set_text(self, text: str) -> None:
        self.setText(_label(text))
        self.setAccessibleName(one_line(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not presses(self, event):
            super().keyPressEvent(event)


class IconButton(QToolButton):
    """A button that shows only an icon: ``name`` is spoken and shown on hover."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        token: str = "muted",
        active: str = "text",
        checkable: bool = False,
        size: int = ICON,
    ) -> None:
        super().__init__()
        self._token, self._active = token, active
        self.setIconSize(QSize(size, size))
        self.setFixedSize(ROW_DENSE, ROW_DENSE)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # A menu comes at once: Qt would wait until the button has been held for a while.
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.set_icon(icon, name)

    def set_icon(self, icon: str, name: str) -> None:
        self.setIcon(theme().icon(icon, self._token, self._active))
        self.setAccessibleName(name)
        self.setToolTip(plain_tool_tip(name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not presses(self, event):
            super().keyPressEvent(event)


class DisclosureButton(QToolButton):
    """Opens and closes a folded group: ``▸ 3 optional fields, 1 filled``.

    Bind it to what it folds with ``folds(widget)``, or listen to ``toggled``.
    """

    def __init__(self, text: str, *, is_open: bool = False) -> None:
        super().__init__()
        self.setObjectName("disclosure")
        self.setCheckable(True)
        self.setChecked(is_open)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(ICON + _GAP, ICON))
        self.set_text(text)
        self.toggled.connect(self._on_toggled)
        self._on_toggled(is_open)

    def set_text(self, text: str) -> None:
        self.setText(_label(text))
        self.setAccessibleName(one_line(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not presses(self, event):
            super().keyPressEvent(event)

    def folds(self, widget: QWidget) -> None:
        """Show ``widget`` while this is open."""
        if not self.isChecked():
            widget.hide()
        self.toggled.connect(widget.setVisible)

    def _on_toggled(self, is_open: bool) -> None:
        self.setIcon(theme().icon("chevron-down" if is_open else "chevron-right"))
        self.setAccessibleDescription("open" if is_open else "folded")
