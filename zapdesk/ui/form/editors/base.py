"""What every field editor is: a view of one value that the FormState holds.

An editor is shown a value and announces edits; it never decides whether a value is right. What it
was shown and nobody edited is never read back from its widgets, so it cannot be changed by them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.fields import InputField
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # none of these may be imported before the first paint
    import asyncio

    from zapdesk.services.forms import FormSession


@dataclass(frozen=True, slots=True)
class FormContext:
    """What an editor may use of the program around it.

    ``start`` runs a coroutine in the background; ``open_link`` gives an address to the shell,
    which asks before it opens a strange host; ``mark`` remembers that a field is sensitive, or no
    longer.
    """

    session: FormSession
    start: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any] | None]
    open_link: Callable[[str], None]
    mark: Callable[[str, bool], object] = lambda _field_id, _is_sensitive: None


class Editor(QWidget):
    """The editor of one field.

    ``edited`` comes with every change a person makes, ``finished`` when editing has ended (the
    focus left, Enter, something was picked). ``trouble`` is why what stands in the editor is no
    value at all, for example because it is not JSON; the form cannot be sent with it.
    """

    edited = Signal()
    finished = Signal()

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__()
        self.field = field
        self.context = context
        self.trouble = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        """Whether a value other than UNSET and null can be edited here without loss."""
        raise NotImplementedError

    def value(self) -> Any:
        """What stands here now: UNSET, ``None`` or JSON. Asked for after ``edited`` only."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value that the form holds; announces nothing."""
        raise NotImplementedError

    def set_field(self, field: InputField) -> None:
        """Take over a definition that still fits this editor: title, placeholder, flags."""
        self.field = field
        name = one_line(field.name, 200)
        for widget in self.inputs():
            widget.setAccessibleName(name)

    def show_choices(self) -> None:
        """The field's choices became known or changed."""

    def inputs(self) -> list[QWidget]:
        """The widgets in which the value is edited; the first takes the focus."""
        raise NotImplementedError

    def describe(self, text: str) -> None:
        """What a screen reader says of the field beside its name: help, state and problem."""
        for widget in self.inputs():
            widget.setAccessibleDescription(text)

    def set_problem(self, is_wrong: bool) -> None:
        """Show or take away the frame that marks a problem."""
        for widget in self.inputs():
            if bool(widget.property("problem")) is not is_wrong:
                widget.setProperty("problem", is_wrong)
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def focus_first(self) -> None:
        """Give the focus to the place where the value is typed."""
        self.inputs()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def takes_pieces(self) -> bool:
        """Whether pieces can be inserted where the value is typed."""
        return False

    def choose_piece(self, *, instead: bool = False) -> None:
        """Open the list of pieces; ``instead`` of what is there, or where the cursor is."""

    def _finish_when_left(self, *widgets: QWidget) -> None:
        # One end of editing for the whole editor, however many widgets it is made of.
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.FocusOut
            and isinstance(event, QFocusEvent)
            and event.reason() is not Qt.FocusReason.PopupFocusReason
        ):
            self.finished.emit()
        return super().eventFilter(watched, event)
