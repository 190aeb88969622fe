"""One field in the form: its title, its editor, its help, its state and what is wrong with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QEnterEvent, QIcon
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.pieces import pieces_in
from zapdesk.domain.values import UNSET
from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.form.editors import (
    Editor,
    FormContext,
    JsonEditor,
    TextEditor,
    editor_class,
)
from zapdesk.ui.form.editors.info import FoldedText, MarkdownText
from zapdesk.ui.form.editors.problem_line import ProblemLine, announce
from zapdesk.ui.look.metrics import XS, L, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line

_EMPTY: dict[ValueType, tuple[str, Any]] = {
    ValueType.ARRAY: ("Empty list", []),
    ValueType.OBJECT: ("Empty object", {}),
}


_NOTHING = object()
_LINE = 18


def state_word(value: Any, origin: Origin | None) -> str:
    """What is said of a field's state; nothing of an ordinary value."""
    if value is UNSET:
        return "not sent"
    if value is None:
        return "null"
    if value in ("", [], {}):
        return "empty"
    return "default" if origin is Origin.DEFAULT else ""


class StateButton(QToolButton):
    """Says what is sent for a field, and changes it with one click."""

    chosen = Signal(object)
    json_wanted = Signal(bool)
    piece_wanted = Signal()
    mark_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("state")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a key opens it from the field itself
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIcon(theme().icon("more"))
        self.setFixedHeight(_LINE)
        BOUND.tip(self, "What is sent for this field", "field_menu")
        self.clicked.connect(self.open_menu)
        self.field: InputField | None = None
        self.value: Any = UNSET
        self.is_json = self.can_change_editor = self.takes_pieces = False

    def show_state(self, value: Any, word: str) -> None:
        self.value = value
        self.setText(word)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if word else style.ToolButtonIconOnly
        )
        self.setAccessibleName(f"State: {word or 'a value is sent'}")

    def open_menu(self) -> None:
        if self.field is None:
            return
        empty_word, empty = _EMPTY.get(self.field.value_type, ("Empty text", ""))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for word, value in (("Not sent", UNSET), (empty_word, empty), ("Null", None)):
            action = menu.addAction(word)
            _tick(action, type(self.value) is type(value) and self.value == value)
            action.triggered.connect(lambda _=False, to=value: self.chosen.emit(to))
        if self.takes_pieces:
            menu.addSeparator()
            action = menu.addAction(theme().icon("braces"), "Insert a piece…")
            action.triggered.connect(self.piece_wanted)
        if self.can_change_editor and not any(True for _ in pieces_in(self.value)):
            menu.addSeparator()
            action = menu.addAction("Edit as JSON")
            _tick(action, self.is_json)
            action.triggered.connect(lambda: self.json_wanted.emit(not self.is_json))
        if self.field.format is not FieldFormat.PASSWORD and self.field.takes_input:
            menu.addSeparator()
            is_marked = self.field.is_sensitive
            action = menu.addAction("Sensitive: treat as a password")
            _tick(action, is_marked)
            action.triggered.connect(lambda: self.mark_wanted.emit(not is_marked))
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))


def _tick(action: QAction, is_chosen: bool) -> None:
    action.setIcon(theme().icon("check", "accent") if is_chosen else QIcon())


