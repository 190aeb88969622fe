"""How a row of the form looks before its widgets are there.

Making the widgets of one row takes as long as drawing thirty rows. So what is in sight is drawn at
once, in the place and as high as it will be, and made in the moments after: a form can be read
before its editors can be typed in, and opening one never holds the window up.
"""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QRect, QSize

from zapdesk.domain.fields import Fieldset, InfoField, InputField
from zapdesk.domain.form import FormState
from zapdesk.domain.form_facts import Origin
from zapdesk.ui.form.editors import editor_class
from zapdesk.ui.form.editors.info import LINES_AT_FIRST, link_words, plain_markdown
from zapdesk.ui.form.editors.items_row import HINT, line_item_fields
from zapdesk.ui.form.editors.row import state_word
from zapdesk.ui.form.plan import Part
from zapdesk.ui.form.sketch.editors import body_of, items_body
from zapdesk.ui.form.sketch.ink import Ink, line_height, text_height, text_width
from zapdesk.ui.look.fonts import FontSize
from zapdesk.ui.look.metrics import ICON, XS, L, M, S
from zapdesk.ui.plain_text import visible_text

_LINK_HEIGHT = 22
_HEAD = 18
_STATE_PADDING = 3
_STATE_GAP = 11
"""Between the icon of the state and the word beside it."""

_LONGEST = 2_000


class Sketch(Protocol):
    """A row that is drawn. ``height`` is what the made row will need at that width."""

    def height(self, width: int) -> int: ...

    def paint(self, ink: Ink, place: QRect) -> None: ...


