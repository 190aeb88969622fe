"""One window for each state directory. A second start raises the first and ends.

The lock is the operating system's, so it is free again however the first process ended. What
travels over the socket is one word, and the name of a file that is to be shown; it carries no
secret and obeys no other order.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from zapdesk.file_lock import lock

if TYPE_CHECKING:  # QtNetwork costs milliseconds before the first paint
    from PySide6.QtCore import QObject
    from PySide6.QtNetwork import QLocalServer

_RAISE = b"raise\n"
_RAISED = b"raised\n"
_OPEN = b"open "
_LONGEST = 16_384
_PATIENCE_MS = 2_000
_OTHER_S = 3.0
_LOOK_S = 0.05


class WindowLock:
    """Held for the life of a window process. Raises ``BlockingIOError`` where another holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = os.open(folder / "window.lock", os.O_RDWR | os.O_CREAT, 0o600)
        is_ours = False
        with suppress(OSError):
            is_ours = lock(self._descriptor)
        if not is_ours:
            os.close(self._descriptor)
            raise BlockingIOError("another window is open")
        self._server: QLocalServer | None = None

    def listen(
        self,
        parent: QObject,
        raise_window: Callable[[], None],
        open_file: Callable[[Path], None] = lambda _: None,
    ) -> bool:
        """Call ``raise_window`` when a second start asks for it, and ``open_file`` where it was
        given a file to show; False where that cannot be had."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(parent)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        name = socket_name(self._folder)
        QLocalServer.removeServer(name)  # left by a process that was killed: the lock is ours

        def answer() -> None:
            peer = server.nextPendingConnection()
            if peer is None:
                return

            def read() -> None:
                if peer.canReadLine():
                    order = bytes(peer.readLine(_LONGEST).data())
                    if order == _RAISE or order.startswith(_OPEN):
                        raise_window()
                        peer.write(_RAISED)
                    if order.startswith(_OPEN):
                        open_file(_path_of(order))
                    peer.disconnectFromServer()

            peer.readyRead.connect(read)
            peer.disconnected.connect(peer.deleteLater)
            read()

        server.newConnection.connect(answer)
        self._server = server
        return server.listen(name)

    def stop_listening(self) -> None:
        """The window is closing: a start that comes now waits for its end and opens another."""
        if self._server is not None:
            self._server.close()

    def release(self) -> None:
        self.stop_listening()
        os.close(self._descriptor)


def take_or_raise(folder: Path, file: Path | None = None) -> WindowLock | None:
    """The lock, or None where another window was raised instead, with ``file`` shown in it.

    Raises ``BlockingIOError`` where a window is there and does not answer for longer than one takes
    to open or to close.
    """
    ends_at = time.monotonic() + _OTHER_S
    while True:
        try:
            return WindowLock(folder)
        except BlockingIOError:
            if raise_other(folder, file):
                return None
            if time.monotonic() > ends_at:
                raise
        time.sleep(_LOOK_S)


def raise_other(folder: Path, file: Path | None = None) -> bool:
    """Ask the process that holds the lock to show its window, and ``file`` in it; says whether it
    answered."""
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(socket_name(folder))
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(_RAISE if file is None else _order_for(file))
    socket.waitForBytesWritten(_PATIENCE_MS)
    while not socket.canReadLine():
        if not socket.waitForReadyRead(_PATIENCE_MS):
            return False
    return bytes(socket.readLine().data()) == _RAISED


def _order_for(file: Path) -> bytes:
    from urllib.parse import quote_from_bytes

    return _OPEN + quote_from_bytes(os.fsencode(file)).encode() + b"\n"


def _path_of(order: bytes) -> Path:
    from urllib.parse import unquote_to_bytes

    return Path(os.fsdecode(unquote_to_bytes(order[len(_OPEN) :].rstrip(b"\n"))))


def socket_name(folder: Path) -> str:
    """A name of its own for each state directory, short enough for every platform."""
    import hashlib  # loads OpenSSL: not before the first paint

    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    return f"zapdesk-{digest[:24]}"
