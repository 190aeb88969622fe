"""SELECT: one choice, or several, out of a list that is loaded when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.domain.fields import Choice, InputField
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.pieces import Mapped
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.form.choice_popup import ChoicePopup, choice_words, paint_words
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.form.editors.text import is_single, placeholder
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import IconButton, PlainLabel, clear_layout
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # none of these may be imported before the first paint
    import asyncio

    from zapdesk.services.choices import ChoiceList

_MOST_SHOWN = 30
_OPENING_KEYS = {Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_F4}
_PICKING_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}
_REMOVING_KEYS = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}


class ChoiceButton(QPushButton):
    """Shows a choice and opens the list; typing on it opens the list with what is typed."""

    opened = Signal(str)
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "choice")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(32)
        self._label, self._id, self._tone = "", "", "text"
        self.clicked.connect(lambda: self.opened.emit(""))

    def show_words(self, label: str, id: str, tone: str = "text") -> None:
        self._label, self._id, self._tone = label, id, tone
        self.setToolTip("")
        self.update()

    @property
    def words(self) -> tuple[str, str]:
        """What is shown: the label, and the id or a remark beside it."""
        return self._label, self._id

    def sizeHint(self) -> QSize:
        return QSize(240, 32)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = Qt.Key(event.key()), event.text()
        command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if key in _OPENING_KEYS or (
            key in _PICKING_KEYS and not event.modifiers() & command and not event.isAutoRepeat()
        ):
            self.opened.emit("")
        elif key in _REMOVING_KEYS:
            self.removed.emit()
        elif text.isprintable() and text and not event.modifiers() & command:
            self.opened.emit(text)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        arrow = theme().pixmap(
            "chevron-down",
            "muted" if self.isEnabled() else "faint",
            ICON - 2,
            self.devicePixelRatioF(),
        )
        painter.drawPixmap(self.width() - S - ICON, (self.height() - ICON + 2) // 2, arrow)
        room = QRect(M - 2, 0, self.width() - 2 * M - ICON, self.height())
        tone = self._tone if self.isEnabled() else "faint"
        paint_words(painter, room, self._label, self._id, is_bold=False, tone=tone)
        painter.end()


class ChoiceEditor(Editor):
    """One choice, shown by its label; its id is the value."""

    is_multi = False

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._value: Any = UNSET
        self._list: ChoiceList | None = None
        self._popup: ChoicePopup | None = None
        self._task: asyncio.Task[Any] | None = None
        self.button = ChoiceButton()
        self.button.opened.connect(self._open)
        self.button.removed.connect(self._remove_last)
        self._column.addWidget(self.button)
        self._finish_when_left(self.button)
        self.set_field(field)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return is_single(value) and not isinstance(value, Mapped)  # no choice has pieces in it

    def value(self) -> Any:
        return self._value

    def show_value(self, value: Any) -> None:
        self._value = value
        self.show_choices()

    def set_field(self, field: InputField) -> None:
        super().set_field(field)
        self.show_choices()

    def show_choices(self) -> None:
        if self.field.id in self.context.session.state.fields:
            self._list = self.context.session.known_choices(self.field.id) or self._list
        self._show()
        if self._popup is not None:
            self._popup.show_list(self._list, is_loading=self._is_loading)

    def inputs(self) -> list[QWidget]:
        return [self.button]

    @property
    def ids(self) -> list[str]:
        """The ids that are chosen."""
        return [] if self._value is UNSET or self._value is None else [as_text(self._value)]

    def words_for(self, id: str) -> tuple[str, str]:
        """How a chosen id is shown: its label and itself, or what is known of where it is from."""
        for choice in self._list.choices if self._list else ():
            if choice.id == id:
                return choice_words(choice)
        if (label := self.context.session.labels.of(self.field.id, [id]).get(id)) is not None:
            return choice_words(Choice(id, label))
        is_default = self.context.session.state.origin(self.field.id) is Origin.DEFAULT
        remark = "default" if is_default else "typed" if self._list else ""
        return choice_words(Choice(id))[0], remark

    def _show(self) -> None:
        ids = self.ids
        if ids:
            label, id = self.words_for(ids[0])
            self.button.show_words(label, id)
        else:
            text = placeholder(self.field, self._value) or "Choose…"
            self.button.show_words(text, "", "muted")
        self.button.setAccessibleName(f"{one_line(self.field.name, 200)}: {self.button.words[0]}")

    @property
    def _is_loading(self) -> bool:
        return self._task is not None and not self._task.done()

    def _open(self, text: str) -> None:
        if self._popup is not None:
            return
        popup = ChoicePopup(self.button, one_line(self.field.name, 80), is_multi=self.is_multi)
        self._popup = popup
        popup.picked.connect(self._pick)
        popup.wanted.connect(self._fetch)
        popup.closed.connect(self._on_closed)
        known = self.context.session.known_choices(self.field.id)
        self._list = known
        popup.set_chosen(self.ids)
        popup.show_list(known, is_loading=False)
        popup.open_with(text)
        if known is None or known.trouble is not None:
            self._fetch("first")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # While its list is open the field has not been left.
        return self._popup is None and super().eventFilter(watched, event)

    def _on_closed(self) -> None:
        self._popup = None
        if not self.isAncestorOf(QApplication.focusWidget() or self):
            self.finished.emit()

    def _fetch(self, wish: str) -> None:
        if wish == "stop":
            self.context.session.stop_choices(self.field.id)
        elif wish != "stop" and not self._is_loading:
            self._task = self.context.start(self._load(wish))
        if self._popup is not None:
            self._popup.show_list(self._list, is_loading=self._is_loading)

    async def _load(self, wish: str) -> None:
        loaded = await self.context.session.choices(
            self.field.id, more=wish == "more", refresh=wish == "refresh", all=wish == "all"
        )
        if not isValid(self):  # its row went meanwhile
            return
        self._task, self._list = None, loaded
        self._show()
        if self._popup is not None:
            self._popup.show_list(self._list, is_loading=False)

    def _pick(self, id: str) -> None:
        self._change(id)
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.finished.emit()

    def _remove_last(self) -> None:
        self._change(UNSET)
        self.finished.emit()

    def _change(self, value: Any) -> None:
        self._value = value
        self.edited.emit()
        self._show()


class MultiChoiceEditor(ChoiceEditor):
    """Several choices, listed under the button in the order in which they were picked."""

    is_multi = True

    def __init__(self, field: InputField, context: FormContext) -> None:
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        super().__init__(field, context)
        self._column.addLayout(self._rows)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return isinstance(value, list) and all(ChoiceEditor.can_show(item) for item in value)

    @property
    def ids(self) -> list[str]:
        return [as_text(item) for item in self._value] if isinstance(self._value, list) else []

    def _show(self) -> None:
        ids = self.ids
        if isinstance(self._value, list):
            self.button.show_words(f"{len(ids)} chosen" if ids else "an empty list", "", "text")
        else:
            text = placeholder(self.field, self._value) or "Choose…"
            self.button.show_words(text, "", "muted")
        self.button.setAccessibleName(f"{one_line(self.field.name, 200)}: {self.button.words[0]}")
        clear_layout(self._rows)
        for number, id in enumerate(ids[:_MOST_SHOWN]):
            self._rows.addWidget(self._row(number, id))
        if len(ids) > _MOST_SHOWN:
            rest = f"and {len(ids) - _MOST_SHOWN:,} more; open the list to change them"
            self._rows.addWidget(PlainLabel(rest, size="small", tone="muted"))

    def _row(self, number: int, id: str) -> QWidget:
        label, remark = self.words_for(id)
        holder = QWidget()
        holder.setFixedHeight(ROW_DENSE)
        row = QHBoxLayout(holder)
        row.setContentsMargins(M - 2, 0, 0, 0)
        row.setSpacing(XS)
        row.addWidget(PlainLabel(label, elide=True), 1)
        if remark:
            row.addWidget(PlainLabel(remark, size="small", tone="muted", mono=True))
        remove = IconButton("close", f"Remove {label}")
        remove.clicked.connect(lambda: self._remove(number))
        row.addWidget(remove)
        return holder

    def _remove(self, number: int) -> None:
        values = list(self._value)
        del values[number]
        self._change(values or UNSET)
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.finished.emit()

    def _pick(self, id: str) -> None:
        values = list(self._value) if isinstance(self._value, list) else []
        kept = [item for item in values if as_text(item) != id]
        self._change((kept if len(kept) < len(values) else [*values, id]) or UNSET)
        if self._popup is not None:
            self._popup.set_chosen(self.ids)

    def _on_closed(self) -> None:
        super()._on_closed()
        self.finished.emit()

    def _remove_last(self) -> None:
        if isinstance(self._value, list) and self._value:
            self._remove(len(self._value) - 1)
