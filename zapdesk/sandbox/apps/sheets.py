"""The spreadsheets of Tables: reading and writing them, and what their columns make of a form."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from zapdesk.sandbox.definitions import Call, Choice, Json, RunFailure
from zapdesk.sandbox.forms import fieldset, select, text

SCHEMA = """
CREATE TABLE IF NOT EXISTS workspaces (id TEXT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sheets (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, title TEXT NOT NULL, columns TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sheet_rows (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sheet TEXT NOT NULL,
    cells TEXT NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sheet_rows_sheet ON sheet_rows (sheet, seq)
"""
KINDS = {
    "text": "Text",
    "long_text": "Long text",
    "number": "Number",
    "boolean": "Yes or no",
    "date": "Date",
    "select": "One of several",
    "tags": "Several of several",
}
_PREFIX = "cell__"
_YES_NO = (Choice("true", "Yes"), Choice("false", "No"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table and its columns ``{id, title, kind, options, required}``."""

    id: str
    title: str
    columns: list[Json]

    def column(self, column_id: str) -> Json | None:
        return next((column for column in self.columns if column["id"] == column_id), None)


def chosen_or_none(call: Call) -> Sheet | None:
    """The chosen table, where it lies in the chosen workspace."""
    row = call.db.execute(
        "SELECT * FROM sheets WHERE id = ? AND workspace = ?",
        (call.text("table"), call.text("workspace")),
    ).fetchone()
    return Sheet(row["id"], row["title"], json.loads(row["columns"])) if row else None


def chosen(call: Call) -> Sheet:
    sheet = chosen_or_none(call)
    if sheet is None:
        raise RunFailure("user", "Unknown table", "This workspace has no such table.")
    return sheet


def row_json(row: sqlite3.Row, sheet: Sheet) -> Json:
    cells = json.loads(row["cells"])
    return {
        "id": row["id"],
        "table": {"id": sheet.id, "title": sheet.title},
        "cells": {column["id"]: cells.get(column["id"]) for column in sheet.columns},
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
    }


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _column_field(column: Json, *, required: bool) -> Json:
    options: dict[str, Any] = {"required": required and bool(column.get("required"))}
    field_id, title = _PREFIX + column["id"], column["title"]
    match column["kind"]:
        case "long_text":
            return text(field_id, title, form="MULTILINE", **options)
        case "number":
            return text(field_id, title, kind="NUMBER", **options)
        case "boolean":
            return select(field_id, title, kind="BOOLEAN", **options)
        case "date":
            return text(field_id, title, form="DATETIME", **options)
        case "select":
            return select(field_id, title, **options)
        case "tags":
            return select(field_id, title, kind="ARRAY", items="STRING", **options)
    return text(field_id, title, **options)


def place_fields() -> list[Json]:
    return [
        select("workspace", "Workspace", required=True),
        select(
            "table", "Table", required=True, depends_on=["workspace"], invalidates=True,
            description="Its columns become the fields below.",
        ),
    ]  # fmt: skip


def cell_fields(call: Call, *, required: bool = True) -> list[Json]:
    sheet = chosen_or_none(call)
    if sheet is None:
        return []
    columns = [_column_field(column, required=required) for column in sheet.columns]
    return [fieldset("cells", f"Columns of {sheet.title}", columns)]


def cells_of(call: Call, sheet: Sheet) -> Json:
    """What was filled in for the columns, as values of their kinds."""
    return {
        column["id"]: _cell(column, call.inputs[_PREFIX + column["id"]])
        for column in sheet.columns
        if _PREFIX + column["id"] in call.inputs
    }


def _cell(column: Json, value: Any) -> Any:
    options = [choice.id for choice in _options(column)]
    if column["kind"] == "tags":
        tags = value if isinstance(value, list) else [value]
        unknown = [tag for tag in tags if tag not in options]
        if unknown:
            raise RunFailure("user", "Unknown option", f"{column['title']}: “{unknown[0]}”.")
        return tags
    if isinstance(value, list | dict):
        raise RunFailure("user", "Not one value", f"{column['title']} takes one value.")
    if value in (None, ""):
        return None
    if column["kind"] == "number":
        return float(value) if "." in str(value) or "e" in str(value).lower() else int(value)
    if column["kind"] == "boolean":
        return str(value).lower() in ("true", "yes", "1")
    if column["kind"] == "select" and value not in options:
        raise RunFailure("user", "Unknown option", f"{column['title']}: “{value}”.")
    return value


def workspace_choices(call: Call) -> Sequence[Choice]:
    rows = call.db.execute("SELECT id, title FROM workspaces ORDER BY title")
    return [Choice(row["id"], row["title"]) for row in rows]


def table_choices(call: Call) -> Sequence[Choice]:
    rows = call.db.execute(
        "SELECT id, title FROM sheets WHERE workspace = ? ORDER BY title", (call.text("workspace"),)
    )
    return [Choice(row["id"], row["title"]) for row in rows]


def column_choices(call: Call) -> Sequence[Choice]:
    sheet = chosen_or_none(call)
    return [Choice(column["id"], column["title"]) for column in sheet.columns] if sheet else []


def row_choices(call: Call) -> Sequence[Choice]:
    sheet = chosen_or_none(call)
    if sheet is None:
        return []
    first = sheet.columns[0]["id"]
    return [
        Choice(row["id"], str(json.loads(row["cells"]).get(first) or row["id"]))
        for row in rows(call, sheet)
    ]


def _options(column: Json) -> Sequence[Choice]:
    if column["kind"] == "boolean":
        return _YES_NO
    return [Choice(option, option) for option in column.get("options", ())]


def cell_choices(call: Call, input_id: str) -> Sequence[Choice] | None:
    sheet = chosen_or_none(call)
    column = sheet.column(input_id.removeprefix(_PREFIX)) if sheet else None
    if column is None or column["kind"] not in ("boolean", "select", "tags"):
        return None
    return _options(column)


def rows(call: Call, sheet: Sheet) -> list[sqlite3.Row]:
    """The rows of a table, newest first."""
    return call.db.execute(
        "SELECT * FROM sheet_rows WHERE sheet = ? ORDER BY seq DESC", (sheet.id,)
    ).fetchall()


def row(call: Call, row_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM sheet_rows WHERE id = ?", (row_id,)
    ).fetchone()
    return row


def insert(db: sqlite3.Connection, sheet_id: str, cells: Json, now: float) -> str:
    row_id = f"row_{secrets.token_hex(6)}"
    db.execute(
        "INSERT INTO sheet_rows (id, sheet, cells, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (row_id, sheet_id, json.dumps(cells), now, now),
    )
    return row_id


def own_row(call: Call, sheet: Sheet) -> sqlite3.Row:
    found = row(call, call.text("row"))
    if found is None or found["sheet"] != sheet.id:
        raise RunFailure("user", "Unknown row", f"{sheet.title} has no such row.")
    return found
