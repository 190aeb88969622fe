"""What a support ticket says about the computer: versions and kinds, listed here one by one.

Nothing else is ever taken: no names of people, computers or folders, no settings, no environment.
"""

from __future__ import annotations

import locale
import os
import platform
import time

from zapdesk import __version__

_LIBRARIES = ("httpx", "msgspec", "apsw", "PySide6-Essentials", "keyring")
_SESSIONS = frozenset({"x11", "wayland", "tty"})


def environment() -> tuple[tuple[str, str], ...]:
    """The facts, as (name, value)."""
    facts = [
        ("zapdesk", __version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("System", f"{_system()}, {platform.machine()}"),
        ("Display", _session()),
        ("Time zone", _zone()),
        ("Text encoding", locale.getpreferredencoding(False)),
        *((name, _version(name)) for name in _LIBRARIES),
    ]
    return tuple((name, value) for name, value in facts if value)


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        name = ""
    return f"{name or platform.system()} ({platform.system()} {platform.release()})"


def _session() -> str:
    kind = os.environ.get("XDG_SESSION_TYPE", "")
    return kind if kind in _SESSIONS else "unknown"


def _zone() -> str:
    minutes = time.localtime().tm_gmtoff // 60
    return f"UTC{minutes // 60:+03d}:{abs(minutes) % 60:02d}"


def _version(name: str) -> str:
    from importlib import metadata  # 20 ms, for tickets alone

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
