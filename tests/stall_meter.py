"""Measures how long the event loop of Qt does not come round, and what it was doing meanwhile.

A precise timer ticks every 5 ms. The gap between two ticks is judged without the time in which
the thread was ready but another process had the processor: that says nothing about this program.
While a gap lasts, a thread takes the stack of the one that does not come round.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

_TICK_MS = 5
_MOST_STACKS = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """Milliseconds between two ticks. ``queued_ms`` is how long of it other processes ran here;
    ``stacks`` is where this thread was, oldest first, where it was long enough to be caught."""

    at_s: float
    whole_ms: float
    queued_ms: float
    stacks: tuple[str, ...] = ()

    @property
    def own_ms(self) -> float:
        """What this program is to blame for."""
        return self.whole_ms - self.queued_ms

    def __str__(self) -> str:
        head = (
            f"{self.own_ms:.0f} ms at {self.at_s:.1f} s (and {self.queued_ms:.0f} ms in which"
            " other processes ran)"
        )
        return "\n".join((head, *self.stacks))


class StallMeter(QObject):
    """Measures from ``with`` on until its end, on the thread that makes it.

    Gaps over ``limit_ms`` come with stacks. A stall that holds the interpreter's lock stops the
    watching thread too: its stack is then taken as it ends.
    """

    def __init__(self, limit_ms: float) -> None:
        super().__init__()
        self.gaps: list[Gap] = []
        self._limit_ms = limit_ms
        self._thread_id = threading.get_ident()
        self._waiting = _QueueClock()
        self._begin = self._last = 0.0
        self._stacks: list[str] = []
        self._is_over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="stall meter", daemon=True)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def __enter__(self) -> StallMeter:
        self._waiting.lap_ms()
        self._begin = self._last = perf_counter()
        self._watcher.start()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()  # what blocks at the very end counts too
        self._timer.stop()
        self._is_over.set()
        self._watcher.join()
        self._waiting.close()

    @property
    def longest(self) -> Gap:
        return max(self.gaps, key=lambda gap: gap.own_ms)

    @property
    def stalls(self) -> list[Gap]:
        """The gaps over the limit, longest first."""
        found = [gap for gap in self.gaps if gap.own_ms > self._limit_ms]
        return sorted(found, key=lambda gap: -gap.own_ms)

    def percentile_ms(self, percent: float) -> float:
        """The gap that so many in a hundred do not exceed."""
        ordered = sorted(gap.own_ms for gap in self.gaps)
        return ordered[math.ceil(len(ordered) * percent / 100) - 1]

    def _tick(self) -> None:
        now, queued_ms = perf_counter(), self._waiting.lap_ms()
        stacks, self._stacks = tuple(self._stacks), []
        whole_ms = (now - self._last) * 1_000
        self.gaps.append(Gap(now - self._begin, whole_ms, min(queued_ms, whole_ms), stacks))
        self._last = perf_counter()

    def _watch(self) -> None:
        while not self._is_over.wait(self._limit_ms / 4_000):
            if (perf_counter() - self._last) * 1_000 < self._limit_ms / 2:
                continue
            frame = sys._current_frames().get(self._thread_id)
            if frame is not None and len(self._stacks) < _MOST_STACKS:
                self._stacks.append("".join(traceback.format_stack(frame)))


class _QueueClock:
    """How long the thread that made it was ready to run and did not; 0 where no one can say."""

    def __init__(self) -> None:
        self._file: int | None = None
        with suppress(OSError):  # Linux alone tells it
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._total_ns = 0

    def lap_ms(self) -> float:
        """Milliseconds since it was asked last."""
        if self._file is None:
            return 0.0
        before = self._total_ns
        self._total_ns = int(os.pread(self._file, 64, 0).split()[1])
        return (self._total_ns - before) / 1e6

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
