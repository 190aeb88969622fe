"""Locks and the address file: one sandbox a state directory, and who still uses it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from zapdesk import file_lock
from zapdesk.sandbox.definitions import Json

_FRESH_S = 5.0
"""Seconds in which a client may have made its lock file and not yet locked it."""


def lock(path: Path) -> int | None:
    """Lock ``path`` for as long as the descriptor lives; None where another process has it."""
    descriptor = os.open(path, file_lock.FLAGS | os.O_CREAT, 0o600)
    if file_lock.lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def living_clients(folder: Path) -> int:
    """How many client processes are alive; the files of dead ones are removed."""
    alive = 0
    for path in folder.glob("*.lock"):
        try:
            # A young file is not even tried: our own short lock could be in its maker's way.
            fresh = time.time() - path.stat().st_mtime < _FRESH_S
            descriptor = None if fresh else lock(path)
        except FileNotFoundError:
            continue
        if descriptor is None:
            alive += 1
        else:
            path.unlink(missing_ok=True)
            os.close(descriptor)
    return alive


def publish(path: Path, address: Json) -> None:
    """Write the address file in one step, for its owner alone."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(address, file)
    draft.replace(path)


def published(path: Path, patience_s: float = 3.0) -> Json | None:
    """The address of the sandbox that holds the lock; it may be about to publish it."""
    until = time.monotonic() + patience_s
    while True:
        try:
            address: Json = json.loads(path.read_text())
        except (OSError, ValueError):
            if time.monotonic() > until:
                return None
            time.sleep(0.05)
        else:
            return address
