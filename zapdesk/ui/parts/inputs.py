"""Editors whose little drawings the style sheets cannot tint: combo box, check box, search box."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QWidget,
)

from zapdesk.ui.look.metrics import ICON
from zapdesk.ui.look.theme import theme


class ComboBox(QComboBox):
    """A drop-down that a turn of the wheel over it never changes."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setItemDelegate(QStyledItemDelegate(self))  # the one that style sheets can dress

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def showPopup(self) -> None:
        holder = self.view().parentWidget()
        if isinstance(holder, QFrame):
            holder.setObjectName("popup")  # the name by which style sheets draw its border
            holder.setFrameShape(QFrame.Shape.StyledPanel)
        super().showPopup()
        if self.currentIndex() < 0:  # Enter takes the first that can be taken
            rows = (self.model().index(row, 0) for row in range(self.count()))
            usable = (index for index in rows if index.flags() & Qt.ItemFlag.ItemIsEnabled)
            self.view().setCurrentIndex(next(usable, QModelIndex()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.showPopup()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        token = "muted" if self.isEnabled() else "faint"
        pixmap = theme().pixmap("chevron-down", token, ICON - 2, self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawPixmap(QPoint(self.width() - 24, (self.height() - ICON + 2) // 2), pixmap)
        painter.end()


class CheckBox(QCheckBox):
    """A check box with zapdesk's own tick."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.checkState() is Qt.CheckState.Unchecked:
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        is_partial = self.checkState() is Qt.CheckState.PartiallyChecked
        pixmap = theme().pixmap(
            "minus" if is_partial else "check",
            "accent_text" if self.isEnabled() else "faint",
            12,
            self.devicePixelRatioF(),
        )
        painter = QPainter(self)
        painter.drawPixmap(box.center() - QPoint(5, 5), pixmap)
        painter.end()


class SearchBox(QLineEdit):
    """A line edit with a magnifying glass and a cross; Escape empties it, then leaves it."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder.rstrip("…"))
        glass = self.addAction(theme().icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        glass.setText(self.accessibleName())
        glass.setToolTip("")
        self._clear = self.addAction(
            theme().icon("close"), QLineEdit.ActionPosition.TrailingPosition
        )
        self._clear.setText("Clear")
        self._clear.setVisible(False)
        self._clear.triggered.connect(self.clear)
        self.textChanged.connect(self._on_text_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _on_text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
