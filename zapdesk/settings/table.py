"""The table of settings: the one place that names them, for the window, the command line and the
file.

A row is a field of ``Settings``, which has its default. ``page`` is where the window shows it.
"""

from __future__ import annotations

from typing import NamedTuple

from zapdesk.settings.kinds import (
    Choice,
    FileName,
    FolderName,
    Kind,
    Names,
    ProxyAddress,
    Switch,
    Whole,
)

PAGES = {
    "general": "General",
    "appearance": "Appearance",
    "network": "Network",
    "privacy": "Privacy",
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
        except ValueError as error:
            shown = f", not {value!r}" if self.kind.is_quotable else ""
            words = str(error) or f"is {self.kind.words}{shown}"
            raise ValueError(f"{self.name} {words}") from None

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
            "general",
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
            "proxy",
            "network",
            "Proxy",
            "What leads out of this network. The system's are those of its settings and of"
            " HTTPS_PROXY; automatic scripts (PAC) are not read.",
            ProxyAddress(),
        ),
        Setting(
            "proxy_exceptions",
            "network",
            "Reached directly",
            "Hosts that are reached without the proxy: example.com with all below it, 10.0.0.0/8."
            " This computer always is.",
            Names("hosts and networks"),
        ),
        Setting(
            "ca_file",
            "network",
            "Certificate authority",
            "A PEM file of authorities to trust besides the system's, such as your company's.",
            FileName(),
        ),
        Setting(
            "connect_seconds",
            "network",
            "Give up connecting after",
            "How long a connection to a server may take to come about.",
            Whole(1, 120, "seconds"),
        ),
        Setting(
            "read_seconds",
            "network",
            "Give up reading after",
            "How long an answer may take that only tells something; it is asked for again.",
            Whole(5, 600, "seconds"),
        ),
        Setting(
            "send_seconds",
            "network",
            "Give up sending after",
            "How long the answer to a run may take. After that nobody knows whether it runs, so a"
            " long time is the safe one.",
            Whole(10, 600, "seconds"),
        ),
        Setting(
            "calls_a_minute",
            "network",
            "Calls a minute",
            "How many calls a profile makes at most. Zapier stops answering for a minute above 60."
            " The sandbox has no limit.",
            Whole(5, 60, "calls"),
        ),
        Setting(
            "notice_details",
            "privacy",
            "Notices name the app and the action",
            "Others may see the screen. Without it a notice only says that a run has ended.",
            Switch(),
        ),
        Setting(
            "clipboard_seconds",
            "privacy",
            "Secrets stay on the clipboard for",
            "A password that you revealed and copied is taken off the clipboard after that.",
            Whole(5, 600, "seconds"),
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
        Setting(
            "backup_folder",
            "storage",
            "Folder for backups",
            "Where saving a backup of the log begins. Nothing is saved there by itself.",
            FolderName(),
        ),
    )
}
