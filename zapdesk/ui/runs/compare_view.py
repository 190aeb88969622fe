"""CompareView: two runs side by side, what differs between them, and what of that is noise.

Nothing is left out but what a person has ticked; that is remembered for the action.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.comparison import Difference, Pattern
from zapdesk.domain.definitions import FieldDifference
from zapdesk.domain.noise import Noise, NoiseKind
from zapdesk.domain.result_values import value_text
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XL, XS, L, M, S
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import CheckBox, DisclosureButton, HLine, PlainLabel, StatusMark
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.compare_list import DifferenceList
from zapdesk.ui.runs.facts import kind_words
from zapdesk.ui.sheets import Sheet, scrolling
from zapdesk.ui.times import duration_text, exact_time

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.comparison import RunComparison

_WIDTH, _HEIGHT = 960, 640
_MOST_NOISE = 40
_NOISE_HEIGHT = 132
_KINDS = {
    NoiseKind.TIME: "a time",
    NoiseKind.ID: "an id",
    NoiseKind.COUNT: "a number that grows",
    NoiseKind.OTHER: "differs",
}
_CELL_LIMIT = 300


async def open_comparison(
    parent: QWidget, session: Session, one_id: str, other_id: str, tasks: LateTasks
) -> CompareView:
    """Show how the later of two runs differs. Raises ZapdeskError where that cannot be told."""
    comparison = await session.comparison.compare(one_id, other_id, older_first=True)
    view = CompareView(parent, session, comparison, tasks)
    view.show()
    return view


class CompareView(Sheet):
    """A window beside the main one; it deletes itself when it is closed."""

    def __init__(
        self, parent: QWidget, session: Session, comparison: RunComparison, tasks: LateTasks
    ) -> None:
        super().__init__(parent, "Compare runs", _WIDTH)
        self.setModal(False)
        self.resize(_WIDTH, _HEIGHT)
        self._session, self._tasks = session, tasks
        self._comparison = comparison
        self.summary = PlainLabel(size="large", bold=True, wrap=True)
        self.remarks = PlainLabel(tone="muted", wrap=True)
        self.notices = NoticeArea()
        self.noise = _NoiseBox()
        self.results = DifferenceList("Result", "The results are the same", can_leave_out=True)
        self.inputs = DifferenceList("Inputs", "The inputs are the same")
        self.form = _plain_list("Form", ("Field", "Before", "After"))
        self.facts = _plain_list("Outcome and times", ("", "Before", "After"))
        self.tabs = QTabWidget()
        self.tabs.tabBar().setAccessibleName("Parts of the comparison")
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (self.results, "Result"),
            (self.inputs, "Inputs"),
            (self.form, "Form"),
            (self.facts, "Outcome and times"),
        ):
            self.tabs.addTab(widget, title)
        self.noise.changed.connect(self._leave_out)
        self.results.left_out.connect(self._leave_out_also)
        self.column.addWidget(self.summary)
        self.column.addLayout(_sides(comparison.before, comparison.after))
        self.column.addWidget(self.remarks)
        self.column.addWidget(self.notices)
        self.column.addWidget(self.noise)
        self.column.addWidget(self.tabs, 1)
        self._show(comparison)
        self.finish()
        self.tabs.setFocus()

    @property
    def comparison(self) -> RunComparison:
        """What is shown."""
        return self._comparison

    def _show(self, comparison: RunComparison) -> None:
        self._comparison = comparison
        self.summary.setText(summary(comparison))
        self.remarks.setText(" ".join(comparison.remarks))
        self.remarks.setVisible(bool(comparison.remarks))
        self.noise.show_noise(comparison.noise, comparison.ignored)
        self.results.show_comparison(comparison.result)
        self.inputs.show_comparison(comparison.inputs)
        _fill(self.form, _form_rows(comparison.definition))
        _fill(self.facts, _fact_rows(comparison))
        counts = (
            len(comparison.result.differences),
            len(comparison.inputs.differences),
            len(comparison.definition or ()),
            len(comparison.facts),
        )
        for tab, count in enumerate(counts):
            title = self.tabs.tabText(tab).split(" · ")[0]
            self.tabs.setTabText(tab, f"{title} · {count:,}" if count else title)

    def _leave_out_also(self, difference: Difference) -> None:
        self._leave_out(self._comparison.ignored | {difference.pattern})

    def _leave_out(self, patterns: frozenset[Pattern]) -> None:
        self._tasks.start(self._compare_again(patterns), name="compare again")

    async def _compare_again(self, patterns: frozenset[Pattern]) -> None:
        from shiboken6 import isValid

        from zapdesk.errors import ZapdeskError

        shown, service = self._comparison, self._session.comparison
        try:
            await service.ignore(shown.after, patterns)
            found = await service.compare(shown.before.id, shown.after.id, ignoring=patterns)
        except ZapdeskError as error:
            if isValid(self):
                self.notices.show_error(error)
            return
        if isValid(self):
            self._show(found)


def summary(comparison: RunComparison) -> str:
    """How much differs, as one sentence."""
    parts = []
    for name, count, is_cut in (
        ("result", len(comparison.result.differences), comparison.result.is_cut),
        ("inputs", len(comparison.inputs.differences), comparison.inputs.is_cut),
        ("form", len(comparison.definition or ()), False),
        ("outcome", len(comparison.facts), False),
    ):
        if count:
            more = "more than " if is_cut else ""
            parts.append(f"{more}{count:,} in the {name}")
    if not parts:
        return "Nothing differs but the times"
    return f"Differences: {', '.join(parts)}"


class _NoiseBox(QFrame):
    """What differs between repetitions too, offered for leaving out. ``changed`` carries every
    place that is left out."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.boxes: dict[Pattern, CheckBox] = {}
        self.fold = DisclosureButton("")
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(XL, 0, 0, 0)
        self._column.setSpacing(XS)
        self._area = scrolling(self._list, _NOISE_HEIGHT)
        self.fold.folds(self._area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(XS)
        column.addWidget(self.fold)
        column.addWidget(self._area)

    def show_noise(self, noise: tuple[Noise, ...], ignored: frozenset[Pattern]) -> None:
        offered = {entry.pattern: _noise_words(entry) for entry in noise[:_MOST_NOISE]}
        for pattern in sorted(ignored):
            offered.setdefault(pattern, f"{_pattern_text(pattern)}, left out")
        self.setVisible(bool(offered))
        for box in self.boxes.values():
            box.hide()
            box.deleteLater()
        self.boxes = {}
        for pattern, words in offered.items():
            box = CheckBox(words.replace("&", "&&"))
            box.setChecked(pattern in ignored)
            box.toggled.connect(lambda: self._tell())
            self.boxes[pattern] = box
            self._column.addWidget(box)
        places = "1 place differs" if len(offered) == 1 else f"{len(offered)} places differ"
        out = f", {len(ignored)} left out" if ignored else ""
        self.fold.set_text(f"Noise: {places} from run to run{out}")
        self._area.setFixedHeight(min(_NOISE_HEIGHT, self._list.sizeHint().height() + S))

    def _tell(self) -> None:
        self.changed.emit(frozenset(p for p, box in self.boxes.items() if box.isChecked()))


def _noise_words(noise: Noise) -> str:
    example = one_line(f"{value_text(noise.before)} → {value_text(noise.after)}", 80)
    seen = f"{noise.seen} of {noise.compared} times"
    return f"{_pattern_text(noise.pattern)}: {_KINDS[noise.kind]}, {seen} ({example})"


def _pattern_text(pattern: Pattern) -> str:
    text = "".join("[*]" if step == "*" else f".{step}" for step in pattern)
    return one_line(text.removeprefix("."), 120) or "everything"


def _sides(before: ActionRun, after: ActionRun) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(L)
    grid.setVerticalSpacing(XS)
    for column, (title, run) in enumerate((("Before", before), ("After", after))):
        head = QHBoxLayout()
        head.setSpacing(S)
        head.addWidget(PlainLabel(title, size="small", tone="muted", bold=True))
        head.addWidget(StatusMark(run.status.value))
        if run.is_baseline:
            head.addWidget(PlainLabel("known good", size="small", tone="success"))
        head.addStretch(1)
        grid.addLayout(head, 0, column)
        took = "" if run.duration_ms is None else duration_text(run.duration_ms)
        parts = (f"{run.app_title} › {kind_words(run)}", run.authentication_title, took)
        told = " · ".join(one_line(part, 120) for part in parts if part)
        grid.addWidget(PlainLabel(told, elide=True), 1, column)
        grid.addWidget(PlainLabel(exact_time(run.created_ms), tone="muted", elide=True), 2, column)
        grid.setColumnStretch(column, 1)
    grid.addWidget(HLine(), 3, 0, 1, 2)
    grid.setContentsMargins(0, 0, 0, M - S)
    return grid


def _plain_list(name: str, titles: tuple[str, str, str]) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setObjectName("plain_rows")
    tree.setAccessibleName(name)
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setHeaderLabels(titles)
    header = tree.header()
    header.setSectionsClickable(False)
    header.setStretchLastSection(False)
    header.setSectionResizeMode(header.ResizeMode.Stretch)
    return tree


def _fill(tree: QTreeWidget, rows: list[tuple[str, str, str]]) -> None:
    tree.clear()
    tree.addTopLevelItems(
        [QTreeWidgetItem([one_line(word, _CELL_LIMIT) for word in row]) for row in rows]
    )


def _form_rows(differences: tuple[FieldDifference, ...] | None) -> list[tuple[str, str, str]]:
    if differences is None:
        return [("The form of one of the runs was not kept", "", "")]
    if not differences:
        return [("The forms are the same", "", "")]
    rows = []
    for difference in differences:
        if difference.kind == "changed":
            rows += [
                (f"{difference.title}: {name}", old, new) for name, old, new in difference.changes
            ]
        else:
            ends = ("", "added") if difference.kind == "added" else ("removed", "")
            rows.append((difference.title, *ends))
    return rows


def _fact_rows(comparison: RunComparison) -> list[tuple[str, str, str]]:
    def told(milliseconds: int | None) -> str:
        return "–" if milliseconds is None else duration_text(milliseconds)

    rows = [(fact.name, fact.before, fact.after) for fact in comparison.facts]
    rows += [(t.name, told(t.before_ms), told(t.after_ms)) for t in comparison.timings]
    return rows
