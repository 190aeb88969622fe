"""Dates and times: text as typed, a calendar beside it, and under it what the text means."""

from __future__ import annotations

from datetime import UTC, datetime, time, tzinfo
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout

from zapdesk.domain.dates import ZAPIER_DECIDES, Reading, read
from zapdesk.domain.fields import InputField
from zapdesk.domain.pieces import resolved
from zapdesk.domain.values import as_text
from zapdesk.errors import InvalidInput
from zapdesk.ui.form.editors.base import FormContext
from zapdesk.ui.form.editors.text import TextEditor
from zapdesk.ui.look.metrics import ROW_DENSE, XS
from zapdesk.ui.parts import IconButton, PlainLabel


class DateEditor(TextEditor):
    """Free text, because Zapier reads phrases such as 'tomorrow 9am'."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._column.removeWidget(self.text)
        row = QHBoxLayout()
        row.setSpacing(XS)
        row.addWidget(self.text, 1)
        self.button = IconButton("calendar", "Choose a day and a time")
        self.button.clicked.connect(self._open_calendar)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(row)
        self._meaning = PlainLabel(size="small", tone="muted", wrap=True)
        self._meaning.hide()
        self._column.addWidget(self._meaning)
        self._description = ""
        self.text.edited.connect(self._explain)

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        self._explain()

    def describe(self, text: str) -> None:
        self._description = text
        super().describe(f"{text} {self.meaning}".strip())

    @property
    def meaning(self) -> str:
        """What the text means here, in words; empty where there is none."""
        return self._meaning.whole_text

    @property
    def _zone(self) -> tzinfo:
        return self.context.session.pieces.zone

    def _reading(self) -> Reading | None:
        try:
            value = resolved(self.value(), self.context.session.state.resolver)
        except InvalidInput:
            return None  # a piece that cannot be worked out is told as a problem
        text = as_text(value) if value else ""
        return read(text, self._zone, datetime.now(UTC)) if text.strip() else None

    def _explain(self) -> None:
        reading = self._reading()
        self._meaning.setText(meaning(reading, self._zone) if reading is not None else "")
        self._meaning.setVisible(reading is not None)
        self.describe(self._description)

    def _open_calendar(self) -> None:
        # Reading the list of time zones takes too long for the first frame.
        from zapdesk.ui.form.editors.date_popup import DatePopup

        popup = DatePopup(self, self._start(), self._zone)
        popup.chosen.connect(self._take)
        popup.open_at(self.button.mapToGlobal(QPoint(self.button.width(), ROW_DENSE + XS)))

    def _start(self) -> datetime:
        reading = self._reading()
        try:
            if reading is not None and reading.instant is not None:
                return reading.instant.astimezone(self._zone)
        except OverflowError:
            pass  # a day that no calendar can show
        return datetime.combine(datetime.now(self._zone).date(), time(9), self._zone)

    def _take(self, text: str) -> None:
        self.text.show_text(text)
        self._explain()
        self.edited.emit()
        self.finished.emit()
        self.text.setFocus()


def zone_name(zone: tzinfo) -> str:
    """The name of a time zone; of one without a name, its offset."""
    return getattr(zone, "key", None) or str(zone)


def meaning(reading: Reading, zone: tzinfo) -> str:
    """A reading in the profile's zone and in UTC; who decides, where it is not certain."""
    if reading.instant is None:
        return reading.note or ZAPIER_DECIDES
    try:
        here, there = reading.instant.astimezone(zone), reading.instant.astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return ZAPIER_DECIDES
    words = f"{here:%A, %d %B %Y, {_clock(here)}} {zone_name(zone)}"
    if zone_name(zone) != "UTC":
        day = "" if here.date() == there.date() else f"{there:%d %B}, "
        words += f" · {day}{there:{_clock(there)}} UTC"
    return f"{words}." if reading.is_certain else f"Perhaps {words}. {reading.note}".strip()


def _clock(moment: datetime) -> str:
    return "%H:%M:%S" if moment.second or moment.microsecond else "%H:%M"
