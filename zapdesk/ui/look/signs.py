"""How states and apps are told apart by sight, as plain values. Imported before the first frame."""

from __future__ import annotations

from typing import NamedTuple

from zapdesk.domain.result_words import SAYS

LIVE = "LIVE"
"""The mark of a live profile."""


class StatusLook(NamedTuple):
    """How a run's status is drawn: always all three together."""

    word: str
    icon: str
    token: str


_WAITING = StatusLook("Waiting", "waiting", "waiting")
_PROCESSED = StatusLook("Processed", "warning", "waiting")
_UNKNOWN = StatusLook("Unknown", "unknown", "unknown")

STATUS_LOOKS: dict[str, StatusLook] = {
    "submitting": _WAITING,
    "waiting": _WAITING,
    "success": StatusLook("Success", "success", "success"),
    "error": StatusLook("Error", "failed", "error"),
    "unknown": _UNKNOWN,
    "lost": _UNKNOWN,
    "refused": StatusLook("Refused", "refused", "refused"),
    "not_sent": StatusLook("Not sent", "not-sent", "not_sent"),
}


def status_look(status: str) -> StatusLook:
    """The look of a run status. One that is not known is drawn as unknown, never as success."""
    return STATUS_LOOKS.get(status, _UNKNOWN)


def run_look(status: str, headline: str) -> StatusLook:
    """The look of a run in a list. Processed is not done: there is no tick where the result
    itself speaks of a failure."""
    if status == "success" and headline.startswith(SAYS):
        return _PROCESSED
    return status_look(status)


def monogram_letter(title: str) -> str:
    """What stands for an app that has no image."""
    found = next((character for character in title if character.isalnum()), "?")
    return found.upper()[0]


def is_black_readable(red: float, green: float, blue: float) -> bool:
    """Whether black can be read better than white on a colour (WCAG relative luminance); its
    parts go from 0 to 1."""
    parts = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (red, green, blue)
    )
    light = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
    return (light + 0.05) / 0.05 > 1.05 / (light + 0.05)
