"""Opening run capsules: files dropped on the window, double-clicked, or named at the start.

A capsule is shown for reading, before any sign-in and without the network. Only a person takes it
into the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from zapdesk.domain.facts import Fact, facts_of
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import S
from zapdesk.ui.notices import Notice, NoticeArea
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.run_now import RunNow, StoredRun
from zapdesk.ui.sheets import Sheet
from zapdesk.ui.times import now_ms

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.services.capsules import Capsule
    from zapdesk.services.exports.service import ExportService

SUFFIX = ".zapdesk"
_SUBJECT = "capsule"
_WIDTH, _HEIGHT = 820, 620
_MOST_AT_ONCE = 5

Start = Callable[[Coroutine[Any, Any, Any]], object]


class CapsuleOpening(QObject):
    """``exports`` takes a capsule into the history; without it that is not offered.

    ``show_run`` is given the id of a run that was taken in.
    """

    def __init__(
        self,
        window: QWidget,
        notices: NoticeArea,
        start: Start,
        show_run: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window, self._notices = window, notices
        self._start, self._show_run = start, show_run
        self.exports: ExportService | None = None
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def open(self, path: Path) -> None:
        """Show the run of a file, or say why that cannot be done."""
        self._start(self._open(path))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent):  # entering, moving and dropping are all of this kind
            files = capsules_in(event)
            if files:
                event.acceptProposedAction()
                if event.type() is QEvent.Type.Drop:
                    for path in files[:_MOST_AT_ONCE]:
                        self.open(path)
                return True
        return super().eventFilter(watched, event)

    async def _open(self, path: Path) -> None:
        from zapdesk.services import capsules

        self._notices.clear(_SUBJECT)
        try:
            raw = await asyncio.to_thread(_read, path)
            capsule = await asyncio.to_thread(capsules.read, raw)
        except ZapdeskError as error:
            self._notices.show_error(error, _SUBJECT)
            return
        sheet = CapsuleSheet(self._window, path.name, capsule)
        if self.exports is not None:
            sheet.offer_to_keep(lambda: self._start(self._keep(sheet, capsule)))
        sheet.open()

    async def _keep(self, sheet: CapsuleSheet, capsule: Capsule) -> None:
        assert self.exports is not None  # else it was not offered
        sheet.accept()
        try:
            run, is_new = await self.exports.take_in(capsule.raw)
        except ZapdeskError as error:
            self._notices.show_error(error, _SUBJECT)
            return
        words = "The run is in the history now" if is_new else "The run was in the history already"
        self._notices.show_notice(_SUBJECT, "info", f"{words}, marked as one from elsewhere.")
        self._show_run(run.id)


class CapsuleSheet(Sheet):
    """The run of a capsule, for reading."""

    def __init__(self, parent: QWidget, name: str, capsule: Capsule) -> None:
        # It costs 40 ms, and most sessions never open one.
        from zapdesk.ui.runs.content import RunContent

        super().__init__(parent, one_line(name, 80), _WIDTH)
        self._tasks = LateTasks()
        record, exchanges = capsule.dossier.record, capsule.dossier.exchanges
        self.resize(_WIDTH, _HEIGHT)
        self.column.addWidget(PlainLabel(one_line(name, 80), size="title", bold=True))
        self.column.addWidget(Notice("info", told(capsule), closable=False))
        self.column.addSpacing(S)
        self.content = RunContent(self._tasks)
        run = record.run
        saved = Fact("Saved", "in_file", "in this file", tip="It is in no log of this computer.")
        facts = replace(facts_of(run, record, now_ms()), saved=saved)
        now = RunNow(StoredRun(record, exchanges), facts, run.duration_ms or 0, None)
        self.content.show_record(record, exchanges)
        header = self.content.header
        header.show_run(now)
        # What can be done with a run, and found out about it, is for those whose run it is.
        outcome = header.outcome
        for widget in (header.more, header.waiting, header.attempts, header.resolve,
                       outcome.again_button, outcome.edit_button):  # fmt: skip
            widget.hide()
        self.column.addWidget(self.content, 1)
        self.finish()

    def offer_to_keep(self, keep: Callable[[], object]) -> None:
        """Offer to take the run into the history."""
        button = self.add_button(Button("Keep it in the history"))
        button.clicked.connect(lambda: keep())


def capsules_in(event: QDropEvent) -> list[Path]:
    """The capsules among files that are dragged; none where something else is among them."""
    urls = event.mimeData().urls()
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    is_all = len(paths) == len(urls) and all(path.suffix == SUFFIX for path in paths)
    return paths if is_all else []


def told(capsule: Capsule) -> str:
    """Where a capsule comes from and what is hidden in it."""
    count = sum(times for _, _, times in capsule.hidden)
    hidden = "" if not count else f" {count} secret{'' if count == 1 else 's'} in it are hidden."
    made_by = one_line(capsule.made_by, 60) or "an unknown program"
    return f"A run from a file, made by {made_by}, for reading: nothing here is sent.{hidden}"


def _read(path: Path) -> bytes:
    from zapdesk.services.capsules import LARGEST

    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)  # a larger one is refused by whoever reads it
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be opened: {error.strerror}.") from None
