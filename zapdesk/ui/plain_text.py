"""Text from a server, made safe to look at. No Qt here.

What cannot be seen, or could make a text read as another one (control characters, bidirectional
overrides, lone surrogates), is written out as ``⟨U+202E⟩``.
"""

from __future__ import annotations

import re

# C0 and C1 controls but for tab and newline; line and paragraph separators, which a label would
# break at; bidirectional marks, embeddings, overrides and isolates; the byte order mark and other
# characters without any width; interlinear annotation; surrogates that lost their partner; tags.
# Joiners (U+200C, U+200D) and variation selectors stay: scripts and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible_text(text: str, limit: int | None = None) -> str:
    """``text`` with hidden characters written out, at most ``limit`` characters long.

    A longer text is cut before it is worked on, and ends in ``…``.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    return _HIDDEN.sub(_written_out, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int | None = None) -> str:
    """As ``visible_text``, with every run of white space made one space: for rows and titles."""
    if limit is not None:
        text = text[: limit * 2]
    return visible_text(" ".join(text.split()), limit)


def _written_out(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match.group()):04X}⟩"
