"""What one running sandbox knows: its options, its data and its secrets. No behaviour of HTTP."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zapdesk.sandbox.apps import Registry
from zapdesk.sandbox.definitions import Call, Json
from zapdesk.sandbox.envelopes import Dialect
from zapdesk.sandbox.oauth import Consent, Grants
from zapdesk.sandbox.store import Store
from zapdesk.sandbox.white_label import WhiteLabel


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How to run the sandbox.

    ``latency_ms`` is waited before every answer; ``rate_limit`` is calls a minute.
    ``until_idle`` ends it ``idle_s`` seconds after the last client is gone. ``run_s`` is the
    shortest and the longest time an ordinary run takes, ``access_token_s`` the life of a token
    given by OAuth, both in seconds. ``redirect_uris`` are those that are registered, to the
    letter; where there are none every loopback address is.
    """

    port: int = 0
    apps: int = 0
    dialect: Dialect = "spec"
    latency_ms: int = 0
    rate_limit: int | None = None
    until_idle: bool = False
    idle_s: float = 30.0
    run_s: tuple[float, float] = (0.3, 1.5)
    access_token_s: int = 36_000
    redirect_uris: Sequence[str] = ()


@dataclass(slots=True)
class Site:
    """The state that all endpoints share."""

    options: SandboxOptions
    folder: Path
    base_url: str
    store: Store
    registry: Registry
    grants: Grants
    white_label: WhiteLabel
    client_id: str
    client_secret: str
    work: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever a run was added."""
    requests: deque[Json] = field(default_factory=lambda: deque(maxlen=10_000))
    consents: dict[str, Consent] = field(default_factory=dict)
    """Consent pages that were shown and not answered, by their nonce."""
    polls: Counter[str] = field(default_factory=Counter)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    page_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    page_cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def page(self) -> str:
        """The address that opens the sandbox's own page in a browser."""
        return f"{self.base_url}/?key={self.page_key}"

    def settle(self, app_id: str) -> None:
        """Make the connection that an app of the directory comes with, if it is not there."""
        own = self.registry.connection(app_id)
        if own is not None and self.store.authentication(own.id) is None:
            self.store.add_authentication(app_id, own.title, own.id)

    def call(self, inputs: Json, authentication: str | None, run_id: str = "") -> Call:
        """The world as an action sees it now."""
        return Call(
            db=self.store.db,
            folder=self.folder,
            base_url=self.base_url,
            inputs=inputs,
            authentication=authentication,
            run_id=run_id,
            now=time.time(),
        )
