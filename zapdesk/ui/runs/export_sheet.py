"""A run in any format, looked at before it leaves the computer; every hidden place is marked.

What is shown is what is copied and saved; a very long text is shown from its beginning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.domain.runs import ActionRun
from zapdesk.errors import ZapdeskError
from zapdesk.redaction import HIDDEN, Shown
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, ComboBox, PlainLabel
from zapdesk.ui.plain_text import one_line, visible_text
from zapdesk.ui.sheets import Sheet, text_view

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.exports.formats import Format
    from zapdesk.services.exports.service import ExportService

_WIDTH, _HEIGHT = 780, 660
_LEAST_TEXT = 160
_LONGEST_SHOWN = 300_000
_LONGEST_LINE = 4_000
_CLIPBOARD_LIMIT = 20_000_000
_MARKED = re.compile(re.escape(HIDDEN) + r'|"+\$hidden\\?"+\s*:\s*\\?"+password\\?"+')


class HiddenPlaces(QSyntaxHighlighter):
    """Gives every hidden place of a text its ground."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._format = QTextCharFormat()
        self._format.setBackground(QColor(theme().tokens["waiting_soft"]))
        self._format.setForeground(QColor(theme().tokens["waiting"]))

    def highlightBlock(self, text: str) -> None:
        for match in _MARKED.finditer(text):
            # Qt counts UTF-16 units.
            start, end = (len(text[:at].encode("utf-16-le")) // 2 for at in match.span())
            self.setFormat(start, end - start, self._format)


class ExportSheet(Sheet):
    """A run in the format that is picked. ``chosen`` is where to begin: a word of `Format`."""

    def __init__(
        self, parent: QWidget, exports: ExportService, run: ActionRun, tasks: LateTasks, chosen: str
    ) -> None:
        super().__init__(parent, "Export", _WIDTH)
        self._exports, self._run, self._tasks = exports, run, tasks
        self._files: tuple[tuple[str, Shown], ...] = ()
        self._generation = 0
        self.format = ComboBox("Format")
        self.format.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.format.setMinimumContentsLength(20)
        self.file = ComboBox("File")
        self.file.setMinimumContentsLength(20)
        self._file_label = PlainLabel("File")
        self.text = text_view("", "What is exported")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setMinimumHeight(_LEAST_TEXT)
        self.hidden = PlainLabel(tone="muted", wrap=True)
        self._said = PlainLabel(tone="muted", wrap=True)
        self._highlighter = HiddenPlaces(self.text.document())
        self._build()
        self._fill_formats(chosen)
        self.format.currentIndexChanged.connect(lambda _: self._load())
        self.file.currentIndexChanged.connect(lambda _: self._show_file())
        self._load()

    def _build(self) -> None:
        run = self._run
        title = one_line(f"{run.app_title} › {run.action_title}", 120)
        self.column.addWidget(PlainLabel("Export or copy", size="title", bold=True))
        self.column.addWidget(PlainLabel(title, tone="muted", elide=True))
        self.column.addSpacing(S)
        row = QHBoxLayout()
        row.setSpacing(M)
        row.addWidget(PlainLabel("Format"))
        row.addWidget(self.format)
        row.addSpacing(M)
        row.addWidget(self._file_label)
        row.addWidget(self.file)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.text, 1)
        self.column.addWidget(self.hidden)
        self.column.addWidget(self._said)
        self._said.hide()
        self.save = self.add_button(Button("Save as…", icon="download"))
        self.copy = self.add_button(Button("Copy", icon="copy"))
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._choose_place)
        self.finish()
        self.resize(_WIDTH, _HEIGHT)

    def _fill_formats(self, chosen: str) -> None:
        from zapdesk.services.exports.formats import FORMATS

        for format, facts in FORMATS.items():
            words = f"Copy as {facts.title}" if facts.is_snippet else facts.title
            self.format.addItem(words, format)
        self.format.setCurrentIndex(max(0, self.format.findData(chosen)))

    @property
    def _chosen(self) -> Format:
        from zapdesk.services.exports.formats import Format

        return Format(self.format.currentData())  # Qt gives its text back

    def _load(self) -> None:
        self._generation += 1
        self._show((), "")
        self._tasks.start(self._fetch(self._chosen, self._generation), name="write an export")

    async def _fetch(self, format: Format, generation: int) -> None:
        trouble = ""
        files: tuple[tuple[str, Shown], ...] = ()
        try:
            files = await self._exports.files(self._run.id, format)
        except ZapdeskError as error:
            trouble = " ".join(part for part in (error.title, error.detail, error.hint) if part)
        if isValid(self) and generation == self._generation:
            self._show(files, trouble or _told(files))

    def _show(self, files: Sequence[tuple[str, Shown]], told: str) -> None:
        self._files = tuple(files)
        with QSignalBlocker(self.file):
            self.file.clear()
            self.file.addItems([name for name, _ in files])
        for part in (self._file_label, self.file):
            part.setVisible(len(files) > 1)
        self._show_file()
        self.hidden.setText(told)
        self._said.hide()
        for button in (self.copy, self.save):
            button.setEnabled(bool(files))

    def _show_file(self) -> None:
        at = self.file.currentIndex()
        self.text.setPlainText(_beginning(self._files[at][1].text) if self._files else "")

    def _say(self, text: str) -> None:
        if isValid(self):
            self._said.setText(text)
            self._said.show()

    def _copy(self) -> None:
        text = self._files[self.file.currentIndex()][1].text
        if len(text) > _CLIPBOARD_LIMIT:
            self._say("This is too large for the clipboard. Save it as a file.")
            return
        copy_text(text)
        self._say("Copied.")

    def _choose_place(self) -> None:
        files = self._files
        dialog = QFileDialog(self, "Save the export", files[0][0])
        if len(files) > 1:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda place: self.save_to(Path(place), files))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, place: Path, files: Sequence[tuple[str, Shown]]) -> None:
        """Write ``files``: one as ``place``, several into that folder."""
        self._tasks.start(_save(place, files, self._say), name="save an export")


async def _save(
    place: Path, files: Sequence[tuple[str, Shown]], say: Callable[[str], object]
) -> None:
    from zapdesk.services.exports.files import save

    try:
        for name, shown in files:
            await save(place / name if len(files) > 1 else place, [shown.text])
        text = f"Saved: {place}. Only you can read it."
    except ZapdeskError as error:
        text = f"{error.title} {error.detail}".strip()
    say(text)


def _told(files: Sequence[tuple[str, Shown]]) -> str:
    """What was hidden, and how often."""
    counted = Counter(hidden.reason for _, shown in files for hidden in shown.hidden)
    if not counted:
        return "Nothing had to be hidden."
    parts = [f"{reason} ({times})" for reason, times in counted.most_common()]
    return f"Hidden: {', '.join(parts)}."


def _beginning(text: str) -> str:
    shown = visible_text(text[:_LONGEST_SHOWN])
    lines = [
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
        for line in shown.split("\n")
    ]
    if len(text) > _LONGEST_SHOWN:
        lines.append(f"… ({len(text):,} characters; all of them are copied and saved)")
    return "\n".join(lines)
