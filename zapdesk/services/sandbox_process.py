"""Joining the sandbox of this state directory, or starting it: a process of its own.

It lives as long as one of its clients does, which it learns from a lock that each client holds:
the system frees it even when a client is killed. Nothing of the sandbox is imported here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from zapdesk.api.traffic import TRAFFIC
from zapdesk.errors import SandboxUnavailable, StorageUnusable
from zapdesk.paths import own_command, private_folder
from zapdesk.storage.owners import Owner

_logger = logging.getLogger(__name__)

START_DEADLINE_S = 15.0
_LOOK_S = 0.05
_CONNECT_S = 2.0


@dataclass(frozen=True, slots=True)
class SandboxAddress:
    """Where the sandbox is and what opens it. ``page`` shows what its actions did; ``client_id``
    and ``client_secret`` are the registration with which people sign in to it, ``partner`` what
    its White Label partner is registered with and where the partner's key lies."""

    url: str
    token: str = field(repr=False)
    page: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    partner: Mapping[str, str] = field(default_factory=dict)


class SandboxProcess:
    """This process's hold on the sandbox; ``release`` lets go of it."""

    def __init__(self, folder: Path, command: Sequence[str] | None = None) -> None:
        self._folder = folder
        self._command = command or own_command("sandbox", "--until-idle")
        self._claim: Owner | None = None

    async def join(self) -> SandboxAddress:
        """The address of a living sandbox, started where there is none.

        Raises SandboxUnavailable with the last words of a sandbox that would not start, and
        Offline where the network is switched off.
        """
        TRAFFIC.check()
        self._hold()
        if (address := await self._living()) is not None:
            return address
        return await self._start()

    async def is_alive(self) -> bool:
        """Whether a sandbox answers at the address that was published; offline, where nobody may
        ask, nothing speaks against it."""
        if TRAFFIC.is_offline:
            return True
        return await self._living() is not None

    def release(self) -> None:
        """Let go: the sandbox may end. May be called twice."""
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def _hold(self) -> None:
        if self._claim is None:
            try:
                self._claim = Owner.acquire(private_folder(self._folder) / "clients")
            except (OSError, StorageUnusable) as error:
                detail = error.detail if isinstance(error, StorageUnusable) else str(error)
                raise SandboxUnavailable(
                    "The sandbox has no place to work in.", detail, hint="Free the folder named."
                ) from None

    async def _living(self) -> SandboxAddress | None:
        address = self._published()
        if address is None:
            return None
        parts = urlsplit(address.url)
        TRAFFIC.connecting(parts.hostname or "", parts.port or 0)
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        except (OSError, TimeoutError):
            return None
        writer.close()
        return address

    def _published(self) -> SandboxAddress | None:
        try:
            told = json.loads((self._folder / "address.json").read_text("utf-8"))
            partner = dict(told["partner"])
            told = {name: told[name] for name in SandboxAddress.__slots__}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        texts = (value for name, value in (*told.items(), *partner.items()) if name != "partner")
        is_text = all(isinstance(value, str) for value in texts)
        return SandboxAddress(**told) if is_text else None

    async def _start(self) -> SandboxAddress:
        words = self._folder / "start.log"
        ends_at = time.monotonic() + START_DEADLINE_S
        process = await asyncio.to_thread(self._spawn, words)
        while time.monotonic() < ends_at:
            if (address := await self._living()) is not None:
                return address
            # Another client may have started one a moment earlier: then ours steps back, and
            # the other's address appears. If it ended for another reason, a new try is made
            # only when nobody else's shows up.
            if process.poll() is not None and process.returncode != _ALREADY_RUNNING:
                break
            if process.poll() is not None and self._published() is None:
                await asyncio.sleep(_LOOK_S * 4)
                process = await asyncio.to_thread(self._spawn, words)
            await asyncio.sleep(_LOOK_S)
        raise SandboxUnavailable(
            "The sandbox did not start.",
            _last_line(words),
            hint="Try again, or run 'zapdesk sandbox' in a terminal to see why.",
        )

    def _spawn(self, words: Path) -> subprocess.Popen[bytes]:
        try:
            with words.open("wb") as errors:
                words.chmod(0o600)
                # A session of its own: Ctrl-C in a terminal ends the command, not the sandbox.
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    start_new_session=True,
                )
        except OSError as error:
            raise SandboxUnavailable("The sandbox could not be started.", str(error)) from None
        _children[:] = [child for child in _children if child.poll() is None]
        _children.append(process)
        return process


_children: list[subprocess.Popen[bytes]] = []
"""Kept so that a sandbox that ends while we live is reaped, and one that outlives us is no leak."""

_ALREADY_RUNNING = 2


def _last_line(file: Path) -> str:
    try:
        lines = file.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
