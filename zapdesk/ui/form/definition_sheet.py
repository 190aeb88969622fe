"""How a form differs from the last time it was used: in one line, and field by field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from zapdesk.domain.definitions import FieldDifference
from zapdesk.ui.look.metrics import ROW_DENSE, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import Sheet

_WIDTH = 680
_MOST_ROWS = 14
_LONGEST = 300
_NOTHING = "–"

_ATTRIBUTES = {
    "default_value": "default",
    "depends_on": "depends on",
    "description": "help",
    "invalidates_input_fields": "changes the form",
    "is_required": "required",
    "items": "type of each value",
    "value_type": "type",
}
_WORDS = {"true": "yes", "false": "no", "": _NOTHING, "[]": _NOTHING}


def summary(differences: Sequence[FieldDifference], since: str = "you last used it") -> str:
    """What changed, counted, as one sentence."""
    kinds = [difference.kind for difference in differences]
    required = sum(difference.is_newly_required for difference in differences)
    counts = [f"{kinds.count(kind)} {kind}" for kind in ("added", "removed") if kind in kinds]
    if required:
        counts.append(f"{required} newly required")
    rest = sum(d.kind == "changed" and not d.is_newly_required for d in differences)
    if rest:
        counts.append(f"{rest} changed")
    return f"Changed since {since}: {', '.join(counts)}."


def definition_sheet(
    parent: QWidget, title: str, last_ms: int, zone: tzinfo, differences: Sequence[FieldDifference]
) -> Sheet:
    """Every field that differs, with each attribute before and after. ``last_ms``: Unix ms."""
    sheet = Sheet(parent, "What changed", _WIDTH)
    sheet.column.addWidget(PlainLabel("What changed in this form", size="title", bold=True))
    when = f"{datetime.fromtimestamp(last_ms / 1_000, zone):%d %B %Y, %H:%M}"
    words = f"{one_line(title, 120)}, compared with {when}. What you filled in is kept."
    sheet.column.addWidget(PlainLabel(words, tone="muted", wrap=True))
    sheet.column.addSpacing(S)
    tree = _tree(differences)
    sheet.column.addWidget(tree)
    sheet.finish()
    tree.setFocus()
    return sheet


def _tree(differences: Sequence[FieldDifference]) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setAccessibleName("Fields that changed")
    tree.setColumnCount(3)
    tree.setHeaderLabels(["Field", "Before", "Now"])
    tree.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    tree.setTabKeyNavigation(False)
    tree.setUniformRowHeights(True)
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    for difference in differences:
        title = one_line(difference.title, _LONGEST)
        before, now = _ends(difference)
        item = _item((title, before, now))
        item.setFont(0, theme().font(bold=True))
        if title != difference.field_id:
            item.setToolTip(0, plain_tool_tip(f"{title}\n{difference.field_id}"))
        tree.addTopLevelItem(item)
        for attribute, old, new in difference.changes if difference.kind == "changed" else ():
            name = _ATTRIBUTES.get(attribute, attribute)
            item.addChild(_item((name, _word(old), _word(new))))
    tree.expandAll()
    lines = sum(1 + len(d.changes) * (d.kind == "changed") for d in differences)
    tree.setMinimumHeight((min(lines, _MOST_ROWS) + 1) * ROW_DENSE + S)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column in range(3):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    tree.setCurrentIndex(tree.model().index(0, 0))
    return tree


def _ends(difference: FieldDifference) -> tuple[str, str]:
    if difference.kind == "added":
        return _NOTHING, "added, required" if difference.is_newly_required else "added"
    return ("", "removed") if difference.kind == "removed" else ("", "changed")


def _item(words: tuple[str, str, str]) -> QTreeWidgetItem:
    item = QTreeWidgetItem(list(words))
    item.setSizeHint(0, QSize(0, ROW_DENSE))
    for column, word in enumerate(words):
        item.setToolTip(column, plain_tool_tip(word) if len(word) > 20 else "")
    return item


def _word(text: str) -> str:
    return _WORDS.get(text, one_line(text, _LONGEST))
