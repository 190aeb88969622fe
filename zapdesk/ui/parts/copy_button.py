"""CopyButton: copying shows nothing by itself, so the button says that it was done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer

from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.buttons import Button, Look

SAYS_MS = 2_000
_DONE = "Copied"


class CopyButton(Button):
    """Calls ``copy``, then says for a moment that it was done; nothing beside it moves."""

    _word = _DONE

    def __init__(self, text: str, copy: Callable[[], object], *, look: Look = "plain") -> None:
        super().__init__(text, look=look, icon="copy")
        self._copy, self._word = copy, text
        self._token = "accent" if look == "link" else "muted"
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(SAYS_MS)
        self._moment.timeout.connect(lambda: self._show(self._word, "copy"))
        self.clicked.connect(self._press)

    def sizeHint(self) -> QSize:
        """Room for either word."""
        hint, measure = super().sizeHint(), self.fontMetrics().size
        now, *both = (measure(0, word).width() for word in (self.text(), self._word, _DONE))
        hint.setWidth(hint.width() + max(both) - now)
        return hint

    def _press(self) -> None:
        self._copy()
        self._show(_DONE, "check")
        self._moment.start()

    def _show(self, text: str, icon: str) -> None:
        self.set_text(text)
        self.setIcon(theme().icon(icon, self._token))
