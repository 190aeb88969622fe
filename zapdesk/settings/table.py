"""The table of settings: the one place that names them, for the window, the command line and the
file.

A row is a field of ``Settings``, which has its default. ``page`` is where the window shows it.
"""

from __future__ import annotations

from typing import NamedTuple

from zapdesk.settings.kinds import Choice, Kind, Switch, Whole

PAGES = {
    "appearance": "Appearance",
    "notices": "Notices",
    "network": "Network",
    "storage": "Storage",
}


class Setting(NamedTuple):
    """``name`` is its key in the file and on the command line; ``sentence`` says what it does."""

    name: str
    page: str
    title: str
    sentence: str
    kind: Kind

    def taken(self, value: object) -> object:
        """``value`` as it is used. Raises ``ValueError`` with a sentence where it cannot be."""
        try:
            return self.kind.taken(value)
        except ValueError:
            shown = f", not {value!r}" if self.kind.is_quotable else ""
            raise ValueError(f"{self.name} is {self.kind.words}{shown}") from None

    def of_text(self, text: str) -> object:
        """What a person wrote, as it is used. Raises ``ValueError`` with a sentence."""
        return self.taken(self.kind.of_text(text))


SETTINGS = {
    row.name: row
    for row in (
        Setting(
            "theme",
            "appearance",
            "Theme",
            "The colours of the window. Following the system changes with it while zapdesk runs.",
            Choice(system="Follow the system", light="Light", dark="Dark"),
        ),
        Setting(
            "notifications",
            "notices",
            "Notify when a run ends",
            "A notice on the desktop when a run ends and the window is not in front.",
            Switch(),
        ),
        Setting(
            "offline",
            "network",
            "Work offline",
            "zapdesk opens no connection, not to the sandbox either. What was saved can be read.",
            Switch(),
        ),
        Setting(
            "keep_days",
            "storage",
            "Keep runs for",
            "Older runs are dropped from the history. Pinned and known good ones stay.",
            Whole(0, 1_000_000, "days", zero="keeps everything"),
        ),
        Setting(
            "keep_megabytes",
            "storage",
            "Keep runs up to",
            "While runs take more than this, the oldest are dropped. Pinned and known good ones"
            " stay.",
            Whole(0, 1_000_000, "MB", zero="keeps everything"),
        ),
    )
}
