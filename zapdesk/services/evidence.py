"""Evidence: exchanges of runs on their way into the log, in order, without anybody waiting."""

from __future__ import annotations

import asyncio
import logging

from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import StorageUnusable, ZapdeskError
from zapdesk.storage.run_log import RunLog
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""For so long an exchange is tried again while the log cannot take it."""
AGAIN_S = 0.5
_AT_CLOSE_S = 1.0
_HAND_OVER_S = 0.1


class Evidence:
    """Writes what it is given, one after the other."""

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._owner = TaskOwner()
        self._writes: asyncio.Queue[tuple[str, Exchange]] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._is_refused = False
        """The log has not taken the exchange whose turn it is, which is tried again."""

    async def close(self) -> None:
        """Write what is waiting, for a moment at most, and stop.

        A slow disk takes longer than that: then the rest is handed over in one go, which the log
        writes before it closes. Lost is only what the log could not take until now.
        """
        if self._writer is not None:
            try:
                async with asyncio.timeout(_AT_CLOSE_S):
                    await self._writes.join()
            except TimeoutError:
                await self._hand_over()
        await self._owner.close()

    async def _hand_over(self) -> None:
        if self._is_refused:
            _logger.warning("some exchanges could not be saved before closing")
            return
        begun = set()
        while not self._writes.empty():
            write = self._log.add_exchange(*self._writes.get_nowait())
            if (task := self._owner.start(write, "hand over")) is not None:
                begun.add(task)
        if begun:  # whoever has begun is done by the log, even when nobody waits any more
            await asyncio.wait(begun, timeout=_HAND_OVER_S)

    def keep(self, id: str, exchange: Exchange) -> None:
        """Write an exchange of the run ``id`` when its turn comes."""
        if self._writer is None:
            self._writer = self._owner.start(self._write(), "write exchanges")
        if self._writer is not None and not self._writer.done():
            self._writes.put_nowait((id, exchange))

    async def flush(self) -> None:
        """Return once everything so far is written."""
        await self._writes.join()

    async def _write(self) -> None:
        patience_s = PATIENCE_S
        while True:
            id, exchange = await self._writes.get()
            try:
                await self._add(id, exchange, patience_s)
                patience_s = PATIENCE_S
            except ZapdeskError as error:
                patience_s = 0.0  # the next ones are not held up by a disk that stays full
                _logger.warning("an exchange of run %s could not be saved: %s", id, error)
            except Exception:  # a bug here must not keep the later ones, and who waits for them
                _logger.exception("an exchange of run %s could not be saved", id)
            finally:
                self._writes.task_done()

    async def _add(self, id: str, exchange: Exchange, patience_s: float) -> None:
        attempts = max(1, round(patience_s / AGAIN_S))
        for left in reversed(range(attempts)):
            try:
                await self._log.add_exchange(id, exchange)
                self._is_refused = False
                return
            except StorageUnusable:
                self._is_refused = True
                if not left:
                    raise
                await asyncio.sleep(AGAIN_S)
