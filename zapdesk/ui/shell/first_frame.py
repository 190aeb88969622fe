"""The first frame: what the last session left, painted by hand where the panels will stand.

It stands for a fifth of a second, until the real panels take its place at the same pixels; so it
shows texts and lines, and leaves out drawings and times that go on. Nothing in it is a guess.
What may be used here is told in by_hand.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath

from zapdesk.ui.look.fonts import system_font
from zapdesk.ui.look.metrics import (
    ICON,
    ICON_LARGE,
    NARROW,
    RADIUS,
    ROW_DENSE,
    TOP_BAR,
    XL,
    XS,
    L,
    M,
    S,
)
from zapdesk.ui.look.signs import LIVE, is_black_readable, monogram_letter, run_look
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.columns import COLUMN_TITLES, DAY_HEIGHT, column_widths, search_width
from zapdesk.ui.shell.by_hand import CENTRE, LEFT, RIGHT, PaintedByHand, size_of
from zapdesk.ui.times import day_number, day_text, duration_text, now_ms, started_text

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtGui import QPaintEvent

    from zapdesk.services.first_frame import Beginning, Glance, RunGlimpse

EMPTY_FORM = ("Choose an action on the left.", "Its form appears here.")
EMPTY_DETAIL = ("No run picked", "What was sent and what came back appears here.")
MIDDLE_TABS = ("Form", "Run detail")
BEGINNING = ("zapdesk", "Find an app, fill in an action, run it, see exactly what happened.")
WAYS = (
    ("Try the sandbox", "Real actions on this computer, without an account."),
    ("Sign in to Zapier", "Run actions of your own account: you agree in the browser."),
    ("Paste a token", "For whoever has an access token already."),
)
BEGINNING_WIDTH = 480
LOGO, LOGO_EDGE = 48, 3
"""The drawing has empty room around it, which is to stand beside the edge of the words."""
KINDS = ("Write", "Search", "Read")
STATES = ("All", "Waiting", "Success", "Error", "Unknown")
FIND_APPS, FIND_RUNS = "Find an app or action…", "Search runs…"

_EDGE, _DOT, _SCROLL_BAR = 3, 10, 12
_SEARCH_WIDTH, _SEARCH_HEIGHT, _SEARCH_INSET = 520, 32, 36
_LIST_TOP, _FOOT = 38, 30
_HISTORY_HEAD, _COLUMN_HEAD = 48, 29
_TAB_HEIGHT = 30
_BUTTON, _PAGE_EDGE = 36, 9
# The corners of the letter in zapdesk.svg, in its units.
_LETTER = (
    *((4.3, 6.1), (8.55, 6.1), (4.2, 10.1), (4.2, 11.8), (8.9, 11.8)),
    *((8.9, 9.9), (7.35, 9.9), (11.6, 5.9), (11.6, 4.2), (4.3, 4.2)),
)
_OPEN = frozenset({"submitting", "waiting"})
_RESOLVABLE = frozenset({"unknown", "lost"})


def title_of(profile_name: str, acts_for: str = "") -> str:
    """The window's title; a task bar shows the beginning."""
    name = one_line(profile_name, 60)
    return f"{name} {whom(acts_for)} — zapdesk" if acts_for else f"{name} — zapdesk"


def whom(acts_for: str) -> str:
    """For whom one acts, as the bar shows it; empty where it is oneself."""
    return f"for {one_line(acts_for, 40)}" if acts_for else ""


