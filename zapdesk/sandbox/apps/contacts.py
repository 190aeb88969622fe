"""Contacts: a small CRM with accounts of its own and a very long list of owners."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from zapdesk.sandbox.definitions import Action, App, Call, Choice, Connection, Json, RunFailure
from zapdesk.sandbox.forms import fieldset, select, text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS contacts (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    phone TEXT NOT NULL, company TEXT NOT NULL, stage TEXT NOT NULL, owner TEXT NOT NULL,
    birthday TEXT NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS contacts_account ON contacts (account, name);
CREATE TABLE IF NOT EXISTS contact_notes (
    id TEXT PRIMARY KEY, contact TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL)
"""
OWNERS = 2_350
_COLUMNS = ("name", "email", "phone", "company", "stage", "owner", "birthday")
_STAGES = (
    Choice("new", "New"),
    Choice("talking", "In conversation"),
    Choice("customer", "Customer"),
    Choice("former", "Former customer"),
    Choice("", "(none)"),
)
_GIVEN = ("Ana", "Ben", "Chloé", "Dmitri", "Élise", "Farid", "Grace", "Hiro", "Ingrid", "João",
          "Kwame", "Leïla", "Mateo", "Noor", "Oluwaseun", "Priya", "Quentin", "Rosa", "Søren",
          "Tomasz")  # fmt: skip
_FAMILY = ("Abbott", "Berger", "Castillo", "Dubois", "Eriksen", "Fuentes", "Garcia", "Haddad",
           "Ivanova", "Jensen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov",
           "Quist", "Rossi", "Schmidt", "Tanaka")  # fmt: skip
_UNUSUAL = ("🌻 Garden team", "מיכל לוי", "ليلى حدّاد", "山田 太郎", "👩‍🚀 Ada (on leave)",
            "Ωmega Group", "Zoë <zoe@harbour.example>",
            "O'Neill & Sons", "  (two spaces)", "Ñandú")  # fmt: skip


@cache
def owners() -> tuple[Choice, ...]:
    """A list as long and as odd as real ones: some labels null, some repeated, many scripts."""
    made = []
    for number in range(OWNERS):
        label: str | None = f"{_GIVEN[number % 20]} {_FAMILY[number // 20 % 20]}"
        if number % 97 == 13:
            label = None
        elif number % 50 == 7:
            label = _UNUSUAL[number // 50 % len(_UNUSUAL)]
        elif number >= 400:
            # The names are used up after 400, so that the rest repeats some of them.
            label = f"{label} {number // 400 + 1}" if number % 3 else label
        made.append(Choice(f"own_{number:04}", label, f"owner {number}"))
    return tuple(made)


def _json(row: sqlite3.Row) -> Json:
    contact: Json = {"id": row["id"], **{key: row[key] for key in _COLUMNS if key != "owner"}}
    known = {choice.id: choice.label for choice in owners()}
    contact["owner"] = {"id": row["owner"], "name": known.get(row["owner"])}
    contact["created_at"] = datetime.fromtimestamp(row["created_at"], UTC).isoformat(
        timespec="seconds"
    )
    return contact


def _get(call: Call, contact_id: str) -> sqlite3.Row:
    """The contact of the connected account. Raises ``RunFailure`` where it has none such."""
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM contacts WHERE id = ? AND account = ?", (contact_id, call.authentication)
    ).fetchone()
    if row is None:
        raise RunFailure("user", "Unknown contact", "This account has no such contact.")
    return row


def _given(call: Call) -> dict[str, str]:
    values = {key: call.text(key) for key in _COLUMNS if key in call.inputs}
    if values.get("owner") and values["owner"] not in {choice.id for choice in owners()}:
        raise RunFailure("user", "Unknown owner", f"“{values['owner']}” is nobody here.")
    if values.get("email") and "@" not in values["email"]:
        raise RunFailure("user", "Not an address", f"“{values['email']}” is no e-mail address.")
    return values


def _insert(db: sqlite3.Connection, account: str, values: dict[str, str], now: float) -> str:
    contact_id = f"con_{secrets.token_hex(6)}"
    db.execute(
        "INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (contact_id, account, *(values.get(key, "") for key in _COLUMNS), now),
    )
    return contact_id


def _create(call: Call) -> Sequence[Json]:
    made = _insert(call.db, call.authentication or "", _given(call), call.now)
    return [_json(_get(call, made))]


def _update(call: Call) -> Sequence[Json]:
    row = _get(call, call.text("contact"))
    values = {key: row[key] for key in _COLUMNS} | _given(call)
    call.db.execute(
        "UPDATE contacts SET name = ?, email = ?, phone = ?, company = ?, stage = ?, owner = ?,"
        " birthday = ? WHERE id = ?",
        (*(values[key] for key in _COLUMNS), row["id"]),
    )
    return [_json(_get(call, row["id"]))]


