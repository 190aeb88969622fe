"""Sizes in logical pixels: the 4 px grid everything is laid out on. No colours, no Qt."""

from __future__ import annotations

XS, S, M, L, XL, XXL = 4, 8, 12, 16, 24, 32
"""The steps of space."""

RADIUS = 6
ROW_DENSE = 28
ROW = 34
ICON = 16
ICON_LARGE = 20
FIELD_MAX_WIDTH = 640
TOP_BAR = 44
TITLE_BAR = 28
"""What the system may put above a window."""

FONT_PIXELS = {"small": 11, "body": 13, "large": 15, "title": 20}
"""Text sizes at 100 %."""
NARROW = 1100
"""Below this width of the window the run detail becomes a tab."""
