"""The generated directory: up to ten thousand apps, the same ones each time, made when asked for.

Their actions keep real records, so that what one creates another finds.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from functools import lru_cache

from zapdesk.sandbox.definitions import Action, App, Call, Choice, Connection, Json
from zapdesk.sandbox.forms import select, text

MOST = 10_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS directory_records (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, app TEXT NOT NULL, title TEXT NOT NULL,
    inputs TEXT NOT NULL, created_at REAL NOT NULL)
"""
_NAMESPACE = uuid.UUID("6c1f0d0e-5d33-4b38-9d9e-6b1a3f5da007")
_FIRST = (
    "Amber", "Birch", "Cobalt", "Delta", "Ember", "Fern", "Garnet", "Harbour", "Indigo", "Juniper",
    "Kestrel", "Lumen", "Maple", "North", "Orchid", "Pebble", "Quartz", "River", "Saffron", "Tide",
    "Umber", "Velvet", "Willow", "Xenon", "Yarrow",
)  # fmt: skip
_SECOND = (
    "Board", "Books", "Cast", "Chart", "Desk", "Docs", "Flow", "Forge", "Forms", "Grid", "Hub",
    "Ledger", "Mail", "Notes", "Pay", "Planner", "Post", "Sheet", "Sign", "Stack",
)  # fmt: skip
_THIRD = (
    "", "Pro", "Cloud", "for Teams", "One", "Suite", "Labs", "Go", "Studio", "Connect", "Plus",
    "Direct", "Express", "Europe", "Classic", "Live", "Works", "Box", "Point", "Line",
)  # fmt: skip
_THINGS = (
    ("record", "Record"), ("task", "Task"), ("invoice", "Invoice"), ("ticket", "Ticket"),
    ("contact", "Contact"), ("event", "Event"), ("document", "Document"),
)  # fmt: skip
_CATEGORIES = ("productivity", "crm", "email", "files", "calendar", "commerce", "marketing",
               "accounting", "communication")  # fmt: skip
_PRIORITIES = ("low", "normal", "high")
_COLOURS = ("2b8a3e", "1864ab", "862e9c", "d9480f", "5f3dc4", "0b7285", "a61e4d")


def app_id(number: int) -> str:
    """The id of the app at this place of the directory, counted from 0."""
    return str(uuid.uuid5(_NAMESPACE, str(number)))


def title(number: int) -> str:
    """A name that no other place of the directory has."""
    # 7 shares no factor with 25, so that neighbours differ and nothing repeats.
    first = _FIRST[number * 7 % len(_FIRST)]
    second = _SECOND[number // len(_FIRST) % len(_SECOND)]
    third = _THIRD[number // (len(_FIRST) * len(_SECOND))]
    return f"{first} {second} {third}".strip()


def _category(number: int) -> str:
    return _CATEGORIES[number % len(_CATEGORIES)]


@lru_cache(maxsize=256)
def app(number: int) -> App:
    """The app at this place of the directory."""
    thing, thing_title = _THINGS[number % len(_THINGS)]
    own_id = app_id(number)
    own = connection(number)
    return App(
        id=own_id,
        key=f"Directory{number}",
        title=title(number),
        description=f"A made-up app for {thing}s. What you create, you can find again.",
        hex_color=_COLOURS[number % len(_COLOURS)],
        categories=(_category(number),),
        actions=_actions(own_id, thing, thing_title),
        connections=(own,) if own else None,
    )


def connection(number: int) -> Connection | None:
    """The one account that is connected to the app at this place; each third app needs none."""
    if number % 3 == 2:
        return None
    return Connection(f"directory-{number}", f"{title(number)} (sandbox@localhost.example)")


def _actions(own_id: str, thing: str, thing_title: str) -> tuple[Action, ...]:
    def create(call: Call) -> Sequence[Json]:
        record_id = f"{thing}_{secrets.token_hex(6)}"
        call.db.execute(
            "INSERT INTO directory_records (id, app, title, inputs, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (record_id, own_id, call.text("title"), json.dumps(call.inputs), call.now),
        )
        return [{"id": record_id, "title": call.text("title")}]

    def records(call: Call) -> Sequence[Json]:
        rows = call.db.execute(
            "SELECT id, title, inputs FROM directory_records WHERE app = ? ORDER BY seq DESC",
            (own_id,),
        )
        wanted = call.text("text").casefold()
        return [_json(row) for row in rows if wanted in row["title"].casefold()]

    sample = {"id": f"{thing}_0a1b2c3d4e5f", "title": "First"}
    return (
        Action(
            f"create_{thing}", f"Create {thing_title}", f"Adds a {thing}.", "WRITE", create,
            lambda _: (
                text("title", "Title", required=True),
                select("priority", "Priority", default="normal"),
                text("details", "Details", form="MULTILINE"),
            ),
            {"priority": lambda _: [Choice(word, word.title()) for word in _PRIORITIES]},
            sample=sample,
        ),
        Action(
            f"find_{thing}", f"Find {thing_title}", f"Finds {thing}s by title.", "SEARCH", records,
            lambda _: (text("text", "Text", required=True),), sample=sample,
        ),
        Action(
            f"new_{thing}", f"New {thing_title}", f"Gives the {thing}s.", "READ", records,
            sample=sample,
        ),
    )  # fmt: skip


def _json(row: sqlite3.Row) -> Json:
    return {"id": row["id"], "title": row["title"], "inputs": json.loads(row["inputs"])}


class Directory:
    """The first ``count`` apps. Their order is their popularity."""

    def __init__(self, count: int) -> None:
        self.count = min(count, MOST)
        self._places = {app_id(number): number for number in range(self.count)}
        self._titles = [title(number).casefold() for number in range(self.count)]

    def number(self, wanted_id: str) -> int | None:
        """The place of an app, None where it is not in the directory."""
        return self._places.get(wanted_id)

    def number_of_key(self, key: str) -> int | None:
        """The place of the app called ``key``, None where it is not in the directory."""
        digits = key.removeprefix("Directory")
        is_one = f"Directory{digits}" == key and digits.isascii() and digits.isdecimal()
        return int(digits) if is_one and len(digits) < 9 and int(digits) < self.count else None

    def find(self, query: str, category: str) -> Iterator[int]:
        """The places of the apps that fit; ``query`` is case-folded."""
        for number, name in enumerate(self._titles):
            if query in name and (not category or category == _category(number)):
                yield number
