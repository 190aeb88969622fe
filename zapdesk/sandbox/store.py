"""The sandbox's own SQLite file: runs with their times, single-use action ids, connections.

Everything here survives a restart. One connection, used on the event loop's thread alone.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zapdesk.sandbox.definitions import Action, App, Json, RunFailure

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS action_ids (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, action_type TEXT NOT NULL, key TEXT NOT NULL,
    issued_at REAL NOT NULL, used_at REAL);
CREATE INDEX IF NOT EXISTS action_ids_issued ON action_ids (issued_at);
CREATE TABLE IF NOT EXISTS authentications (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, title TEXT NOT NULL, is_expired INTEGER NOT NULL,
    created_at REAL NOT NULL, fields TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, action_type TEXT NOT NULL, key TEXT NOT NULL,
    authentication TEXT, inputs TEXT NOT NULL, created_at REAL NOT NULL, due_at REAL,
    began_at REAL, ended_at REAL, outcome TEXT);
CREATE INDEX IF NOT EXISTS runs_open ON runs (due_at) WHERE outcome IS NULL;
CREATE TABLE IF NOT EXISTS effects (
    seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, app TEXT NOT NULL, key TEXT NOT NULL,
    at REAL NOT NULL, inputs TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS received (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, action_id TEXT NOT NULL,
    app TEXT, action_type TEXT, key TEXT, run_id TEXT, status INTEGER, body BLOB NOT NULL);
"""
KEPT_S = 7 * 24 * 3600
"""Seconds after which run data is deleted, as the API does it: a week."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An action id that was handed out, and what it stands for."""

    id: str
    app: str
    action_type: str
    key: str
    used: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is stored. Times are seconds since the epoch; ``due_at`` None never comes."""

    id: str
    app: str
    action_type: str
    key: str
    authentication: str | None
    inputs: Json
    created_at: float
    due_at: float | None
    began_at: float | None
    ended_at: float | None
    outcome: Json | None

    def state(self, now: float) -> str:
        """``queued``, ``running``, ``success`` or ``error``, by the stored times alone."""
        if self.outcome is not None:
            return str(self.outcome["status"])
        if self.due_at is None or now < self.created_at + (self.due_at - self.created_at) / 3:
            return "queued"
        return "running"


_RUN_COLUMNS = (
    "id, app, action_type, key, authentication, inputs, created_at, due_at, began_at, ended_at,"
    " outcome"
)


class Store:
    """Opens, and where needed makes, the file ``sandbox.db`` in ``folder``."""

    def __init__(self, folder: Path) -> None:
        path = folder / "sandbox.db"
        # Made beforehand, since SQLite gives its journals the rights of the file they belong to.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self.folder = folder
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(_SCHEMA)
        for table, column in (
            ("action_ids", "issued_at"),
            ("runs", "created_at"),
            ("effects", "at"),
            ("received", "at"),
        ):
            oldest = time.time() - KEPT_S
            self.db.execute(f"DELETE FROM {table} WHERE {column} < ?", (oldest,))
        self.fact("hook_key")

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; nothing may be awaited inside."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # whatever it is, it goes on once the work is undone
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def fact(self, name: str) -> str:
        """A random secret of this name, the same for as long as the data lives."""
        self.db.execute(
            "INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, secrets.token_urlsafe(24))
        )
        row = self.db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row["value"])

    def install(self, apps: Iterable[App], more_schema: str) -> None:
        """Make the tables, the first data and the connections of ``apps``, each once."""
        self.db.executescript(more_schema)
        for app in apps:
            self.db.executescript(app.schema)
            with self.transaction():
                done = self.db.execute(
                    "SELECT 1 FROM facts WHERE name = ?", (f"installed {app.id}",)
                ).fetchone()
                if done:
                    continue
                now = time.time()
                for connection in app.connections or ():
                    self.add_authentication(app.id, connection.title, connection.id, now)
                    self.expire(connection.id, connection.is_expired)
                if app.seed:
                    app.seed(self.db, now)
                self.db.execute("INSERT INTO facts VALUES (?, '1')", (f"installed {app.id}",))

    # Action ids

    def issue(self, app: str, actions: Sequence[Action], now: float) -> list[str]:
        """A new id for each of ``actions``."""
        ids = [f"core:{secrets.token_urlsafe(15)}" for _ in actions]
        with self.transaction():
            self.db.executemany(
                "INSERT INTO action_ids VALUES (?, ?, ?, ?, ?, NULL)",
                [(i, app, a.action_type, a.key, now) for i, a in zip(ids, actions, strict=True)],
            )
        return ids

    def issued(self, action_id: str) -> Issued | None:
        row = self.db.execute("SELECT * FROM action_ids WHERE id = ?", (action_id,)).fetchone()
        if row is None:
            return None
        used = row["used_at"] is not None
        return Issued(row["id"], row["app"], row["action_type"], row["key"], used)

    def use(self, action_id: str, now: float) -> None:
        """Mark the id as spent on a run."""
        self.db.execute("UPDATE action_ids SET used_at = ? WHERE id = ?", (now, action_id))

    # Connections

    def add_authentication(
        self, app: str, title: str, auth_id: str = "", now: float | None = None
    ) -> str:
        """Keep a connected account and give its id. What opens it is not kept."""
        auth_id = auth_id or secrets.token_urlsafe(6)
        self.db.execute(
            "INSERT INTO authentications (id, app, title, is_expired, created_at)"
            " VALUES (?, ?, ?, 0, ?)",
            (auth_id, app, title, time.time() if now is None else now),
        )
        return auth_id

    def expire(self, auth_id: str, is_expired: bool) -> None:
        self.db.execute(
            "UPDATE authentications SET is_expired = ? WHERE id = ?", (is_expired, auth_id)
        )

    def authentications(self, app: str) -> list[sqlite3.Row]:
        """The accounts connected to ``app``, oldest first."""
        return self.db.execute(
            "SELECT * FROM authentications WHERE app = ? ORDER BY created_at, rowid", (app,)
        ).fetchall()

    def every_authentication(self) -> list[sqlite3.Row]:
        """The accounts of all apps, the newest first."""
        return self.db.execute(
            "SELECT * FROM authentications ORDER BY created_at DESC, rowid DESC"
        ).fetchall()

    def authentication(self, auth_id: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(
            "SELECT * FROM authentications WHERE id = ?", (auth_id,)
        ).fetchone()
        return row

    # Runs

    def add_run(
        self, run_id: str, issued: Issued, authentication: str | None, inputs: Json,
        now: float, due_at: float | None,
    ) -> None:  # fmt: skip
        self.db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
            (run_id, issued.app, issued.action_type, issued.key, authentication,
             json.dumps(inputs), now, due_at),
        )  # fmt: skip

    def run(self, run_id: str) -> Run | None:
        row = self.db.execute(
            f"SELECT {_RUN_COLUMNS} FROM runs WHERE id = ?",
            (run_id,),
        ).fetchone()
        return _run(row) if row else None

    def latest_runs(self, count: int) -> list[Run]:
        """The newest runs first."""
        rows = self.db.execute(
            f"SELECT {_RUN_COLUMNS} FROM runs ORDER BY created_at DESC LIMIT ?",
            (count,),
        )
        return [_run(row) for row in rows]

    def open_runs(self) -> list[Run]:
        """Runs that have a time to be done at and are not done, the first due first."""
        rows = self.db.execute(
            f"SELECT {_RUN_COLUMNS} FROM runs WHERE outcome IS NULL"
            " AND due_at IS NOT NULL ORDER BY due_at"
        )
        return [_run(row) for row in rows]

    def begin_run(self, run_id: str, now: float) -> None:
        self.db.execute("UPDATE runs SET began_at = ? WHERE id = ?", (now, run_id))

    def end_run(self, run_id: str, now: float, results: Sequence[Json]) -> None:
        """The run succeeded; call it in the transaction that holds its effect."""
        self._end(run_id, now, {"status": "success", "results": list(results), "errors": []})

    def fail_run(self, run_id: str, now: float, failure: RunFailure) -> None:
        self._end(run_id, now, {"status": "error", "results": [], "errors": [failure.as_json()]})

    def _end(self, run_id: str, now: float, outcome: Json) -> None:
        self.db.execute(
            "UPDATE runs SET ended_at = ?, outcome = ? WHERE id = ?",
            (now, json.dumps(outcome), run_id),
        )

    # What tests and people ask about

    def add_effect(self, run_id: str, issued_app: str, key: str, now: float, inputs: Json) -> None:
        """Something was really done. Call it in the transaction that did it."""
        self.db.execute(
            "INSERT INTO effects (run_id, app, key, at, inputs) VALUES (?, ?, ?, ?, ?)",
            (run_id, issued_app, key, now, json.dumps(inputs)),
        )

    def effects(self) -> list[Json]:
        rows = self.db.execute("SELECT run_id, app, key, at, inputs FROM effects ORDER BY seq")
        return [{**dict(row), "inputs": json.loads(row["inputs"])} for row in rows]

    def add_received(self, kind: str, action_id: str, body: bytes, now: float) -> int:
        """A body arrived at an endpoint that executes; its number, for ``answered``."""
        issued = self.issued(action_id)
        what = (issued.app, issued.action_type, issued.key) if issued else (None, None, None)
        cursor = self.db.execute(
            "INSERT INTO received (at, kind, action_id, app, action_type, key, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (now, kind, action_id, *what, body),
        )
        return cursor.lastrowid or 0

    def answered(self, seq: int, run_id: str | None, status: int) -> None:
        """How it was answered. ``status`` 0 means that the connection was cut."""
        self.db.execute(
            "UPDATE received SET run_id = ?, status = ? WHERE seq = ?", (run_id, status, seq)
        )

    def received(self) -> list[Json]:
        rows = self.db.execute("SELECT * FROM received ORDER BY seq")
        return [{**dict(row), "body": row["body"].decode("utf-8", "replace")} for row in rows]


def _run(row: sqlite3.Row) -> Run:
    columns: dict[str, Any] = dict(row)
    columns["inputs"] = json.loads(columns["inputs"])
    columns["outcome"] = json.loads(columns["outcome"]) if columns["outcome"] else None
    return Run(**columns)


def new_run_id(prefix: str = "") -> str:
    """A run id: a UUID, or ``prefix`` and 32 hex digits."""
    fresh = uuid.uuid4()
    return f"{prefix}{fresh.hex}" if prefix else str(fresh)
