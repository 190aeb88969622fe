"""How the browser's rows look, and what keys and clicks on them mean. Nothing is decided here."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from zapdesk.ui.catalog.model import CatalogModel, Index, Row, RowKind, match_spans
from zapdesk.ui.look.metrics import ICON, ICON_LARGE, RADIUS, ROW_DENSE, XS, M, S
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.parts import paint_monogram, paint_tag, tag_width

_TITLE_LEFT = S + ICON + XS + ICON_LARGE + S
_ACTION_LEFT = S + ICON + XS
_SHORT_KINDS = {
    "SEARCH_OR_WRITE": "WRITE",
    "SEARCH_AND_WRITE": "WRITE",
    "READ_BULK": "READ",
}
"""What a narrow row says of a kind that takes many words: whether it writes."""


class CatalogDelegate(QStyledItemDelegate):
    """Paints rows; all are of one height."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._font, self._bold = theme.font(), theme.font(bold=True)
        self._small = theme.font("small")
        self._metrics = QFontMetrics(self._font)
        self._bold_metrics = QFontMetrics(self._bold)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_DENSE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, CatalogModel):
            return
        row = model.row(index.row())
        state, rect = option.state, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, state)
        if row.kind is RowKind.APP:
            self._paint_app(painter, rect, row, model)
        elif row.kind is RowKind.ACTION:
            self._paint_action(painter, rect, row, model.words)
        else:
            self._paint_note(painter, rect, row)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        token = "selected" if is_selected else "hover"
        inner = QRectF(rect).adjusted(XS, 0.5, -XS, -0.5)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(inner, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner.adjusted(1, 0.5, -1, -0.5), RADIUS - 1, RADIUS - 1)

    def _paint_app(self, painter: QPainter, rect: QRect, row: Row, model: CatalogModel) -> None:
        middle = rect.center().y() + 1
        ratio = painter.device().devicePixelRatioF()
        chevron = "chevron-down" if model.is_open(row.app.id) else "chevron-right"
        pixmap = self._theme.pixmap(chevron, "muted", ICON, ratio)
        painter.drawPixmap(rect.left() + S, middle - ICON // 2, pixmap)
        tile = QRect(0, 0, ICON_LARGE, ICON_LARGE)
        tile.moveTo(rect.left() + S + ICON + XS, middle - ICON_LARGE // 2)
        paint_monogram(painter, tile, row.app.title, row.app.hex_color)
        right = rect.right() + 1 - M
        count = model.count(row.app)
        if count is not None:
            painter.setFont(self._small)
            painter.setPen(self._theme.color("muted"))
            where = QRect(right - 48, rect.top(), 48, rect.height())
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(where, align, f"{count:,}")
            right -= QFontMetrics(self._small).horizontalAdvance(f"{count:,}") + S
        left = rect.left() + _TITLE_LEFT
        self._paint_title(painter, row.title, model.words, QRect(left, 0, right - left, 0), rect)

    def _paint_action(
        self, painter: QPainter, rect: QRect, row: Row, words: tuple[str, ...]
    ) -> None:
        if row.action is None:
            return
        left, right = rect.left() + _ACTION_LEFT + S, rect.right() + 1 - M
        kind = row.action.action_type
        title = self._bold_metrics.horizontalAdvance(row.title)
        if title + S + tag_width(kind) > right - left:
            kind = _SHORT_KINDS.get(kind, kind)
        right = paint_tag(painter, kind, right, rect.center().y() + 1).left() - S
        self._paint_title(painter, row.title, words, QRect(left, 0, right - left, 0), rect)

    def _paint_note(self, painter: QPainter, rect: QRect, row: Row) -> None:
        left, right = rect.left() + _ACTION_LEFT + S, rect.right() + 1 - M
        vertically = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._font)
        if row.kind is RowKind.FAILED:
            ratio = painter.device().devicePixelRatioF()
            icon = self._theme.pixmap("error", "error", ICON, ratio)
            painter.drawPixmap(left, rect.center().y() + 1 - ICON // 2, icon)
            left += ICON + XS
            retry = self._metrics.horizontalAdvance("Retry")
            painter.setPen(self._theme.color("accent"))
            painter.drawText(
                QRect(right - retry, rect.top(), retry + 1, rect.height()), vertically, "Retry"
            )
            right -= retry + S
        painter.setPen(self._theme.color("error" if row.kind is RowKind.FAILED else "muted"))
        where = QRect(left, rect.top(), right - left, rect.height())
        text = self._metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, vertically, text)

    def _paint_title(
        self, painter: QPainter, title: str, words: tuple[str, ...], across: QRect, rect: QRect
    ) -> None:
        elide = Qt.TextElideMode.ElideRight
        spans = match_spans(title, words) if words else []
        painter.setPen(self._theme.color("text"))
        if not spans:
            painter.setFont(self._font)
            text = self._metrics.elidedText(title, elide, across.width())
            where = QRect(across.left(), rect.top(), across.width(), rect.height())
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, text)
            return
        # Matches are bold, so a title with some needs the room of a bold one.
        text = self._bold_metrics.elidedText(title, elide, across.width())
        layout = QTextLayout(text, self._font)
        color = self._theme.color("accent")
        layout.setFormats([_match_format(text, *span, color) for span in spans])
        layout.beginLayout()
        layout.createLine().setLineWidth(max(across.width(), 1))
        layout.endLayout()
        top = rect.top() + (rect.height() - self._metrics.height()) / 2
        layout.draw(painter, QPointF(across.left(), top))


