"""LateTasks: a TaskOwner that is made with its first task.

Panels are built before the first frame, and asyncio may only be imported after it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

    from zapdesk.tasks import TaskOwner

T = TypeVar("T")


class LateTasks:
    """Owns tasks as a TaskOwner does, which it becomes when there is something to own."""

    def __init__(self) -> None:
        self._owner: TaskOwner | None = None

    def start(self, coroutine: Coroutine[Any, Any, T], name: str = "") -> asyncio.Task[T] | None:
        """Run ``coroutine`` in the background; ``None`` once this owner is closed."""
        return self._made().start(coroutine, name)

    async def close(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        await self._made().close()

    def __len__(self) -> int:
        return len(self._owner) if self._owner is not None else 0

    def _made(self) -> TaskOwner:
        if self._owner is None:
            from zapdesk.tasks import TaskOwner

            self._owner = TaskOwner()
        return self._owner
