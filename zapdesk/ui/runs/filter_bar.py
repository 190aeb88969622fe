"""FilterBar: the row above the history. Words to search for, the states, *Filter*, and what is on.

It holds the filter and changes it as a person does; it reads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, SearchBox
from zapdesk.ui.parts.buttons import presses
from zapdesk.ui.runs.columns import search_width
from zapdesk.ui.runs.filter_menu import FilterActions, FilterChoices, fill_filter_menu
from zapdesk.ui.runs.filters import STATUS_GROUPS, Part, group_of, parts
from zapdesk.ui.times import now_ms

if TYPE_CHECKING:  # it is imported by services, behind the first frame
    from zapdesk.domain.history import Occurring, SavedFilter

_TYPING_MS = 150
_NARROW = 1_040
_ALWAYS_SHOWN = frozenset({"All", "Waiting", "Success", "Error", "Unknown"})


class FilterBar(QWidget):
    """``changed`` follows the filter; the rest asks the panel for what needs a service. Where
    there is little room the ``strip`` gives way, and states that are rare are in the menu only."""

    changed = Signal()
    menu_wanted = Signal()
    days_wanted = Signal()
    save_wanted = Signal()
    forget_wanted = Signal(str)

    def __init__(self, strip: QWidget, more: QWidget) -> None:
        super().__init__()
        self._strip = strip
        self._is_narrow = False
        self.setProperty("ground", "surface")
        self._choices = FilterChoices(RunFilter(), "")
        self.search = SearchBox("Search runs…")
        self.search.setFixedWidth(search_width(0))
        self.filter_button = FilterButton()
        self._menu = QMenu(self.filter_button)
        self.filter_button.setMenu(self._menu)
        self._menu.aboutToShow.connect(self.menu_wanted)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._take_words)
        self._states = QButtonGroup(self)
        self._states.setExclusive(True)
        self._parts: list[FilterChip] = []
        self._build(more)
        self.search.textChanged.connect(lambda: self._typing.start())
        self._states.buttonClicked.connect(self._take_state)
        self._show()

    @property
    def wanted(self) -> RunFilter:
        """The filter as it stands."""
        return self._choices.wanted

    @property
    def narrows(self) -> bool:
        """Whether it leaves out anything of its profile."""
        return self.wanted != RunFilter(self.wanted.profile_id)

    def set_profile(self, profile_id: str) -> None:
        """Whose runs are shown unless a person chose others; starts without any filter."""
        if profile_id != self._choices.own_profile:
            self._choices = FilterChoices(RunFilter(profile_id), profile_id)
            self.search.clear()
            self._typing.stop()
            self._show()

    def set_profiles(self, profiles: Mapping[str, str]) -> None:
        """The names of the profiles, by id."""
        self._choices.profiles = dict(profiles)

    def set_found(self, found: Occurring, saved: tuple[SavedFilter, ...]) -> None:
        """What there is to filter by."""
        before = (self._choices.found, self._choices.saved)
        self._choices.found, self._choices.saved = found, saved
        if self._menu.isVisible() and before != (found, saved):  # keys may be on their way in it
            self._fill_menu()
        self._show()

    def set_counts(self, counts: Mapping[RunStatus, int]) -> None:
        """How many runs there are in each state."""
        for chip in self._states.buttons():
            word = chip.objectName()
            count = sum(counts.get(status, 0) for status in STATUS_GROUPS[word])
            chip.setProperty("count", count)
            if isinstance(chip, Button):
                chip.set_text(f"{word} {count:,}" if count else word)
        self._show()

    def use(self, wanted: RunFilter) -> None:
        """Filter by this from now on."""
        self._typing.stop()
        if wanted.text != self.search.text():
            self.search.setText(wanted.text)
            self._typing.stop()
        self._choices.wanted = wanted
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Show every run of the profile again."""
        self.use(RunFilter(self._choices.own_profile))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.search.setFixedWidth(search_width(self.width()))
        is_narrow = self.width() < _NARROW
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._strip.setVisible(not is_narrow)
            self._show()

    def _build(self, more: QWidget) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(M, S, S, S)
        row.setSpacing(XS)
        row.addWidget(self.search)
        row.addSpacing(S)
        for word in STATUS_GROUPS:
            chip = Button(word)
            chip.setObjectName(word)
            chip.setProperty("chip", True)
            chip.setCheckable(True)
            self._states.addButton(chip)
            row.addWidget(chip)
        row.addWidget(self.filter_button)
        row.addSpacing(S)
        row.addWidget(self._strip, 100)
        row.addStretch(1)  # takes the room where the strip has given way
        row.addWidget(more)
        self._second = QWidget()
        self._chips = QHBoxLayout(self._second)
        self._chips.setContentsMargins(M, 0, M, S)
        self._chips.setSpacing(S)
        self._clear = Button("Clear all", look="link")
        self._clear.clicked.connect(self.clear)
        self._chips.addWidget(self._clear)
        self._chips.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._second)

    def _take_words(self) -> None:
        text = self.search.text().strip()
        if text != self.wanted.text:
            self._choices.wanted = replace(self.wanted, text=text)
            self.changed.emit()

    def _take_state(self) -> None:
        chip = self._states.checkedButton()
        if chip is not None:
            self._typing.stop()
            statuses = STATUS_GROUPS[chip.objectName()]
            text = self.search.text().strip()
            self._choices.wanted = replace(self.wanted, statuses=statuses, text=text)
            self._show()
            self.changed.emit()

    def _fill_menu(self) -> None:
        actions = FilterActions(
            self.use, self.days_wanted.emit, self.save_wanted.emit, self.forget_wanted.emit
        )
        fill_filter_menu(self._menu, self._choices, actions, now_ms())

    def _show(self) -> None:
        group = group_of(self.wanted)
        self._states.setExclusive(False)
        for chip in self._states.buttons():
            word = chip.objectName()
            chip.setChecked(word == group)
            has_room = bool(chip.property("count")) and not self._is_narrow
            chip.setVisible(word in _ALWAYS_SHOWN or word == group or has_room)
        self._states.setExclusive(True)
        told = parts(
            self.wanted, self._choices.own_profile, self._choices.found, self._choices.profiles
        )
        if [part.text for part in told] != [chip.text_told for chip in self._parts]:
            self._show_parts(told)
        else:
            for chip, part in zip(self._parts, told, strict=True):
                chip.part = part
        self.filter_button.set_count(len(told))
        self._second.setVisible(bool(told))

    def _show_parts(self, told: list[Part]) -> None:
        had_focus = any(chip.hasFocus() for chip in self._parts)
        for chip in self._parts:
            self._chips.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._parts = []
        for number, part in enumerate(told):
            chip = FilterChip(part)
            chip.removed.connect(lambda c=chip: self.use(c.part.rest))
            self._chips.insertWidget(number, chip)
            self._parts.append(chip)
        if had_focus:
            (self._parts[-1] if self._parts else self.filter_button).setFocus()


class FilterButton(QToolButton):
    """Opens the menu; says how many filters are on."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("filter_button")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIcon(theme().icon("filter"))
        self.setIconSize(QSize(ICON + XS, ICON))
        self.setFixedHeight(ROW_DENSE)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        self.setText(f"Filter {count}" if count else "Filter")
        self.setAccessibleName(f"Filter, {count} on" if count else "Filter")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.click()
        elif not presses(self, event):
            super().keyPressEvent(event)


class FilterChip(Button):
    """A filter that is on; pressing it, Delete or Backspace takes it off."""

    removed = Signal()

    def __init__(self, part: Part) -> None:
        super().__init__(part.text)
        self.part = part
        self.text_told = part.text
        self.setProperty("filter_chip", True)
        self.setIcon(theme().icon("close"))
        self.setIconSize(QSize(ICON, ICON - XS))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setAccessibleName(f"Filter {part.text}: take it off")
        self.clicked.connect(self.removed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)
