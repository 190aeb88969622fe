"""The calendar that opens beside a date: a day, a time of day and a time zone make one moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from zapdesk.ui.form.editors.date import zone_name
from zapdesk.ui.look.metrics import M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, ComboBox, PlainLabel, button_row

_UTC = "UTC"
_ENTERS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


@cache
def zone_names() -> tuple[str, ...]:
    """Every time zone that is known here, by name."""
    places = sorted(name for name in available_timezones() if "/" in name)
    return tuple(name for name in places if not name.startswith(("Etc/", "SystemV/", "posix/")))


def clock(text: str) -> time | None:
    """The time of day in ``9``, ``9:30``, ``09:30:15``; ``None`` where it is none."""
    parts = text.strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    hour, minute, second = [int(part[:3]) for part in (*parts, "0", "0")][:3]
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


class DatePopup(QFrame):
    """``chosen`` gives ISO 8601 text: a day, or a moment with its offset."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, start: datetime, zone: tzinfo) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self._anchor, self._zone = parent, zone
        self.days = _calendar(start.date())
        self.time = QLineEdit(f"{start:%H:%M}")
        self.time.setAccessibleName("Time of day")
        self.time.setFixedWidth(72)
        self.zones = ComboBox("Time zone")
        self.zones.setMaxVisibleItems(12)
        own = zone_name(zone)
        self.zones.addItem(own)
        self.zones.addItems([name for name in (_UTC, *zone_names()) if name != own])
        self._note = PlainLabel(size="small", tone="muted", wrap=True)
        self.use_button = Button("Use this time", look="primary")
        self.day_button = Button("Only the day", look="quiet")
        self._lay_out()
        self.days.selectionChanged.connect(self._say)
        self.days.activated.connect(self._take)
        self.time.textChanged.connect(self._say)
        self.time.returnPressed.connect(self._take)
        self.zones.currentIndexChanged.connect(self._say)
        self.use_button.clicked.connect(self._take)
        self.day_button.clicked.connect(self._take_day)
        self._say()

    def _lay_out(self) -> None:
        when = QHBoxLayout()
        when.setSpacing(S)
        when.addWidget(self.time)
        when.addWidget(self.zones, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, M, M)
        column.setSpacing(S)
        column.addWidget(self.days)
        column.addLayout(when)
        column.addWidget(self._note)
        column.addLayout(button_row(self.day_button, self.use_button))

    def open_at(self, corner: QPoint) -> None:
        """Show with the top right corner there, or as near as the screen allows."""
        self.adjustSize()
        room = self._anchor.screen().availableGeometry()
        x = max(room.left(), min(corner.x(), room.right()) - self.width())
        self.move(x, max(room.top(), min(corner.y(), room.bottom() - self.height())))
        self.show()
        self.days.setFocus()

    @property
    def moment(self) -> datetime | None:
        """What is chosen now; ``None`` where the time of day is none, or the clocks skip it."""
        at = clock(self.time.text())
        if at is None:
            return None
        moment = datetime.combine(self._day, at, self._chosen_zone)
        # Aware moments in one zone are compared by what the clocks show.
        is_skipped = moment.astimezone(UTC).astimezone(moment.tzinfo) != moment
        return None if is_skipped else moment

    @property
    def _day(self) -> date:
        day = self.days.selectedDate()
        return date(day.year(), day.month(), day.day())

    @property
    def _chosen_zone(self) -> tzinfo:
        if self.zones.currentIndex() == 0:
            return self._zone
        return ZoneInfo(self.zones.currentText())

    def _say(self) -> None:
        moment = self.moment
        if moment is not None:
            text, tone = moment.isoformat(), "muted"
        elif clock(self.time.text()) is None:
            text, tone = "Write the time of day like 14:30.", "error"
        else:
            text, tone = "The clocks skip this time in that zone.", "error"
        self._note.set_tone(tone)
        self._note.setText(text)
        self.use_button.setEnabled(moment is not None)

    def _take(self) -> None:
        moment = self.moment
        if moment is not None:
            self.close()
            self.chosen.emit(moment.isoformat())

    def _take_day(self) -> None:
        self.close()
        self.chosen.emit(self._day.isoformat())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() not in _ENTERS:
            super().keyPressEvent(event)


def _calendar(day: date) -> QCalendarWidget:
    days = QCalendarWidget()
    days.setAccessibleName("Calendar")
    days.setSelectedDate(QDate(day.year, day.month, day.day))
    days.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    days.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
    days.setMinimumSize(304, 232)
    plain = QTextCharFormat()
    plain.setForeground(theme().color("text"))
    for weekday in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        days.setWeekdayTextFormat(weekday, plain)
    for name, sign, word in (
        ("qt_calendar_prevmonth", "‹", "Previous month"),
        ("qt_calendar_nextmonth", "›", "Next month"),
    ):
        button = days.findChild(QToolButton, name)
        if button is not None:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setText(sign)
            button.setAccessibleName(word)
    return days
