"""TimingBar: where the time of an exchange went, as a bar of its phases with their names."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from zapdesk.domain.exchanges import Exchange
from zapdesk.ui.look.metrics import XS, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.times import duration_text

_BAR = 6
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of an exchange: a word, how long it lasted in ms, the token of its colour."""

    word: str
    lasted_ms: float
    token: str


def phases(exchange: Exchange) -> tuple[Phase, ...]:
    """The phases that are known: connecting, sending, waiting for the first byte, receiving."""
    ends = (
        ("connect", exchange.connected_ms, "muted"),
        ("send", exchange.sent_ms, "accent"),
        ("wait", exchange.first_byte_ms, "waiting"),
        ("receive", exchange.ended_ms, "success"),
    )
    found, before = [], 0.0
    for word, end, token in ends:
        if end is not None:
            found.append(Phase(word, max(end - before, 0.0), token))
            before = max(end, before)
    if exchange.status is None and found:
        last = found.pop()
        word = "no answer" if last.word == "receive" else last.word
        found.append(Phase(word, last.lasted_ms, "error"))
    return tuple(found)


class TimingBar(QWidget):
    """Draws the phases of one exchange; tells them as text to those who cannot see it."""

    def __init__(self) -> None:
        super().__init__()
        self._phases: tuple[Phase, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_exchange(self, exchange: Exchange | None) -> None:
        self._phases = () if exchange is None else phases(exchange)
        told = ", ".join(f"{p.word} {duration_text(p.lasted_ms)}" for p in self._phases)
        self.setAccessibleName(f"Timing: {told}" if told else "Timing")
        self.setVisible(bool(self._phases))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, _BAR + XS + QFontMetrics(theme().font("small")).height() + XS)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        total = sum(phase.lasted_ms for phase in self._phases) or 1.0
        left, metrics = 0.0, QFontMetrics(theme().font("small"))
        for phase in self._phases:
            width = max(phase.lasted_ms / total * self.width(), _LEAST)
            painter.fillRect(QRectF(left, 0, max(width - 1, 1), _BAR), theme().color(phase.token))
            left += width
        painter.setFont(theme().font("small"))
        place = 0
        for phase in self._phases:
            told = f"{phase.word} {duration_text(phase.lasted_ms)}"
            needed = _BAR + XS + metrics.horizontalAdvance(told)
            if place + needed > self.width():
                break
            middle = _BAR + XS + metrics.height() // 2
            painter.fillRect(
                QRectF(place, middle - _BAR / 2, _BAR, _BAR), theme().color(phase.token)
            )
            painter.setPen(theme().color("muted"))
            painter.drawText(place + _BAR + XS, _BAR + XS + metrics.ascent(), told)
            place += needed + S + XS
        painter.end()
