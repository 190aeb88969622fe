"""Notes and help: Markdown as plain text, its links as buttons.

Nothing here is ever interpreted as markup by Qt: no HTML, no images, nothing is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.ui.look.fonts import FontSize
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.plain_text import one_line

_LONGEST = 20_000
_MOST_LINKS = 8
LINES_AT_FIRST = 3
_SURELY_SHORT = 60
"""Characters that fit three lines however narrow the form is."""
_LONG_WORD = re.compile(r"(\S{64})(?=\S)")

_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,500})\]\(\s*<?([^)\s>]{1,2000})>?[^)\n]{0,200}\)")
_BARE = re.compile(r"<?\b(https?://[^\s<>\"'`)\]]{1,2000})>?")
_MARKS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]{1,2000}?)(?<=[^\s*])\1(?![\w*])"
    r"|(?<!\w)(_{1,3})(?=[^\s_])([^\n]{1,2000}?)(?<=[^\s_])\3(?!\w)"
)
_CODE = re.compile(r"`{1,3}([^`\n]{1,2000})`{1,3}")
_HEADING = re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE)
_BULLET = re.compile(r"^( *)[*+-] +", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|])")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Link:
    """A link found in a text."""

    text: str
    address: str


def plain_markdown(text: str) -> tuple[str, tuple[Link, ...]]:
    """Markdown as a person would read it aloud, and the links in it.

    Only what is surely a mark is taken away; HTML stays the text that it is.
    """
    links: list[Link] = []

    def note(match: re.Match[str]) -> str:
        links.append(Link(match[1], match[2]))
        return match[1]

    def note_bare(match: re.Match[str]) -> str:
        address = match[1].rstrip(".,;:")
        links.append(Link(address, address))
        return match[0].strip("<>")

    text = _IMAGE.sub(r"\1", text[:_LONGEST])
    text = _LINK.sub(note, text)
    named = {link.text for link in links}
    if not named or any(bare not in named for bare in _BARE.findall(text)):
        text = _BARE.sub(note_bare, text)
    text = _HEADING.sub("", text)
    text = _BULLET.sub(r"\1• ", text)
    text = _CODE.sub(r"\1", text)
    text = _MARKS.sub(lambda match: match[2] or match[4], text)
    text = _ESCAPED.sub(r"\1", text)
    seen = {link.address: link for link in reversed(links)}
    unique = tuple(link for link in reversed(seen.values()))
    return _BLANK_LINES.sub("\n", text).strip(), unique[:_MOST_LINKS]


def link_words(link: Link) -> str:
    """The text of a link, and the host it leads to where the text does not name it."""
    text = one_line(link.text, 60)
    try:
        host = urlsplit(link.address).hostname or ""
    except ValueError:
        host = ""
    return text if not host or host in text else f"{text} · {one_line(host, 80)}"


class FoldedText(QWidget):
    """Text that shows three lines at first and the rest behind *more*."""

    def __init__(
        self, text: str = "", *, size: FontSize = "body", tone: str = "text", bold: bool = False
    ) -> None:
        super().__init__()
        self._label = PlainLabel(size=size, tone=tone, bold=bold, wrap=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._label.setMinimumWidth(40)
        self._more: Button | None = None
        self._is_open = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._label)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        self._label.setText(_LONG_WORD.sub("\\1\n", text[:_LONGEST]))
        self._fold()

    @property
    def text(self) -> str:
        """The whole text, folded or not."""
        return self._label.whole_text

    @property
    def is_folded(self) -> bool:
        """Whether something is hidden behind *more*."""
        return self._more is not None and not self._is_open

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fold()

    def _fold(self) -> None:
        text = self._label.whole_text
        if len(text) <= _SURELY_SHORT and text.count("\n") < LINES_AT_FIRST:
            is_long = False
        else:
            if self._more is None:
                self._more = Button("more", look="link")
                self._more.clicked.connect(self._toggle)
                self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
            folded = self._folded_height
            is_long = self._label.heightForWidth(max(self.width(), 40)) > folded + 2
        if self._more is not None:
            self._more.setVisible(is_long)
        is_cut = is_long and not self._is_open
        self._label.setMaximumHeight(self._folded_height if is_cut else 16_777_215)

    @property
    def _folded_height(self) -> int:
        return ceil(LINES_AT_FIRST * QFontMetricsF(self._label.font()).lineSpacing())

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        if self._more is not None:
            self._more.set_text("less" if self._is_open else "more")
        self._fold()


class MarkdownText(QWidget):
    """A description: folded plain text, then its links."""

    def __init__(
        self,
        open_link: Callable[[str], None],
        *,
        size: FontSize = "body",
        tone: str = "muted",
    ) -> None:
        super().__init__()
        self._open_link = open_link
        self._source = ""
        self._text = FoldedText(size=size, tone=tone)
        self._links: list[Button] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._text)

    def set_markdown(self, source: str) -> None:
        if source == self._source:
            return
        self._source = source
        text, links = plain_markdown(source)
        self._text.set_text(text)
        for button in self._links:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._links = []
        for link in links:
            words = link_words(link)
            button = Button(words, look="link", icon="external-link", tip=link.address)
            button.clicked.connect(lambda _=False, to=link.address: self._open_link(to))
            self._links.append(button)
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def text(self) -> str:
        """What can be read."""
        return self._text.text
