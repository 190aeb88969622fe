"""Runs as CSV, one line each, for a spreadsheet. No cell can become a formula there."""

from __future__ import annotations

import csv
import io

from zapdesk.services.dossiers import Dossier
from zapdesk.services.run_documents import when

_LONGEST_CELL = 32_000
"""Characters; spreadsheets cut cells above 32,767."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

COLUMNS = (
    "id", "run_id", "kind", "profile", "status", "server_status", "app", "action", "action_type",
    "action_key", "connection", "created_at", "sent_at", "ended_at", "duration_ms", "headline",
    "resolution", "inputs", "results",
)  # fmt: skip


def heading() -> str:
    """The first line."""
    return _line(COLUMNS)


def row(dossier: Dossier) -> str:
    """The line of one run."""
    run = dossier.record.run
    results = dossier.record.results
    cells = (
        run.id,
        run.run_id or "",
        run.kind.value,
        run.profile_id,
        run.status.value,
        run.server_status,
        run.app_title,
        run.action_title,
        run.action.action_type,
        run.action.key,
        run.authentication_title or run.authentication_id or "",
        when(run.created_ms) or "",
        when(run.sent_ms) or "",
        when(run.ended_ms) or "",
        "" if run.duration_ms is None else str(run.duration_ms),
        run.headline,
        run.resolution.value if run.resolution else "",
        _long(dossier.record.inputs),
        "" if results is None else _long(results),
    )
    return _line(tuple(map(safe, cells)))


def safe(cell: str) -> str:
    """``cell`` so that a spreadsheet shows it as text: what would start a formula gets an
    apostrophe in front."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _long(raw: bytes) -> str:
    text = raw.decode("utf-8", "backslashreplace")
    if len(text) <= _LONGEST_CELL:
        return text
    return f"({len(text)} characters, too long for a cell; the JSON export has them)"


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
