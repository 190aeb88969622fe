"""Where the keys go."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


def copy_of(event: QKeyEvent) -> QKeyEvent:
    """An event that outlives the moment it is handled in."""
    return QKeyEvent(
        event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat()
    )


def focus_into(panel: QWidget) -> None:
    """Give the focus to the first widget of a panel that takes it by Tab."""
    candidate: QWidget | None = panel
    while candidate is not None:
        if (
            candidate.focusPolicy() & Qt.FocusPolicy.TabFocus
            and candidate.isEnabled()
            and candidate.isVisible()
        ):
            candidate.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        candidate = candidate.nextInFocusChain()
        if candidate is panel or (candidate is not None and not panel.isAncestorOf(candidate)):
            break
    panel.setFocus(Qt.FocusReason.ShortcutFocusReason)
