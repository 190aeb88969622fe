"""RunModel: the history as a table, newest first, that changes one row at a time.

A row is an ActionRun; what its cells say is worked out once and kept while it is looked at. Times
that go on (how long ago, how long it has been running) are asked for at every paint.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt

from zapdesk.domain.facts import facts_of
from zapdesk.domain.runs import ActionRun, RunFilter
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.paged_model import (
    ACCESSIBLE_TEXT_ROLE,
    DISPLAY_ROLE,
    ITEM_ROLE,
    TEXT_ALIGNMENT_ROLE,
    TOOL_TIP_ROLE,
    Index,
    PagedModel,
)
from zapdesk.ui.parts import StatusLook, run_look
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.columns import COLUMN_TITLES
from zapdesk.ui.runs.facts import headline, kind_words
from zapdesk.ui.times import (
    day_number,
    duration_text,
    elapsed_text,
    exact_time,
    now_ms,
    started_text,
)

CELL_LIMIT = 500
TAG_LIMIT = 24
_KEPT_LINES = 4_096
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class RunColumn(IntEnum):
    """The columns, from left to right."""

    STATUS = 0
    APP = 1
    ACTION = 2
    CONNECTION = 3
    STARTED = 4
    DURATION = 5
    OUTCOME = 6


_COLUMN_COUNT = len(COLUMN_TITLES)
_STATUS, _OUTCOME = int(RunColumn.STATUS), int(RunColumn.OUTCOME)
_STARTED, _DURATION = int(RunColumn.STARTED), int(RunColumn.DURATION)


@dataclass(frozen=True, slots=True)
class RunLine:
    """What a row says: safe texts by column (empty where time decides), the status's look, and
    what a person has added."""

    run: ActionRun
    look: StatusLook
    texts: tuple[str, ...]
    tags: tuple[str, ...] = ()

    def text(self, column: int, now: int) -> str:
        """A cell's words at the time ``now``."""
        run = self.run
        if column == _STARTED:
            return started_text(run.created_ms, now)
        if column == _DURATION and run.status.is_open:
            return elapsed_text(now - run.created_ms)
        return self.texts[column]


