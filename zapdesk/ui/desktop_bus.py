"""Notices of the desktop itself, over the session's D-Bus (org.freedesktop.Notifications).

QtDBus cannot say from Python that a number has no sign, which the first argument of Notify needs;
jeepney can, and keyring brings it anyway. Nothing here blocks: a desktop that does not answer
costs a deadline, and a bus that goes away is joined again with the next notice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from html import escape
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.asyncio import DBusConnection, open_dbus_connection
from jeepney.wrappers import DBusErrorResponse

from zapdesk.ui.late_tasks import LateTasks

_logger = logging.getLogger(__name__)

_NAME = "org.freedesktop.Notifications"
_DESKTOP = DBusAddress("/org/freedesktop/Notifications", bus_name=_NAME, interface=_NAME)
_PATIENCE_S = 3.0
_MOST_KEPT = 100
_NO_BUS = (OSError, EOFError, KeyError, RuntimeError, TimeoutError, ValueError, DBusErrorResponse)
"""What a bus that is missing, closed or no bus at all is told by."""


class DesktopBus:
    """``clicked`` is given the key of a notice that somebody clicked on."""

    def __init__(self, tasks: LateTasks, clicked: Callable[[str], None]) -> None:
        self._tasks = tasks
        self._clicked = clicked
        self._connection: DBusConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._replies: dict[int, asyncio.Future[Message]] = {}
        self._keys: dict[int, str] = {}
        self._takes_markup = False

    async def show(self, title: str, body: str, key: str) -> bool:
        """Show plain text; False where there is no desktop that does."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._join()
                # Where markup is understood, text that looks like some must not be taken for it.
                shown = escape(body, quote=False) if self._takes_markup else body
                arguments = (
                    "zapdesk", 0, "zapdesk", title, shown, ["default", "Show"],
                    {"desktop-entry": ("s", "zapdesk")}, -1,
                )  # fmt: skip
                (number,) = await self._call("Notify", "susssasa{sv}i", arguments)
        except _NO_BUS as error:
            _logger.info("the desktop shows no notices: %r", error)
            await self.close()
            return False
        while len(self._keys) >= _MOST_KEPT:
            del self._keys[next(iter(self._keys))]
        self._keys[number] = key
        return True

    async def close(self) -> None:
        """Leave the bus; notices that are shown stay."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.wait((listening,))
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.writer.close()
        self._keys.clear()

    async def _join(self) -> None:
        if self._connection is not None and self._listening and not self._listening.done():
            return
        await self.close()
        self._connection = await open_dbus_connection("SESSION")
        listening = self._listen(self._connection)
        self._listening = self._tasks.start(listening, "listen to the desktop")
        await self._send(message_bus.AddMatch(MatchRule(type="signal", interface=_NAME)))
        (words,) = await self._call("GetCapabilities", "", ())
        self._takes_markup = "body-markup" in words

    async def _call(self, method: str, signature: str, arguments: tuple[Any, ...]) -> Any:
        if signature:
            message = new_method_call(_DESKTOP, method, signature, arguments)
        else:
            message = new_method_call(_DESKTOP, method)
        return await self._send(message)

    async def _send(self, message: Message) -> Any:
        connection = self._connection
        assert connection is not None  # joined before anything is sent
        serial = next(connection.outgoing_serial)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._replies[serial] = reply
        try:
            await connection.send(message, serial=serial)
            answer = await reply
        finally:
            self._replies.pop(serial, None)
        if answer.header.message_type is MessageType.error:
            raise DBusErrorResponse(answer)
        return answer.body

    async def _listen(self, connection: DBusConnection) -> None:
        try:
            while True:
                self._take(await connection.receive())
        except _NO_BUS as error:
            _logger.info("the session's bus has gone: %r", error)
        finally:
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(EOFError())

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        serial = fields.get(HeaderFields.reply_serial)
        if serial is not None:
            reply = self._replies.get(serial)
            if reply is not None and not reply.done():
                reply.set_result(message)
            return
        if message.header.message_type is not MessageType.signal:
            return
        number = message.body[0] if message.body else 0
        match fields.get(HeaderFields.member):
            case "ActionInvoked" if number in self._keys:
                self._clicked(self._keys[number])
            case "NotificationClosed":
                self._keys.pop(number, None)
