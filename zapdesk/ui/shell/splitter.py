"""A splitter whose handle is a hairline, and which a double click on it puts back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget


class Splitter(QSplitter):
    """Areas beside each other. Of the room left over, only the area ``growing`` gets any."""

    def __init__(
        self, orientation: Qt.Orientation, areas: dict[QWidget, int], growing: QWidget
    ) -> None:
        super().__init__(orientation)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self._sizes = list(areas.values())
        for index, area in enumerate(areas):
            self.addWidget(area)
            self.setStretchFactor(index, 1 if area is growing else 0)
        self.reset()

    def reset(self) -> None:
        """Give each area the size it started with."""
        self.setSizes(self._sizes)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        splitter = self.splitter()
        if isinstance(splitter, Splitter):
            splitter.reset()
