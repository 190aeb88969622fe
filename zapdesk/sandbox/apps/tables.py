"""Tables: workspaces of spreadsheets in SQLite. The chosen table's columns become fields."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence

from zapdesk.sandbox.apps import sheets
from zapdesk.sandbox.apps.demo_rows import DEMO_TABLES, DEMO_WORKSPACES
from zapdesk.sandbox.definitions import Action, App, Call, Choice, Connection, Json, RunFailure
from zapdesk.sandbox.forms import info, select, text


def _create_row(call: Call) -> Sequence[Json]:
    sheet = sheets.chosen(call)
    row = sheets.row(call, sheets.insert(call.db, sheet.id, sheets.cells_of(call, sheet), call.now))
    return [sheets.row_json(row, sheet)] if row else []


def _update_row(call: Call) -> Sequence[Json]:
    sheet = sheets.chosen(call)
    row = sheets.own_row(call, sheet)
    cells = {**json.loads(row["cells"]), **sheets.cells_of(call, sheet)}
    call.db.execute(
        "UPDATE sheet_rows SET cells = ?, updated_at = ? WHERE id = ?",
        (json.dumps(cells), call.now, row["id"]),
    )
    return [sheets.row_json(sheets.own_row(call, sheet), sheet)]


def _delete_row(call: Call) -> Sequence[Json]:
    sheet = sheets.chosen(call)
    row = sheets.own_row(call, sheet)
    call.db.execute("DELETE FROM sheet_rows WHERE id = ?", (row["id"],))
    return [{"id": row["id"], "deleted": True}]


def _find_row(call: Call) -> Sequence[Json]:
    sheet = sheets.chosen(call)
    column, wanted = call.text("column"), call.text("value").casefold()
    if sheet.column(column) is None:
        raise RunFailure("user", "Unknown column", f"{sheet.title} has no such column.")
    return [
        sheets.row_json(row, sheet)
        for row in sheets.rows(call, sheet)
        if wanted in str(json.loads(row["cells"]).get(column) or "").casefold()
    ]


def _find_or_create_row(call: Call) -> Sequence[Json]:
    found = _find_row(call)
    return [{**found[0], "found": True}] if found else [{**_create_row(call)[0], "found": False}]


def _list_rows(call: Call) -> Sequence[Json]:
    sheet = sheets.chosen(call)
    rows = [sheets.row_json(row, sheet) for row in sheets.rows(call, sheet)]
    match call.text("view"):
        case "oldest":
            rows.reverse()
        case "today":
            rows = [row for row in rows if row["created_at"][:10] == sheets.iso(call.now)[:10]]
    return rows


def _create_table(call: Call) -> Sequence[Json]:
    columns = call.inputs.get("columns")
    if not isinstance(columns, dict):
        raise RunFailure("user", "Columns missing", "Columns are names with their kinds.")
    wrong = [str(kind) for kind in columns.values() if kind not in sheets.KINDS]
    if wrong:
        raise RunFailure(
            "user", "Unknown kind", f"“{wrong[0]}”; known are {', '.join(sheets.KINDS)}."
        )
    workspaces = {choice.id for choice in sheets.workspace_choices(call)}
    if call.text("workspace") not in workspaces:
        raise RunFailure("user", "Unknown workspace", "There is no such workspace.")
    made = [
        {"id": f"c{number}", "title": title, "kind": kind, "options": ["A", "B", "C"]}
        if kind in ("select", "tags")
        else {"id": f"c{number}", "title": title, "kind": kind}
        for number, (title, kind) in enumerate(columns.items(), start=1)
    ]
    sheet = f"tbl_{secrets.token_hex(5)}"
    call.db.execute(
        "INSERT INTO sheets VALUES (?, ?, ?, ?)",
        (sheet, call.text("workspace"), call.text("title"), json.dumps(made)),
    )
    return [{"id": sheet, "title": call.text("title"), "columns": made}]


def _seed(db: sqlite3.Connection, now: float) -> None:
    db.executemany("INSERT INTO workspaces VALUES (?, ?)", DEMO_WORKSPACES)
    for sheet_id, workspace, title, columns, rows in DEMO_TABLES:
        db.execute(
            "INSERT INTO sheets VALUES (?, ?, ?, ?)",
            (sheet_id, workspace, title, json.dumps(columns)),
        )
        for number, row in enumerate(rows):
            cells = dict(zip((column["id"] for column in columns), row, strict=True))
            sheets.insert(db, sheet_id, cells, now - 86_400 * (len(rows) - number))


_PLACE = {"workspace": sheets.workspace_choices, "table": sheets.table_choices}
_ROW_SAMPLE = {
    "id": "row_0a1b2c3d4e5f",
    "table": {"id": "tbl_customers", "title": "Customers"},
    "cells": {"name": "Marina Holt", "email": "marina@harbour.example"},
    "created_at": "2026-03-02T05:00:00+00:00",
    "updated_at": "2026-03-02T05:00:00+00:00",
}
_LOOK_UP = (
    select("column", "Column to search", required=True, depends_on=["table"]),
    text("value", "Value", required=True, description="Part of the text is enough."),
)
_ROW_FIELD = select("row", "Row", required=True, depends_on=["table"])

TABLES = App(
    id="2f1f4c3a-8c3e-5f0e-9d53-0e7e6c70a001",
    key="SandboxTables",
    title="Tables",
    description="Spreadsheets kept on this computer: create, change and find rows.",
    hex_color="1f8a70",
    categories=("spreadsheets", "productivity"),
    connections=(Connection("tables-1", "Sandbox tables"),),
    schema=sheets.SCHEMA,
    seed=_seed,
    actions=(
        Action(
            "create_row", "Create Row", "Adds a row to a table.", "WRITE", _create_row,
            lambda call: [*sheets.place_fields(), *sheets.cell_fields(call)],
            _PLACE, sheets.cell_choices, _ROW_SAMPLE,
        ),
        Action(
            "update_row", "Update Row", "Changes cells of a row.", "WRITE", _update_row,
            lambda call: [
                *sheets.place_fields(),
                _ROW_FIELD,
                info("kept", "Columns that are left empty here keep their value."),
                *sheets.cell_fields(call, required=False),
            ],
            {**_PLACE, "row": sheets.row_choices}, sheets.cell_choices, _ROW_SAMPLE,
        ),
        Action(
            "delete_row", "Delete Row", "Removes a row for good.", "WRITE", _delete_row,
            lambda _: [*sheets.place_fields(), _ROW_FIELD],
            {**_PLACE, "row": sheets.row_choices},
            sample={"id": "row_0a1b2c3d4e5f", "deleted": True},
        ),
        Action(
            "find_row", "Find Row", "Finds rows by the text in a column.", "SEARCH", _find_row,
            lambda _: [*sheets.place_fields(), *_LOOK_UP],
            {**_PLACE, "column": sheets.column_choices}, None, _ROW_SAMPLE,
        ),
        Action(
            "find_or_create_row", "Find or Create Row",
            "Finds a row, or adds one where there is none.", "SEARCH_OR_WRITE",
            _find_or_create_row,
            lambda call: [
                *sheets.place_fields(),
                *_LOOK_UP,
                *sheets.cell_fields(call, required=False),
            ],
            {**_PLACE, "column": sheets.column_choices}, sheets.cell_choices,
            {**_ROW_SAMPLE, "found": True},
        ),
        Action(
            "create_table", "Create Table", "Makes a new table in a workspace.", "WRITE",
            _create_table,
            lambda _: [
                select("workspace", "Workspace", required=True),
                text("title", "Title", required=True),
                text(
                    "columns", "Columns", kind="OBJECT", required=True,
                    description="Name and kind: " + ", ".join(f"`{kind}`" for kind in sheets.KINDS),
                ),
            ],
            {"workspace": sheets.workspace_choices},
            sample={"id": "tbl_0a1b2c3d4e", "title": "Visits"},
        ),
        Action(
            "new_row", "New Row", "Gives the rows of a table, newest first.", "READ", _list_rows,
            lambda _: [*sheets.place_fields(), select("view", "View", depends_on=["table"])],
            {
                **_PLACE,
                "view": lambda call: [
                    Choice("newest", "Newest first"),
                    Choice("oldest", "Oldest first"),
                    Choice("today", "Added today"),
                ]
                if sheets.chosen_or_none(call)
                else [],
            },
            None, _ROW_SAMPLE,
        ),
    ),
)  # fmt: skip
