"""Copying from the history: ids and results, as they were received but for live secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zapdesk.domain.facts import size_text
from zapdesk.domain.runs import ActionRun
from zapdesk.errors import ZapdeskError
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.deeds import Deed, Runs, is_any, is_one

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.runs import RunService

CLIPBOARD_LIMIT = 1_000_000
"""Bytes of a result that are copied at once; parts of a longer one are copied from its tree."""

_COPY = "copy"


class Copying:
    """``runs`` is the service that results are read through."""

    def __init__(self, tasks: LateTasks, notices: NoticeArea) -> None:
        self._tasks = tasks
        self._notices = notices
        self.runs: RunService | None = None

    def deeds(self) -> tuple[Deed, ...]:
        """What can be copied."""
        return (
            Deed(_id_words, is_any, _copy_ids, 5),
            Deed("Copy result", _has_ended, lambda runs: self.copy_result(runs[0]), 5),
        )

    def copy_result(self, run: ActionRun) -> None:
        """Put a run's result on the clipboard."""
        if self.runs is not None:
            self._tasks.start(self._copy_result(self.runs, run), name="copy a result")

    async def _copy_result(self, runs: RunService, run: ActionRun) -> None:
        try:
            record = await runs.record(run.id)
        except ZapdeskError as error:
            self._notices.show_error(error, _COPY)
            return
        results = record.results if record is not None else None
        if not results:
            self._notices.show_notice(_COPY, "info", "This run has no result to copy.")
        elif len(results) > CLIPBOARD_LIMIT:
            self._notices.show_notice(
                _COPY,
                "info",
                f"The result is {size_text(len(results))}, too large for the clipboard. "
                "Copy the parts you need from its tree.",
            )
        else:
            self._notices.clear(_COPY)
            if hidden := copy_text(results.decode("utf-8", "replace")):
                places = "one place" if hidden == 1 else f"{hidden} places"
                words = f"Copied. A secret is hidden in {places}."
                self._notices.show_notice(_COPY, "info", words)


def _has_ended(runs: Runs) -> bool:
    return is_one(runs) and not runs[0].status.is_open


def _id_words(runs: Runs) -> str:
    if len(runs) > 1:
        return "Copy run ids"
    return "Copy the server's run id" if runs[0].run_id else "Copy run id"


def _copy_ids(runs: Runs) -> None:
    copy_text("\n".join(run.run_id or run.id for run in runs))
