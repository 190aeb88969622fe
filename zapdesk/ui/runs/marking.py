"""What a person does to runs of the history: pin, label, note, delete and take it back.

Every deed is told in the notices of the history; what failed is too. Nothing here changes what is
known of a run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from zapdesk.domain.runs import ActionRun, RunFilter, RunStatus
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.name_dialog import NameDialog
from zapdesk.ui.notices import NoticeArea, confirm
from zapdesk.ui.runs.deeds import Deed, Runs, is_any, is_one, label_words
from zapdesk.ui.undo import offer_undo

if TYPE_CHECKING:  # they are imported behind the first frame
    from zapdesk.domain.history import Deletion
    from zapdesk.services.history import HistoryService

_DELETED = "deleted"
_MARKED = "marked"


class Marking:
    """``history`` is the service; without one nothing happens."""

    def __init__(self, parent: QWidget, tasks: LateTasks, notices: NoticeArea) -> None:
        self._parent = parent
        self._tasks = tasks
        self._notices = notices
        self._undoable: Deletion | None = None
        self.history: HistoryService | None = None

    def deeds(self) -> tuple[Deed, ...]:
        """What can be done to the runs that are picked."""
        return (
            Deed(_pin_words, is_any, self.toggle_pins, 1, "Space", in_bar=True),
            Deed("New label…", is_any, self.ask_for_label, 1, in_bar=True),
            Deed("Note…", is_one, lambda runs: self.ask_for_note(runs[0]), 1),
            Deed(_good_words, _is_success, lambda runs: self.toggle_known_good(runs[0]), 1),
        )

    def label_deeds(self, runs: Runs, labels: Sequence[str]) -> list[Deed]:
        """A label that all of them have can be taken off, another one put on."""
        deeds = []
        for label in labels:
            is_on = all(label in run.labels for run in runs)

            def perform(runs: Runs, label: str = label, is_on: bool = is_on) -> None:
                self.set_label(runs, label, not is_on)

            deeds.append(Deed(label_words(label, not is_on), is_any, perform, 2))
        return deeds

    def toggle_pins(self, runs: Sequence[ActionRun]) -> None:
        """Pin these runs; where all of them are pinned, take the pins off."""
        if self.history is not None and runs:
            is_on = not all(run.pinned for run in runs)
            self._do(self.history.pin([run.id for run in runs], is_on))

    def set_label(self, runs: Sequence[ActionRun], label: str, is_on: bool) -> None:
        """Put a label on these runs, or take it off."""
        if self.history is not None:
            ids = [run.id for run in runs]
            on, off = ([label], []) if is_on else ([], [label])
            self._do(self.history.label(ids, on, off))

    def ask_for_label(self, runs: Sequence[ActionRun]) -> None:
        """Ask for a label that these runs get."""
        history = self.history
        if history is not None and runs:
            ids = [run.id for run in runs]
            title = "Label this run" if len(runs) == 1 else f"Label {len(runs):,} runs"
            self._ask(title, "Label", "", "Label", lambda text: history.label(ids, [text]))

    def ask_for_note(self, run: ActionRun) -> None:
        """Ask for the note that is kept with a run."""
        history = self.history
        if history is not None:
            words = "Note, empty for none"
            self._ask(
                "Note", "Save", run.note, words, lambda text: history.write_note(run.id, text)
            )

    def toggle_known_good(self, run: ActionRun) -> None:
        """Mark a run as the known good one of its action, or no longer."""
        if self.history is not None:
            self._do(self.history.set_baseline(run.id, not run.is_baseline))

    def save_filter(self, profile_id: str, wanted: RunFilter, then: Callable[[], None]) -> None:
        """Ask for a name, and keep the filter under it."""
        history = self.history
        if history is not None:

            async def save(name: str) -> None:
                await history.save_filter(profile_id, name, wanted)
                then()

            self._ask("Save this filter", "Save", "", "Name of the filter", save)

    def forget_filter(self, profile_id: str, name: str, then: Callable[[], None]) -> None:
        """Forget a saved filter."""
        history = self.history
        if history is not None:

            async def forget() -> None:
                await history.delete_filter(profile_id, name)
                then()

            self._do(forget())

    def delete(self, runs: Sequence[ActionRun]) -> None:
        """Delete these runs; it can be taken back for ten seconds."""
        if self.history is not None and runs:
            self._do(self._delete(self.history, [run.id for run in runs]))

    def ask_to_clear(self, wanted: RunFilter, count: int, narrows: bool) -> None:
        """Ask, and delete every run that fits but for the pinned ones."""
        if self.history is not None:
            self._do(self._clear(self.history, wanted, count, narrows))

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if self.history is not None and self._undoable is not None:
            self._notices.clear(_DELETED)
            self._do(self._bring_back(self.history, self._undoable))

    async def _delete(self, history: HistoryService, ids: list[str]) -> None:
        self._tell_deleted(await history.delete(ids), "has not ended and stays")

    async def _clear(
        self, history: HistoryService, wanted: RunFilter, count: int, narrows: bool
    ) -> None:
        what = "what is shown" if narrows else "the history"
        runs = f"{count:,} run{'' if count == 1 else 's'}"
        which = f"{runs} that fit the filter" if narrows else f"{runs} of this profile"
        sentence = (
            f"{which} will be deleted here, not at the server. Pinned runs, known good ones and"
            " those that have not ended stay. It can be undone for ten seconds."
        )
        if await confirm(self._parent, f"Clear {what}?", sentence, "Clear"):
            deletion = await history.clear(wanted)
            self._tell_deleted(deletion, "is pinned or has not ended, and stays")

    async def _bring_back(self, history: HistoryService, deletion: Deletion) -> None:
        self._undoable = None
        if not await history.undo(deletion):
            self._notices.show_notice(
                _DELETED, "info", "It was too late to bring them back: they are gone for good."
            )

    def _tell_deleted(self, deletion: Deletion, why_kept: str) -> None:
        kept = ""
        if deletion.kept == 1:
            kept = f" 1 run {why_kept}."
        elif deletion.kept:
            words = why_kept.replace("has ", "have ").replace("is ", "are ")
            kept = f" {deletion.kept:,} runs {words.replace('stays', 'stay')}."
        if not deletion.runs:
            self._notices.show_notice(_DELETED, "info", f"Nothing was deleted.{kept}")
            return
        count = "1 run" if deletion.runs == 1 else f"{deletion.runs:,} runs"
        self._undoable = deletion
        offer_undo(self._notices, _DELETED, f"{count} deleted.{kept}", self.undo)

    def _ask(
        self,
        title: str,
        verb: str,
        text: str,
        spoken: str,
        perform: Callable[[str], Awaitable[None]],
    ) -> None:
        dialog = NameDialog(
            self._parent.window(), self._tasks, title, verb, text, perform, spoken=spoken
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(self._told(work), "change runs")

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        self._notices.clear(_MARKED)
        try:
            await work
        except ZapdeskError as error:
            self._notices.show_error(error, _MARKED)


def _pin_words(runs: Runs) -> str:
    return "Unpin" if all(run.pinned for run in runs) else "Pin"


def _good_words(runs: Runs) -> str:
    return "No longer known good" if runs[0].is_baseline else "Mark as known good"


def _is_success(runs: Runs) -> bool:
    return is_one(runs) and runs[0].status is RunStatus.SUCCESS
