"""Running the sandbox as a process: its folder, its lock, its address, its end.

Exit codes of ``serve``: 0 ended as asked; 2 another one is alive here, or the port is taken;
7 its folder or its data cannot be used.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from zapdesk.paths import Paths, private_folder
from zapdesk.sandbox.apps import BUILT_IN, Registry, directory
from zapdesk.sandbox.definitions import Json
from zapdesk.sandbox.envelopes import DIALECTS
from zapdesk.sandbox.oauth import Grants
from zapdesk.sandbox.presence import living_clients, lock, publish, published
from zapdesk.sandbox.server import Application
from zapdesk.sandbox.site import SandboxOptions, Site
from zapdesk.sandbox.store import Store
from zapdesk.sandbox.white_label import WhiteLabel
from zapdesk.sandbox.worker import Worker
from zapdesk.tasks import TaskOwner

__all__ = ["DIALECTS", "SandboxOptions", "serve"]

OK, ALREADY, UNUSABLE = 0, 2, 7
_PRINTED = ("url", "token", "client_id", "client_secret", "page", "partner")


def serve(options: SandboxOptions) -> int:
    """Run the sandbox of this state directory until a signal or, if so asked, until idle."""
    try:
        folder = private_folder(Paths.find().sandbox)
        private_folder(folder / "clients")
        held = lock(folder / "server.lock")
    except OSError as error:
        return _complain(f"The sandbox cannot use its folder: {error}.", UNUSABLE)
    address_file = folder / "address.json"
    if held is None:
        address = published(address_file)
        if address is None:
            return _complain("A sandbox is starting or ending here; try again.", ALREADY)
        _print_address(address)
        return _complain(f"A sandbox is already running at {address['url']}.", ALREADY)
    try:
        # What a killed sandbox left would lead others to a port that is no longer ours.
        address_file.unlink(missing_ok=True)
        return _serve(options, folder, address_file)
    finally:
        address_file.unlink(missing_ok=True)
        os.close(held)


def _serve(options: SandboxOptions, folder: Path, address_file: Path) -> int:
    try:
        listener = _listen(options.port)
    except (OSError, OverflowError) as error:
        return _complain(f"Port {options.port} cannot be used: {error}.", ALREADY)
    with listener:
        registry = Registry(options.apps)
        try:
            store = _open_store(private_folder(folder / "data"))
        except (OSError, sqlite3.Error) as error:
            return _complain(f"The sandbox's data cannot be used: {error}.", UNUSABLE)
        data, grants = folder / "data", Grants(store.db, options.access_token_s)
        site = Site(
            options=options,
            folder=data,
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            store=store,
            registry=registry,
            grants=grants,
            white_label=WhiteLabel(data / "partner", store.db, grants),
            client_id=store.fact("client_id"),
            client_secret=store.fact("client_secret"),
        )
        address = {
            "url": site.base_url,
            "token": site.token,
            "client_id": site.client_id,
            "client_secret": site.client_secret,
            "pid": os.getpid(),
            "page": site.page,
            "partner": site.white_label.keys.registration(),
        }
        try:
            asyncio.run(_run(site, listener, folder, address_file, address))
        finally:
            store.close()
    return OK


def _listen(port: int) -> socket.socket:
    # With TCP named: asyncio turns Nagle's delay off (40 ms an answer) only where it is.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except BaseException:  # whatever it is, it goes on; the socket must not stay open
        listener.close()
        raise
    return listener


def _open_store(folder: Path) -> Store:
    """Open the data. A damaged file is moved aside, and new data begun."""
    try:
        store = Store(folder)
        store.install(BUILT_IN, directory.SCHEMA)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        aside = folder.with_name(f"data-damaged-{time.time_ns()}")
        folder.rename(aside)
        print(f"The data was damaged and lies in {aside}; new data is begun.", file=sys.stderr)
        store = Store(private_folder(folder))
        store.install(BUILT_IN, directory.SCHEMA)
    return store


class _Protocol(H11Protocol):
    """Lets an endpoint reach its connection, so that it can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn would raise them again after its end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _run(
    site: Site, listener: socket.socket, folder: Path, address_file: Path, address: Json
) -> None:
    server = _Server(
        uvicorn.Config(
            Application(site),
            http=_Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, server)

    def announce() -> None:
        publish(address_file, address)

    announce()
    with suppress(OSError):
        # A client that started us may have closed our standard output.
        _print_address(address)
    owner = TaskOwner()
    owner.start(Worker(site).run(), "worker")
    if site.options.until_idle:
        owner.start(_end_when_idle(site, server, folder, announce), "end when idle")
    try:
        await server.serve(sockets=[listener])
    finally:
        await owner.close()


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True


async def _end_when_idle(site: Site, server: uvicorn.Server, folder: Path, announce: Any) -> None:
    """End the server ``idle_s`` seconds after the last client was seen alive."""
    idle_s = site.options.idle_s
    last_seen = time.monotonic()
    while not server.should_exit:
        await asyncio.sleep(min(1.0, idle_s / 4))
        if living_clients(folder / "clients"):
            last_seen = time.monotonic()
        elif time.monotonic() - last_seen >= idle_s:
            # The address goes first: a client that comes now either is seen, or starts its own.
            (folder / "address.json").unlink(missing_ok=True)
            if living_clients(folder / "clients"):
                announce()
                last_seen = time.monotonic()
            else:
                _stop(server)


def _print_address(address: Json) -> None:
    print(json.dumps({key: address[key] for key in _PRINTED if key in address}), flush=True)


def _complain(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code
