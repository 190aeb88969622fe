"""Light colouring of JSON and of code. It colours what is drawn and never touches the text."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from zapdesk.ui.look.theme import theme

_LONGEST_LINE = 5_000

_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*+"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)|(?P<mark>[{}\[\],:])"
)
_WORDS = (
    "and as async await break case catch class const continue def default del do elif else enum "
    "except export extends false finally for from function if import in instanceof is lambda let "
    "new None not null of or pass raise return self static super switch this throw True False try "
    "true typeof undefined var void while with yield"
)
_CODE = re.compile(
    r"(?P<open>\"\"\"|'''|/\*|<!--)"
    r"|(?P<comment>(?:^|(?<=[\s;{}(),]))(?://|#).*)"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\]|\\.)*+`)"
    r"|(?P<number>(?<![\w.#])(?:0x[\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?!\w))"
    rf"|(?P<word>(?<![\w.$])(?:{'|'.join(_WORDS.split())})(?![\w$]))"
)
_TOKENS = {
    "key": "text",
    "string": "success",
    "number": "accent",
    "word": "unknown",
    "mark": "muted",
    "comment": "muted",
}
# What opens a stretch that may end on a later line: how it ends, and what it is.
_STRETCHES = (
    ("/*", "*/", "comment"),
    ("<!--", "-->", "comment"),
    ('"""', '"""', "string"),
    ("'''", "'''", "string"),
)


class Highlighter(QSyntaxHighlighter):
    """Colours a document; ``quietly`` runs what must not be taken for a person's edit.

    It is made on an empty document: Qt would otherwise announce a change of the text.
    """

    def __init__(
        self, document: QTextDocument, quietly: Callable[[Callable[[], None]], None]
    ) -> None:
        super().__init__(document)
        self._quietly = quietly
        self._formats: dict[str, QTextCharFormat] = {}
        self._is_coloured = True
        self._read_colours()
        theme().changed.connect(self._on_theme)

    def set_coloured(self, is_coloured: bool) -> None:
        """Colour the text, or leave it in the one colour of an editor that is disabled."""
        if is_coloured is not self._is_coloured:
            self._is_coloured = is_coloured
            self._quietly(self.rehighlight)

    def _on_theme(self) -> None:
        self._read_colours()
        self._quietly(self.rehighlight)

    def _read_colours(self) -> None:
        for name, token in _TOKENS.items():
            look = QTextCharFormat()
            look.setForeground(theme().color(token))
            self._formats[name] = look

    def _paint(self, start: int, end: int, name: str) -> None:
        if self._is_coloured:
            self.setFormat(start, end - start, self._formats[name])


class JsonHighlighter(Highlighter):
    """Keys, texts, numbers, words and marks of JSON."""

    def highlightBlock(self, text: str) -> None:
        for match in _JSON.finditer(text[:_LONGEST_LINE]):
            if match.lastgroup is not None:
                self._paint(match.start(), match.end(), match.lastgroup)


class CodeHighlighter(Highlighter):
    """Texts, numbers, comments and the keywords of the languages that apps run."""

    def highlightBlock(self, text: str) -> None:
        text = text[:_LONGEST_LINE]
        self.setCurrentBlockState(-1)
        place = 0
        before = self.previousBlockState()
        if 0 <= before < len(_STRETCHES):
            place = self._stretch(text, 0, 0, before)
        while place < len(text):
            match = _CODE.search(text, place)
            if match is None:
                return
            name = match.lastgroup
            if name == "open":
                kind = next(n for n, s in enumerate(_STRETCHES) if s[0] == match.group())
                place = self._stretch(text, match.start(), match.end(), kind)
            elif name is not None:
                self._paint(match.start(), match.end(), name)
                place = match.end()

    def _stretch(self, text: str, start: int, inside: int, kind: int) -> int:
        _, closing, name = _STRETCHES[kind]
        end = text.find(closing, inside)
        if end < 0:
            self.setCurrentBlockState(kind)
            end = len(text)
        else:
            end += len(closing)
        self._paint(start, end, name)
        return end
