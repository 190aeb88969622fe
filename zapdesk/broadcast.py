"""Broadcast: how services announce what has happened. No Qt, no asyncio, no threads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Broadcast(Generic[T]):
    """Calls every subscriber with what happened, on the thread that announces it.

    A subscriber that raises is logged and does not keep the others from hearing.
    """

    def __init__(self) -> None:
        self._subscribers: dict[object, Callable[[T], None]] = {}

    def subscribe(self, subscriber: Callable[[T], None]) -> Callable[[], None]:
        """Call ``subscriber`` from now on, until the function returned is called."""
        subscription = object()
        self._subscribers[subscription] = subscriber

        def unsubscribe() -> None:
            self._subscribers.pop(subscription, None)

        return unsubscribe

    def announce(self, event: T) -> None:
        """Tell every subscriber there is at this moment, but for those that leave meanwhile."""
        for subscription, subscriber in tuple(self._subscribers.items()):
            if subscription not in self._subscribers:
                continue
            try:
                subscriber(event)
            except Exception:  # one view's bug must not keep the others from hearing
                _logger.exception("a subscriber failed")
