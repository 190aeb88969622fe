"""Logging: one set-up, one rotating file, everything through the redactor.

Modules use ``logging.getLogger(__name__)``; nobody configures logging elsewhere.
"""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from zapdesk.redaction import REDACTOR

FILE_NAME = "zapdesk.log"
_MAX_BYTES = 2 * 1024 * 1024
_BACKUPS = 3


class _RedactingFormatter(logging.Formatter):
    """Formats a record and hides what is secret in it, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return REDACTOR.text(super().format(record))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        descriptor = _private(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        file = os.fdopen(descriptor, "ab")
        return TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def set_up(folder: Path, level: int = logging.INFO) -> None:
    """Log to ``folder``/zapdesk.log. Raises ``OSError`` where the file cannot be written."""
    root = logging.getLogger()
    handler = _PrivateFileHandler(folder / FILE_NAME, maxBytes=_MAX_BYTES, backupCount=_BACKUPS)
    handler.setFormatter(
        _RedactingFormatter("%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s")
    )
    root.addHandler(handler)
    root.setLevel(level)
    # httpx logs whole URLs at INFO, query secrets included.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
