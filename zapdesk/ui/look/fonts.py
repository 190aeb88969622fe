"""The fonts of the interface: the system's, in four sizes. Imported before the first frame."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase

from zapdesk.ui.look.metrics import FONT_PIXELS

FontSize = Literal["small", "body", "large", "title"]


def system_font(size: FontSize = "body", *, bold: bool = False) -> QFont:
    """The system's font in one of the four sizes; figures are all of one width."""
    font = QFont(_base_font())
    font.setPixelSize(FONT_PIXELS[size])
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


@cache
def _base_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
