"""The application object of Qt, and where Qt's own messages go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from zapdesk.ui.shell.crash_log import CrashLog

_logger = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
}


class Application(QApplication):
    """Asked to quit, it closes its windows: only the event loop's owner ends the event loop."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self.setApplicationName("zapdesk")
        self.setApplicationDisplayName("zapdesk")
        self.setDesktopFileName("zapdesk")
        self.setQuitOnLastWindowClosed(False)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Quit:
            self.closeAllWindows()
            return True
        return super().event(event)


def install_message_handler(crash_log: CrashLog, on_no_platform: Callable[[str], object]) -> None:
    """Send Qt's messages to the log.

    Qt ends the process after a fatal message; before an application exists there is one reason
    for that, which is told to ``on_no_platform``.
    """

    def receive(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind is not QtMsgType.QtFatalMsg:
            if not QApplication.startingUp():  # while it does, a fatal message says it all
                _logger.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)
        elif QApplication.startingUp():
            on_no_platform(" ".join(text.split()))
        else:
            crash_log.record_text("in Qt", text)

    qInstallMessageHandler(receive)


def remove_message_handler() -> None:
    """Before the interpreter goes: Qt would call into it."""
    qInstallMessageHandler(None)
