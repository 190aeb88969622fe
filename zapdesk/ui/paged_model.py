"""PagedModel: a table of domain objects that is read page by page as it is scrolled.

The rows hold domain objects and give them out by ``ITEM_ROLE``; what a cell says is decided by a
subclass. One page is under way at a time, an answer that came too late is dropped, and nothing is
read after ``close``. Old rows stay until new ones are there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Signal

from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks

T = TypeVar("T")

Index = QModelIndex | QPersistentModelIndex
Load = Callable[[T | None, int], Awaitable[Sequence[T]]]
"""Reads at most so many items that come after an item (``None``: from the start)."""

# Plain numbers: comparing Qt's enums in data() costs more than all the rest of it.
DISPLAY_ROLE = 0
TOOL_TIP_ROLE = 3
TEXT_ALIGNMENT_ROLE = 7
ACCESSIBLE_TEXT_ROLE = 11
ITEM_ROLE = 256


class PagedModel(QAbstractTableModel, Generic[T]):
    """Rows of ``T``. ``loaded`` follows every page, ``failed`` carries a ZapdeskError."""

    loaded = Signal()
    failed = Signal(object)

    def __init__(
        self, tasks: LateTasks, page_size: int = 200, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._page_size = page_size
        self._load: Load[T] | None = None
        self._items: list[T] = []
        self._is_complete = True
        self._is_loading = False
        self._generation = 0

    @property
    def items(self) -> Sequence[T]:
        """What has been read so far; not to be changed."""
        return self._items

    @property
    def is_loading(self) -> bool:
        return self._is_loading

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more to read."""
        return self._is_complete

    def item(self, row: int) -> T | None:
        """The object of a row, ``None`` where there is no such row."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def show_items(self, items: Sequence[T]) -> None:
        """Show ``items`` and read nothing: what is known before anything can be read."""
        self._generation += 1
        self._is_loading, self._is_complete = False, True
        self._replace_all(items)

    def read_from(self, load: Load[T] | None, first: int = 0) -> None:
        """Read from the start by ``load``, at least ``first`` items. ``None`` empties the model."""
        self._load = load
        self._generation += 1
        self._is_loading = False
        if load is None:
            self.show_items(())
        else:
            self._is_complete = False
            self._start(None, max(first, self._page_size))

    def close(self) -> None:
        """Read nothing any more and show nothing. An answer under way is dropped."""
        self._load = None
        self._generation += 1
        self._is_loading, self._is_complete = False, True

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else len(self._items)

    def canFetchMore(self, parent: Index) -> bool:
        return not (parent.isValid() or self._is_complete or self._is_loading or self._load is None)

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._start(self._items[-1] if self._items else None, self._page_size)

    def _start(self, after: T | None, limit: int) -> None:
        assert self._load is not None
        self._is_loading = True
        page = self._read(self._load, after, limit, self._generation)
        if self._tasks.start(page, name="read a page") is None:
            self._is_loading = False

    async def _read(self, load: Load[T], after: T | None, limit: int, generation: int) -> None:
        items: Sequence[T] | None = None
        try:
            items = await load(after, limit)
        except ZapdeskError as error:
            if generation == self._generation:
                # Asking again at every repaint would not help; the next reload tries again.
                self._is_complete = True
                self._is_loading = False
                self.failed.emit(error)
            return
        finally:
            if items is None and generation == self._generation:
                self._is_loading = False
        if generation != self._generation:
            return
        self._is_complete = len(items) < limit
        if after is None:
            self._replace_all(items)
        else:
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

    def _remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._items[row]
        self.endRemoveRows()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        raise NotImplementedError

    def data(self, index: Index, role: int = DISPLAY_ROLE) -> Any:
        raise NotImplementedError
