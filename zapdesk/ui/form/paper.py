"""What the rows of a form lie on: the places they have, and the drawings of those not made yet."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from zapdesk.ui.form.sketch.ink import Ink
from zapdesk.ui.form.sketch.rows import Sketch


@dataclass(slots=True)
class Slot:
    """One place in the column. ``indent`` and ``guess`` (of the height) are in pixels.

    ``draw`` gives what is seen of the row until it is made.
    """

    key: Hashable
    make: Callable[[], QWidget]
    draw: Callable[[], Sketch]
    guess: int
    indent: int = 0
    is_shown: bool = True
    widget: QWidget | None = None
    top: int = 0
    height: int = -1
    width: int = -1
    is_dirty: bool = True
    sketch: Sketch | None = None
    guessed_for: int = -1

    def measure(self, width: int) -> None:
        """Guess well: the height of what is drawn."""
        if self.sketch is None:
            self.sketch = self.draw()
        if self.guessed_for != width:
            self.guess, self.guessed_for = self.sketch.height(width), width


class Paper(QWidget):
    """What the rows lie on; it draws those that are not made. ``pressed`` is where one is meant."""

    pressed = Signal(QPoint)

    def __init__(self, draw: Callable[[Ink, QRect], None]) -> None:
        super().__init__()
        self._draw = draw
        self.setObjectName("form_paper")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        self._draw(Ink(painter), event.rect())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit(event.position().toPoint())
