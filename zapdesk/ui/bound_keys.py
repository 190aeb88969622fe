"""The words for keys: what is pressed for a command by now, in tool tips and sentences.

The keys are those of the window's commands, which a person may have bound anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from zapdesk.ui.parts.labels import plain_tool_tip


class BoundKeys:
    """There is one for the process, as there is one window."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, ...]] = {}
        self._tips: WeakKeyDictionary[QWidget, tuple[str, str, str]] = WeakKeyDictionary()

    def take(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """From now on commands have these keys, in Qt's portable spelling; tool tips follow."""
        self._keys = dict(keys)
        for widget, told in tuple(self._tips.items()):
            if isValid(widget):
                self._show(widget, *told)

    def words(self, command_id: str, form: str = "{}") -> str:
        """The first key of a command as this system writes it, put into ``form``; empty where it
        has none."""
        keys = self._keys.get(command_id, ())
        return form.format(shown(keys[:1])) if keys else ""

    def tip(self, widget: QWidget, text: str, command_id: str, form: str = " ({})") -> None:
        """Give ``widget`` a tool tip that names the key of a command behind ``text``."""
        self._tips[widget] = text, command_id, form
        self._show(widget, text, command_id, form)

    def _show(self, widget: QWidget, text: str, command_id: str, form: str) -> None:
        widget.setToolTip(plain_tool_tip(text + self.words(command_id, form)))


BOUND = BoundKeys()


def shown(keys: tuple[str, ...]) -> str:
    """Keys as this system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    words = (QKeySequence(key).toString(native).replace("Return", "Enter") for key in keys)
    return ", ".join(dict.fromkeys(words))