class FieldRow(QWidget):
    """A field of the form. ``edited`` gives its id and the new value."""

    edited = Signal(str, object)
    finished = Signal(str)

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__()
        self.field = field
        self._context = context
        self._shown: Any = _NOTHING
        self._word = ""
        self._problem: ProblemLine | None = None
        self._ids: PlainLabel | None = None
        self._help: MarkdownText | None = None
        self._title = FoldedText(bold=True)
        self._required = PlainLabel("required", size="small", tone="muted")
        self._required.setFixedHeight(_LINE)
        self._state = StateButton()
        self._state.chosen.connect(self._choose)
        self._state.json_wanted.connect(self._swap)
        self._state.piece_wanted.connect(self._choose_piece)
        self._state.mark_wanted.connect(lambda on: context.mark(self.field.id, on))
        header = QHBoxLayout()
        header.setSpacing(S)
        header.addWidget(self._title, 1)
        top = Qt.AlignmentFlag.AlignTop
        header.addWidget(self._required, 0, top)
        header.addWidget(self._state, 0, top)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, L)
        self._column.setSpacing(XS)
        self._head, self._foot = QVBoxLayout(), QVBoxLayout()
        for part in (self._head, self._foot):
            part.setSpacing(XS)
            self._column.addLayout(part)
        self._head.addLayout(header)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        value = context.session.state.value(field.id)
        self.editor = self._make_editor(editor_class(field, value))
        self.set_definition(field)
        self.refresh()

    # What is shown

    def fits(self, field: InputField) -> bool:
        """Whether another definition of the field can be shown by this row as it is."""
        if self.field.is_sensitive != field.is_sensitive:
            return False
        own = (self.field.value_type, self.field.format, self.field.items)
        return own == (field.value_type, field.format, field.items)

    def set_definition(self, field: InputField) -> None:
        """Take over a definition that ``fits``; what is being typed is not touched."""
        self.field = self._state.field = field
        self._title.set_text(field.name)
        self._required.setVisible(field.is_required)
        if field.description:
            if self._help is None:
                self._help = MarkdownText(self._context.open_link, size="small")
                self._foot.addWidget(self._help)
            self._help.set_markdown(field.description)
        if self._help is not None:
            self._help.setVisible(bool(field.description))
        self.editor.set_field(field)
        self._describe()

    def refresh(self) -> None:
        """Show the value the form holds, where it is not the one that was typed here."""
        state = self._context.session.state
        value = state.value(self.field.id)
        if type(value) is not type(self._shown) or value != self._shown:
            fitting = editor_class(self.field, value)
            if not isinstance(self.editor, JsonEditor) and not isinstance(self.editor, fitting):
                self._replace_editor(fitting)
            else:
                self.editor.show_value(value)
                self._shown = value
        word = state_word(value, state.origin(self.field.id))
        self._state.show_state(value, word)
        if word != self._word:
            self._word = word
            self._describe()

    def show_choices(self) -> None:
        self.editor.show_choices()

    @property
    def trouble(self) -> str:
        """Why what stands in the editor is no value; empty where it is one."""
        return self.editor.trouble

    def show_problem_of(self, _field_id: str, text: str) -> None:
        """Show what is wrong under the field; an empty text takes it away."""
        if self._problem is None:
            if not text:
                return
            self._problem = ProblemLine()
            self._foot.insertWidget(0, self._problem)
        if self._problem.show_text(one_line(text, 500)):
            self.editor.set_problem(bool(text))
            self._describe()
            if text:
                announce(self.editor.inputs()[0], f"{one_line(self.field.name, 80)}: {text}")

    def show_ids(self, is_shown: bool) -> None:
        """Keep the id and the type of the field in sight."""
        if is_shown and self._ids is None:
            self._ids = PlainLabel(size="small", tone="muted", mono=True, elide=True)
            self._ids.setText(one_line(self._id_and_type, 300))
            self._head.addWidget(self._ids)
        if self._ids is not None:
            self._ids.setVisible(is_shown)

    @property
    def _id_and_type(self) -> str:
        field = self.field
        words = [field.value_type.value]
        if field.value_type is ValueType.ARRAY:
            words.append(f"of {field.items.value}")
        if field.format:
            words.append(field.format.value)
        return f"{field.id} · {' '.join(words)}"

    def _describe(self) -> None:
        parts = ["required" if self.field.is_required else "", self._word]
        if self._problem is not None:
            parts.append(self._problem.text)
        if self._help is not None:
            parts.append(self._help.text[:500])
        self.editor.describe(". ".join(part.removesuffix(".") for part in parts if part))

    # What a person does

    def focus_editor(self) -> None:
        self.editor.focus_first()

    def open_menu(self) -> None:
        """Offer what can be sent for the field."""
        self._state.open_menu()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._title.setToolTip(plain_tool_tip(self._id_and_type))
        super().enterEvent(event)

    def _make_editor(self, fitting: type[Editor]) -> Editor:
        editor = fitting(self.field, self._context)
        editor.edited.connect(self._on_edited)
        editor.finished.connect(self._on_finished)
        self._state.is_json = isinstance(editor, JsonEditor)
        self._state.can_change_editor = self.field.value_type in _EMPTY
        self._state.takes_pieces = editor.takes_pieces or (
            self.field.value_type not in _EMPTY and not self.field.is_secret
        )
        self._column.insertWidget(1, editor)
        return editor

    def _replace_editor(self, fitting: type[Editor]) -> None:
        has_focus = self.editor.isAncestorOf(self.focusWidget() or self)
        self._column.removeWidget(self.editor)
        self.editor.hide()
        self.editor.deleteLater()
        self.editor = self._make_editor(fitting)
        self._shown = self._context.session.state.value(self.field.id)
        self.editor.show_value(self._shown)
        self.editor.set_problem(self._problem is not None and bool(self._problem.text))
        self._describe()
        self.editor.show()
        if has_focus:
            self.editor.focus_first()

    def _swap(self, to_json: bool) -> None:
        value = self._context.session.state.value(self.field.id)
        self._replace_editor(JsonEditor if to_json else editor_class(self.field, value))

    def _choose_piece(self) -> None:
        # A choice with a piece in it is text: no list of choices has it.
        is_instead = not self.editor.takes_pieces
        if is_instead:
            self._replace_editor(TextEditor)
        self.editor.choose_piece(instead=is_instead)

    def _choose(self, value: Any) -> None:
        if not isinstance(self.editor, JsonEditor):
            self.editor.trouble = ""
        self._shown = value
        self.editor.show_value(value)
        self.edited.emit(self.field.id, value)
        self.finished.emit(self.field.id)

    def _on_edited(self) -> None:
        if self.editor.trouble:
            self.edited.emit(self.field.id, self._shown)
            return
        self._shown = self.editor.value()
        self.edited.emit(self.field.id, self._shown)

    def _on_finished(self) -> None:
        self.finished.emit(self.field.id)
