"""A session bus of the test's own, and a desktop on it that takes notices."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.asyncio import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


@dataclass(frozen=True)
class Shown:
    """A notice as the desktop was given it."""

    signature: str
    title: str
    body: str
    actions: list[str]


class Desktop:
    """Shows nothing: it keeps what it is given, and can be clicked on."""

    def __init__(self, connection: DBusConnection, capabilities: Sequence[str]) -> None:
        self._connection = connection
        self._capabilities = list(capabilities)
        self.shown: list[Shown] = []
        self.is_deaf = False

    async def serve(self) -> None:
        while True:
            message = await self._connection.receive()
            if message.header.message_type is MessageType.method_call and not self.is_deaf:
                await self._answer(message)

    async def _answer(self, message: Message) -> None:
        match message.header.fields.get(HeaderFields.member):
            case "GetCapabilities":
                reply = new_method_return(message, "as", (self._capabilities,))
            case "Notify":
                _, _, _, title, body, actions, _, _ = message.body
                signature = message.header.fields[HeaderFields.signature]
                self.shown.append(Shown(signature, title, body, actions))
                reply = new_method_return(message, "u", (len(self.shown),))
            case _:
                return
        await self._connection.send(reply)

    async def click(self, number: int) -> None:
        """Click on the notice of that number; the first one is 1."""
        signal = new_signal(
            DBusAddress(PATH, NAME, NAME), "ActionInvoked", "us", (number, "default")
        )
        await self._connection.send(signal)


@asynccontextmanager
async def bus(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A message bus that ends with the block, as a session's own one."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs the Debian package dbus-daemon")
    daemon = await asyncio.create_subprocess_exec(
        "dbus-daemon", "--session", "--nofork", "--print-address=1",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert daemon.stdout is not None
    address = (await daemon.stdout.readline()).decode().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            daemon.terminate()
        await daemon.wait()


@asynccontextmanager
async def desktop(capabilities: Sequence[str] = ("body", "body-markup")) -> AsyncIterator[Desktop]:
    """A desktop on the session's bus."""
    connection = await open_dbus_connection("SESSION")
    made = Desktop(connection, capabilities)
    await call(connection, message_bus.RequestName(NAME))
    task = asyncio.get_running_loop().create_task(made.serve())
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, EOFError):
            await task
        await connection.close()


async def call(connection: DBusConnection, message: Any) -> Any:
    serial = next(connection.outgoing_serial)
    await connection.send(message, serial=serial)
    while True:
        reply = await connection.receive()
        if reply.header.fields.get(HeaderFields.reply_serial) == serial:
            return reply.body
