"""Dates: typed as text or chosen from a calendar, and what they mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.form_session import LocalForm, Stage, context_of
from zapdesk.domain.dates import read
from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.domain.pieces import Piece, mapped
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors.date import DateEditor, meaning
from zapdesk.ui.form.editors.date_popup import DatePopup, clock, zone_names

pytestmark = pytest.mark.qt_log_ignore("does not support")

DATE = InputField("f", "Due", "When it is due.", format=FieldFormat.DATETIME)
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def editor_on(stage: Stage, value: Any = UNSET) -> DateEditor:
    form = LocalForm([DATE])
    form.state.set("f", value)
    editor = DateEditor(DATE, context_of(form))
    editor.show_value(value)
    stage.show(editor)
    return editor


def opened(editor: DateEditor) -> DatePopup:
    editor.button.setFocus()
    QTest.keyClick(editor.button, Qt.Key.Key_Space)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, DatePopup)
    return popup


def days_of(popup: DatePopup) -> QWidget:
    view = popup.days.findChild(QWidget, "qt_calendar_calendarview")
    assert isinstance(view, QWidget)
    return view


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2026-11-23T18:00:00+01:00",
            "Monday, 23 November 2026, 18:00 Europe/Berlin · 17:00 UTC.",
        ),
        (
            "2026-11-23T23:30:05Z",
            "Tuesday, 24 November 2026, 00:30:05 Europe/Berlin · 23 November, 23:30:05 UTC.",
        ),
        (
            "2026-11-24 18:00",
            "Perhaps Tuesday, 24 November 2026, 18:00 Europe/Berlin · 17:00 UTC. "
            "Zapier decides what this means.",
        ),
        (
            "tomorrow 9am",
            "Perhaps Tuesday, 24 November 2026, 09:00 Europe/Berlin · 08:00 UTC. "
            "Zapier decides what this means.",
        ),
        ("when the moon is full", "Zapier decides what this means."),
        ("0001-01-01T00:00:00+14:00", "Zapier decides what this means."),
    ],
)
def test_a_date_is_explained_and_only_an_offset_makes_it_certain(text: str, expected: str) -> None:
    assert meaning(read(text, BERLIN, NOW), BERLIN) == expected


def test_where_the_zone_is_utc_the_time_is_said_once() -> None:
    utc = ZoneInfo("UTC")
    assert meaning(read("2026-11-23T18:00Z", utc, NOW), utc) == (
        "Monday, 23 November 2026, 18:00 UTC."
    )


def test_the_meaning_follows_what_is_typed_and_is_part_of_the_description(stage: Stage) -> None:
    editor = editor_on(stage)
    editor.describe("When it is due")
    assert editor.meaning == ""
    QTest.keyClicks(editor.text, "2026-11-24T09:00Z")
    assert "10:00 Europe/Berlin · 09:00 UTC" in editor.meaning
    assert editor.text.accessibleDescription().startswith("When it is due Tuesday, 24 November")
    assert editor.value() == "2026-11-24T09:00Z"


def test_a_mapped_date_is_explained_by_what_it_is_worked_out_to(stage: Stage) -> None:
    form = LocalForm([DATE])
    form.state.resolver = lambda _piece: "2026-11-24T09:00Z"
    editor = DateEditor(DATE, context_of(form))
    editor.show_value(mapped(Piece("now")))
    assert "10:00 Europe/Berlin" in editor.meaning


def test_a_day_and_a_time_are_chosen_by_keyboard(stage: Stage) -> None:
    editor = editor_on(stage, "2026-11-23T18:00+01:00")
    popup = opened(editor)
    assert popup.days.selectedDate() == QDate(2026, 11, 23)
    assert popup.time.text() == "18:00"
    QTest.keyClick(days_of(popup), Qt.Key.Key_Right)
    popup.time.selectAll()
    QTest.keyClicks(popup.time, "7:30")
    QTest.keyClick(popup.time, Qt.Key.Key_Return)
    assert editor.value() == "2026-11-24T07:30:00+01:00"
    assert editor.text.hasFocus()


def test_enter_on_a_day_takes_it_and_escape_changes_nothing(stage: Stage) -> None:
    editor = editor_on(stage, "2026-11-23T18:00Z")
    QTest.keyClick(opened(editor), Qt.Key.Key_Escape)
    assert editor.value() == "2026-11-23T18:00Z"
    popup = opened(editor)
    QTest.keyClick(days_of(popup), Qt.Key.Key_Down)
    QTest.keyClick(days_of(popup), Qt.Key.Key_Return)
    assert editor.value() == "2026-11-30T19:00:00+01:00"


def test_another_time_zone_gives_its_offset(stage: Stage) -> None:
    editor = editor_on(stage, "2026-07-01T09:00+02:00")
    popup = opened(editor)
    place = popup.zones.findText("America/New_York")
    assert place > 0
    popup.zones.setCurrentIndex(place)
    QTest.mouseClick(popup.use_button, Qt.MouseButton.LeftButton)
    assert editor.value() == "2026-07-01T09:00:00-04:00"


def test_only_the_day_is_written_where_that_is_wanted(stage: Stage) -> None:
    editor = editor_on(stage, "2026-07-01T09:00+02:00")
    QTest.mouseClick(opened(editor).day_button, Qt.MouseButton.LeftButton)
    assert editor.value() == "2026-07-01"


def test_a_time_that_is_none_or_that_the_clocks_skip_cannot_be_used(stage: Stage) -> None:
    popup = opened(editor_on(stage, "2026-03-29T01:00+01:00"))
    popup.time.setText("25:00")
    assert not popup.use_button.isEnabled()
    popup.time.setText("02:30")
    assert "skip" in popup._note.whole_text
    assert not popup.use_button.isEnabled()
    QTest.keyClick(popup.time, Qt.Key.Key_Return)
    assert popup.isVisible()
    popup.close()


def test_times_of_day_are_read_in_the_usual_spellings() -> None:
    found = [clock(text) for text in ("9", "9:05", "09:05:07", "24:00", "", "9am", "9:5:", "²")]
    assert [t.isoformat() if t else None for t in found] == [
        "09:00:00", "09:05:00", "09:05:07", None, None, None, None, None,
    ]  # fmt: skip


def test_every_zone_that_is_offered_exists() -> None:
    assert "Europe/Berlin" in zone_names()
    for name in zone_names():
        assert ZoneInfo(name).utcoffset(NOW) is not None
