"""Fills a run log with many ended runs, in one transaction for each thousand.

The rows are the ones that RunLog writes, made with its own parts; only the commits are fewer:
one for each run, as people press, would take an hour for a million.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from tests.storage.making import OWNER
from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import RunOrder, RunStatus
from zapdesk.storage import run_places, run_rows, run_text
from zapdesk.storage.database import Database
from zapdesk.storage.packing import pack
from zapdesk.storage.run_changes import marks, tell, update

if TYPE_CHECKING:
    import apsw

PROFILE = "sandbox"
BATCH = 1_000
FIRST_MS = 1_600_000_000_000
STEP_MS = 60_000
_WORDS = (
    "invoice", "customer", "message", "order", "ticket", "payment", "draft", "reply", "welcome",
    "report", "meeting", "summary", "channel", "weekly", "product", "release", "budget", "review",
    "contract", "shipping", "address", "monday", "update",
)  # fmt: skip
_SENTENCES = 4_096  # distinct ones, made once: choosing words takes longer than writing them down
_ENDS = (RunStatus.SUCCESS,) * 17 + (RunStatus.ERROR, RunStatus.UNKNOWN, RunStatus.REFUSED)


def sentences(chance: random.Random) -> list[str]:
    """What lines of results say."""
    return [" ".join(chance.choices(_WORDS, k=14)) for _ in range(_SENTENCES)]


def payload(chance: random.Random, number: int, texts: list[str]) -> bytes:
    """A result of about 2 KB, as actions give them: ids, names, links and sentences."""
    record = {
        "id": f"rec_{chance.getrandbits(64):016x}",
        "number": number,
        "url": f"https://app.example/records/{chance.getrandbits(48):012x}",
        "created_at": f"2026-0{1 + number % 9}-1{number % 10}T0{number % 10}:15:00Z",
        "status": chance.choice(("open", "closed", "waiting")),
        "owner": {"id": chance.randrange(10_000), "name": " ".join(chance.choices(_WORDS, k=2))},
        "lines": [
            {
                "sku": f"{chance.getrandbits(32):08x}",
                "text": texts[chance.getrandbits(12)],
                "price": f"{chance.randrange(100_000) / 100:.2f}",
            }
            for _ in range(12)
        ],
    }
    return json.dumps([record], separators=(",", ":")).encode()


def orders(count: int) -> Iterator[tuple[RunOrder, RunStatus, bytes, bytes]]:
    """For each run its order, how it ended, its inputs and its results; the same ones each time."""
    chance = random.Random(11)
    texts = sentences(chance)
    for number in range(count):
        app = chance.randrange(40)
        order = RunOrder(
            profile_id=PROFILE,
            action=ActionKey(f"app-{app}", WRITE, f"action-{chance.randrange(5)}"),
            app_title=f"{_WORDS[app % len(_WORDS)].title()} App",
            action_title=f"Create {chance.choice(_WORDS).title()}",
            authentication_id=None,
            authentication_title="",
            inputs={},
            nonce=str(number),
        )
        inputs = json.dumps({"text": " ".join(chance.choices(_WORDS, k=8)), "n": number}).encode()
        yield order, chance.choice(_ENDS), inputs, payload(chance, number, texts)


async def generate(database: Database, count: int) -> int:
    """Write ``count`` runs; gives the bytes of JSON in them."""
    made = orders(count)
    raw = 0
    # Nothing of this has to survive a power cut.
    await database.maintain(lambda c: c.execute("PRAGMA synchronous = OFF").fetchall())
    for first in range(0, count, BATCH):
        raw += await database.write(partial(_write, made, range(first, min(first + BATCH, count))))
    return raw


def _write(
    made: Iterator[tuple[RunOrder, RunStatus, bytes, bytes]],
    numbers: range,
    connection: apsw.Connection,
) -> int:
    raw = 0
    for number in numbers:
        order, status, inputs, results = next(made)
        at_ms = FIRST_MS + number * STEP_MS
        row = run_rows.row_of_order(order, UUID(int=number).hex, OWNER, at_ms)
        connection.execute(
            f"INSERT INTO runs ({run_rows.NEW_RUN_COLUMNS}) VALUES ({marks(row)})", row
        )
        key = connection.last_insert_rowid()
        ended = {"status": status.value, "ended_ms": at_ms + 1_800, "run_id": f"z{number}"}
        if status is RunStatus.SUCCESS:
            ended["headline"] = result_line(results)
        update(connection, "runs", "number", key, ended)
        connection.execute(
            "INSERT INTO run_bodies (run, inputs, inputs_sha256, labels, results, results_sha256)"
            " VALUES (?, ?, ?, '{}', ?, ?)",
            (
                key,
                pack(inputs),
                hashlib.sha256(inputs).digest(),
                pack(results),
                hashlib.sha256(results).digest(),
            ),
        )
        tell(connection, key, at_ms, RunStatus.SUBMITTING, "")
        tell(connection, key, at_ms + 1_800, status, "")
        run_places.assign(connection, key)
        run_text.index(connection, key)
        raw += len(inputs) + len(results)
    return raw
