"""BodyPane: what will be sent, as JSON, live; and the form filled in by editing that JSON.

PASSWORD values are hidden in it until they are revealed. Text that is no JSON object changes
nothing in the form.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.payload import HIDDEN_PASSWORD, read_json, write_json
from zapdesk.errors import InvalidInput
from zapdesk.ui.clipboard import copy_secret, copy_text
from zapdesk.ui.form.body.keys import REASONS, merged, top_level_keys
from zapdesk.ui.form.body.text import BodyText
from zapdesk.ui.form.editors.code import HOW_TO_LEAVE
from zapdesk.ui.look.metrics import XS, L, S
from zapdesk.ui.parts import Button, IconButton, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.forms import FormSession

_LONGEST = 64 * 1024
_SHOW_MS = 120
_TYPING_MS = 300
_HOLDERS = ("inputs", "input")


class BodyPane(QWidget):
    """The body of one FormSession's next run."""

    def __init__(self) -> None:
        super().__init__()
        self._session: FormSession | None = None
        self._whole = ""
        self._base: dict[str, Any] = {}  # the inputs that the text stood for when last in step
        self._keys: dict[int, str] = {}
        self._trouble = ""
        self._remark = ""
        self._build()
        self._soon = _timer(self, _SHOW_MS, self.refresh)
        self._typing = _timer(self, _TYPING_MS, self._apply)

    def _build(self) -> None:
        self._title = PlainLabel(size="small", tone="muted", bold=True)
        self.request_button = Button("Whole request", look="quiet", tip="Show all that is sent")
        self.request_button.setCheckable(True)
        self.reveal_button = IconButton("eye", "Show passwords", checkable=True)
        self.copy_button = IconButton("copy", "Copy")
        self.edit_button = Button("Edit", look="quiet", tip="Fill in the form by editing its JSON")
        self.edit_button.setCheckable(True)
        self.text = BodyText()
        self.text.setAccessibleName("Body that will be sent")
        self._note = PlainLabel(size="small", tone="muted", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(XS)
        top.addWidget(self._title, 1)
        for button in (
            self.reveal_button,
            self.copy_button,
            self.request_button,
            self.edit_button,
        ):
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(L, S, L, 0)
        column.setSpacing(XS)
        column.addLayout(top)
        column.addWidget(self.text)
        column.addWidget(self._note)
        self.request_button.toggled.connect(self._on_request)
        self.edit_button.toggled.connect(self._on_edit)
        self.reveal_button.toggled.connect(self._on_reveal)
        self.copy_button.clicked.connect(self.copy)
        self.text.edited.connect(self._on_typed)
        self.text.finished.connect(self.flush)
        self.text.line_changed.connect(self._say)

    # What the panel tells

    def set_session(self, session: FormSession | None) -> None:
        """Show another form, or none; nothing of the one before stays to be seen."""
        self._typing.stop()
        self._session = session
        self._trouble = self._remark = ""
        for button in (self.edit_button, self.reveal_button, self.request_button):
            button.setChecked(False)
        self.refresh()

    def refresh_soon(self) -> None:
        """The form changed: show what is sent now, once for many changes."""
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def refresh(self) -> None:
        """Show what would be sent now. Text that is being edited stays as it is typed."""
        self._soon.stop()
        session = self._session
        if session is None:
            self._whole = ""
            self.text.show_json("")
            self.text.show_reasons({})
            return
        secrets = session.state.secret_ids
        self.reveal_button.setVisible(any(session.state.value(n) for n in secrets))
        self._title.setText(
            "The whole request" if self.request_button.isChecked() else "Inputs, as they are sent"
        )
        is_kept = self.is_editing and (self.text.hasFocus() or bool(self._trouble))
        if not is_kept:
            text = self._whole = self._document(session)
            if len(text) > _LONGEST:
                text = f"{text[:_LONGEST]}\n… and {len(text) - _LONGEST:,} characters more"
                self.edit_button.setChecked(False)
            self.text.show_json(text)
        self.edit_button.setEnabled(
            len(self._whole) <= _LONGEST and not self.request_button.isChecked()
        )
        self._show_reasons(session)

    def flush(self) -> None:
        """Take over what was typed now, and lay it out as it will be sent."""
        if self._typing.isActive():
            self._apply()
        if self.is_editing and not self._trouble and not self.text.hasFocus():
            self.refresh()

    @property
    def is_editing(self) -> bool:
        """Whether the JSON can be edited."""
        return self.edit_button.isChecked()

    @property
    def note(self) -> str:
        """What is said under the text."""
        return self._note.whole_text

    # The text

    def _document(self, session: FormSession) -> str:
        is_request = self.request_button.isChecked()
        try:
            document = read_json(session.body() if is_request else session.preview())
            if self.reveal_button.isChecked():
                document = _revealed(document, session.state.payload(), is_inputs=not is_request)
            self._base = {} if is_request else document
            return write_json(document, 2).decode()
        except InvalidInput as error:
            return str(error)

    def _show_reasons(self, session: FormSession) -> None:
        is_request = self.request_button.isChecked()
        keys = {} if is_request else dict(top_level_keys(self.text.exact_text()))
        self._keys = {line: key for line, key in keys.items() if _is_known(session, key)}
        self.text.show_reasons({line: session.why(key) for line, key in self._keys.items()})
        self._say()

    def _say(self, *_: Any) -> None:
        text, tone = self._remark, "muted"
        key = self._keys.get(self.text.textCursor().blockNumber())
        if self._trouble:
            text, tone = self._trouble, "error"
        elif key is not None and self._session is not None and _is_known(self._session, key):
            why = REASONS.get(self._session.why(key), "")
            text = " ".join(filter(None, (f"“{one_line(key, 60)}”: {why}", self._remark)))
        self._note.set_tone(tone)
        self._note.setText(text)
        self._note.setVisible(bool(text))
        leave = HOW_TO_LEAVE if self.is_editing else ""
        self.text.setAccessibleDescription(f"{text} {leave}".strip())

    # Editing

    def _on_typed(self) -> None:
        if self.is_editing:
            self._typing.start()

    def _apply(self) -> None:
        self._typing.stop()
        session = self._session
        if session is None or not self.is_editing:
            return
        try:
            typed = self._read()
            session.edit_payload(merged(self._base, typed, read_json(session.preview())))
        except InvalidInput as error:
            words = f"{error.title} {error.detail}".strip().removesuffix(".")
            self._trouble = f"{words}. The form keeps the values it has."
            self._mark(is_wrong=True)
            self._show_reasons(session)
            return
        self._base = typed
        self._trouble = ""
        self._mark(is_wrong=False)
        extra = [f"“{one_line(name, 40)}”" for name in session.state.extra]
        are = "is an extra input" if len(extra) == 1 else "are extra inputs"
        self._remark = f"{', '.join(extra)} {are}: no field asks for it." if extra else ""
        self._show_reasons(session)

    def _read(self) -> dict[str, Any]:
        text = self.text.exact_text()
        inputs = read_json(text)
        if not isinstance(inputs, dict):
            raise InvalidInput('The inputs are one JSON object, such as {"name": "value"}.')
        twice = [key for key, n in Counter(k for _, k in top_level_keys(text)).items() if n > 1]
        if twice:
            raise InvalidInput(f"The key “{one_line(twice[0], 60)}” stands here twice.")
        return inputs

    def _mark(self, *, is_wrong: bool) -> None:
        self.reveal_button.setEnabled(not is_wrong)  # text that is kept could not be masked
        if bool(self.text.property("problem")) is not is_wrong:
            self.text.setProperty("problem", is_wrong)
            self.text.style().unpolish(self.text)
            self.text.style().polish(self.text)

    # Buttons

    def _on_edit(self, is_on: bool) -> None:
        self._typing.stop()
        if is_on:
            self.request_button.setChecked(False)
        self._trouble = self._remark = ""
        self._mark(is_wrong=False)
        self.text.set_editable(is_on)
        self.text.clearFocus()
        self.refresh()
        if is_on:
            self.text.setFocus()

    def _on_request(self, is_on: bool) -> None:
        if is_on:
            self.edit_button.setChecked(False)
        self.refresh()

    def _on_reveal(self, is_on: bool) -> None:
        self.reveal_button.set_icon(
            "eye-off" if is_on else "eye", "Hide passwords" if is_on else "Show passwords"
        )
        self.flush()
        self.text.shows_secrets = is_on
        self.text.clearFocus()
        self.refresh()

    def copy(self) -> None:
        """Put the whole text on the clipboard, as it is shown."""
        text = self.text.exact_text() if self.is_editing else self._whole
        has_secrets, is_revealed = self.reveal_button.isVisible(), self.reveal_button.isChecked()
        if has_secrets and is_revealed:
            copy_secret(text)
            self._remark = "Copied, passwords too. The clipboard is cleared in a minute."
        else:
            copy_text(text)
            self._remark = "Copied. Passwords are hidden in it." if has_secrets else "Copied."
        self._say()
        self._remark = ""


def _timer(parent: QWidget, interval: int, work: Any) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval)
    timer.timeout.connect(work)
    return timer


def _is_known(session: FormSession, key: str) -> bool:
    return key in session.state.fields or key in session.state.extra


def _revealed(document: Any, values: dict[str, Any], *, is_inputs: bool) -> Any:
    # The inputs may be the document itself or lie in an envelope.
    if not isinstance(document, dict):
        return document
    if is_inputs:
        return {n: values[n] if v == HIDDEN_PASSWORD else v for n, v in document.items()}
    return {
        name: _revealed(value, values, is_inputs=name in _HOLDERS)
        for name, value in document.items()
    }