class FirstFrame(PaintedByHand):
    """Paints everything in one go."""

    def __init__(self, beginning: Beginning, glance: Glance, settings: QSettings) -> None:
        super().__init__(beginning.theme)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painter = painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.fill(QRect(0, 0, self.width(), self.height()), "background")
        self._paint_top_bar()
        if self._beginning.is_first_start:
            self._paint_beginning()
        else:
            whole = self._sizes["whole"]
            upper, runs = _shared(whole, self.height() - TOP_BAR - 1, whole)
            bottom = TOP_BAR + upper
            left, _ = _shared(self._sizes["upper"], self.width() - 1, (0, 1))
            self._paint_apps(QRect(0, TOP_BAR, left, upper))
            self.fill(QRect(left, TOP_BAR, 1, upper), "line")
            self._paint_middle(QRect(left + 1, TOP_BAR, self.width() - left - 1, upper))
            self.fill(QRect(0, bottom, self.width(), 1), "line")
            self._paint_history(QRect(0, bottom + 1, self.width(), runs))
        painter.end()

    # Areas

    def _paint_top_bar(self) -> None:
        profile = self._beginning.profile
        self.fill(QRect(0, 0, self.width(), TOP_BAR), "surface")
        self.fill(QRect(0, 0, self.width(), _EDGE), profile.colour)
        self.fill(QRect(0, TOP_BAR - 1, self.width(), 1), "line")
        if self._beginning.is_first_start:
            return
        name = one_line(profile.name, 40)
        self.painter.setFont(self.body)
        dot = QRectF(S + S, _EDGE + 6 + 9, _DOT, _DOT)
        self.round(dot, _DOT / 2, profile.colour)
        left = S + S + _DOT + S
        name_right = left + self.metrics.horizontalAdvance(name)
        self.text(QRect(left, 9, self.width(), 28), LEFT, name, "text")
        if profile.acts_for:
            text = whom(profile.acts_for)
            self.text(QRect(name_right + S, 9, self.width(), 28), LEFT, text, "muted")
            name_right += S + self.metrics.horizontalAdvance(text)
        if profile.is_live:
            strong = system_font("small", bold=True)
            width = self.use(strong).horizontalAdvance(LIVE) + 2 * (XS + 2)
            tag = QRect(name_right + S, _EDGE + 6 + 14 - 9, width, 18)
            self.round(QRectF(tag), 4, "waiting_soft")
            self.text(tag, CENTRE, LIVE, "waiting")
            self.painter.setFont(self.body)
            name_right += S + width
        chip_right = name_right + ICON + S + XS
        x = chip_right + S + L
        width = min(_SEARCH_WIDTH, (self.width() - x - 78) * 3 // 5)
        box = QRect(x, _EDGE + (TOP_BAR - _EDGE - _SEARCH_HEIGHT) // 2, width, _SEARCH_HEIGHT)
        self.framed(box, 2, RADIUS, "accent", "background")
        self.text(box.adjusted(_SEARCH_INSET, 0, 0, 0), LEFT, FIND_APPS, "muted")

    def _paint_apps(self, area: QRect) -> None:
        metrics = self.use(self.small)
        x = S
        for word in KINDS:
            chip = QRect(x, area.top() + S, size_of(metrics, word).width() + 22, 22)
            self.framed(chip, 1, 11, "line_strong", "background")
            self.text(chip, CENTRE, word, "muted")
            x += chip.width() + XS
        self.painter.save()
        room = area.adjusted(0, _LIST_TOP, 0, -_FOOT)
        self.painter.setClipRect(room)
        letters = system_font("small", bold=True)
        letters.setPixelSize(max(9, round(ICON_LARGE * 0.55)))
        rows = [
            (QRect(0, top, area.width(), ROW_DENSE), title, color)
            for top, (title, color) in zip(
                range(room.top(), room.bottom() + 1, ROW_DENSE), self._glance.apps, strict=False
            )
        ]
        self.painter.setFont(letters)
        for rect, title, color in rows:
            self._paint_tile(rect, title, color)
        self.painter.setFont(self.body)
        bar = _SCROLL_BAR if len(self._glance.apps) * ROW_DENSE > room.height() else 0
        left = S + ICON + XS + ICON_LARGE + S
        for rect, title, _ in rows:
            where = rect.adjusted(left, 0, -bar - M, 0)
            self.text(where, LEFT, self.shortened(one_line(title), where.width()), "text")
        self.painter.restore()

    def _paint_tile(self, rect: QRect, title: str, hex_color: str) -> None:
        color = QColor(hex_color if hex_color.startswith("#") else f"#{hex_color}")
        if not color.isValid():
            color = QColor(self.tokens["not_sent"])
        middle = rect.top() + ROW_DENSE // 2
        chevron = QPainterPath()
        chevron.moveTo(S + 5.6, middle - 4.9)
        for x, y in ((6.5, -5), (11.5, 0), (6.5, 5), (5.6, 4.9), (5.5, 4), (9.5, 0), (5.5, -4)):
            chevron.lineTo(S + x, middle + y)
        self.painter.fillPath(chevron, self.brush("muted"))
        tile = QRect(S + ICON + XS, middle - ICON_LARGE // 2, ICON_LARGE, ICON_LARGE)
        self.framed(tile, 1, ICON_LARGE / 5, "line", color.name())
        is_black = is_black_readable(color.redF(), color.greenF(), color.blueF())
        ink = "black" if is_black else "white"
        self.text(tile, CENTRE, monogram_letter(title), ink)

    def _paint_middle(self, area: QRect) -> None:
        self.fill(area, "surface")
        if self.width() < NARROW:
            self._paint_tabs(area)
            self._paint_empty(area.adjusted(0, _TAB_HEIGHT + 1, 0, 0), *EMPTY_FORM)
            return
        form, detail = _shared(self._sizes["middle"], area.width() - 1, (0, 1))
        edge = area.left() + form
        self.fill(QRect(edge, area.top(), 1, area.height()), "line")
        self._paint_empty(QRect(area.left(), area.top(), form, area.height()), *EMPTY_FORM)
        self._paint_empty(QRect(edge + 1, area.top(), detail, area.height()), *EMPTY_DETAIL)

    def _paint_tabs(self, area: QRect) -> None:
        """The two tabs of a narrow window, the form in front."""
        self.painter.setFont(self.body)
        x = area.left()
        for number, word in enumerate(MIDDLE_TABS):
            tab = QRect(x, area.top(), size_of(self.metrics, word).width() + 24, _TAB_HEIGHT)
            self.text(tab.adjusted(0, 0, 0, -1), CENTRE, word, "muted" if number else "text")
            if number == 0:
                self.fill(QRect(x + 2, tab.bottom() - 1, tab.width() - 4, 2), "accent")
            x += tab.width()
        self.fill(QRect(area.left(), area.top() + _TAB_HEIGHT, area.width(), 1), "line")

    def _paint_beginning(self) -> None:
        """The page of a first start: where it stands follows from the heights of its texts."""
        title = system_font("title", bold=True)
        strong = system_font(bold=True)
        large = size_of(self.use(title), BEGINNING[0]).height()
        line, note = (size_of(self.use(font), "z").height() for font in (self.body, self.small))
        ways = len(WAYS) * (_BUTTON + XS + note + L)
        needed = LOGO + L + large + XS + line + XL + ways
        free = self.height() - TOP_BAR - 2 * _PAGE_EDGE - needed
        x, width = (self.width() - BEGINNING_WIDTH) // 2, BEGINNING_WIDTH
        y = TOP_BAR + _PAGE_EDGE - -free * 2 // 5  # rounded up
        self._paint_logo(x - LOGO_EDGE, y)
        y += LOGO + L
        self.painter.setFont(title)
        self.text(QRect(x, y, width, large), LEFT, BEGINNING[0], "text")
        y += large + XS
        self.painter.setFont(self.body)
        self.text(QRect(x, y, width, line), LEFT, BEGINNING[1], "muted")
        y += line + XL
        for number, (word, sentence) in enumerate(WAYS):
            button = QRect(x, y, width, _BUTTON)
            if number == 0:  # it has the focus
                self.framed(button, 2, RADIUS, "text", "accent")
            else:
                self.framed(button, 1, RADIUS, "control_line", "raised")
            self.painter.setFont(self.body if number else strong)
            self.text(button, CENTRE, word, "text" if number else "accent_text")
            y += _BUTTON + XS
            self.painter.setFont(self.small)
            self.text(QRect(x, y, width, note), LEFT, sentence, "muted")
            y += note + L

    def _paint_logo(self, x: int, y: int) -> None:
        unit = LOGO / 16
        self.round(QRectF(x + unit, y + unit, 14 * unit, 14 * unit), 3.5 * unit, "accent")
        letter = QPainterPath()
        letter.moveTo(x + 4.3 * unit, y + 4.2 * unit)
        for right, down in _LETTER:
            letter.lineTo(x + right * unit, y + down * unit)
        self.painter.fillPath(letter, self.brush("background"))
        dot = QRectF(x + 10.45 * unit, y + 9.7 * unit, 2.3 * unit, 2.3 * unit)
        self.round(dot, 1.15 * unit, "background")

    def _paint_empty(self, area: QRect, title: str, sentence: str) -> None:
        """The two lines of an EmptyState, where they fit into one line each."""
        font = system_font("large", bold=True)
        metrics = self.use(font)
        room = area.width() - 2 * L
        heading, line = size_of(metrics, title), size_of(self.metrics, sentence)
        first, second = heading.height(), line.height()
        free = area.height() - 2 * L - (24 + S + XS + first + XS + second + M)
        if free < 0 or max(heading.width(), line.width()) > room:
            return
        top = area.top() + L + round(free * 2 / 5) + 24 + S + XS
        self.text(QRect(area.left() + L, top, room, first), CENTRE, title, "text")
        self.painter.setFont(self.body)
        top += first + XS
        self.text(QRect(area.left() + L, top, room, second), CENTRE, sentence, "muted")

    def _paint_history(self, area: QRect) -> None:
        self.fill(area, "surface")
        self.painter.setFont(self.body)
        box = QRect(M, area.top() + S, search_width(area.width()), _SEARCH_HEIGHT)
        self.framed(box, 1, RADIUS, "control_line", "surface")
        self.text(box.adjusted(_SEARCH_INSET, 0, 0, 0), LEFT, FIND_RUNS, "muted")
        x = box.right() + 1 + S + XS
        for number, word in enumerate(STATES):
            chip = QRect(x, area.top() + M, size_of(self.metrics, word).width() + 24, 24)
            if number == 0:
                self.round(QRectF(chip).adjusted(1, 1, -1, -1), 11, "selected")
            self.text(chip, CENTRE, word, "text" if number == 0 else "muted")
            x += chip.width() + XS
        self.fill(QRect(0, area.top() + _HISTORY_HEAD, area.width(), 1), "line")
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
        self.painter.setFont(self.small)
        for number, (title, x, room) in enumerate(zip(COLUMN_TITLES, edges, widths, strict=True)):
            inset = M if number == 0 else S
            where = QRect(x + inset, area.top(), room - inset - S, _COLUMN_HEAD - 1)
            self.text(where, RIGHT if number == 5 else LEFT, title, "muted")
        self.fill(QRect(0, area.top() + _COLUMN_HEAD - 1, width, 1), "line")
        top = area.top() + _COLUMN_HEAD
        for run, is_start in zip(runs, starts, strict=True):
            if top > area.bottom():
                break
            if is_start:
                self.painter.setFont(system_font("small", bold=True))
                where = QRect(S + XS, top + S, width, DAY_HEIGHT - S - XS)
                self.text(where, LEFT, day_text(run.created_ms, now), "muted")
                self.fill(QRect(0, top + DAY_HEIGHT - 1, width, 1), "line")
                self.painter.setFont(self.body)
                top += DAY_HEIGHT
            for number, (text, color) in enumerate(_cells(run, now)):
                inset = S + XS + ICON + S - 2 if number == 0 else S
                room = widths[number] - inset - S
                where = QRect(edges[number] + inset, top, room, ROW_DENSE)
                if text:
                    shown = self.shortened(one_line(text, 500), room)
                    self.text(where, RIGHT if number == 5 else LEFT, shown, color)
            top += ROW_DENSE


def _cells(run: RunGlimpse, now: int) -> tuple[tuple[str, str], ...]:
    """Texts and colours of a row. What takes more than the row to know is left to the table."""
    look = run_look(run.status, run.headline)
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
