"""Checks of this computer: run log, disk, keyring, sandbox."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from pathlib import Path

from zapdesk.api.traffic import TRAFFIC
from zapdesk.domain.diagnosis import Finding, failed, passed, skipped, warning
from zapdesk.domain.facts import size_text
from zapdesk.domain.profiles import ServerKind
from zapdesk.domain.secret_store import Condition
from zapdesk.errors import SandboxUnavailable, StorageUnusable
from zapdesk.services.checks.surroundings import Look

SCARCE, NONE_LEFT = 200_000_000, 20_000_000
"""Bytes free on a disk: below the first it is told, below the second it is a failure."""

_WITHOUT_STORE = frozenset(
    {
        Condition.ABSENT,
        Condition.SWITCHED_OFF,
        Condition.PLAIN,
        Condition.FOREIGN,
        Condition.SESSION,
    }
)
"""There is no store to mend: zapdesk works without one."""
_FIXES = {
    Condition.ABSENT: "Install and start a keyring (gnome-keyring, KWallet), then test again.",
    Condition.SESSION: "Choose another place for secrets, then test again.",
}


async def database(look: Look) -> Finding:
    """Whether the run log is sound and can be written."""
    around = look.around
    trouble = around.log_trouble
    if trouble is None and around.health is not None:
        try:
            health = await around.health()
        except StorageUnusable as error:
            trouble = error
        else:
            facts = (
                ("Runs", f"{health.runs:,}"),
                ("Size", size_text(health.size)),
                ("SQLite", f"{health.sqlite_version}, {health.journal_mode}"),
            )
            if health.problems:
                return failed(
                    "The run log is damaged.",
                    health.problems[0],
                    "Start zapdesk again: it repairs the log and keeps a copy.",
                    *facts,
                )
            if health.read_only_reason:
                return failed(
                    "The run log can only be read.",
                    f"{health.read_only_reason} While this lasts nothing is sent.",
                    "Make its folder writable, then try again.",
                    *facts,
                )
            if health.doubt:
                return warning(
                    "The run log is in a doubtful place.",
                    health.doubt,
                    "Set ZAPDESK_HOME to a folder on a disk of this computer.",
                    *facts,
                )
            runs = "1 run" if health.runs == 1 else f"{health.runs:,} runs"
            return passed(f"Sound and writable, {runs}.", "", *facts)
    assert trouble is not None, "where there is no log there is a reason"
    return failed(
        trouble.title,
        " ".join(filter(None, (trouble.detail, "Without a log nothing is sent."))),
        trouble.hint or "Make the folder writable, or set ZAPDESK_HOME to another one.",
    )


async def disk(look: Look) -> Finding:
    """Whether there is room where files are kept, and whether they can be written."""
    paths = look.around.paths
    folders = {
        "Data": paths.data, "Cache": paths.cache, "Logs": paths.logs,
        "Temporary files": look.around.temporary,
    }  # fmt: skip
    return await asyncio.to_thread(_disk, folders)


def _disk(folders: dict[str, Path]) -> Finding:
    facts: list[tuple[str, str]] = []
    least = SCARCE
    scarce = ""
    for name, folder in folders.items():
        try:
            free = shutil.disk_usage(folder).free
            _write_into(folder)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return failed(
                f"Nothing can be written where {_kept(name)} are kept: {reason}.",
                f"The folder: {folder}",
                "Make room there, or make the folder writable.",
                *facts,
            )
        facts.append((name, f"{size_text(free)} free"))
        if free < least:
            least, scarce = free, name
    if not scarce:
        return passed("There is room, and files can be written.", "", *facts)
    words = f"Only {size_text(least)} are left where {_kept(scarce)} are kept."
    meaning = "When the disk is full, nothing can be recorded, and then nothing is sent."
    tell = failed if least < NONE_LEFT else warning
    return tell(words, meaning, f"Make room in {folders[scarce]}.", *facts)


def _kept(name: str) -> str:
    return {"Data": "runs and settings", "Cache": "cached files", "Logs": "logs"}.get(
        name, "temporary files"
    )


def _write_into(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(os.urandom(4096))
        file.flush()
        os.fsync(file.fileno())


async def keyring(look: Look) -> Finding:
    """Whether secrets can be kept: a random one is written, read and removed."""
    store = await look.around.vault.probe()
    if store.is_usable:
        return passed(f"Secrets are kept in {store.name}.")
    tell = warning if store.condition in _WITHOUT_STORE else failed
    return tell(
        store.title,
        " ".join(filter(None, (store.detail, "A sign-in lasts only until zapdesk is closed."))),
        _FIXES.get(store.condition, store.hint),
        ("State", store.condition.value),
    )


async def sandbox(look: Look) -> Finding:
    """Whether the sandbox runs, or could."""
    around = look.around
    try:
        with socket.create_server(("127.0.0.1", 0)):
            pass
    except OSError as error:
        return failed(
            "No port can be opened on this computer.",
            f"{error.strerror or error}. The sandbox and signing in by browser need one.",
            "Look whether a security program forbids it, and whether the loopback device is up.",
        )
    TRAFFIC.check()
    if around.profile.kind is ServerKind.SANDBOX:
        try:
            way = await look.way()
        except SandboxUnavailable as error:
            return failed(error.title, error.detail, error.hint)
        return passed("It runs and answers.", "", ("Address", way.base_url))
    if await around.sandbox.is_alive():
        return passed("It runs and answers.")
    return skipped("It is not running.", "It is started when the sandbox's profile is opened.")
