"""How editors look before they are there: a table from their classes to what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from PySide6.QtCore import QRect

from zapdesk.domain.fields import InputField
from zapdesk.domain.pieces import Mapped
from zapdesk.domain.values import UNSET, as_text, truth
from zapdesk.ui.form.editors import (
    BooleanEditor,
    ChoiceEditor,
    CodeEditor,
    DateEditor,
    Editor,
    FileEditor,
    JsonEditor,
    MultiChoiceEditor,
    MultiLineEditor,
    PasswordEditor,
)
from zapdesk.ui.form.editors.boolean import STATES
from zapdesk.ui.form.editors.code import HOW_TO_LEAVE
from zapdesk.ui.form.editors.file import WHY
from zapdesk.ui.form.editors.grid import FRAME
from zapdesk.ui.form.editors.json import written
from zapdesk.ui.form.editors.lists import GridEditor, ListEditor
from zapdesk.ui.form.editors.mapping import MappingEditor
from zapdesk.ui.form.editors.text import placeholder, shown
from zapdesk.ui.form.sketch.ink import Ink, line_height, text_height, text_width
from zapdesk.ui.look.metrics import ICON, ROW, ROW_DENSE, XS, M, S
from zapdesk.ui.plain_text import one_line, visible_text

LINE = 32
_GRID_HEADER = 28
_GRID_BUTTONS = 22
_MOST_ROWS = 8
_LEFT, _TOP = 10, 8
"""Where the text of an editor begins, from the corner of its frame."""

_AROUND_WORD = 30
_CELL = 11
_NUMBERS = 32
"""The width of the column with the numbers of rows."""

_LONGEST = 2_000

Painting = Callable[[Ink, QRect], None]


@dataclass(frozen=True, slots=True)
class Body:
    """An editor: ``frame`` high, with a ``note`` under it."""

    frame: int
    draw: Painting
    note: str = ""

    def height(self, width: int) -> int:
        return self.frame + (XS + text_height(self.note, width, "small") if self.note else 0)

    def paint(self, ink: Ink, place: QRect) -> None:
        self.draw(ink, QRect(place.left(), place.top(), place.width(), self.frame))
        if self.note:
            room = place.adjusted(0, self.frame + XS, 0, 0)
            ink.words(room, self.note, tone="muted", size="small", wrap=True)


def body_of(kind: type[Editor], field: InputField, value: Any) -> Body:
    """What stands for an editor of that kind with that value."""
    for known, make in _BODIES:
        if issubclass(kind, known):
            return make(field, value)
    return _line(field, value)


def _words(field: InputField, value: Any) -> tuple[str, str]:
    text = shown(value) if not isinstance(value, (list, dict)) else ""
    text = text.text if isinstance(text, Mapped) else text
    if text:
        return visible_text(text[:_LONGEST]), "text"
    return placeholder(field, value), "muted"


def _text(text: str, tone: str, least: int, most: int, *, mono: bool = False) -> Body:
    step = line_height(mono=mono)
    count = max(least, min(most, text.count("\n") + 1))

    def draw(ink: Ink, place: QRect) -> None:
        ink.frame(place)
        room = place.adjusted(_LEFT, _TOP, -_LEFT, -_TOP)
        for number, line in enumerate(text.split("\n")[:count]):
            row = QRect(room.left(), room.top() + number * step - 1, room.width(), step)
            ink.words(row, line, tone=tone, mono=mono)

    return Body(max(LINE, count * step + 2 * _TOP), draw)


def _line(field: InputField, value: Any) -> Body:
    return _text(*_words(field, value), 1, 8)


def _lines(field: InputField, value: Any) -> Body:
    return _text(*_words(field, value), 3, 12)


def _code(field: InputField, value: Any) -> Body:
    body = _text(*_words(field, value), 5, 16, mono=True)
    return Body(body.frame, body.draw, HOW_TO_LEAVE)


def _json(field: InputField, value: Any) -> Body:
    text = "" if value is UNSET else written(value)[:_LONGEST]
    return _text(visible_text(text), "text", 3, 16, mono=True)


def _file(field: InputField, value: Any) -> Body:
    body = _line(field, value)
    return Body(body.frame, body.draw, WHY)


def _date(field: InputField, value: Any) -> Body:
    body = _line(field, value)

    def draw(ink: Ink, place: QRect) -> None:
        body.draw(ink, place.adjusted(0, 0, -ROW_DENSE - XS, 0))
        middle = (ROW_DENSE - ICON) // 2
        left = place.left() + place.width() - ROW_DENSE + middle
        ink.icon(left, place.top() + middle, "calendar")

    # What the text means stands under it, when it has been worked out.
    return Body(body.frame, draw, " " if shown(value) else "")


def _password(field: InputField, value: Any) -> Body:
    text, tone = _words(field, value)
    body = _text("●" * min(len(text), 40) if tone == "text" else text, tone, 1, 1)

    def draw(ink: Ink, place: QRect) -> None:
        body.draw(ink, place)
        ink.icon(place.left() + place.width() - S - ICON, place.top() + S, "eye")

    return Body(LINE, draw)


def _boolean(field: InputField, value: Any) -> Body:
    chosen = None if value is UNSET or value is None else truth(as_text(value))
    down = {None: 0, True: 1, False: 2}[chosen]

    def draw(ink: Ink, place: QRect) -> None:
        left = place.left()
        for number, (word, _) in enumerate(STATES):
            width = text_width(word) + _AROUND_WORD
            button = QRect(left, place.top(), width, LINE)
            fill, line = ("selected", "accent") if number == down else ("surface", "control_line")
            place_of_it = ("first", "middle", "last")[number]
            ink.segment(button, place_of_it, fill=fill, line=line)
            ink.words(button.adjusted(_AROUND_WORD // 2, 0, 0, 0), word)
            left += width - 1

    return Body(LINE, draw)


def _choice(field: InputField, value: Any) -> Body:
    text, tone = _words(field, value)
    return _choosing(text or "Choose…", tone, [])


def _choices(field: InputField, value: Any) -> Body:
    if not isinstance(value, list):
        return _choosing(placeholder(field, value) or "Choose…", "muted", [])
    chosen = [one_line(as_text(item), 300) for item in value[:30]]
    return _choosing(f"{len(value)} chosen" if value else "an empty list", "text", chosen)


def _choosing(text: str, tone: str, chosen: list[str]) -> Body:
    def draw(ink: Ink, place: QRect) -> None:
        button = QRect(place.left(), place.top(), place.width(), LINE)
        ink.frame(button)
        ink.words(button.adjusted(M - 2, 0, -M - ICON, 0), text, tone=tone)
        arrow = ICON - 2
        left = place.left() + place.width() - S - ICON
        ink.icon(left, place.top() + (LINE - arrow) // 2, "chevron-down", size=arrow)
        for number, words in enumerate(chosen):
            top = place.top() + LINE + XS + number * ROW_DENSE
            row = QRect(place.left() + M - 2, top, place.width() - 2 * M, ROW_DENSE)
            ink.words(row, words)
            middle = (ROW_DENSE - ICON) // 2
            ink.icon(place.left() + place.width() - ICON - middle, top + middle, "close")

    return Body(LINE + (XS + len(chosen) * ROW_DENSE if chosen else 0), draw)


def _list(field: InputField, value: Any) -> Body:
    cells = [[_cell(item)] for item in value or []]
    return grid_body("Add a value", [], cells, "Paste lines")


def _map(field: InputField, value: Any) -> Body:
    pairs = value.items() if isinstance(value, dict) else ()
    cells = [[name, _cell(item)] for name, item in pairs]
    return grid_body("Add a value", ["Name", "Value"], cells)


def _rows(field: InputField, value: Any) -> Body:
    names = list(dict.fromkeys(name for row in value or [] for name in row))
    cells = [[_cell(row.get(name, UNSET)) for name in names] for row in value or []]
    return grid_body("Add a row", names, cells, "Add a column")


def items_body(fields: Sequence[InputField], values: Sequence[Any]) -> Body:
    """The table of line items: a list of each field side by side."""
    lists = [value if isinstance(value, list) else [] for value in values]
    rows = [[_cell(cell) for cell in row] for row in zip_longest(*lists, fillvalue=UNSET)]
    return grid_body("Add a row", [one_line(field.name, 80) for field in fields], rows)


def _cell(value: Any) -> str:
    if value is UNSET or value is None:
        return "–" if value is UNSET else "null"
    return one_line(value.text if isinstance(value, Mapped) else as_text(value), 200)


def grid_body(add: str, header: list[str], rows: list[list[str]], other: str = "") -> Body:
    """A table of cells and the buttons under it: ``add``, and perhaps an ``other``."""
    count = min(len(rows), _MOST_ROWS)
    above = _GRID_HEADER if header else 0
    table = count * ROW + above + 2 * FRAME if count else 0

    def draw(ink: Ink, place: QRect) -> None:
        foot = place.top()
        if count:
            _draw_table(ink, QRect(place.left(), foot, place.width(), table), header, rows[:count])
            foot += table + XS
            middle = (ROW_DENSE - ICON) // 2
            for number, name in enumerate(("trash", "chevron-down", "chevron-up")):
                left = place.left() + place.width() - (number + 1) * ROW_DENSE - number * XS
                ink.icon(left + middle, foot + middle, name, "faint")
            foot += (ROW_DENSE - _GRID_BUTTONS) // 2
        left = place.left() + XS + ICON + 6
        ink.icon(place.left() + XS + 1, foot + 3, "plus", "accent")
        for words in (add, other):
            width = text_width(words)
            ink.words(QRect(left, foot, width + 1, _GRID_BUTTONS), words, tone="accent")
            left += width + 3 * XS

    return Body(table + XS + ROW_DENSE if count else _GRID_BUTTONS, draw)


def _draw_table(ink: Ink, place: QRect, header: list[str], rows: list[list[str]]) -> None:
    ink.frame(place, radius=XS)
    inside = place.adjusted(FRAME, FRAME, -FRAME, -FRAME)
    columns = max(1, len(rows[0]))
    width = (inside.width() - _NUMBERS) // columns
    top = inside.top()
    for number, cells in enumerate(([header] if header else []) + rows):
        is_header = number == 0 and bool(header)
        height = _GRID_HEADER if is_header else ROW
        if not is_header:
            place_of_number = QRect(inside.left() + S, top, _NUMBERS, height)
            ink.words(place_of_number, str(number + (not header)), tone="muted", size="small")
        for column, cell in enumerate(cells):
            left = inside.left() + _NUMBERS + column * width
            ink.line(QRect(left - 1, top, 1, height), "line")
            room = QRect(left + _CELL - 1, top - 1, width - _CELL, height)
            if is_header:
                ink.words(room, one_line(cell, 80), tone="muted", size="small")
            else:
                ink.words(room, cell)
        top += height
        ink.line(QRect(inside.left(), top - 1, inside.width(), 1), "line")


_BODIES: tuple[tuple[type[Editor], Callable[[InputField, Any], Body]], ...] = (
    (ListEditor, _list),
    (MappingEditor, _map),
    (GridEditor, _rows),
    (MultiChoiceEditor, _choices),
    (ChoiceEditor, _choice),
    (BooleanEditor, _boolean),
    (PasswordEditor, _password),
    (CodeEditor, _code),
    (JsonEditor, _json),
    (MultiLineEditor, _lines),
    (DateEditor, _date),
    (FileEditor, _file),
)
"""The first that fits wins; every other editor is a line of text."""
