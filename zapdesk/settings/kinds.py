"""What a setting's value may be, how it is written in a terminal, and how that is said in words.

A value of the file or of a person goes through ``taken`` and comes out as it is used, or raises
``ValueError``, with words of its own where ``words`` do not say what is wrong. ``is_quotable``
tells whether a value that was not taken may be repeated: an address may hold a password.
"""

from __future__ import annotations

from pathlib import Path

_ON = frozenset({"true", "on", "yes"})
_OFF = frozenset({"false", "off", "no"})


class Kind:
    """The common part. ``words`` completes the sentence *theme is …*."""

    words = ""
    is_quotable = True

    def taken(self, value: object) -> object:
        raise NotImplementedError

    def of_text(self, text: str) -> object:
        """What a person wrote in a terminal, still to be taken."""
        return text

    def to_text(self, value: object) -> str:
        """A value that was taken, as ``of_text`` reads it."""
        return str(value)


class Choice(Kind):
    """One of a few words; ``options`` maps them to how they are shown."""

    def __init__(self, **options: str) -> None:
        self.options = options
        self.words = "one of " + ", ".join(options)

    def taken(self, value: object) -> object:
        if not isinstance(value, str) or value not in self.options:
            raise ValueError
        return value


class Switch(Kind):
    """On or off."""

    words = "true or false"

    def taken(self, value: object) -> object:
        if not isinstance(value, bool):
            raise ValueError
        return value

    def of_text(self, text: str) -> object:
        word = text.strip().lower()
        return True if word in _ON else False if word in _OFF else text

    def to_text(self, value: object) -> str:
        return "true" if value else "false"


class Whole(Kind):
    """A whole number of ``unit``; ``zero`` says what 0 means where it is no amount."""

    def __init__(self, low: int, high: int, unit: str, zero: str = "") -> None:
        self.low, self.high, self.unit, self.zero = low, high, unit, zero
        means = f", which {zero}," if zero else ""
        self.words = f"a whole number from {low}{means} to {high:,}"

    def taken(self, value: object) -> object:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not self.low <= value <= self.high:  # type: ignore[operator]  # is_whole
            raise ValueError
        return value

    def of_text(self, text: str) -> object:
        digits = text.strip().replace(",", "").replace("_", "")
        try:
            number = float(digits)
        except ValueError:
            return text
        return int(number) if number.is_integer() else text


class Names(Kind):
    """Several short texts without spaces, such as host names."""

    def __init__(self, what: str) -> None:
        self.words = f"a list of {what}"

    def taken(self, value: object) -> object:
        if not isinstance(value, list | tuple) or not all(map(_is_name, value)):
            raise ValueError
        return tuple(value)

    def of_text(self, text: str) -> object:
        return text.replace(",", " ").split()

    def to_text(self, value: object) -> str:
        return ", ".join(value) if isinstance(value, tuple) else ""


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and value.split() == [value]


class FileName(Kind):
    """A file by its whole path, or none."""

    words = "the whole path of a file, or empty"

    def taken(self, value: object) -> object:
        if not isinstance(value, str) or not value.isprintable():
            raise ValueError
        if value and not Path(value).expanduser().is_absolute():
            raise ValueError
        return value

    def of_text(self, text: str) -> object:
        name = text.strip()
        return str(Path(name).expanduser().absolute()) if name else ""


class FolderName(FileName):
    """A folder by its whole path, or none."""

    words = "the whole path of a folder, or empty"


class ProxyAddress(Kind):
    """None, the system's, or an address. Name and password for it are kept elsewhere."""

    words = (
        "none, system, or an address such as http://proxy.example:8080 or socks5://127.0.0.1:1080"
    )
    is_quotable = False
    _SCHEMES = ("http", "https", "socks5")

    def taken(self, value: object) -> object:
        if not isinstance(value, str):
            raise ValueError
        if value in ("none", "system"):
            return value
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(value if "://" in value else f"http://{value}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError from None
        if "@" in parts.netloc:
            raise ValueError(
                "holds no name and password: they are asked for apart, and kept in the"
                " system's keyring"
            )
        rest = parts.path.rstrip("/") or parts.query or parts.fragment
        if not host or not _is_name(value) or parts.scheme not in self._SCHEMES or rest:
            raise ValueError
        shown = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")

    def of_text(self, text: str) -> object:
        return text.strip()
