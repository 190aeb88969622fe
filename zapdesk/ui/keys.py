"""Where the keys go."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


def copy_of(event: QKeyEvent) -> QKeyEvent:
    """An event that outlives the moment it is handled in."""
    return QKeyEvent(
        event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat()
    )


def next_in_focus_chain(widget: QWidget, is_forward: bool = True) -> QWidget | None:
    """The neighbour of ``widget`` in Qt's focus chain.

    PySide takes the neighbour, which may be the window, for a child of ``widget`` from then on, and
    calls all that is below it deleted once ``widget`` is. So the neighbour is given to its parent
    again, which Qt does not even notice.
    """
    found: QWidget | None = (
        widget.nextInFocusChain() if is_forward else widget.previousInFocusChain()
    )
    if found is not None:
        QObject.setParent(found, found.parent())
    return found


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
        candidate = next_in_focus_chain(candidate)
        if candidate is panel or (candidate is not None and not panel.isAncestorOf(candidate)):
            break
    panel.setFocus(Qt.FocusReason.ShortcutFocusReason)
