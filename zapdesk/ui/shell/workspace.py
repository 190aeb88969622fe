"""The four areas and the splitters between them.

Wide, form and run detail stand beside each other; narrow, they are two tabs in one place. Sizes
are remembered for each of the two.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QVBoxLayout, QWidget

from zapdesk.ui.keys import focus_into
from zapdesk.ui.look.metrics import NARROW as NARROW
from zapdesk.ui.parts import HLine
from zapdesk.ui.shell.first_frame import MIDDLE_TABS
from zapdesk.ui.shell.splitter import Splitter

_FORM, _DETAIL = 0, 1


class Workspace(QWidget):
    """Places the panels; decides nothing about them."""

    def __init__(self, catalog: QWidget, action: QWidget, detail: QWidget, runs: QWidget) -> None:
        super().__init__()
        self._action, self._detail = action, detail
        self._is_narrow = False
        for area, width in ((catalog, 200), (action, 380), (detail, 300)):
            area.setMinimumWidth(width)
        runs.setMinimumHeight(144)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Form or run detail")
        for title in MIDDLE_TABS:
            self.tabs.addTab(title)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.currentChanged.connect(self._show_tab)
        self._tab_line = HLine()
        self._middle = Splitter(Qt.Orientation.Horizontal, {action: 560, detail: 456}, detail)
        centre = QWidget()
        centre.setProperty("ground", "surface")
        centre.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self._tab_line)
        column.addWidget(self._middle, 1)
        centre.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._upper = Splitter(Qt.Orientation.Horizontal, {catalog: 264, centre: 1015}, centre)
        self._whole = Splitter(Qt.Orientation.Vertical, {self._upper: 535, runs: 220}, self._upper)
        # A higher window shows more of the history too.
        self._whole.setStretchFactor(0, 2)
        self._whole.setStretchFactor(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._whole)
        self.areas = (catalog, self.tabs, action, detail, runs)
        self._arrange()

    @property
    def is_narrow(self) -> bool:
        return self._is_narrow

    def show_form(self) -> None:
        """Bring the form to the front where it shares its place."""
        self.tabs.setCurrentIndex(_FORM)

    def show_detail(self) -> None:
        """Bring the run detail to the front where it shares its place."""
        self.tabs.setCurrentIndex(_DETAIL)

    def save(self, settings: QSettings) -> None:
        for name, splitter in self._splitters():
            settings.setValue(f"splitters/{name}", splitter.saveState())

    def restore(self, settings: QSettings) -> None:
        """Sizes of the last session; what cannot be used is left as it is."""
        for name, splitter in self._splitters():
            state = settings.value(f"splitters/{name}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
                splitter.setHandleWidth(1)
                splitter.setChildrenCollapsible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._arrange()

    def _splitters(self) -> tuple[tuple[str, Splitter], ...]:
        return (("upper", self._upper), ("middle", self._middle), ("whole", self._whole))

    def _arrange(self) -> None:
        self.tabs.setVisible(self._is_narrow)
        self._tab_line.setVisible(self._is_narrow)
        if self._is_narrow:
            self._show_tab(self.tabs.currentIndex())
        else:
            self._action.show()
            self._detail.show()

    def _show_tab(self, index: int) -> None:
        if self._is_narrow:
            coming, leaving = self._action, self._detail
            if index == _DETAIL:
                coming, leaving = leaving, coming
            coming.show()
            if leaving.isAncestorOf(self.window().focusWidget() or self):
                focus_into(coming)  # Qt would lead the keys to the window's first widget
            leaving.hide()
