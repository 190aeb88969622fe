"""Opening an address outside the program. Every link of the interface goes through here.

Only https, to a host that is shown as it really is; hosts that are not known ask first. What
zapdesk itself leads to may be on this computer, or on the profile's own server.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from PySide6.QtWidgets import QWidget

from zapdesk.domain.profiles import origin
from zapdesk.errors import InvalidInput
from zapdesk.ui.notices import confirm

_OWN = (("http", "127.0.0.1"), ("http", "localhost"), ("http", "::1"))
_KNOWN = ("zapier.com", "qt.io", "python.org", "gnu.org", "opensource.org")


def checked_link(address: str) -> SplitResult:
    """The parts of an address that may be opened, its host in ASCII (punycode).

    Raises InvalidInput for anything but https to a named host: files, scripts, shares, other
    schemes, user names before the host, ports out of range, control characters, backslashes.
    """
    refusal = InvalidInput(
        "This link was not opened.", "Only https addresses are opened from here."
    )
    if not address.isprintable() or "\\" in address or " " in address or len(address) > 8_192:
        raise refusal
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        raise refusal from None
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise refusal
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise refusal from None
    return parts._replace(netloc=ascii_host + (f":{parts.port}" if parts.port else ""))


def needs_consent(parts: SplitResult) -> bool:
    """Whether the host is none that zapdesk itself links to."""
    host = (parts.hostname or "").rstrip(".")
    return not any(host == known or host.endswith("." + known) for known in _KNOWN)


def open_page(address: str) -> bool:
    """Ask the system to open a page that zapdesk made the address of, without asking a person.

    https, or a page on this computer. True does not mean that a browser appeared.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) not in _OWN:
        return False
    return _open(address)


async def safe_open(
    address: str, parent: QWidget, sentence: str = "The link leads to {host}, outside Zapier."
) -> bool | None:
    """Open ``address`` in the browser, after asking with ``sentence`` where its host is not a
    known one.

    Says whether a browser took it; ``None`` where the person does not want it. Raises
    InvalidInput for an address that is never opened.
    """
    parts = checked_link(address)
    host = parts.hostname or ""
    if needs_consent(parts) and not await confirm(
        parent, f"Open {host}?", sentence.replace("{host}", host), "Open"
    ):
        return None
    return _open(parts.geturl())


async def open_servers_page(
    address: str, base_url: str, parent: QWidget, sentence: str
) -> bool | None:
    """As ``safe_open``, but for a page on the profile's own server, which may be on this computer
    and is not asked about."""
    try:
        is_own = origin(address) == origin(base_url)
    except InvalidInput:
        is_own = False
    return _open(address) if is_own else await safe_open(address, parent, sentence)


def _open(address: str) -> bool:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    from zapdesk.services.network import note_opening

    note_opening(address)
    return QDesktopServices.openUrl(QUrl(address))
