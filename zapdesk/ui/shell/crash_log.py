"""What went wrong inside this program, kept for its next start.

One file, ``session.txt``, exists while a window runs. Python's faulthandler writes into it when
the process dies, the hooks write every exception nobody caught (redacted). A clean end removes
it; a next start that finds it knows how the last one ended. Reports never leave the computer.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

from zapdesk import __version__

_logger = logging.getLogger(__name__)

_SESSION = "session.txt"
_STALLS = "stalls.txt"
_MOST_ENTRIES = 20
_LONGEST_STALLS = 1_000_000
_STALL_SECONDS = 2
_HEADER_END = "\n--\n"


@dataclass(frozen=True, slots=True)
class LastSession:
    """How an earlier session ended that did not end well.

    ``report`` is empty where the process was ended from outside (killed, power cut).
    """

    started: str
    report: str


class CrashLog:
    """The file of this session and the hooks that fill it. ``close`` is a clean end."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _SESSION
        self._stalls_path = folder / _STALLS
        self._entries: set[str] = set()
        self._on_bug: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self.last = _read(self._path)
        self._file = _open(self._path, "w")
        self._stalls = _open(
            self._stalls_path, "w" if _size(self._stalls_path) > _LONGEST_STALLS else "a"
        )
        self._file.write(
            f"zapdesk {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n"
            f"{time.strftime('%Y-%m-%d %H:%M:%S')}{_HEADER_END}"
        )
        self._file.flush()
        faulthandler.enable(self._file, all_threads=True)
        self._hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
        sys.excepthook = self._on_exception
        sys.unraisablehook = self._on_unraisable
        threading.excepthook = self._on_thread_exception

    def on_bug(self, tell: Callable[[], None]) -> None:
        """Call ``tell``, on whatever thread it happens, after each new exception nobody caught."""
        self._on_bug = tell

    def record(self, where: str, error: BaseException) -> None:
        """Keep an exception nobody caught.

        The same one is told of once: one in a paintEvent comes back with every repaint.
        """
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        text = _redacted("".join(traceback.format_exception(error)))
        if self._is_new(where, text):
            _logger.error("a bug, %s: %s", where, text)
            self._on_bug()

    def record_text(self, where: str, text: str) -> None:
        """Keep a message that has no exception."""
        if self._is_new(where, _redacted(text)):
            _logger.error("%s: %s", where, text)

    def on_loop_error(self, _loop: Any, context: dict[str, Any]) -> None:
        """The event loop's exception handler."""
        error = context.get("exception")
        where = str(context.get("message") or "in the event loop")
        if isinstance(error, BaseException):
            self.record(where, error)
        else:
            self.record_text("in the event loop", where)

    def still_alive(self) -> None:
        """Called from the GUI thread every second; silent for two, all stacks are written down."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.dump_traceback_later(_STALL_SECONDS, file=self._stalls)

    def close(self) -> None:
        """A clean end: take the hooks away; keep the file only where a bug was met."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        sys.excepthook, sys.unraisablehook, threading.excepthook = self._hooks
        self._file.close()
        self._stalls.close()
        if not self._entries:
            self._path.unlink(missing_ok=True)

    def _is_new(self, where: str, text: str) -> bool:
        """Write an entry down, unless it is there already or there are enough."""
        with self._lock:
            if text in self._entries or len(self._entries) >= _MOST_ENTRIES:
                return False
            self._entries.add(text)
            # A full disk or a closed file must not turn one error into an endless row of them.
            with suppress(OSError, ValueError):
                self._file.write(f"{time.strftime('%H:%M:%S')} {where}\n{text}\n")
                self._file.flush()
            return True

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, _where: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, _where)
            return
        self.record("in the window", error)

    def _on_unraisable(self, unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_value is not None:
            self.record(unraisable.err_msg or "while cleaning up", unraisable.exc_value)

    def _on_thread_exception(self, details: threading.ExceptHookArgs) -> None:
        if details.exc_value is not None:
            name = details.thread.name if details.thread else "a thread"
            self.record(f"in {name}", details.exc_value)


def _redacted(text: str) -> str:
    from zapdesk.redaction import REDACTOR  # a start that goes well does without it

    return REDACTOR.text(text)


def _read(path: Path) -> LastSession | None:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return None
    header, _, report = text.partition(_HEADER_END)
    report = report.strip()
    whole = _redacted(f"{header}\n\n{report}") if report else ""
    return LastSession(header.rpartition("\n")[2], whole)


def _open(path: Path, mode: Literal["w", "a"]) -> TextIO:
    def private(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)

    return open(  # kept open for the session; Path.open takes no opener
        path, mode, encoding="utf-8", errors="backslashreplace", opener=private
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
