"""The rows of the browser: apps and, under an open app, its actions. Nothing here is fetched.

One flat list, not a tree: a tree view asks its model about every row while it lays them out, and
10,000 apps would feel that. What belongs under an app is decided here, how it looks is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from zapdesk.domain.catalog import Action, App
from zapdesk.errors import ZapdeskError
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.parts.marks import kind_word
from zapdesk.ui.plain_text import one_line

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_LONGEST_TITLE = 300


class RowKind(IntEnum):
    """What a row stands for."""

    APP = 0
    ACTION = 1
    LOADING = 2  # an app's actions are on their way
    FAILED = 3  # they could not be fetched; opening this row tries again
    NOTE = 4  # there are none, and why


class Row(NamedTuple):
    """One row. ``text`` is what a LOADING, FAILED or NOTE row says."""

    kind: RowKind
    app: App
    action: Action | None = None
    text: str = ""

    @property
    def title(self) -> str:
        """What the row says, on one line, hidden characters written out."""
        if self.action is not None:
            return one_line(self.action.title or self.action.key, _LONGEST_TITLE)
        return one_line(self.text or self.app.title or self.app.id, _LONGEST_TITLE)


class CatalogModel(QAbstractListModel):
    """The rows of the browser.

    ``known`` gives an app's actions, or ``None`` where they were never fetched, ``failure`` the
    reason where they could not be. Apps that are open while one browses stay open; while one
    searches, an app that has matching actions is open until it is folded by hand.
    """

    def __init__(
        self,
        known: Callable[[str], tuple[Action, ...] | None],
        failure: Callable[[str], ZapdeskError | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._known = known
        self._failure = failure
        self._rows: list[Row] = []
        self._app_rows: dict[str, Row] = {}
        self._apps: Sequence[App] = ()
        self._found: Mapping[str, tuple[Action, ...]] | None = None
        self._kinds: frozenset[str] = frozenset()
        self._browsed: set[str] = set()
        self._searched: dict[str, bool] = {}
        self._open: set[str] = set()
        self.words: tuple[str, ...] = ()

    # What is shown

    def show_apps(self, apps: Sequence[App], kinds: frozenset[str] = frozenset()) -> None:
        """Show every app in the given order; of the open ones the actions of these kinds."""
        self._show(apps, None, (), kinds)

    def show_found(
        self,
        apps: Sequence[App],
        found: Mapping[str, tuple[Action, ...]],
        words: Sequence[str],
        kinds: frozenset[str] = frozenset(),
    ) -> None:
        """Show what a search for ``words`` found: ``found`` has the actions to list by app id."""
        self._show(apps, found, tuple(word.casefold() for word in words), kinds)

    def clear(self) -> None:
        """Forget everything, open apps included."""
        self._browsed.clear()
        self._app_rows.clear()
        self.show_apps(())

    def _show(
        self,
        apps: Sequence[App],
        found: Mapping[str, tuple[Action, ...]] | None,
        words: tuple[str, ...],
        kinds: frozenset[str],
    ) -> None:
        if words != self.words:
            self._searched.clear()
        self._apps, self._found, self.words, self._kinds = apps, found, words, kinds
        self._update()

    def _update(self) -> None:
        # Every page of the catalogue that comes in leads here, so the 10,000 rows of apps that
        # stay as they were are not made anew.
        made, rows = self._app_rows, []
        self._open = self._opened()
        for app in self._apps:
            row = made.get(app.id)
            if row is None or row.app is not app:
                row = made[app.id] = Row(RowKind.APP, app)
            rows.append(row)
            if app.id in self._open:
                rows += self._inside(app)
        self._replace(rows)

    # What is open

    def is_open(self, app_id: str) -> bool:
        """Whether the app's actions are listed under it."""
        return app_id in self._open

    def open(self, app_id: str, is_open: bool = True) -> None:
        """List an app's actions under it, or fold them away."""
        if self._found is None:
            (self._browsed.add if is_open else self._browsed.discard)(app_id)
        else:
            self._searched[app_id] = is_open
        self._update()

    def keep_open(self, app_id: str) -> None:
        """Have the app open when the search is over: something of it is in use."""
        self._browsed.add(app_id)

    @property
    def open_apps(self) -> list[App]:
        """The apps whose actions are listed."""
        return [app for app in self._apps if app.id in self._open]

    def _opened(self) -> set[str]:
        if self._found is None:
            return {app.id for app in self._apps if app.id in self._browsed}
        # A match of actions shows them; a match of the app's name alone shows the best app's.
        return {
            app.id
            for number, app in enumerate(self._apps)
            if self._searched.get(
                app.id, bool(self._found.get(app.id)) and (number == 0 or not self.is_named(app))
            )
        }

    def is_named(self, app: App) -> bool:
        """Whether the app itself is what the search asks for, rather than one of its actions."""
        title = app.title.casefold()
        by_id = self.words == (app.id.casefold(),)
        return by_id or all(word in title for word in self.words)

    def _inside(self, app: App) -> Iterable[Row]:
        actions = self._known(app.id)
        if actions is None:
            if error := self._failure(app.id):
                return [Row(RowKind.FAILED, app, text=error.title)]
            return [Row(RowKind.LOADING, app, text="Loading actions…")]
        found = self._found.get(app.id) if self._found is not None else None
        shown = self._of_kinds(found or actions)
        if not shown:
            text = "No actions of this kind" if actions else "This app has no actions"
            return [Row(RowKind.NOTE, app, text=text)]
        return [Row(RowKind.ACTION, app, action) for action in shown]

    def _of_kinds(self, actions: tuple[Action, ...]) -> tuple[Action, ...]:
        if not self._kinds:
            return actions
        return tuple(action for action in actions if action.action_type in self._kinds)

    # Reading rows

    @property
    def listed(self) -> int:
        """How many apps are listed."""
        return len(self._apps)

    def row(self, number: int) -> Row:
        """The row of that number. Raises ``IndexError`` where there is none."""
        return self._rows[number]

    def row_of(self, app_id: str, action: Action | None = None) -> int | None:
        """Where an app is, or one of its actions."""
        wanted = action.reference if action else None
        for number, row in enumerate(self._rows):
            if row.app.id == app_id and (
                row.action is not None and row.action.reference == wanted
                if wanted
                else row.kind is RowKind.APP
            ):
                return number
        return None

    def app_row(self, number: int) -> int:
        """The row of the app that the row of that number belongs to."""
        while number > 0 and self.row(number).kind is not RowKind.APP:
            number -= 1
        return number

    def count(self, app: App) -> int | None:
        """How many actions of the chosen kinds the app is known to have."""
        actions = self._known(app.id)
        return None if actions is None else len(self._of_kinds(actions))

    # Qt

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in (_DISPLAY, _TOOL_TIP, _SPOKEN) or not index.isValid():
            return None
        row = self.row(index.row())
        if role == _DISPLAY:
            return row.title
        return self._spoken(row) if role == _SPOKEN else self._tool_tip(row)

    def _spoken(self, row: Row) -> str:
        if row.action is not None:
            return f"{row.title}, {kind_word(row.action.action_type)}, in {row.app.title}"
        if row.kind is not RowKind.APP:
            return row.title
        count = self.count(row.app)
        actions = "" if count is None else f", {count} action{'' if count == 1 else 's'}"
        return f"{row.title}{actions}, {'open' if self.is_open(row.app.id) else 'folded'}"

    def _tool_tip(self, row: Row) -> str:
        if row.action is not None:
            lines = [row.title, row.action.description, kind_word(row.action.action_type)]
        elif row.kind is RowKind.FAILED and (error := self._failure(row.app.id)):
            lines = [error.title, error.detail, error.hint]
        elif row.kind is RowKind.APP:
            lines = [row.title, row.app.description]
        else:
            return ""
        return plain_tool_tip("\n".join(line for line in lines if line))

    def _replace(self, rows: list[Row]) -> None:
        old = self._rows
        shortest = min(len(old), len(rows))
        head = 0
        while head < shortest and _same(old[head], rows[head]):
            head += 1
        tail = 0
        while tail < shortest - head and _same(old[-1 - tail], rows[-1 - tail]):
            tail += 1
        if head + tail == 0:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        if len(old) > head + tail:
            self.beginRemoveRows(_NO_INDEX, head, len(old) - tail - 1)
            self._rows = old[:head] + old[len(old) - tail :]
            self.endRemoveRows()
        if len(rows) > head + tail:
            self.beginInsertRows(_NO_INDEX, head, len(rows) - tail - 1)
            self._rows = rows
            self.endInsertRows()
        self._rows = rows
        self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))


def _same(one: Row, other: Row) -> bool:
    if one is other:
        return True
    if one.kind is not other.kind or one.app.id != other.app.id:
        return False
    if one.action is None or other.action is None:
        return True
    return one.action.reference == other.action.reference


def match_spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where casefolded ``words`` occur in ``text``: (start, length), in order, none overlapping."""
    folded: list[str] = []
    origins: list[int] = []  # folding can make two characters of one
    for position, character in enumerate(text):
        pieces = character.casefold()
        folded.append(pieces)
        origins += [position] * len(pieces)
    line = "".join(folded)
    marked = [False] * len(text)
    for word in words:
        start = line.find(word) if word else -1
        while start >= 0:
            for place in range(start, start + len(word)):
                marked[origins[place]] = True
            start = line.find(word, start + len(word))
    spans: list[tuple[int, int]] = []
    for position, is_marked in enumerate(marked):
        if is_marked and spans and sum(spans[-1]) == position:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
        elif is_marked:
            spans.append((position, 1))
    return spans
