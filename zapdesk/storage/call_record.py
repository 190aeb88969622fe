"""CallRecord: the calls of the last minute that all processes of a profile made, in one small file.

Counting a call takes a lock that the system frees when its holder dies, and what is counted is
forgotten by itself after a minute: a process that crashed leaves nothing behind. Times are on the
monotonic clock, which the processes of one computer share until it is started anew. Everything
here may wait for a disk, so it belongs on a worker thread.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zapdesk.file_lock import Turn

TURN_S = 0.5
"""So long a process waits for its turn to count; one that was stopped may hold it."""
MOST_CALLS = 500
LONGEST_PAUSE_S = 16 * 60.0
"""No server's wait is obeyed for longer; more than this cannot have been written."""

_HEAD = struct.Struct("<8sddI")
_MARK = b"calls 1\n"
_SAME_START_S = 300.0
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Calls:
    """When calls were made, the oldest first, and until when none is to be made."""

    made: tuple[float, ...] = ()
    paused_until: float = 0.0


class CallRecord:
    """The record of a profile in ``folder``, over the last ``window_s`` seconds. ``clock`` counts
    seconds alike in all processes."""

    def __init__(
        self,
        folder: Path,
        profile_id: str,
        window_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        name = hashlib.sha256(profile_id.encode()).hexdigest()[:24]
        self._path = folder / f"{name}.calls"
        self._lock = folder / f"{name}.turn"
        self._window_s = window_s
        self._clock = clock

    def look(self) -> Calls:
        """What was counted. Raises OSError."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return Calls()
        try:
            mark, started_at, paused_until, count = _HEAD.unpack_from(content)
            times = struct.unpack_from(f"<{min(count, MOST_CALLS)}d", content, _HEAD.size)
        except struct.error:
            return Calls()  # cut off by a full disk, say
        if mark != _MARK or not abs(started_at - _started_at()) < _SAME_START_S:
            return Calls()  # before the computer was started these times meant others
        now = self._clock()
        is_real = 0.0 <= paused_until <= now + LONGEST_PAUSE_S
        made = tuple(sorted(moment for moment in times if now - self._window_s < moment <= now))
        return Calls(made, paused_until if is_real else 0.0)

    def claim(self, most: int) -> tuple[bool, Calls]:
        """Count a call, unless ``most`` were made or there is a pause; and what is counted then.

        Raises OSError, a time-out included, where nothing can be counted.
        """
        with Turn(self._lock, TURN_S):
            calls, now = self.look(), self._clock()
            if len(calls.made) >= min(most, MOST_CALLS) or now < calls.paused_until:
                return False, calls
            calls = Calls((*calls.made, now), calls.paused_until)
            self._write(calls)
            return True, calls

    def pause(self, until: float) -> Calls:
        """Let nobody call before ``until``. Raises what ``claim`` does."""
        with Turn(self._lock, TURN_S):
            calls = self.look()
            calls = Calls(calls.made, max(until, calls.paused_until))
            self._write(calls)
            return calls

    def _write(self, calls: Calls) -> None:
        head = _HEAD.pack(_MARK, _started_at(), calls.paused_until, len(calls.made))
        content = head + struct.pack(f"<{len(calls.made)}d", *calls.made)
        # In place and in one go: whoever dies here leaves what was there, and the head counts.
        descriptor = os.open(self._path, _FLAGS, 0o600)
        try:
            os.write(descriptor, content)
        finally:
            os.close(descriptor)


def _started_at() -> float:
    return time.time() - time.monotonic()
