"""The one way onto the clipboard: live secrets are hidden in what is copied.

A secret gets there only where a person revealed it and copies it. It is marked, so that programs
that keep a history of the clipboard leave it out, and taken away again after a while.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

from zapdesk.redaction import REDACTOR, Guess

SECRET_STAYS_MS = 60_000
HINT = "x-kde-passwordManagerHint"  # Klipper and others look at it


def secrets_stay(seconds: int) -> None:
    """Leave secrets that are copied from now on there for so long. There is one clipboard."""
    global SECRET_STAYS_MS
    SECRET_STAYS_MS = seconds * 1000


def copy_text(text: str) -> int:
    """Copy ``text`` without the live secrets in it; says in how many places something is hidden."""
    shown = REDACTOR.shown(text, Guess.NOTHING)
    QGuiApplication.clipboard().setText(shown.text)
    return len(shown.hidden)


def copy_link(address: str) -> None:
    """Copy the link of a sign-in whole: what is secret in it is of use to this window alone."""
    QGuiApplication.clipboard().setText(address)


def copy_secret(text: str, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
    """Copy ``text``, in which a person revealed a secret, for a minute."""
    mime = QMimeData()
    mime.setText(text)
    QGuiApplication.clipboard().setMimeData(marked_secret(mime), mode)


def marked_secret(mime: QMimeData) -> QMimeData:
    """``mime``, which is about to be copied, as a secret; where it ends up it stays a minute."""
    mime.setData(HINT, b"secret")
    _Minute(mime.text()).start()
    return mime


class _Minute(QTimer):
    """Clears the clipboard of a secret, unless something else has come to it before."""

    def __init__(self, secret: str) -> None:
        super().__init__(QGuiApplication.instance())
        self._secret = secret
        self.setSingleShot(True)
        self.setInterval(SECRET_STAYS_MS)
        self.timeout.connect(self._clear)
        QGuiApplication.clipboard().changed.connect(self._look)

    def _where(self) -> list[QClipboard.Mode]:
        modes = (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)
        clipboard = QGuiApplication.clipboard()
        return [mode for mode in modes if clipboard.text(mode) == self._secret]

    def _look(self) -> None:
        if not self._where():
            self._end()

    def _clear(self) -> None:
        modes = self._where()
        self._end()
        for mode in modes:
            QGuiApplication.clipboard().clear(mode)

    def _end(self) -> None:
        QGuiApplication.clipboard().changed.disconnect(self._look)
        self.stop()
        self.deleteLater()
