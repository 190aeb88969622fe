"""What loading a preset would change, told before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.look.metrics import ICON, XL, XS, L, M, S
from zapdesk.ui.parts import Button, IconLabel, PlainLabel, button_row
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import scrolling

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.drafts import PresetReport

_WIDTH = 440
_HIGHEST = 320
_MOST_NAMES = 100


class ReportDialog(QDialog):
    """Cancel has the focus; ``accepted`` means that the preset is to be loaded all the same."""

    def __init__(self, parent: QWidget, report: PresetReport) -> None:
        super().__init__(parent)
        name = one_line(report.preset.name, 80)
        self.setWindowTitle(f"Load “{name}”")
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        content = QWidget()
        groups = QVBoxLayout(content)
        groups.setContentsMargins(0, 0, S, 0)
        groups.setSpacing(M)
        for icon, token, title, names in _groups(report):
            groups.addWidget(_group(icon, token, title, names))
        groups.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        title_label = PlainLabel(f"Load “{name}”?", size="large", bold=True, wrap=True)
        column.addWidget(title_label)
        column.addWidget(
            PlainLabel("The form has changed since this preset was saved.", tone="muted", wrap=True)
            if report.trouble is None
            else PlainLabel(_trouble(report), tone="muted", wrap=True)
        )
        column.addSpacing(S)
        content.setFixedWidth(_WIDTH - 2 * XL)
        column.addWidget(scrolling(content, _HIGHEST))
        column.addSpacing(S)
        self.cancel_button = Button("Cancel")
        self.load_button = Button("Load it", look="primary")
        self.cancel_button.clicked.connect(self.reject)
        self.load_button.clicked.connect(self.accept)
        column.addLayout(button_row(self.cancel_button, self.load_button))
        self.setAccessibleDescription(said(report))
        self.cancel_button.setFocus()


def said(report: PresetReport) -> str:
    """The whole report in words."""
    lines = [f"{title}: {', '.join(names)}." for _icon, _token, title, names in _groups(report)]
    return " ".join(lines)


def _groups(report: PresetReport) -> list[tuple[str, str, str, list[str]]]:
    def count(names: tuple[str, ...], one: str, many: str) -> str:
        return one if len(names) == 1 else many.format(f"{len(names):,}")

    found = [
        (
            "warning",
            "waiting",
            count(
                report.dropped,
                "1 value has no field any more and is dropped",
                "{} values have no field any more and are dropped",
            ),
            report.dropped,
        ),
        (
            "plus",
            "accent",
            count(
                report.added, "1 field is new and stays empty", "{} fields are new and stay empty"
            ),
            report.added,
        ),
        (
            "error",
            "error",
            count(
                report.newly_required,
                "1 field without a value is required now",
                "{} fields without a value are required now",
            ),
            report.newly_required,
        ),
    ]
    return [
        (icon, token, title, [one_line(name, 120) for name in names[:_MOST_NAMES]])
        for icon, token, title, names in found
        if names
    ]


def _trouble(report: PresetReport) -> str:
    assert report.trouble is not None  # asked by the caller
    words = f"{report.trouble.title} {report.trouble.detail}".strip()
    return (
        f"{words} What this preset would change is therefore judged by the form as it is now; "
        "more may change when the form is fetched."
    )


def _group(icon: str, token: str, title: str, names: list[str]) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(XS)
    head = QHBoxLayout()
    head.setSpacing(S)
    head.addWidget(IconLabel(icon, token, ICON))
    head.addWidget(PlainLabel(title, bold=True, wrap=True), 1)
    column.addLayout(head)
    listed = PlainLabel("\n".join(names), tone="muted", wrap=True)
    listed.setContentsMargins(ICON + S, 0, 0, 0)
    column.addWidget(listed)
    return holder
