"""Labels for words that come from elsewhere: they wrap, and never make what they are in wider."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy

from zapdesk.ui.look.fonts import FontSize
from zapdesk.ui.parts import PlainLabel


def wrapped(
    text: str = "",
    *,
    size: FontSize = "body",
    tone: str = "text",
    bold: bool = False,
    mono: bool = False,
    selectable: bool = False,
) -> PlainLabel:
    """A label of any length; a word that is longer than the line is cut off by it."""
    label = PlainLabel(
        text, size=size, tone=tone, bold=bold, mono=mono, wrap=True, selectable=selectable
    )
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label