class TextSketch:
    """A heading, a note, or the line over a fold: text with space around it, perhaps an icon."""

    def __init__(
        self,
        text: str,
        *,
        size: FontSize = "body",
        tone: str = "text",
        bold: bool = False,
        icon: str = "",
        around: tuple[int, int] = (0, L),
    ) -> None:
        self._text = visible_text(text, _LONGEST)
        self._size: FontSize = size
        self._tone, self._bold, self._icon = tone, bold, icon
        self._above, self._below = around

    def height(self, width: int) -> int:
        text = text_height(self._text, width, self._size, bold=self._bold)
        return self._above + min(text, _folded(self._size)) + self._below

    def paint(self, ink: Ink, place: QRect) -> None:
        room = place.adjusted(0, self._above, 0, -self._below)
        if self._icon:
            ink.icon(room.left() + 2, room.top() + (room.height() - ICON) // 2, self._icon)
            room.setLeft(room.left() + ICON + 8)
        ink.words(
            room,
            self._text,
            tone=self._tone,
            size=self._size,
            bold=self._bold,
            wrap=not self._icon,
        )


class _Help:
    """Text with its links under it, folded where it is long."""

    def __init__(self, source: str, size: FontSize) -> None:
        text, links = plain_markdown(source)
        self._text = visible_text(text, _LONGEST)
        self._links = [link_words(link) for link in links]
        self._size: FontSize = size

    def height(self, width: int) -> int:
        height, most = self._text_height(width), _folded(self._size)
        is_folded = height > most + 2
        height = most + _LINK_HEIGHT if is_folded else height
        return height + len(self._links) * _LINK_HEIGHT

    def paint(self, ink: Ink, place: QRect) -> None:
        left, top, width = place.left(), place.top(), place.width()
        height, most = self._text_height(width), _folded(self._size)
        room = QRect(left, top, width, min(height, most))
        ink.words(room, self._text, tone="muted", size=self._size, wrap=True)
        top += room.height()
        if height > most + 2:
            ink.words(QRect(left + XS, top, width, _LINK_HEIGHT), "more", tone="accent")
            top += _LINK_HEIGHT
        for words in self._links:
            ink.icon(left + XS + 1, top + 3, "external-link", "accent")
            room = QRect(left + XS + ICON + 6, top, width - ICON - 2 * XS, _LINK_HEIGHT)
            ink.words(room, words, tone="accent")
            top += _LINK_HEIGHT

    def _text_height(self, width: int) -> int:
        return text_height(self._text, width, self._size) if self._text else 0


class FieldSketch:
    """A field with its title, its state, its value and its help."""

    def __init__(self, field: InputField, value: Any, origin: Origin | None) -> None:
        self._body = body_of(editor_class(field, value), field, value)
        self._title = visible_text(field.name, _LONGEST)
        self._state = state_word(value, origin)
        self._required = "required" if field.is_required else ""
        self._help = _Help(field.description, "small") if field.description else None

    def height(self, width: int) -> int:
        foot = XS + self._help.height(width) if self._help is not None else 0
        return self._title_height(width) + XS + self._body.height(width) + foot + L

    def paint(self, ink: Ink, place: QRect) -> None:
        left, width = place.left(), place.width()
        head = self._title_height(width)
        title = QRect(left, place.top(), self._title_width(width), head)
        ink.words(title, self._title, bold=True, wrap=True)
        self._paint_state(ink, place)
        body = QRect(left, title.bottom() + 1 + XS, width, self._body.height(width))
        self._body.paint(ink, body)
        if self._help is not None:
            self._help.paint(ink, QRect(left, body.bottom() + 1 + XS, width, place.height()))

    def _paint_state(self, ink: Ink, place: QRect) -> None:
        right = place.left() + place.width()
        ink.icon(right - ICON - _STATE_PADDING - 1, place.top() + 1, "more")
        for words, gap in (
            (self._state, ICON + _STATE_GAP),
            (self._required, self._state_width + S),
        ):
            if words:
                width = text_width(words, "small")
                room = QRect(right - gap - width, place.top(), width + 1, _HEAD)
                ink.words(room, words, tone="muted", size="small")

    @property
    def _state_width(self) -> int:
        words = text_width(self._state, "small") + _STATE_GAP + 2 if self._state else 0
        return words + ICON + 2 * _STATE_PADDING + 1

    def _title_width(self, width: int) -> int:
        required = text_width(self._required, "small") + S if self._required else 0
        return width - self._state_width - S - required

    def _title_height(self, width: int) -> int:
        room = self._title_width(width)
        if text_width(self._title, bold=True) <= room:
            return _HEAD
        height, most = text_height(self._title, room, bold=True), _folded("body")
        return max(_HEAD, height if height <= most + 2 else most + _LINK_HEIGHT)


def _folded(size: FontSize) -> int:
    return line_height(size, count=LINES_AT_FIRST)


class NoteSketch:
    """A note of the app, or a field for reading only."""

    def __init__(self, node: InfoField | InputField) -> None:
        self._title, text = "", node.description
        if isinstance(node, InputField):
            self._title = visible_text(node.title, _LONGEST)
            text = "\n".join(filter(None, (node.description, node.default_value)))
        self._text = _Help(text, "body")

    def height(self, width: int) -> int:
        return self._title_height(width) + self._text.height(width) + L

    def paint(self, ink: Ink, place: QRect) -> None:
        above = self._title_height(place.width())
        if above:
            ink.words(place, self._title, bold=True, wrap=True)
        self._text.paint(ink, place.adjusted(0, above, 0, 0))

    def _title_height(self, width: int) -> int:
        if not self._title:
            return 0
        return min(text_height(self._title, width, bold=True), _folded("body")) + XS


class ItemsSketch:
    """A table of line items."""

    def __init__(self, fieldset: Fieldset, state: FormState) -> None:
        fields = line_item_fields(fieldset)
        self._title = visible_text(fieldset.title or fieldset.id, _LONGEST)
        self._body = items_body(fields, [state.value(field.id) for field in fields])

    def height(self, width: int) -> int:
        hint = text_height(HINT, width, "small")
        return self._title_height(width) + self._body.height(width) + XS + hint + L

    def paint(self, ink: Ink, place: QRect) -> None:
        ink.words(place, self._title, bold=True, wrap=True)
        height = self._body.height(place.width())
        below = place.adjusted(0, self._title_height(place.width()), 0, 0)
        self._body.paint(ink, QRect(below.topLeft(), QSize(place.width(), height)))
        hint = below.adjusted(0, height + XS, 0, 0)
        ink.words(hint, HINT, tone="muted", size="small", wrap=True)

    def _title_height(self, width: int) -> int:
        return min(text_height(self._title, width, bold=True), _folded("body")) + XS


def sketch_of(part: Part, state: FormState) -> Sketch:
    """What is drawn for a part of the form, but for the line over a fold."""
    node = part.node
    if isinstance(node, Fieldset) and part.kind == "items":
        return ItemsSketch(node, state)
    if isinstance(node, Fieldset):
        return TextSketch(node.title or node.id, size="large", bold=True, around=(XS, M))
    if isinstance(node, InputField) and part.kind == "field":
        return FieldSketch(node, state.value(node.id), state.origin(node.id))
    return NoteSketch(node) if node is not None else TextSketch("")
