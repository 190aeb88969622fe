"""Offering the report of a session that ended badly. It is shown and copied, never sent."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from zapdesk.redaction import REDACTOR
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.parts.copy_button import CopyButton
from zapdesk.ui.sheets import Sheet, text_view
from zapdesk.ui.shell.crash_log import LastSession

SUBJECT = "last session"


def offer_report(area: NoticeArea, window: QWidget, last: LastSession) -> None:
    """Offer the report that the last session left."""
    area.show_notice(
        SUBJECT,
        "warning",
        f"zapdesk met a fault in the session of {last.started}.",
        "Show report",
        lambda: report_sheet(window, last).open(),
    )


def report_sheet(parent: QWidget, last: LastSession) -> Sheet:
    """The report, to read and to copy."""
    text = REDACTOR.text(last.report)
    sheet = Sheet(parent, "Fault report", 720)
    sheet.column.addWidget(PlainLabel("Fault report", size="title", bold=True))
    sheet.column.addWidget(
        PlainLabel(
            "What zapdesk wrote down when it met the fault. Tokens are hidden. It stays on this "
            "computer unless you copy it.",
            tone="muted",
            wrap=True,
        )
    )
    view = text_view(text, "Fault report")
    view.setMinimumHeight(320)
    sheet.column.addWidget(view)
    sheet.add_button(CopyButton("Copy", lambda: copy_text(text)))
    sheet.finish()
    return sheet
