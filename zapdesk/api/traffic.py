"""Traffic: the one gate through which everything leaves, and the one count of what went where.

Whoever opens a socket passes ``TRAFFIC`` first; there is one for the whole process, so that
nobody can be handed none. While it is closed nothing is looked up, connected to or sent.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakSet

from zapdesk.broadcast import Broadcast
from zapdesk.errors import Offline

_PORTS = {"http": 80, "https": 443}


@dataclass(slots=True)
class Contact:
    """One host and port that was spoken to since the program began.

    ``connections`` counts sockets that were opened towards it, ``requests`` what was asked of it,
    ``sent`` and ``received`` bytes of HTTP, ``whys`` how often it was asked for what purpose.
    ``last_ms`` is Unix time in milliseconds.
    """

    host: str
    port: int
    connections: int = 0
    requests: int = 0
    failures: int = 0
    sent: int = 0
    received: int = 0
    last_ms: int = 0
    whys: dict[str, int] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether it is this computer."""
        return is_local(self.host)


class Passage:
    """One request on its way; counts what it moves."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def sent(self, size: int) -> None:
        self._contact.sent += size

    def received(self, size: int) -> None:
        self._contact.received += size


class KeepsOpen(Protocol):
    """Who keeps connections for the next request."""

    async def hang_up(self) -> None:
        """Close those that nothing is asked over; the others once they are done."""


class Traffic:
    """The gate, and who was spoken to. ``changed`` says that the gate was opened or closed."""

    def __init__(self) -> None:
        self.changed: Broadcast[bool] = Broadcast()
        self.opened: dict[str, int] = {}
        """Hosts that a browser was asked to open, and how often."""
        self._contacts: dict[tuple[str, int], Contact] = {}
        self._cuts: set[asyncio.Timeout] = set()
        self._keeping: WeakSet[KeepsOpen] = WeakSet()
        self._is_offline = False

    @property
    def is_offline(self) -> bool:
        """Whether the gate is closed."""
        return self._is_offline

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Who was spoken to, in order of the first time."""
        return tuple(self._contacts.values())

    def close(self) -> None:
        """Let nothing out any more. Reads that are under way end with Offline; a request with
        effects that has left is waited for, since cutting it off would only hide how it ended."""
        if not self._is_offline:
            self._is_offline = True
            for cut in self._cuts:
                if not cut.expired():  # cut off a moment ago, and still closing its connection
                    cut.reschedule(asyncio.get_running_loop().time())
            self.changed.announce(True)

    def open(self) -> None:
        """Let everything out again."""
        if self._is_offline:
            self._is_offline = False
            self.changed.announce(False)

    def keeps(self, lines: KeepsOpen) -> None:
        """``lines`` may hold connections open when nothing is asked; they are known while they
        live."""
        self._keeping.add(lines)

    async def hang_up(self) -> None:
        """Close every connection that is kept, whichever profile it serves."""
        for lines in tuple(self._keeping):
            await lines.hang_up()

    def check(self) -> None:
        """Raises Offline where the gate is closed."""
        if self._is_offline:
            raise Offline(
                "zapdesk is offline: its network is switched off.",
                hint="Go online again, then repeat it.",
            )

    @asynccontextmanager
    async def passage(
        self, address: str, why: str, *, may_finish: bool = False
    ) -> AsyncIterator[Passage]:
        """Pass the gate for one request to ``address``, for the purpose ``why``.

        Raises Offline where it is closed, or is closed meanwhile; not the latter where the
        request ``may_finish``.
        """
        self.check()
        contact = self._contact(address)
        contact.requests += 1
        contact.whys[why] = contact.whys.get(why, 0) + 1
        contact.last_ms = time.time_ns() // 1_000_000
        cut = asyncio.timeout(None)
        try:
            async with cut:
                if not may_finish:
                    self._cuts.add(cut)
                yield Passage(contact)
        except Exception as error:  # whatever ended it, it is counted and goes on
            contact.failures += 1
            if cut.expired() and isinstance(error, TimeoutError):
                self.check()
            raise
        finally:
            self._cuts.discard(cut)
            contact.last_ms = time.time_ns() // 1_000_000

    def connecting(self, host: str, port: int) -> None:
        """Count a socket that is opened towards ``host``. Raises Offline as ``check``."""
        self.check()
        contact = self._at(host, port)
        contact.connections += 1
        contact.last_ms = time.time_ns() // 1_000_000

    def listens(self, host: str, port: int, why: str) -> None:
        """Note a port of this computer that is open for somebody else."""
        contact = self._at(host, port)
        contact.whys[why] = contact.whys.get(why, 0) + 1
        contact.last_ms = time.time_ns() // 1_000_000

    def opens(self, address: str) -> None:
        """Note that a browser was asked to open ``address``."""
        host = urlsplit(address).hostname or ""
        if host:
            self.opened[host] = self.opened.get(host, 0) + 1

    def forget(self) -> None:
        """Begin counting anew."""
        self._contacts.clear()
        self.opened.clear()

    def _contact(self, address: str) -> Contact:
        parts = urlsplit(address)
        return self._at(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))

    def _at(self, host: str, port: int) -> Contact:
        place = (host.lower(), port)
        if place not in self._contacts:
            self._contacts[place] = Contact(*place)
        return self._contacts[place]


def is_local(host: str) -> bool:
    """Whether ``host`` is this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


TRAFFIC = Traffic()