def _match_format(text: str, start: int, length: int, color: QColor) -> QTextLayout.FormatRange:
    marked = QTextLayout.FormatRange()
    # Qt counts in UTF-16, where an emoji is two.
    marked.start = len(text[:start].encode("utf-16-le")) // 2
    marked.length = len(text[start : start + length].encode("utf-16-le")) // 2
    form = QTextCharFormat()
    form.setForeground(color)
    form.setFontWeight(600)
    marked.format = form
    return marked


class CatalogList(QTableView):
    """The list. Rows are opened by Enter or a click, and folded by Left and Right.

    A table of one column: a list view asks the model about every row at every change, a table
    whose rows are all of one height asks about those in sight.
    """

    row_opened = Signal(int)
    row_opened_apart = Signal(int)
    row_folded = Signal(int, bool)
    left_upwards = Signal()
    left = Signal()
    typed = Signal(str)

    def __init__(self, theme: Theme, model: CatalogModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._catalog = model
        self.setObjectName("catalog")
        self.setAccessibleName("Apps and actions")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        for header in (rows, columns):
            header.hide()
            header.setMinimumSectionSize(ROW_DENSE)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_DENSE)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setModel(model)
        self.setItemDelegate(CatalogDelegate(theme, self))
        self.clicked.connect(self._on_clicked)

    @property
    def current(self) -> int:
        """The row the keys act on; -1 where there is none."""
        return self.currentIndex().row()

    def go_to(self, number: int) -> None:
        """Make a row the one the keys act on, and bring it into sight."""
        index = self._catalog.index(number)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def _on_clicked(self, index: Index) -> None:
        is_apart = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
        (self.row_opened_apart if is_apart else self.row_opened).emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._act_on(event):
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Nothing: typing goes to the search box."""

    def _act_on(self, event: QKeyEvent) -> bool:
        number, key = self.current, event.key()
        if event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            return False
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and number >= 0:
            self.row_opened.emit(number)
        elif key == Qt.Key.Key_Up and number <= 0:
            self.left_upwards.emit()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.go_to(0 if key == Qt.Key.Key_Home else self._catalog.rowCount() - 1)
        elif key == Qt.Key.Key_Right and number >= 0:
            self._inwards(number)
        elif key == Qt.Key.Key_Left and number >= 0:
            self._outwards(number)
        elif event.text().strip() and event.text().isprintable():
            self.typed.emit(event.text())
        else:
            return False
        return True

    def _inwards(self, number: int) -> None:
        row = self._catalog.row(number)
        if row.kind is not RowKind.APP:
            return
        if self._catalog.is_open(row.app.id):
            self.go_to(number + 1)
        else:
            self.row_folded.emit(number, False)

    def _outwards(self, number: int) -> None:
        row = self._catalog.row(number)
        if row.kind is not RowKind.APP:
            self.go_to(self._catalog.app_row(number))
        elif self._catalog.is_open(row.app.id):
            self.row_folded.emit(number, True)