class RunModel(PagedModel[ActionRun]):
    """The runs that a filter lets through."""

    def __init__(self, tasks: LateTasks, parent: QObject | None = None) -> None:
        super().__init__(tasks, parent=parent)
        self._filter = RunFilter()
        self._is_of_all = False  # until that was asked for: what the last session left is of one
        self._profile_names: Mapping[str, str] = {}
        self._lines: dict[str, RunLine] = {}

    @property
    def filter(self) -> RunFilter:
        """What lets runs through."""
        return self._filter

    @filter.setter
    def filter(self, wanted: RunFilter) -> None:
        is_of_all = not wanted.profile_id
        if is_of_all != self._is_of_all:
            self._is_of_all = is_of_all
            self._lines.clear()  # rows name their profile where there are several
        self._filter = wanted

    def set_profile_names(self, names: Mapping[str, str]) -> None:
        """What profiles are called, by id."""
        if names != self._profile_names:
            self._profile_names = dict(names)
            self._lines.clear()
            if self._items:
                last = self.index(len(self._items) - 1, _COLUMN_COUNT - 1)
                self.dataChanged.emit(self.index(0, 0), last)

    def line(self, row: int) -> RunLine:
        """What a row says. Raises ``IndexError`` where there is no such row."""
        run = self._items[row]
        line = self._lines.get(run.id)
        if line is None or line.run is not run:
            if len(self._lines) >= _KEPT_LINES:
                self._lines.clear()
            names = self._profile_names
            profile = names.get(run.profile_id, run.profile_id) if self._is_of_all else ""
            line = self._lines[run.id] = _line(run, profile)
        return line

    def row_of(self, run_id: str) -> int:
        """Where a run is shown, by zapdesk's own id; -1 where it is not."""
        return next((row for row, run in enumerate(self._items) if run.id == run_id), -1)

    def is_day_start(self, row: int) -> bool:
        """Whether a row is the newest of its day."""
        if row == 0:
            return bool(self._items)
        here, above = self._items[row], self._items[row - 1]
        return day_number(here.created_ms) != day_number(above.created_ms)

    @property
    def has_open(self) -> bool:
        """Whether one of the newest rows is still under way; older ones are found by filter."""
        return any(run.status.is_open for run in self._items[:500])

    def take(self, run: ActionRun) -> bool:
        """Show what has become of a run: its row is replaced, removed or put where it belongs.

        Says whether the table is now right; with a text to search for only the log can tell.
        """
        is_wanted = self._lets_through(run)
        # Finds of a search come in the order in which they were written down.
        place = bisect_left(self._items, _newest_first(run), key=_newest_first)
        row = max(self.row_of(run.id), 0) if self.filter.text else place
        if row < len(self._items) and self._items[row].id == run.id:
            if is_wanted:
                self._replace(row, run)
            else:
                self._remove(row)
            return True
        if not is_wanted:
            return True
        if self.filter.text:
            return False
        # Beyond what is held it is found when one scrolls there.
        is_held = row > 0 or self._is_top
        if is_held and (row < len(self._items) or self._is_complete):
            self._insert(row, run)
        return True

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else _COLUMN_COUNT

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = DISPLAY_ROLE
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and 0 <= section < _COLUMN_COUNT:
            if role == DISPLAY_ROLE:
                return COLUMN_TITLES[section]
            if role == TEXT_ALIGNMENT_ROLE and section == _DURATION:
                return _RIGHT
        return None

    def data(self, index: Index, role: int = DISPLAY_ROLE) -> Any:
        if role == DISPLAY_ROLE:
            return self.line(index.row()).text(index.column(), now_ms())
        if role == ITEM_ROLE:
            return self.item(index.row())
        if role == TOOL_TIP_ROLE:
            return self._tool_tip(index)
        if role == ACCESSIBLE_TEXT_ROLE:
            column = index.column()
            line = self.line(index.row())
            told = f"{COLUMN_TITLES[column]}: {line.text(column, now_ms()) or 'none'}"
            if column == _STATUS:
                told += f". {facts_of(line.run, None, now_ms()).sentence()}"
                told += " Pinned." if line.run.pinned else ""
            return f"{told}, {', '.join(line.tags)}" if column == _OUTCOME and line.tags else told
        return None

    def _tool_tip(self, index: Index) -> str:
        line = self.line(index.row())
        run = line.run
        if index.column() == _STATUS:
            facts = facts_of(run, None, now_ms()).all()
            return plain_tool_tip("\n".join(f"{fact.name}: {fact.text}" for fact in facts))
        if index.column() == _STARTED:
            return plain_tool_tip(exact_time(run.created_ms))
        if index.column() == _DURATION and run.ended_ms is not None:
            return plain_tool_tip(f"Ended {exact_time(run.ended_ms)}")
        text = line.texts[index.column()]
        if index.column() == _OUTCOME:
            added = ", ".join(line.run.labels)
            text = "\n".join(filter(None, (text, added and f"Labels: {added}", line.run.note)))
        return plain_tool_tip(text) if text else ""

    def _lets_through(self, run: ActionRun) -> bool:
        wanted = self.filter
        return (
            (not wanted.profile_id or run.profile_id == wanted.profile_id)
            and (not wanted.statuses or run.status in wanted.statuses)
            and (not wanted.app_id or run.action.app_id == wanted.app_id)
            and (wanted.action is None or run.action == wanted.action)
        )

    def _replace_all(self, items: Sequence[ActionRun]) -> None:
        self._lines.clear()
        super()._replace_all(items)


def _newest_first(run: ActionRun) -> tuple[int, int]:
    return -run.created_ms, -run.number


def _line(run: ActionRun, profile: str) -> RunLine:
    look = run_look(run.status.value, run.headline)
    took = "" if run.duration_ms is None else duration_text(run.duration_ms)
    texts = (
        look.word,
        run.app_title,
        kind_words(run),
        run.authentication_title,
        "",
        took,
        headline(run),
    )
    tags = (
        *([one_line(profile, TAG_LIMIT)] if profile else []),
        *(["from a file"] if run.is_foreign else []),
        *(["known good"] if run.is_baseline else []),
        *(["note"] if run.note else []),
        *(one_line(label, TAG_LIMIT) for label in run.labels),
    )
    return RunLine(run, look, tuple(one_line(text, CELL_LIMIT) for text in texts), tags)
