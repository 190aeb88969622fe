"""The network as a person sees it: whom zapdesk spoke to, and the switch that stops it."""

from __future__ import annotations

from collections.abc import Callable

from zapdesk.api.traffic import TRAFFIC, Contact
from zapdesk.broadcast import Broadcast
from zapdesk.settings import Settings

__all__ = [
    "Contact",
    "contacts",
    "ensure_online",
    "follow",
    "hang_up",
    "is_offline",
    "note_opening",
    "on_switch",
    "openings",
    "switch",
]


def switch(offline: bool) -> None:
    """Let nothing out any more, or everything again. What is being sent comes to its end first."""
    if offline:
        TRAFFIC.close()
    else:
        TRAFFIC.open()


def follow(settings: Settings, changed: Broadcast[Settings]) -> None:
    """Switch as a person chooses in the settings; what else is changed there switches nothing."""
    before = settings.offline

    def hear(now: Settings) -> None:
        nonlocal before
        if now.offline != before:
            before = now.offline
            switch(now.offline)

    changed.subscribe(hear)


def is_offline() -> bool:
    """Whether a person switched the network off."""
    return TRAFFIC.is_offline


def ensure_online() -> None:
    """Raises Offline where a person switched the network off."""
    TRAFFIC.check()


def on_switch(hear: Callable[[bool], None]) -> Callable[[], None]:
    """Call ``hear`` with whether it is off, each time it is switched; returns what ends that."""
    return TRAFFIC.changed.subscribe(hear)


async def hang_up() -> None:
    """Close the connections that any profile keeps open for its next request."""
    await TRAFFIC.hang_up()


def contacts() -> tuple[Contact, ...]:
    """Every host this process has spoken to since it began."""
    return TRAFFIC.contacts


def openings() -> tuple[tuple[str, int], ...]:
    """The hosts that a browser was asked to open, and how often."""
    return tuple(TRAFFIC.opened.items())


def note_opening(address: str) -> None:
    """A browser was asked to open ``address``; what it does there is its own matter."""
    TRAFFIC.opens(address)
