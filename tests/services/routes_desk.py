"""Sending and reading over the routes that settings make, with nothing of a person's own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.api.clients import Account
from tests.api.secure_server import (
    HOST,
)
from tests.vault.stores import Memory
from zapdesk.api.calls import Call
from zapdesk.api.recording import SendWitness
from zapdesk.errors import Unreachable, ZapdeskError
from zapdesk.services.routing import Routing
from zapdesk.settings import Settings
from zapdesk.vault import Vault

ADDRESS = f"https://{HOST}"
RUN = Call("start run", "POST", "/v2/action-runs", body=b"{}")
READ = Call("categories", "GET", "/v2/categories")
VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "all_proxy")


def routing(**chosen: Any) -> Routing:
    return Routing(Settings(**chosen), Vault(Memory()))


async def sent(routing: Routing, address: str = ADDRESS, path: Call = RUN) -> SendWitness:
    """Send something with effects; the witness, where it raised nothing."""
    transport = Account().transport(address, find_route=routing.route)
    witness = SendWitness()
    try:
        await transport.send(path, witness=witness)
    finally:
        await transport.aclose()
    return witness


async def not_sent(routing: Routing, address: str = ADDRESS) -> ZapdeskError:
    """The error of a send of which nothing left."""
    transport = Account().transport(address, find_route=routing.route)
    witness = SendWitness()
    with pytest.raises(Unreachable) as caught:
        await transport.send(RUN, witness=witness)
    await transport.aclose()
    assert not witness.bytes_left
    words = f"{caught.value.title} {caught.value.detail} {caught.value.hint}".lower()
    assert "ignore" not in words
    assert "anyway" not in words
    return caught.value


async def read(routing: Routing, address: str) -> ZapdeskError:
    """The error of a read."""
    transport = Account().transport(address, find_route=routing.route)
    with pytest.raises(ZapdeskError) as caught:
        await transport.read(READ, repeats=False)
    await transport.aclose()
    return caught.value


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)
