"""The HTML of the sandbox's own page, of consent and of connecting. All text is escaped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse

from zapdesk.sandbox.definitions import App
from zapdesk.sandbox.store import Run

_MOST_ROWS = 200
_LONGEST_CELL = 400
_SHORT = 30  # stays on one line: names, times, addresses
_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e6e5e1, #2f3035);
  --soft: light-dark(#f7f7f5, #26272b); --muted: light-dark(#5f5e5a, #a9aab1);
  --accent: light-dark(#3f51d9, #8e9bff); --on-accent: light-dark(#fff, #14151a); }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 80rem; padding: 24px;
  color: light-dark(#1b1b1a, #ececee); background: light-dark(#fff, #1e1f22); }
h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 15px; margin: 32px 0 8px; }
p, .empty { color: var(--muted); margin: 0 0 16px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; } a { color: var(--accent); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 12px; vertical-align: top; }
td { max-width: 26rem; white-space: pre-wrap; overflow-wrap: break-word; }
td.line { white-space: nowrap; }
th { background: var(--soft); color: var(--muted); font-weight: 600; font-size: 12px;
  white-space: nowrap; }
tr + tr td { border-top: 1px solid var(--line); }
code { font: 12px/1.5 ui-monospace, monospace; }
form { border: 1px solid var(--line); border-radius: 6px; padding: 16px 24px 24px;
  max-width: 32rem; }
label { display: block; margin: 8px 0; }
form.row { border: 0; padding: 0; } form.row button { margin: 0; padding: 2px 8px; }
em { color: var(--muted); font-style: normal; }
input[type=text], input[type=password] { box-sizing: border-box; width: 100%; padding: 8px;
  font: inherit; }
button { padding: 8px 16px; margin: 16px 8px 0 0; border-radius: 6px; background: none;
  border: 1px solid var(--line); font: inherit; color: inherit; }
button.go { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
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
    match value:
        case None:
            return "<td></td>"
        case bool():
            return f"<td>{'yes' if value else 'no'}</td>"
        case str() | int() | float():
            text = str(value)
            kind = " class=line" if len(text) <= _SHORT and "\n" not in text else ""
            return f"<td{kind}>{_text(text)}</td>"
        case list() if all(isinstance(item, str) for item in value):
            return f"<td>{_text(', '.join(value))}</td>"
    return f"<td><code>{_text(json.dumps(value, ensure_ascii=False))}</code></td>"


def _text(text: str) -> str:
    if len(text) > _LONGEST_CELL:
        text = text[:_LONGEST_CELL] + "…"
    # A lone surrogate, which JSON may carry, cannot be written as UTF-8.
    return escape(text.encode("utf-8", "replace").decode())


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; every cell is escaped and cut to a readable length."""
    lines = ["".join(map(_cell, row)) for row in rows]
    if not lines:
        return "<p class=empty>Nothing yet.</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<div class=scroll><table><tr>{head}</tr>{body}</table></div>"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def overview(
    db: sqlite3.Connection,
    runs: Sequence[tuple[str, Run]],
    accounts: Sequence[tuple[str, sqlite3.Row]],
    now: float,
) -> HTMLResponse:
    """Everything that the sandbox's actions did. ``runs`` and ``accounts`` come with the titles of
    their apps."""

    def rows(sql: str) -> list[sqlite3.Row]:
        return db.execute(f"{sql} LIMIT {_MOST_ROWS}").fetchall()

    sections: list[tuple[str, str, str]] = [
        ("runs", "Runs", _runs(runs, now)),
        ("connections", "Connections", _connections(accounts)),
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
    sections[2:2] = [
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


def _connections(accounts: Sequence[tuple[str, sqlite3.Row]]) -> str:
    lines = []
    for title, row in accounts[:_MOST_ROWS]:
        word, state = ("works", "expired") if not row["is_expired"] else ("expired", "works")
        button = "Let it expire" if word == "works" else "Let it work again"
        lines.append(
            f"<tr>{_cell(title)}{_cell(row['title'])}{_cell(word)}{_cell(row['id'])}<td class=line>"
            f"<form class=row method=post action='/connections/{quote(row['id'], safe='')}'>"
            f"<button name=state value={state}>{button}</button></form></td></tr>"
        )
    heads = "".join(f"<th>{word}</th>" for word in ("App", "Account", "State", "Id", ""))
    return f"<div class=scroll><table><tr>{heads}</tr>{''.join(lines)}</table></div>"


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


def connect(app: App, action: str, expired: Sequence[sqlite3.Row], key_mark: str) -> HTMLResponse:
    """The page that connects an account of an app, as the app's own sign-in page would."""
    title = escape(app.title)
    keys = "".join(
        f"<label>{escape(name)}<input type=password name='{escape(name)}' required"
        " autocomplete=off></label>"
        for name in app.credentials
    )
    about = (
        f"Any key that begins with {key_mark} opens an account of the sandbox."
        if keys
        else "The sandbox asks for no password: an account is a name."
    )
    choices = "".join(
        f"<label><input type=radio name=renew value='{escape(row['id'])}'"
        f"{' checked' if number == 0 else ''}> {_text(row['title'])} <em>has expired</em></label>"
        for number, row in enumerate(expired)
    )
    if choices:
        choices += "<label><input type=radio name=renew value=''> Another account</label>"
    return page(
        f"Connect {app.title}",
        f"<p>Sign in to {title} to let the sandbox use your account. {escape(about)}</p>",
        f"<form method=post action='{escape(action)}'>{choices}",
        "<label>Name of the account<input type=text name=title maxlength=255",
        f" value='My {title}'></label>{keys}",
        "<button class=go>Connect</button></form>",
    )


def connect_for(
    app_title: str, person: str, app_key: str, nonce: str, reconnects: str
) -> HTMLResponse:
    """The Connect page of a partner's end user; ``reconnects`` names an account that has ended."""
    title = f"Reconnect {reconnects}" if reconnects else f"Connect {app_title}"
    name = (
        "<label>Name of the account<input type=text name=title required maxlength=255"
        f" value='My {escape(app_title)}'></label>"
    )
    return page(
        title,
        f"<p>For {escape(person)}. The sandbox asks for no password: an account is a name.</p>",
        f"<form method=post action='/to/{quote(app_key, safe='')}'>",
        f"<input type=hidden name=nonce value='{escape(nonce)}'>{'' if reconnects else name}",
        f"<button class=go name=decision value=allow>{title.split()[0]}</button>",
        "<button name=decision value=deny formnovalidate>Cancel</button></form>",
    )