def _find(call: Call) -> Sequence[Json]:
    wanted = call.text("text").casefold()
    return [
        _json(row)
        for row in _all(call)
        if any(wanted in row[key].casefold() for key in ("name", "email", "company"))
    ]


def _find_or_create(call: Call) -> Sequence[Json]:
    for row in _all(call):
        if row["email"].casefold() == call.text("email").casefold():
            return [{**_json(row), "found": True}]
    return [{**_create(call)[0], "found": False}]


def _add_note(call: Call) -> Sequence[Json]:
    row = _get(call, call.text("contact"))
    note_id = f"note_{secrets.token_hex(6)}"
    call.db.execute(
        "INSERT INTO contact_notes VALUES (?, ?, ?, ?)",
        (note_id, row["id"], call.text("body"), call.now),
    )
    return [{"id": note_id, "contact": _json(row), "body": call.text("body")}]


def _all(call: Call) -> list[sqlite3.Row]:
    return call.db.execute(
        "SELECT * FROM contacts WHERE account = ? ORDER BY name", (call.authentication,)
    ).fetchall()


def _contact_choices(call: Call) -> Sequence[Choice]:
    return [Choice(row["id"], f"{row['name']} ({row['email']})") for row in _all(call)]


def _person_fields(*, required: bool) -> list[Json]:
    return [
        text("name", "Full name", required=required),
        text("email", "E-mail", required=required),
        fieldset(
            "work",
            "Work",
            [
                text("phone", "Phone"),
                text("company", "Company"),
                select("stage", "Stage", default="New" if required else ""),
                select("owner", "Owner", description="Who looks after this contact."),
            ],
        ),
        text("birthday", "Birthday", form="DATETIME"),
    ]


def _seed(db: sqlite3.Connection, now: float) -> None:
    for number, (account, name, company) in enumerate(
        (
            ("contacts-1", "Marina Holt", "Harbour Studio"),
            ("contacts-1", "Jun Watanabe", "Sakura Trading"),
            ("contacts-1", "Aïcha Benali", "Atlas Interiors"),
            ("contacts-1", "משה כהן", "Tel Aviv Ceramics"),
            ("contacts-3", "Nora Lind", ""),
            ("contacts-3", "Ben Castillo", "Library"),
        )
    ):
        email = f"contact{number + 1}@example.org"
        owner = owners()[number * 31].id
        values = {"name": name, "email": email, "company": company, "stage": "new", "owner": owner}
        _insert(db, account, values, now)


_DROP_DOWNS: dict[str, Any] = {"stage": lambda _: _STAGES, "owner": lambda _: owners()}
_WITH_CONTACT = {**_DROP_DOWNS, "contact": _contact_choices}
_SAMPLE = {
    "id": "con_0a1b2c3d4e5f",
    "name": "Marina Holt",
    "email": "marina@harbour.example",
    "stage": "new",
    "owner": {"id": "own_0001", "name": "Ben Abbott"},
}

CONTACTS = App(
    id="e3a7c9b1-0d2f-5e4a-9b6c-8f1d3c5ea004",
    key="SandboxContacts",
    title="Contacts",
    description="A small address book with owners, stages and notes.",
    hex_color="1971c2",
    categories=("crm",),
    connections=(
        Connection("contacts-1", "Contacts of the studio"),
        Connection("contacts-2", "Contacts of last year", is_expired=True),
        Connection("contacts-3", "Private contacts"),
    ),
    schema=_SCHEMA,
    seed=_seed,
    credentials=("api_key",),
    actions=(
        Action(
            "create_contact", "Create Contact", "Adds a contact.", "WRITE", _create,
            lambda _: _person_fields(required=True), _DROP_DOWNS, sample=_SAMPLE,
        ),
        Action(
            "update_contact", "Update Contact", "Changes what is filled in.", "WRITE", _update,
            lambda _: [select("contact", "Contact", required=True),
                       *_person_fields(required=False)],
            _WITH_CONTACT, sample=_SAMPLE,
        ),
        Action(
            "find_contact", "Find Contact", "By name, e-mail or company.", "SEARCH", _find,
            lambda _: [text("text", "Search for", required=True)], sample=_SAMPLE,
        ),
        Action(
            "find_or_create_contact", "Find or Create Contact",
            "Looks for the e-mail address, and adds the contact where there is none.",
            "SEARCH_OR_WRITE", _find_or_create,
            lambda _: _person_fields(required=True), _DROP_DOWNS,
            sample={**_SAMPLE, "found": True},
        ),
        Action(
            "add_note", "Add Note", "Writes a note to a contact.", "WRITE", _add_note,
            lambda _: [
                select("contact", "Contact", required=True),
                text("body", "Note", form="MULTILINE", required=True),
            ],
            _WITH_CONTACT, sample={"id": "note_0a1b2c3d4e5f", "body": "Called back."},
        ),
        Action(
            "new_contact", "New Contact", "Gives the contacts of the account.", "READ",
            lambda call: [_json(row) for row in _all(call)], sample=_SAMPLE,
        ),
    ),
)  # fmt: skip
