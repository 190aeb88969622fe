"""About this log: how large, how old and how sound it is, and its backups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.facts import size_text
from zapdesk.ui.look.metrics import XL, XS, M, S
from zapdesk.ui.notices import Notice
from zapdesk.ui.parts import Button, HLine, PlainLabel, SkeletonRows
from zapdesk.ui.sheets import Sheet, scrolling
from zapdesk.ui.times import exact_time

if TYPE_CHECKING:  # they are imported behind the first frame
    from pathlib import Path

    from zapdesk.domain.history import LogHealth
    from zapdesk.services.history import BackupFile

_WIDTH, _MOST_HEIGHT = 600, 420

Row = tuple[str, str, str]
"""What it is, what it is like, and the token of its colour."""


class AboutLogSheet(Sheet):
    """Fills in when the log has been looked at; ``look`` looks again, in full where asked."""

    def __init__(
        self,
        parent: QWidget,
        look: Callable[[bool], object],
        back_up: Callable[[], object],
        restore: Callable[[Path | None], object],
    ) -> None:
        super().__init__(parent, "About this log", _WIDTH)
        self._look, self._restore = look, restore
        self.column.addWidget(PlainLabel("About this log", size="title", bold=True))
        self._place = PlainLabel("", tone="muted", mono=True, size="small", wrap=True)
        self._place.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.column.addWidget(self._place)
        self.column.addSpacing(S)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget = SkeletonRows()
        self._body.addWidget(self._shown)
        self.column.addLayout(self._body)
        self.check_button = self.add_button(Button("Check in full"))
        self.check_button.clicked.connect(self._check)
        self.restore_button = self.add_button(Button("Restore a file…"))
        self.restore_button.clicked.connect(lambda: restore(None))
        self.back_up_button = self.add_button(Button("Back up…"))
        self.back_up_button.clicked.connect(lambda: back_up())
        self.finish()

    def show_health(
        self,
        health: LogHealth,
        backups: Sequence[BackupFile],
        keep_log: Callable[[], object] | None,
    ) -> None:
        """Show what was found; ``keep_log`` calls off a restore that is waiting."""
        self._place.setText(health.path)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, S, 0)
        column.setSpacing(S)
        for text in filter(None, (health.read_only_reason, health.doubt)):
            kind = "error" if text == health.read_only_reason else "warning"
            column.addWidget(_whole(Notice("error" if kind == "error" else "warning", text)))
        if keep_log is not None:
            waiting = Notice(
                "info", "A backup takes the place of this log at the next start.",
                "Leave it as it is", closable=False,
            )  # fmt: skip
            waiting.action_requested.connect(lambda: keep_log())
            column.addWidget(waiting)
        column.addLayout(_grid(rows(health)))
        column.addSpacing(S)
        column.addWidget(PlainLabel("Backups made by zapdesk", bold=True))
        if not backups:
            words = "None yet. One is made before each upgrade of the log."
            column.addWidget(PlainLabel(words, tone="muted", wrap=True))
        for backup in backups:
            column.addLayout(self._backup_row(backup))
        column.addStretch(1)
        area = scrolling(content, _MOST_HEIGHT, "About this log")
        area.setFixedHeight(min(column.totalHeightForWidth(_WIDTH - 2 * XL), _MOST_HEIGHT))
        self._replace(area)
        self.check_button.setEnabled(True)

    def show_trouble(self, text: str) -> None:
        """Say why the log could not be looked at."""
        self._replace(PlainLabel(text, tone="error", wrap=True))
        self.check_button.setEnabled(True)

    def _check(self) -> None:
        self.check_button.setEnabled(False)
        self._look(True)

    def _replace(self, widget: QWidget) -> None:
        self._body.removeWidget(self._shown)
        self._shown.hide()
        self._shown.deleteLater()
        self._shown = widget
        self._body.addWidget(widget)
        self.adjustSize()

    def _backup_row(self, backup: BackupFile) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(M)
        made = exact_time(backup.made_ms)
        row.addWidget(PlainLabel(made, elide=True), 1)
        row.addWidget(PlainLabel(size_text(backup.size), tone="muted"))
        button = Button("Restore…", look="link")
        button.setAccessibleName(f"Restore the backup of {made}")
        button.clicked.connect(lambda: self._restore(backup.path))
        row.addWidget(button)
        return row


def rows(health: LogHealth) -> list[Row]:
    """What is told about a log, in words."""
    used = size_text(health.size)
    parts = []
    if health.journal_size:
        parts.append(f"{size_text(health.journal_size)} more in its journal")
    if health.unused:
        parts.append(f"{size_text(health.unused)} of it unused")
    told: list[Row] = [("Size", ", ".join((used, *parts)), "text")]
    if health.disk_free is not None:
        is_scarce = health.disk_free < 200_000_000
        free = f"{size_text(health.disk_free)} free"
        told.append(("Disk", free, "error" if is_scarce else "text"))
    deleted = f", {health.deleted:,} deleted ones not yet removed" if health.deleted else ""
    told.append(("Runs", f"{health.runs:,}{deleted}", "text"))
    if health.oldest_ms is not None:
        told.append(("Oldest run", exact_time(health.oldest_ms), "text"))
    if health.bytes_per_run is not None:
        words = size_text(round(health.bytes_per_run))
        if health.packing is not None and health.packing < 0.995:
            words += f"; inputs and results are packed to {health.packing:.0%} of their size"
        told.append(("Per run", words, "text"))
    told.append(("Integrity", *_integrity(health)))
    versions = f"SQLite {health.sqlite_version}, {health.journal_mode}, layout {health.version}"
    told.append(("Format", versions, "muted"))
    return told


def _integrity(health: LogHealth) -> tuple[str, str]:
    if health.problems:
        more = f" and {len(health.problems) - 1} more" if len(health.problems) > 1 else ""
        return (
            f"Damaged: {health.problems[0]}{more}. Start zapdesk again: it repairs the log and"
            " keeps a copy.",
            "error",
        )
    if health.checked_ms is None:
        return "Nothing wrong was found. It was never looked through in full.", "text"
    return f"Sound. Looked through in full on {exact_time(health.checked_ms)}.", "success"


def _grid(told: Sequence[Row]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(XL)
    grid.setVerticalSpacing(S)
    grid.setColumnStretch(1, 1)
    for number, (name, text, token) in enumerate(told):
        label = PlainLabel(name, tone="muted")
        grid.addWidget(label, 2 * number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(PlainLabel(text, tone=token, wrap=True, selectable=True), 2 * number, 1)
        if number < len(told) - 1:
            grid.addWidget(HLine(), 2 * number + 1, 0, 1, 2)
    grid.setContentsMargins(0, XS, 0, XS)
    return grid


def _whole(notice: Notice) -> QWidget:
    """A notice that keeps to itself: it is no passing one."""
    notice.closed.connect(notice.hide)
    return notice
