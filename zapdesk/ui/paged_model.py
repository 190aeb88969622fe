"""PagedModel: a table of domain objects that is read page by page as it is scrolled, both ways.

The rows hold domain objects and give them out by ``ITEM_ROLE``; what a cell says is decided by a
subclass. Of a long list only a stretch is held: what is scrolled far away is let go of and read
again when it is wanted, so that no work grows with the list. One page is under way at a time, an
answer that came too late is dropped, and nothing is read after ``close``. Old rows stay until new
ones are there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Signal

from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks

T = TypeVar("T")

Index = QModelIndex | QPersistentModelIndex
Load = Callable[[T | None, int, bool], Awaitable[Sequence[T]]]
"""Reads at most so many items in the order of the rows: those below an item or, where the last
argument says so, those right above it. ``None``: from where the reading starts."""

PAGE = 200
MOST_HELD = 3_000

# Plain numbers: comparing Qt's enums in data() costs more than all the rest of it.
DISPLAY_ROLE = 0
TOOL_TIP_ROLE = 3
TEXT_ALIGNMENT_ROLE = 7
ACCESSIBLE_TEXT_ROLE = 11
ITEM_ROLE = 256


class Start(Enum):
    """Where reading starts: at the first item, somewhere in the list, or at the last item."""

    TOP = "top"
    MIDDLE = "middle"
    END = "end"


class PagedModel(QAbstractTableModel, Generic[T]):
    """Rows of ``T``. ``loaded`` follows every page, ``failed`` carries a ZapdeskError."""

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, tasks: LateTasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._load: Load[T] | None = None
        self._items: list[T] = []
        self._is_top = self._is_complete = True
        self._is_loading = False
        self._generation = 0

    @property
    def items(self) -> Sequence[T]:
        """The rows that are held; not to be changed."""
        return self._items

    @property
    def is_loading(self) -> bool:
        return self._is_loading

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing below the last row."""
        return self._is_complete

    @property
    def is_top(self) -> bool:
        """Whether there is nothing above the first row."""
        return self._is_top

    def item(self, row: int) -> T | None:
        """The object of a row, ``None`` where there is no such row."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def show_items(self, items: Sequence[T]) -> None:
        """Show ``items`` and read nothing: what is known before anything can be read."""
        self._generation += 1
        self._is_loading, self._is_top, self._is_complete = False, True, True
        self._replace_all(items)

    def read_from(self, load: Load[T] | None, first: int = 0, start: Start = Start.TOP) -> None:
        """Read anew by ``load``, at least ``first`` items. ``None`` empties the model."""
        self._load = load
        self._generation += 1
        self._is_loading = False
        if load is None:
            self.show_items(())
        else:
            self._is_complete = self._is_top = False
            self._begin(None, max(first, PAGE), start is Start.END, start)

    def close(self) -> None:
        """Read nothing any more and show nothing. An answer under way is dropped."""
        self._load = None
        self._generation += 1
        self._is_loading, self._is_top, self._is_complete = False, True, True

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else len(self._items)

    def canFetchMore(self, parent: Index) -> bool:
        return not (parent.isValid() or self._is_complete or self._is_loading or self._load is None)

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent) and self._items:
            self._begin(self._items[-1], PAGE, False)

    def fetch_above(self) -> None:
        """Read what stands above the first row, where there is anything."""
        if self._items and not (self._is_top or self._is_loading or self._load is None):
            self._begin(self._items[0], PAGE, True)

    def _begin(
        self, edge: T | None, limit: int, is_above: bool, start: Start | None = None
    ) -> None:
        assert self._load is not None
        self._is_loading = True
        page = self._read(self._load, edge, limit, is_above, start, self._generation)
        if self._tasks.start(page, name="read a page") is None:
            self._is_loading = False

    async def _read(
        self,
        load: Load[T],
        edge: T | None,
        limit: int,
        is_above: bool,
        start: Start | None,
        generation: int,
    ) -> None:
        items: Sequence[T] | None = None
        try:
            items = await load(edge, limit, is_above)
        except ZapdeskError as error:
            if generation == self._generation:
                # Asking again at every repaint would not help; the next reload tries again.
                self._is_complete = self._is_top = True
                self._is_loading = False
                self.failed.emit(error)
            return
        finally:
            if items is None and generation == self._generation:
                self._is_loading = False
        if generation != self._generation:
            return
        is_last = len(items) < limit
        if start is not None:
            self._is_top = start is Start.TOP or (start is Start.END and is_last)
            self._is_complete = start is Start.END or is_last
            self._replace_all(items)
        elif is_above:
            self._put_above(items)
            self._is_top = is_last
        else:
            self._is_complete = is_last
            self._append(items)
        # Not before: whoever hears of the new rows may ask for more from the middle of it.
        self._is_loading = False
        self.loaded.emit()

    def _append(self, items: Sequence[T]) -> None:
        if items:
            first = len(self._items)
            self.beginInsertRows(QModelIndex(), first, first + len(items) - 1)
            self._items.extend(items)
            self.endInsertRows()
        too_many = len(self._items) - MOST_HELD
        if too_many > 0:
            self._is_top = False
            self._remove(0, too_many)

    def _put_above(self, items: Sequence[T]) -> None:
        if items:
            self.beginInsertRows(QModelIndex(), 0, len(items) - 1)
            self._items[:0] = items
            self.endInsertRows()
        self._let_go_below()

    def _let_go_below(self) -> None:
        too_many = len(self._items) - MOST_HELD
        if too_many > 0 and self._load is not None:
            self._is_complete = False
            self._remove(MOST_HELD, too_many)

    def _replace_all(self, items: Sequence[T]) -> None:
        self.beginResetModel()
        self._items = list(items)
        self.endResetModel()

    def _replace(self, row: int, item: T) -> None:
        self._items[row] = item
        last = self.columnCount(QModelIndex()) - 1
        self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def _insert(self, row: int, item: T) -> None:
        self.beginInsertRows(QModelIndex(), row, row)
        self._items.insert(row, item)
        self.endInsertRows()
        self._let_go_below()

    def _remove(self, row: int, count: int = 1) -> None:
        self.beginRemoveRows(QModelIndex(), row, row + count - 1)
        del self._items[row : row + count]
        self.endRemoveRows()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        raise NotImplementedError

    def data(self, index: Index, role: int = DISPLAY_ROLE) -> Any:
        raise NotImplementedError
