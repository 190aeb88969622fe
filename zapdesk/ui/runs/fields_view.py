"""FieldsView: the form that a run was made with, as it was then."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.definitions import read_definition
from zapdesk.domain.fields import FieldFormat, Fieldset, FormNode, InputField, ValueType
from zapdesk.errors import ZapdeskError
from zapdesk.ui.look.metrics import L, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import EmptyState, HLine, PlainLabel
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import scrolling

_TITLES = ("Field", "Id", "Type", "Required", "Sent")
_WIDTHS = {2: 104, 3: 88, 4: 60}
_ID = 1
_ROOM_FOR_ID = 560
_CELL_LIMIT = 300
_TOLD = int(Qt.ItemDataRole.UserRole)
_HELP_HEIGHT = 96


class FieldsView(QStackedWidget):
    """Every field of a form, group by group; below them the help of the current one."""

    def __init__(self) -> None:
        super().__init__()
        self.nothing = EmptyState()
        self.list = QTreeWidget()
        self.list.setObjectName("plain_rows")
        self.list.setAccessibleName("Fields")
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels(_TITLES)
        self.list.setIndentation(L)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionsClickable(False)
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        for column in (0, _ID):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.help = PlainLabel(tone="muted", wrap=True, selectable=True)
        told = QWidget()
        around = QVBoxLayout(told)
        around.setContentsMargins(M, S, M, S)
        around.addWidget(self.help)
        around.addStretch(1)
        below = scrolling(told, _HELP_HEIGHT)
        below.setFixedHeight(_HELP_HEIGHT)
        page = QWidget()
        page.setProperty("ground", "surface")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column_ = QVBoxLayout(page)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(0)
        column_.addWidget(self.list, 1)
        column_.addWidget(HLine())
        column_.addWidget(below)
        self.addWidget(self.nothing)
        self.addWidget(page)
        self.list.currentItemChanged.connect(lambda item: self._tell(item))
        page.setFocusProxy(self.list)

    def show_form(self, definition: str, sent: Collection[str]) -> None:
        """Show the form that ``definition`` describes; ``sent`` are the ids that got a value."""
        self.list.clear()
        try:
            nodes = read_definition(definition) if definition else ()
        except (ZapdeskError, KeyError, ValueError, TypeError):
            nodes = ()  # written by another version
        if not nodes:
            title = "The form has no fields" if definition == "[]" else "The form is not known"
            sentence = "" if definition == "[]" else "This run was not kept with its form."
            self.nothing.set_texts(title, sentence)
            self.setCurrentIndex(0)
            return
        self.list.addTopLevelItems(_items(nodes, sent))
        self.list.expandAll()
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        self.setCurrentIndex(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.list.setColumnHidden(_ID, event.size().width() < _ROOM_FOR_ID)

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        self.help.setText("" if item is None else item.data(0, _TOLD) or "")


def _items(nodes: Iterable[FormNode], sent: Collection[str]) -> list[QTreeWidgetItem]:
    found = []
    for node in nodes:
        if isinstance(node, Fieldset):
            group = QTreeWidgetItem([one_line(node.title or node.id, _CELL_LIMIT)])
            group.setFont(0, theme().font(bold=True))
            group.addChildren(_items(node.fields, sent))
            found.append(group)
        elif isinstance(node, InputField):
            found.append(_item(node, sent))
    return found


def _item(field: InputField, sent: Collection[str]) -> QTreeWidgetItem:
    is_sent = field.id in sent
    words = (
        one_line(field.name, _CELL_LIMIT),
        one_line(field.id, _CELL_LIMIT),
        type_word(field),
        "required" if field.is_required else "",
        "yes" if is_sent else "no",
    )
    item = QTreeWidgetItem(list(words))
    item.setFont(_ID, theme().font("small", mono=True))
    item.setToolTip(0, plain_tool_tip(f"{field.name}\n{field.id}"))
    muted = theme().color("muted")
    for column in (_ID, 2, 3, 4):
        item.setForeground(column, muted)
    lines = [f"{field.name} · {field.id}"]
    lines += [field.description] if field.description else []
    lines += [f"Default: {field.default_value}"] if field.default_value else []
    lines += [f"Depends on: {', '.join(field.depends_on)}"] if field.depends_on else []
    if field.invalidates_input_fields:
        lines.append("Its value changes the form.")
    item.setData(0, _TOLD, "\n".join(lines))
    return item


def type_word(field: InputField) -> str:
    """A field's type and format in one word or two."""
    if field.format is not FieldFormat.NONE:
        return field.format.value.lower()
    if field.value_type is ValueType.ARRAY:
        return f"list of {field.items.value.lower()}"
    return field.value_type.value.lower()
