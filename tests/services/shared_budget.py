"""A process that makes calls on a budget which it shares; started by the tests of the budget.

Its clock runs sixty times as fast, so that the minute of the budget takes a second. Arguments: the
folder, the kind of its calls, and how long it makes calls, in real seconds; ``pause S`` instead
tells everybody to wait for S of its seconds, ``die`` ends it while it holds the lock.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from zapdesk.api.transport import Admission
from zapdesk.file_lock import Turn
from zapdesk.services.budget import WINDOW_S, Budget
from zapdesk.storage.call_record import CallRecord

FAST = 60.0


def fast_clock() -> float:
    """The same in every process."""
    return time.monotonic() * FAST


async def fast_pause(seconds: float) -> None:
    await asyncio.sleep(seconds / FAST)


def shared_budget(folder: Path, limit: int = 50) -> Budget:
    record = CallRecord(folder, "zapier", WINDOW_S, fast_clock)
    return Budget(limit, fast_clock, fast_pause, record)


async def _calls(budget: Budget, admission: Admission, seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        await budget.admit(admission)
        print(fast_clock(), flush=True)
    await budget.close()


async def _pause(budget: Budget, seconds: float) -> None:
    budget.pause(seconds)
    while len(budget._tasks):
        await asyncio.sleep(0.005)
    await budget.close()


def main(folder: Path, deed: str, seconds: float) -> None:
    if deed == "die":
        with Turn(CallRecord(folder, "zapier", WINDOW_S)._lock, 5):
            print("holds", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)
    elif deed == "pause":
        asyncio.run(_pause(shared_budget(folder), seconds))
    else:
        asyncio.run(_calls(shared_budget(folder), Admission(deed), seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
