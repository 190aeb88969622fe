"""The HTML of the sandbox's own page, of consent and of connecting. All text is escaped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from zapdesk.sandbox.store import Run

_MOST_ROWS = 200
_LONGEST_CELL = 400
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0b7285; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p, .empty { color: #777; }
nav a { margin-right: 1rem; color: var(--accent); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .7rem; vertical-align: top; white-space: pre-wrap;
  overflow-wrap: anywhere; }
th { background: var(--soft); font-weight: 600; white-space: nowrap; }
tr + tr td { border-top: 1px solid var(--line); }
form { border: 1px solid var(--line); border-radius: 8px; padding: 1.25rem; max-width: 32rem; }
label { display: block; margin: .35rem 0; } input[type=text] { width: 100%; padding: .4rem; }
button { padding: .5rem 1.2rem; margin: 1rem .5rem 0 0; border-radius: 6px;
  border: 1px solid var(--line); font: inherit; }
button.go { background: var(--accent); color: #fff; }
"""
HEADERS = {
    # The consent form ends at the program's own loopback address, hence the three hosts.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self' http://127.0.0.1:* http://localhost:*"
    " http://[::1]:*",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(title: str, *parts: str, status: int = 200) -> HTMLResponse:
    """A whole page. ``parts`` are HTML already; ``title`` is not."""
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'>\
<title>{escape(title)}</title><style>{_STYLE}</style>"
    body = f"<!doctype html><html lang=en><head>{head}</head><body>\
<h1>{escape(title)}</h1>{''.join(parts)}</body></html>"
    return HTMLResponse(body, status_code=status, headers=HEADERS)


def note(title: str, sentence: str, status: int = 200) -> HTMLResponse:
    """A page that only says one thing."""
    return page(title, f"<p>{escape(sentence)}</p>", status=status)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > _LONGEST_CELL:
        text = text[:_LONGEST_CELL] + "…"
    # A lone surrogate, which JSON may carry, cannot be written as UTF-8.
    return escape(text.encode("utf-8", "replace").decode())


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; every cell is escaped and cut to a readable length."""
    lines = ["".join(f"<td>{_cell(value)}</td>" for value in row) for row in rows]
    if not lines:
        return "<p class=empty>Nothing yet.</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<div class=scroll><table><tr>{head}</tr>{body}</table></div>"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def overview(db: sqlite3.Connection, runs: Sequence[tuple[str, Run]], now: float) -> HTMLResponse:
    """Everything that the sandbox's actions did. ``runs`` come with the titles of their apps."""

    def rows(sql: str) -> list[sqlite3.Row]:
        return db.execute(f"{sql} LIMIT {_MOST_ROWS}").fetchall()

    sections: list[tuple[str, str, str]] = [
        ("runs", "Runs", _runs(runs, now)),
        (
            "outbox",
            "Outbox",
            table(
                ("Sent", "From", "To", "Subject", "Text", "File", "By"),
                [
                    (_time(m["at"]), m["sender"], m["recipients"], m["subject"], m["body"],
                     m["file"], m["sent_by"])
                    for m in rows("SELECT * FROM mails ORDER BY seq DESC")
                ],
            ),
        ),
        (
            "contacts",
            "Contacts",
            table(
                ("Name", "E-mail", "Phone", "Company", "Stage", "Owner", "Account"),
                [
                    (c["name"], c["email"], c["phone"], c["company"], c["stage"], c["owner"],
                     c["account"])
                    for c in rows("SELECT * FROM contacts ORDER BY account, name")
                ],
            ),
        ),
        (
            "hooks",
            "Received webhooks",
            table(
                ("Received", "Name", "Method", "Type", "Body"),
                [
                    (_time(h["at"]), h["name"], h["method"], h["content_type"], h["body"])
                    for h in rows("SELECT * FROM hooks ORDER BY seq DESC")
                ],
            ),
        ),
    ]  # fmt: skip
    sections[1:1] = [
        (sheet["id"], f"Table: {sheet['title']}", _sheet(db, sheet))
        for sheet in rows("SELECT * FROM sheets ORDER BY workspace, title")
    ]
    links = "".join(
        f"<a href='#{escape(anchor)}'>{escape(title)}</a>" for anchor, title, _ in sections
    )
    parts = [
        f"<h2 id='{escape(anchor)}'>{escape(title)}</h2>{content}"
        for anchor, title, content in sections
    ]
    intro = "<p>What the actions of this sandbox did, on this computer.</p>"
    return page("zapdesk sandbox", intro, f"<nav>{links}</nav>", *parts)


def _runs(runs: Sequence[tuple[str, Run]], now: float) -> str:
    return table(
        ("Started", "App", "Action", "Status", "Inputs", "Outcome", "Id"),
        [
            (_time(run.created_at), title, run.key, run.state(now), run.inputs,
             (run.outcome or {}).get("errors") or (run.outcome or {}).get("results"), run.id)
            for title, run in runs
        ],
    )  # fmt: skip


def _sheet(db: sqlite3.Connection, sheet: sqlite3.Row) -> str:
    columns = json.loads(sheet["columns"])
    rows = db.execute(
        "SELECT cells FROM sheet_rows WHERE sheet = ? ORDER BY seq DESC LIMIT ?",
        (sheet["id"], _MOST_ROWS),
    )
    cells = [json.loads(row["cells"]) for row in rows]
    return table(
        [column["title"] for column in columns],
        [[row.get(column["id"]) for column in columns] for row in cells],
    )


def consent(client: str, nonce: str, scopes: Sequence[tuple[str, str]]) -> HTMLResponse:
    """The page that asks whether a program may act for the user; each right can be withheld."""
    boxes = "".join(
        f"<label><input type=checkbox name=scope value='{escape(scope)}' checked> "
        f"{escape(meaning)} <code>{escape(scope)}</code></label>"
        for scope, meaning in scopes
    )
    return page(
        "Allow access to this sandbox?",
        f"<p>The program {escape(client)} asks to act for the sandbox's user:</p>",
        "<form method=post action='/oauth/consent'>",
        f"<input type=hidden name=nonce value='{escape(nonce)}'>{boxes}",
        "<button class=go name=decision value=allow>Allow</button>",
        "<button name=decision value=deny>Deny</button></form>",
    )


def connect(app_title: str, action: str) -> HTMLResponse:
    """The page that connects an account of an app."""
    return page(
        f"Connect {app_title}",
        "<p>The sandbox asks for no password: an account is a name.</p>",
        f"<form method=post action='{escape(action)}'>",
        "<label>Name of the account<input type=text name=title required maxlength=255",
        f" value='My {escape(app_title)}'></label>",
        "<button class=go>Connect</button></form>",
    )
