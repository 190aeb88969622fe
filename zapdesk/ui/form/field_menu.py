"""The menu of a field, by the keyboard."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget


def open_field_menu() -> None:
    """Open the menu of what is sent for the field that has the keys, if one has."""
    from zapdesk.ui.form.editors.row import FieldRow

    place: QWidget | None = QApplication.focusWidget()
    while place is not None and not isinstance(place, FieldRow):
        place = place.parentWidget()
    if place is not None:
        place.open_menu()
