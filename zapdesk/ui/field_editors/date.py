"""Dates and times: text as typed, with a calendar beside it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QFrame,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.fields import InputField
from zapdesk.ui.field_editors.base import FormContext
from zapdesk.ui.field_editors.text import TextEditor
from zapdesk.ui.metrics import ROW_DENSE, XS
from zapdesk.ui.parts import IconButton, PlainLabel
from zapdesk.ui.theme import theme

_DATE = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)")


class DateEditor(TextEditor):
    """Free text, because Zapier reads phrases such as 'tomorrow 9am'."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._column.removeWidget(self.text)
        row = QHBoxLayout()
        row.setSpacing(XS)
        row.addWidget(self.text, 1)
        self._button = IconButton("calendar", "Choose a day")
        self._button.clicked.connect(self._open_calendar)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(row)
        self._meaning = PlainLabel(size="small", tone="muted", wrap=True)
        self._meaning.hide()
        self._column.addWidget(self._meaning)
        self.text.edited.connect(self._explain)

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        self._explain()

    def _explain(self) -> None:
        text = self.text.exact_text()
        self._meaning.setText(meaning(text))
        self._meaning.setVisible(bool(text.strip()))

    def _open_calendar(self) -> None:
        text = self.text.exact_text()
        found = _DATE.match(text)
        day = QDate(*map(int, found.groups())) if found else QDate.currentDate()
        calendar = _Calendar(self, day if day.isValid() else QDate.currentDate())
        calendar.days.activated.connect(self._take_day)
        calendar.days.clicked.connect(self._take_day)
        corner = self._button.mapToGlobal(QPoint(self._button.width(), ROW_DENSE + XS))
        calendar.move(corner - QPoint(calendar.sizeHint().width(), 0))
        calendar.show()
        calendar.days.setFocus()

    def _take_day(self, day: QDate) -> None:
        text = self.text.exact_text()
        found = _DATE.match(text)
        written = day.toString(Qt.DateFormat.ISODate)
        self.text.show_text(written + (text[found.end() :] if found else ""))
        self._explain()
        self.edited.emit()
        self.finished.emit()
        self.text.setFocus()


def meaning(text: str) -> str:
    """What a date means, where that is certain; otherwise, who decides."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return f"{moment.astimezone(UTC):%A, %d %B %Y, %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        pass
    return "Sent as typed. Zapier decides what this means."


class _Calendar(QFrame):
    def __init__(self, parent: QWidget, day: QDate) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.days = QCalendarWidget()
        self.days.setAccessibleName("Calendar")
        self.days.setSelectedDate(day)
        self.days.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.days.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
        self.days.setMinimumSize(296, 232)
        plain = QTextCharFormat()
        plain.setForeground(theme().color("text"))
        for weekday in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            self.days.setWeekdayTextFormat(weekday, plain)
        for name, sign in (("qt_calendar_prevmonth", "‹"), ("qt_calendar_nextmonth", "›")):
            button = self.days.findChild(QToolButton, name)
            if button is not None:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
                button.setText(sign)
        self.days.clicked.connect(self.close)
        self.days.activated.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(XS, XS, XS, XS)
        column.addWidget(self.days)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
