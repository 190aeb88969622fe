"""Small widgets that every area is put together from. They hold looks, never rules."""

from zapdesk.ui.look.signs import STATUS_LOOKS, StatusLook, run_look, status_look
from zapdesk.ui.parts.buttons import Button, DisclosureButton, IconButton
from zapdesk.ui.parts.inputs import CheckBox, ComboBox, SearchBox
from zapdesk.ui.parts.labels import HLine, IconLabel, PlainLabel, SectionHeader
from zapdesk.ui.parts.marks import (
    KIND_WORDS,
    KindTag,
    Monogram,
    StatusMark,
    kind_word,
    paint_monogram,
    paint_tag,
    readable_on,
    tag_width,
)
from zapdesk.ui.parts.rows import button_row, clear_layout
from zapdesk.ui.parts.states import EmptyState, SkeletonRows, ThinProgress

__all__ = [
    "KIND_WORDS",
    "STATUS_LOOKS",
    "Button",
    "CheckBox",
    "ComboBox",
    "DisclosureButton",
    "EmptyState",
    "HLine",
    "IconButton",
    "IconLabel",
    "KindTag",
    "Monogram",
    "PlainLabel",
    "SearchBox",
    "SectionHeader",
    "SkeletonRows",
    "StatusLook",
    "StatusMark",
    "ThinProgress",
    "button_row",
    "clear_layout",
    "kind_word",
    "paint_monogram",
    "paint_tag",
    "readable_on",
    "run_look",
    "status_look",
    "tag_width",
]
