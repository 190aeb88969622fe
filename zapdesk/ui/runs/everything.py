"""Everything: what a person does to all runs that the filter lets through, in the table or not.

What takes its time is told while it goes on and can be stopped; what was marked can be taken back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from zapdesk.domain.runs import RunFilter
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.name_dialog import NameDialog
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.deeds import Deed, label_words
from zapdesk.ui.runs.exporting import ask_for_file
from zapdesk.ui.times import now_ms
from zapdesk.ui.undo import offer_undo

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.exports.formats import Format
    from zapdesk.services.exports.service import ExportService
    from zapdesk.services.many_runs import Change, ManyRuns, RunSet

_MANY = "many"
_TELL_AGAIN_S = 0.5


class Everything:
    """``runs`` are picked, where they are known yet; ``session`` is what they are changed through.

    ``found`` is called when they are known, ``clear`` asks, and deletes them.
    """

    def __init__(
        self,
        parent: QWidget,
        tasks: LateTasks,
        notices: NoticeArea,
        found: Callable[[], object],
        clear: Callable[[RunFilter, int], object],
    ) -> None:
        self._parent = parent
        self._tasks = tasks
        self._notices = notices
        self._found = found
        self._clear = clear
        self._wanted: RunFilter | None = None
        self.runs: RunSet | None = None
        self.session: Session | None = None

    def pick(self, wanted: RunFilter) -> None:
        """Pick every run that fits now."""
        if wanted != self._wanted:
            self._wanted, self.runs = wanted, None
        if self.session is not None:
            self._do(self._count(self.session.history.many, wanted), "count runs")

    def forget(self) -> None:
        """Pick none of them any more; what goes on goes on."""
        self._wanted = self.runs = None

    def deeds(self, labels: tuple[str, ...]) -> list[Deed]:
        """What can be done with all of them. Their number is not in sight, so nothing happens at
        one key but what can be taken back."""
        return [
            Deed("Pin", _always, lambda _: self.mark("", True), 1, "Space", in_bar=True),
            Deed("Unpin", _always, lambda _: self.mark("", False), 1),
            Deed("New label…", _always, lambda _: self._ask_for_label(), 1, in_bar=True),
            *(self._label_deed(label, is_on) for is_on in (True, False) for label in labels),
            Deed("Export…", _always, lambda _: self._ask_for_file(), 6, in_bar=True),
            Deed("Delete…", _always, lambda _: self.delete(), 9, "Del", in_bar=True),
        ]

    def mark(self, label: str, is_on: bool) -> None:
        """Put a label on all of them, or take it off; the pin, where it is empty."""
        from zapdesk.services.many_runs import Change

        if self.runs is not None and self.session is not None:
            change = Change(label, is_on)
            self._do(self._change(self.session.history.many, self.runs, change), "change runs")

    def delete(self) -> None:
        """Ask, and delete them but for the pinned ones."""
        if self.runs is not None:
            self._clear(self.runs.filter, self.runs.count)

    def _label_deed(self, label: str, is_on: bool) -> Deed:
        words = label_words(label, is_on)
        return Deed(words, _always, lambda _: self.mark(label, is_on), 2 if is_on else 3)

    def _ask_for_label(self) -> None:
        if self.runs is None or self.session is None:
            return
        many, runs = self.session.history.many, self.runs

        async def put_on(label: str) -> None:
            from zapdesk.domain.history import name_of
            from zapdesk.services.many_runs import Change

            change = Change(name_of(label), True)  # what is no label is said in the dialog
            self._do(self._change(many, runs, change), "label runs")

        title = f"Label {runs.count:,} runs"
        dialog = NameDialog(
            self._parent.window(), self._tasks, title, "Label", "", put_on, spoken="Label"
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_for_file(self) -> None:
        if self.runs is None or self.session is None:
            return
        runs, exports = self.runs, self.session.exports

        def write(format: Format, path: Path) -> None:
            self._do(self._export(exports, runs, format, path), "export runs")

        ask_for_file(self._parent.window(), runs.count, now_ms(), write)

    async def _count(self, many: ManyRuns, wanted: RunFilter) -> None:
        runs = await many.all_of(wanted)
        if self._wanted == wanted:
            self.runs = runs
            self._found()

    async def _change(self, many: ManyRuns, runs: RunSet, change: Change) -> None:
        progress = Progress(self._notices, _change_words(change), runs.count)
        try:
            await many.change(runs, change, progress.goes_on)
        finally:
            progress.end()
        count = len(change.numbers)
        if not count:
            words = "Nothing had to be changed: all of them were so already."
            self._notices.show_notice(_MANY, "info", words)
            return
        self._undo_of(many, change, f"{count:,} runs {_changed_words(change)}.")

    def _undo_of(self, many: ManyRuns, change: Change, words: str) -> None:
        offer_undo(
            self._notices,
            _MANY,
            words,
            lambda: self._do(self._take_back(many, change), "change runs back"),
        )

    async def _take_back(self, many: ManyRuns, change: Change) -> None:
        progress = Progress(self._notices, "Taken back", len(change.numbers))
        try:
            await many.take_back(change, progress.goes_on)
        finally:
            progress.end()

    async def _export(
        self, exports: ExportService, runs: RunSet, format: Format, path: Path
    ) -> None:
        from zapdesk.services.exports.files import save

        progress = Progress(self._notices, "Exported", runs.count)
        written = 0

        async def texts() -> AsyncIterator[str]:
            nonlocal written
            async for text, count in exports.many(runs.filter, format):
                yield text
                written += count
                if not progress.goes_on(written):
                    raise _Stopped

        try:
            await save(path, texts())
        except _Stopped:
            words = "Stopped. Nothing was saved."
        else:
            words = f"{written:,} runs were saved to {path}."
        finally:
            progress.end()
        self._notices.show_notice(_MANY, "info", words)

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(self._told(work), name)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ZapdeskError as error:
            self._notices.show_error(error, _MANY)


class Progress:
    """How far something with many runs is, in a notice that lets a person stop it."""

    def __init__(self, notices: NoticeArea, words: str, count: int) -> None:
        self._notices = notices
        self._words = words
        self._count = count
        self._told_at = monotonic()
        self._is_stopped = False

    def goes_on(self, done: int) -> bool:
        """Tell how many runs are done; False where a person has stopped it."""
        if monotonic() - self._told_at >= _TELL_AGAIN_S and not self._is_stopped:
            self._told_at = monotonic()
            words = f"{self._words}: {done:,} of {self._count:,} runs…"
            self._notices.show_notice(_MANY, "info", words, "Stop", self._stop, closable=False)
        return not self._is_stopped

    def end(self) -> None:
        """It is done, or has failed."""
        self._notices.clear(_MANY)

    def _stop(self) -> None:
        self._is_stopped = True


class _Stopped(Exception):
    """A person has stopped an export."""


def _always(_: object) -> bool:
    return True


def _change_words(change: Change) -> str:
    if not change.label:
        return "Pinned" if change.is_on else "Unpinned"
    return "Labelled" if change.is_on else "Label removed"


def _changed_words(change: Change) -> str:
    if not change.label:
        return "pinned" if change.is_on else "unpinned"
    return f"labelled “{change.label}”" if change.is_on else f"no longer labelled “{change.label}”"
