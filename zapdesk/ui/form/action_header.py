"""The head of the middle area: which action this is, what it does, and with which connection."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.catalog import Action, App
from zapdesk.ui.form.connection_picker import ConnectionPicker
from zapdesk.ui.form.editors.info import MarkdownText
from zapdesk.ui.look.metrics import L, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import IconButton, KindTag, PlainLabel
from zapdesk.ui.plain_text import one_line


class _Title(PlainLabel):
    """In smaller letters where there is no room for it in large ones; its height stays."""

    def __init__(self) -> None:
        super().__init__(size="title", elide=True)
        self.setMinimumHeight(self.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._show()  # Qt has gone back to the first font

    def _show(self) -> None:
        font, room = theme().font("title"), self.contentsRect().width()
        if QFontMetrics(font).horizontalAdvance(self.whole_text) > room:
            font = theme().font("large")
        if font != self.font():
            self.setFont(font)
        super()._show()


class ActionHeader(QWidget):
    """``ids_toggled`` asks for the ids of all fields to be shown, or no longer."""

    ids_toggled = Signal(bool)

    def __init__(self, open_link: Callable[[str], None]) -> None:
        super().__init__()
        self._title = _Title()
        self._kind = KindTag()
        self._ids = IconButton("info", "Show the id and type of every field", checkable=True)
        self._description = MarkdownText(open_link)
        self.picker = ConnectionPicker()
        self._top = QHBoxLayout()
        self._top.setSpacing(S)
        self._top.addWidget(self._title, 1)
        self._top.addWidget(self._kind)
        self._top.addWidget(self._ids)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        column.addLayout(self._top)
        column.addWidget(self._description)
        column.addWidget(self.picker)
        self._ids.toggled.connect(self.ids_toggled)

    def show_action(self, app: App, action: Action) -> None:
        """Name another action; its connections are being looked for."""
        self._title.setText(f"{one_line(app.title, 80)} › {one_line(action.title, 200)}")
        self._kind.set_kind(action.action_type)
        self._description.set_markdown(action.description)
        self._description.setVisible(bool(action.description))
        self.picker.show_loading()

    def add_tool(self, tool: QWidget) -> None:
        """Put a button of another part of the program beside the one for the ids."""
        self._top.insertWidget(self._top.count() - 1, tool)
        QWidget.setTabOrder(self._ids, tool)  # not behind Run, since it came later

    def add_strip(self, strip: QWidget) -> None:
        """Put what tells of the connection under it."""
        self._column.addWidget(strip)

    def show_form_tools(self, is_shown: bool) -> None:
        """Show what only makes sense while there is a form."""
        self._ids.setVisible(is_shown)

    @property
    def title(self) -> str:
        """App and action, as they are shown."""
        return self._title.whole_text
