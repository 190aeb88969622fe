"""A keystroke in the search box: 8,000 apps, 100,000 actions, ranked.

In time on the processor: what other processes take of a millisecond is not the search's.
"""

from __future__ import annotations

import gc
import random
from time import thread_time

from tests.conftest import ReportFigure
from zapdesk.domain.catalog import ACTION_TYPES, Action, App
from zapdesk.services.search import SearchIndex

APPS, ACTIONS = 8_000, 100_000
P95_MS, FAR_OFF_MS = 8.0, 24.0
_WORDS = (
    "Amber", "Birch", "Cobalt", "Delta", "Ember", "Fern", "Garnet", "Harbour", "Indigo",
    "Juniper", "Kestrel", "Lumen", "Maple", "North", "Orchid", "Pebble", "Quartz", "River",
    "Saffron", "Tide", "Board", "Books", "Cast", "Chart", "Desk", "Docs", "Flow", "Forge",
    "Forms", "Grid", "Hub", "Ledger", "Mail", "Notes", "Pay", "Planner", "Post", "Sheet", "Sign",
    "Stack",
)  # fmt: skip
_VERBS = (
    "Create", "Find", "Update", "Delete", "Send", "Add", "Copy", "Archive", "Watch", "List",
)  # fmt: skip
_THINGS = (
    "Row", "Record", "Message", "Channel", "Invoice", "Task", "Ticket", "Contact", "Event",
    "File", "Folder", "Lead",
)  # fmt: skip
_TYPED = (
    "g", "ma", "mail", "create", "create row", "send mess", "find contact", "quartz sheet",
    "amber ledger create", "update inv", "row", "o", "archive ticket stack", "zzz", "delete fo",
    "post ce", "e", "kestrel pay send lead", "watch ev", "lumen",
)  # fmt: skip


def test_a_keystroke_is_answered_within_half_a_frame(report_figure: ReportFigure) -> None:
    chance = random.Random(5)
    index = SearchIndex()
    apps = [
        App(f"app-{n}", f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {n % 97}")
        for n in range(APPS)
    ]
    index.add(apps)
    each = ACTIONS // APPS + 1
    for app in apps:
        index.set_actions(
            app.id,
            tuple(
                Action(
                    f"core:{n}",
                    f"a{n}",
                    app.id,
                    chance.choice(ACTION_TYPES),
                    f"{chance.choice(_VERBS)} {chance.choice(_THINGS)} {chance.choice(_WORDS)}",
                )
                for n in range(each)
            ),
        )
    titles = [a.title.casefold() for app in apps for a in index.actions(app.id) or ()]
    assert len(titles) >= ACTIONS

    gc.collect()
    gc.freeze()  # as the window does once it is filled
    steps = [text[:length] for text in _TYPED for length in range(1, len(text) + 1)]
    took, plain = [], []
    for step in steps:
        begin = thread_time()
        index.search(step, frozenset(), 300)
        took.append((thread_time() - begin) * 1_000)
        begin = thread_time()
        [title for title in titles if step in title]
        plain.append((thread_time() - begin) * 1_000)
    gc.unfreeze()
    p95_ms = sorted(took)[len(took) * 95 // 100]
    report_figure(f"keystroke to ranked results, p95 (goal {P95_MS:g})", p95_ms, "ms")
    report_figure("    median", sorted(took)[len(took) // 2], "ms")
    report_figure(
        "    p95, against looking through the titles in a list",
        p95_ms / sorted(plain)[len(plain) * 95 // 100],
        "x the floor",
    )
    assert p95_ms < FAR_OFF_MS
