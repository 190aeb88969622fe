"""The first frame: what the last session left, painted by hand where the panels will stand.

It stands for a fifth of a second, until the real panels take its place at the same pixels; so it
shows texts and lines, and leaves out drawings and times that go on. Nothing in it is a guess.

Speed decides what may be used here. Neither ``Qt`` nor a call that takes one of its enums or a
QColor as one of several kinds of argument: the first of them makes all of Qt's enums, which takes
a sixth of the start. Colours go through palettes instead, and flags are numbers.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.ui.look.fonts import system_font
from zapdesk.ui.look.metrics import (
    ICON,
    ICON_LARGE,
    NARROW,
    RADIUS,
    ROW_DENSE,
    TOP_BAR,
    XS,
    L,
    M,
    S,
)
from zapdesk.ui.look.signs import is_black_readable, monogram_letter, status_look
from zapdesk.ui.look.tokens import Scheme, load_tokens
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.columns import COLUMN_TITLES, DAY_HEIGHT, column_widths
from zapdesk.ui.times import day_number, day_text, duration_text, now_ms, started_text

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings, QSize
    from PySide6.QtGui import QPaintEvent

    from zapdesk.services.first_frame import Beginning, Glance, RunGlimpse

# Qt.AlignmentFlag by number.
_LEFT, _RIGHT, _CENTRE = 0x81, 0x82, 0x84
_SINGLE_LINE = 0x100  # Qt.TextFlag.TextSingleLine

EMPTY_FORM = ("Choose an action on the left.", "Its form appears here.")
EMPTY_DETAIL = ("No run picked", "What was sent and what came back appears here.")
KINDS = ("Write", "Search", "Read")
STATES = ("All", "Waiting", "Success", "Error", "Unknown", "Refused", "Not sent")
FIND_APPS, FIND_RUNS = "Find an app or action…", "Search runs…"

_EDGE, _DOT, _SCROLL_BAR = 3, 10, 12
_SEARCH_WIDTH, _SEARCH_HEIGHT, _SEARCH_INSET = 520, 32, 36
_LIST_TOP, _FOOT = 38, 30
_HISTORY_HEAD, _COLUMN_HEAD = 48, 29
_OPEN = frozenset({"submitting", "waiting"})
_RESOLVABLE = frozenset({"unknown", "lost"})


class FirstFrame(QWidget):
    """Paints everything in one go."""

    def __init__(self, beginning: Beginning, glance: Glance, settings: QSettings) -> None:
        super().__init__()
        self._beginning = beginning
        self._glance = glance
        self._sizes = {
            name: _sizes(settings.value(f"splitters/{name}")) or default
            for name, default in (
                ("upper", (264, 1015)),
                ("middle", (560, 454)),
                ("whole", (535, 220)),
            )
        }
        self._tokens = load_tokens(_scheme(beginning.theme))
        self._palettes: dict[str, QPalette] = {}
        self._font = system_font()
        self._small = system_font("small")
        self._metrics = QFontMetrics(self._font)
        self._painter: QPainter

    def paintEvent(self, event: QPaintEvent) -> None:
        self._painter = painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._fill(QRect(0, 0, self.width(), self.height()), "background")
        self._paint_top_bar()
        if not self._beginning.is_first_start:
            whole = self._sizes["whole"]
            upper, runs = _shared(whole, self.height() - TOP_BAR - 1, whole)
            bottom = TOP_BAR + upper
            left, _ = _shared(self._sizes["upper"], self.width() - 1, (0, 1))
            self._paint_apps(QRect(0, TOP_BAR, left, upper))
            self._fill(QRect(left, TOP_BAR, 1, upper), "line")
            self._paint_middle(QRect(left + 1, TOP_BAR, self.width() - left - 1, upper))
            self._fill(QRect(0, bottom, self.width(), 1), "line")
            self._paint_history(QRect(0, bottom + 1, self.width(), runs))
        painter.end()

    # Colours and texts

    def _palette(self, color: str) -> QPalette:
        """A palette whose text is of a colour: a token, or what QColor knows."""
        palette = self._palettes.get(color)
        if palette is None:
            palette = self._palettes[color] = QPalette()
            value = QColor(self._tokens.get(color, color))
            palette.setColor(QPalette.ColorRole.WindowText, value)
        return palette

    def _brush(self, color: str) -> QBrush:
        return self._palette(color).windowText()

    def _fill(self, rect: QRect, color: str) -> None:
        self._painter.setBackground(self._brush(color))
        self._painter.eraseRect(rect)

    def _round(self, rect: QRectF, radius: float, color: str) -> None:
        path = QPainterPath()
        path.addRoundedRect(rect, radius, radius)
        self._painter.fillPath(path, self._brush(color))

    def _framed(self, rect: QRect, line: int, radius: float, color: str, inner: str) -> None:
        self._round(QRectF(rect), radius, color)
        inside = QRectF(rect).adjusted(line, line, -line, -line)
        self._round(inside, max(radius - line, 0), inner)

    def _text(self, rect: QRect, flags: int, text: str, color: str) -> None:
        # The style sets the pen by itself; QPainter.setPen would make all of Qt's enums.
        style, role = self.style(), QPalette.ColorRole.WindowText
        style.drawItemText(self._painter, rect, flags, self._palette(color), True, text, role)

    def _use(self, font: QFont) -> QFontMetrics:
        self._painter.setFont(font)
        return QFontMetrics(font)

    # Areas

    def _paint_top_bar(self) -> None:
        profile = self._beginning.profile
        self._fill(QRect(0, 0, self.width(), TOP_BAR), "surface")
        self._fill(QRect(0, 0, self.width(), _EDGE), profile.colour)
        self._fill(QRect(0, TOP_BAR - 1, self.width(), 1), "line")
        if self._beginning.is_first_start:
            return
        name = one_line(profile.name, 40)
        self._painter.setFont(self._font)
        dot = QRectF(S + S, _EDGE + 6 + 9, _DOT, _DOT)
        self._round(dot, _DOT / 2, profile.colour)
        left = S + S + _DOT + S
        chip_right = left + self._metrics.horizontalAdvance(name) + S + XS
        self._text(QRect(left, 9, self.width(), 28), _LEFT, name, "text")
        x = chip_right + S + L
        width = min(_SEARCH_WIDTH, (self.width() - x - 78) * 3 // 5)
        box = QRect(x, _EDGE + (TOP_BAR - _EDGE - _SEARCH_HEIGHT) // 2, width, _SEARCH_HEIGHT)
        self._framed(box, 2, RADIUS, "accent", "background")
        self._text(box.adjusted(_SEARCH_INSET, 0, 0, 0), _LEFT, FIND_APPS, "muted")

    def _paint_apps(self, area: QRect) -> None:
        metrics = self._use(self._small)
        x = S
        for word in KINDS:
            chip = QRect(x, area.top() + S, _size(metrics, word).width() + 22, 22)
            self._framed(chip, 1, 11, "line_strong", "background")
            self._text(chip, _CENTRE, word, "muted")
            x += chip.width() + XS
        self._painter.save()
        room = area.adjusted(0, _LIST_TOP, 0, -_FOOT)
        self._painter.setClipRect(room)
        letters = system_font("small", bold=True)
        letters.setPixelSize(max(9, round(ICON_LARGE * 0.55)))
        rows = [
            (QRect(0, top, area.width(), ROW_DENSE), title, color)
            for top, (title, color) in zip(
                range(room.top(), room.bottom() + 1, ROW_DENSE), self._glance.apps, strict=False
            )
        ]
        self._painter.setFont(letters)
        for rect, title, color in rows:
            self._paint_tile(rect, title, color)
        self._painter.setFont(self._font)
        bar = _SCROLL_BAR if len(self._glance.apps) * ROW_DENSE > room.height() else 0
        left = S + ICON + XS + ICON_LARGE + S
        for rect, title, _ in rows:
            where = rect.adjusted(left, 0, -bar - M, 0)
            self._text(where, _LEFT, self._shortened(one_line(title), where.width()), "text")
        self._painter.restore()

    def _paint_tile(self, rect: QRect, title: str, hex_color: str) -> None:
        color = QColor(hex_color if hex_color.startswith("#") else f"#{hex_color}")
        if not color.isValid():
            color = QColor(self._tokens["not_sent"])
        middle = rect.top() + ROW_DENSE // 2
        chevron = QPainterPath()
        chevron.moveTo(S + 5.6, middle - 4.9)
        for x, y in ((6.5, -5), (11.5, 0), (6.5, 5), (5.6, 4.9), (5.5, 4), (9.5, 0), (5.5, -4)):
            chevron.lineTo(S + x, middle + y)
        self._painter.fillPath(chevron, self._brush("muted"))
        tile = QRect(S + ICON + XS, middle - ICON_LARGE // 2, ICON_LARGE, ICON_LARGE)
        self._framed(tile, 1, ICON_LARGE / 5, "line", color.name())
        is_black = is_black_readable(color.redF(), color.greenF(), color.blueF())
        ink = "black" if is_black else "white"
        self._text(tile, _CENTRE, monogram_letter(title), ink)

    def _paint_middle(self, area: QRect) -> None:
        self._fill(area, "surface")
        if self.width() < NARROW:
            return
        form, detail = _shared(self._sizes["middle"], area.width() - 1, (0, 1))
        edge = area.left() + form
        self._fill(QRect(edge, area.top(), 1, area.height()), "line")
        self._paint_empty(QRect(area.left(), area.top(), form, area.height()), *EMPTY_FORM)
        self._paint_empty(QRect(edge + 1, area.top(), detail, area.height()), *EMPTY_DETAIL)

    def _paint_empty(self, area: QRect, title: str, sentence: str) -> None:
        """The two lines of an EmptyState, where they fit into one line each."""
        font = system_font("large", bold=True)
        metrics = self._use(font)
        room = area.width() - 2 * L
        heading, line = _size(metrics, title), _size(self._metrics, sentence)
        first, second = heading.height(), line.height()
        free = area.height() - 2 * L - (24 + S + XS + first + XS + second + M)
        if free < 0 or max(heading.width(), line.width()) > room:
            return
        top = area.top() + L + round(free * 2 / 5) + 24 + S + XS
        self._text(QRect(area.left() + L, top, room, first), _CENTRE, title, "text")
        self._painter.setFont(self._font)
        top += first + XS
        self._text(QRect(area.left() + L, top, room, second), _CENTRE, sentence, "muted")

    def _paint_history(self, area: QRect) -> None:
        self._fill(area, "surface")
        self._painter.setFont(self._font)
        box = QRect(M, area.top() + S, 264, _SEARCH_HEIGHT)
        self._framed(box, 1, RADIUS, "control_line", "surface")
        self._text(box.adjusted(_SEARCH_INSET, 0, 0, 0), _LEFT, FIND_RUNS, "muted")
        x = box.right() + 1 + S + XS
        for number, word in enumerate(STATES):
            chip = QRect(x, area.top() + M, _size(self._metrics, word).width() + 24, 24)
            if number == 0:
                self._round(QRectF(chip).adjusted(1, 1, -1, -1), 11, "selected")
            self._text(chip, _CENTRE, word, "text" if number == 0 else "muted")
            x += chip.width() + XS
        self._fill(QRect(0, area.top() + _HISTORY_HEAD, area.width(), 1), "line")
        if self._glance.runs:
            self._paint_runs(area.adjusted(0, _HISTORY_HEAD + 1, 0, 0))

    def _paint_runs(self, area: QRect) -> None:
        runs, now = self._glance.runs, now_ms()
        days = [day_number(run.created_ms) for run in runs]
        starts = [number == 0 or days[number - 1] != day for number, day in enumerate(days)]
        needed = len(runs) * ROW_DENSE + sum(starts) * DAY_HEIGHT
        width = area.width() - (_SCROLL_BAR if needed > area.height() - _COLUMN_HEAD else 0)
        widths = column_widths(width)
        edges = [sum(widths[:number]) for number in range(len(widths))]
        self._painter.setFont(self._small)
        for number, (title, x, room) in enumerate(zip(COLUMN_TITLES, edges, widths, strict=True)):
            inset = M if number == 0 else S
            where = QRect(x + inset, area.top(), room - inset - S, _COLUMN_HEAD - 1)
            self._text(where, _RIGHT if number == 5 else _LEFT, title, "muted")
        self._fill(QRect(0, area.top() + _COLUMN_HEAD - 1, width, 1), "line")
        top = area.top() + _COLUMN_HEAD
        for run, is_start in zip(runs, starts, strict=True):
            if top > area.bottom():
                break
            if is_start:
                self._painter.setFont(system_font("small", bold=True))
                where = QRect(S + XS, top + S, width, DAY_HEIGHT - S - XS)
                self._text(where, _LEFT, day_text(run.created_ms, now), "muted")
                self._fill(QRect(0, top + DAY_HEIGHT - 1, width, 1), "line")
                self._painter.setFont(self._font)
                top += DAY_HEIGHT
            for number, (text, color) in enumerate(_cells(run, now)):
                inset = S + XS + ICON + S - 2 if number == 0 else S
                room = widths[number] - inset - S
                where = QRect(edges[number] + inset, top, room, ROW_DENSE)
                if text:
                    shown = self._shortened(one_line(text, 500), room)
                    self._text(where, _RIGHT if number == 5 else _LEFT, shown, color)
            top += ROW_DENSE

    def _shortened(self, text: str, width: int) -> str:
        """As Qt shortens it, which takes one of its enums to ask for."""
        advance = self._metrics.horizontalAdvance
        if advance(text) <= width:
            return text
        least, most = 0, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            if advance(f"{text[:middle]}…") <= width:
                least = middle
            else:
                most = middle - 1
        return f"{text[:least]}…"


def _size(metrics: QFontMetrics, text: str) -> QSize:
    """As buttons and labels measure their text."""
    return metrics.size(_SINGLE_LINE, text)


def _cells(run: RunGlimpse, now: int) -> tuple[tuple[str, str], ...]:
    """Texts and colours of a row. What takes more than the row to know is left to the table."""
    look = status_look(run.status)
    ended = run.ended_ms
    took = "" if ended is None or run.status in _OPEN else duration_text(ended - run.created_ms)
    is_told = run.status not in _OPEN and run.status not in _RESOLVABLE
    return (
        (look.word, look.token),
        (run.app_title, "text"),
        (run.action_title + " · test" * (run.kind == "test"), "text"),
        (run.authentication_title, "muted"),
        (started_text(run.created_ms, now), "muted"),
        (took, "muted"),
        (run.headline if is_told else "", "text"),
    )


def _shared(sizes: tuple[int, int], total: int, shares: tuple[int, int]) -> tuple[int, int]:
    """Two neighbours in ``total`` pixels: what differs from ``sizes`` goes to both by shares."""
    first = sizes[0] + round((total - sum(sizes)) * shares[0] / sum(shares))
    return first, total - first


def _sizes(state: object) -> tuple[int, int] | None:
    """The two sizes in what ``QSplitter.saveState`` wrote."""
    try:
        marker, _, count, first, second = struct.unpack_from(">iiiii", bytes(state))  # type: ignore[call-overload]  # anything may stand in the file
    except (TypeError, ValueError, struct.error):
        return None
    is_usable = marker == 0xFF and count == 2 and first > 0 and second > 0
    return (first, second) if is_usable else None


def _scheme(choice: str) -> Scheme:
    if choice in ("light", "dark"):
        return "light" if choice == "light" else "dark"
    # What the style hints say is an enum; a dark desktop gives a palette with light text.
    palette = QApplication.palette()
    is_dark = palette.windowText().color().lightness() > palette.window().color().lightness()
    return "dark" if is_dark else "light"
