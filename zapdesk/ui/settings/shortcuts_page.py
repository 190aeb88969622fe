"""ShortcutsPage: the keys of every command, changed by pressing them.

A key belongs to one command: one that is in use elsewhere is only taken from there when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.settings import Settings
from zapdesk.ui.bound_keys import shown
from zapdesk.ui.form.tab_order import lead_through
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.parts.rows import add_lined, fill_lined
from zapdesk.ui.settings.page import SettingsPage
from zapdesk.ui.shell.commands import COMMANDS, Command, Commands, portable

_WIDTH = 168
_ROWS_AT_ONCE, _ROWS_A_MOMENT = 12, 4
_PREFIX = "shortcuts"
_HOW_TO = "Click a key and press the new one. Backspace takes it away, Escape leaves it."
_BARE = {
    Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr,
}  # fmt: skip
_LEAVING = {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
_BEGINNING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}
_CLEARING = {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}

Changes = Mapping[str | tuple[str, ...], object]


class KeyEdit(QLineEdit):
    """Shows a command's keys; takes the next one that is pressed after it got the focus, and with
    Enter another one. Escape leaves everything as it is.

    ``pressed`` gives it in Qt's portable spelling, empty for Backspace: no key at all.
    """

    pressed = Signal(str)
    refused = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setProperty("takes", "keys")
        self.setAccessibleName(f"Keys: {name}")
        self.setFixedWidth(_WIDTH)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._shown = ""
        self._is_taking = False

    def show_keys(self, keys: tuple[str, ...]) -> None:
        self._shown = shown(keys)
        self._wait(is_taking=False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._wait(is_taking=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._wait(is_taking=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._wait(is_taking=True)

    def _wait(self, *, is_taking: bool) -> None:
        self._is_taking = is_taking
        self.setText("" if is_taking else self._shown)
        self.setPlaceholderText("Press the new key" if is_taking else "None")

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and self._is_wanted(event):
            event.accept()  # the key comes here, and no command is carried out
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._is_wanted(event):
            event.ignore()
            return
        if not self._is_taking:
            self._wait(is_taking=True)
            return
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if key in _BARE:
            return
        if key == Qt.Key.Key_Escape and not modifiers:
            self._wait(is_taking=False)
            return
        if key in _CLEARING and not modifiers:
            self._take("")
            return
        is_typing = not modifiers & ~Qt.KeyboardModifier.ShiftModifier
        if is_typing and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
            self.refused.emit("A key needs Ctrl or Alt with it, or is one of F1 to F35.")
            return
        text = QKeySequence(event.keyCombination()).toString()
        if portable(text):
            self._take(text)

    def _take(self, key: str) -> None:
        self._wait(is_taking=False)
        self.pressed.emit(key)

    def _is_wanted(self, event: QEvent) -> bool:
        """Whether it means something: Tab goes on, and once a key was taken only Enter does."""
        if not isinstance(event, QKeyEvent):
            return False
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if not self._is_taking:
            return plain and event.key() in _BEGINNING
        return not (plain and event.key() in _LEAVING)


class ShortcutRow(QWidget):
    """One command: its name, its keys, and what is in the way of new ones."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command
        self.wanted: tuple[Command, str] | None = None
        self.edit = KeyEdit(command.text)
        self.reset = Button("Reset", look="link")
        self.reset.setAccessibleName(f"Reset: {command.text}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.problem = PlainLabel(tone="waiting", wrap=True)
        self.take = Button("Use it here", look="link")
        self.id_label = PlainLabel(f"{_PREFIX}.{command.id}", size="small", tone="muted", mono=True)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(PlainLabel(command.text.rstrip("…")))
        names.addWidget(self.id_label)
        line = QHBoxLayout()
        line.setSpacing(S)
        line.addLayout(names, 1)
        line.addWidget(self.edit)
        line.addWidget(self.reset)
        below = QHBoxLayout()
        below.setSpacing(S)
        below.addWidget(self.problem, 1)
        below.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, S, 0, S)
        column.setSpacing(XS)
        column.addLayout(line)
        column.addLayout(below)
        self.say("")

    def say(self, words: str, *, can_take: bool = False) -> None:
        """Say what is in the way; nothing where nothing is."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.take.setVisible(can_take)


class ShortcutRows(QWidget):
    """The rows of some commands. ``keep`` writes what is chosen; the commands follow the settings.
    Those that come first are made at once, the others in the moments after."""

    def __init__(self, commands: Commands, keep: Callable[[Changes], object]) -> None:
        super().__init__()
        self._commands = commands
        self._keep = keep
        self._settings = Settings()
        self.rows: list[ShortcutRow] = []
        self._made: dict[str, ShortcutRow] = {}
        self._to_make: list[Command] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._making = QTimer(self)
        self._making.timeout.connect(lambda: self._make(_ROWS_A_MOMENT))

    def show_commands(self, commands: Sequence[Command]) -> None:
        """Show these commands instead of those before. A row that was made once is kept."""
        fill_lined(self._column, ())
        self.rows = []
        self._to_make = list(commands)
        self._making.start()
        self._make(_ROWS_AT_ONCE)

    def make_all(self) -> None:
        """Make the rows that are not there yet."""
        self._make(len(self._to_make))

    def show_settings(self, settings: Settings) -> None:
        """Show the keys that count now."""
        self._settings = settings
        for row in self.rows:
            self._show_row(row)

    def _make(self, count: int) -> None:
        made, self._to_make = self._to_make[:count], self._to_make[count:]
        rows = [self._made.get(c.id) or self._make_row(c) for c in made]
        for row in rows:
            self._show_row(row)
        add_lined(self._column, rows)
        lead_through([*self.rows[-1:], *rows])
        self.rows += rows
        if not self._to_make:
            self._making.stop()

    def _make_row(self, command: Command) -> ShortcutRow:
        row = self._made[command.id] = ShortcutRow(command)
        row.edit.pressed.connect(lambda key: self._press(row, key))
        row.edit.refused.connect(row.say)
        row.take.clicked.connect(lambda: self._take(row))
        row.reset.clicked.connect(lambda: self._keep({(_PREFIX, command.id): None}))
        return row

    def _show_row(self, row: ShortcutRow) -> None:
        row.edit.show_keys(self._commands.keys(row.command.id))
        row.reset.setVisible(row.command.id in self._settings.shortcuts)
        row.say("")

    def _press(self, row: ShortcutRow, key: str) -> None:
        other = self._owner(key) if key else None
        if other is None or other.id == row.command.id:
            self._keep({(_PREFIX, row.command.id): key})
            return
        row.say(f"{shown((key,))} is used by “{other.text.rstrip('…')}”.", can_take=True)
        row.wanted = (other, key)
        row.take.setFocus()

    def _take(self, row: ShortcutRow) -> None:
        if row.wanted is None:
            return
        row.edit.setFocus()  # else the next command has the keys when the button goes
        command, (other, key) = row.command, row.wanted
        left = [text for text in self._commands.keys(other.id) if text != key]
        kept: object = "" if not left else left[0] if len(left) == 1 else left
        self._keep({(_PREFIX, command.id): key, (_PREFIX, other.id): kept})

    def _owner(self, key: str) -> Command | None:
        return next((c for c in COMMANDS if key in self._commands.keys(c.id)), None)


class ShortcutsPage(SettingsPage):
    """All commands that there are; ``keep`` as for their rows."""

    def __init__(self, title: str, commands: Commands, keep: Callable[[Changes], object]) -> None:
        super().__init__(title)
        self.reset_all = Button("Reset all")
        self.reset_all.clicked.connect(lambda: keep({_PREFIX: None}))
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, M)
        row.addWidget(PlainLabel(_HOW_TO, tone="muted", wrap=True), 1)
        row.addWidget(self.reset_all)
        self.add(head)
        self.list = ShortcutRows(commands, keep)
        self.list.show_commands(found_commands(commands, ()))
        self.add(self.list)

    def show_settings(self, settings: Settings) -> None:
        self.reset_all.setEnabled(bool(settings.shortcuts))
        self.list.show_settings(settings)


def found_commands(commands: Commands, words: Sequence[str]) -> list[Command]:
    """The commands that there are and that have all of these words, or keys."""
    return [
        command
        for command in COMMANDS
        if commands.action(command.id).isVisible()
        and all(word in _text(command, commands) for word in words)
    ]


def _text(command: Command, commands: Commands) -> str:
    keys = commands.keys(command.id)
    told = f"{command.text} {_PREFIX}.{command.id} {' '.join(keys)} {shown(keys)} key"
    return told.casefold()
