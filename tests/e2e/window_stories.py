"""What is done in the real window's process, told from inside it: each story prints what it saw.

Imported there by ``tests/e2e/window_process.py``. Keys are pressed as a person presses them.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.e2e.connection_stories import (
    connect_from_the_window,
    enter_a_key,
    reconnect_and_go_on,
)
from tests.e2e.saying import say
from tests.e2e.sign_in_stories import STORIES as SIGN_IN_STORIES
from tests.tour_guide import Tour
from tests.tour_stops import ORDER, kill_sandbox
from zapdesk.domain.runs import RunFilter
from zapdesk.ui.form.editors.problem_line import ProblemLine
from zapdesk.ui.notices import Notice, NoticeArea
from zapdesk.ui.shell.life import Life

CONTROL = Qt.KeyboardModifier.ControlModifier
_CONTROLS = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.List,
    QAccessible.Role.PageTab,
    QAccessible.Role.RadioButton,
    QAccessible.Role.Table,
    QAccessible.Role.Tree,
}


async def tell(life: Life, name: str) -> None:
    """Do what the story of that name does, and end; a fault is printed instead."""
    try:
        await STORIES[name](Tour(life))
    except Exception:  # the test reads what went wrong from the output
        traceback.print_exc()
        life._exit_code = 1
    life._window.close()


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    widget = QApplication.focusWidget()
    assert widget is not None, "nothing has the keys"
    QTest.keyClick(widget, key, modifiers)


def type_text(text: str) -> None:
    widget = QApplication.focusWidget()
    assert widget is not None, "nothing has the keys"
    QTest.keyClicks(widget, text)


async def open_by_keys(tour: Tour, words: str, key: str) -> None:
    """Ctrl+L, the words, Enter; the keys are in the form's first field then."""
    await tour.session_with_apps()
    await tour.until(lambda: not tour.panels.catalog._fetches.has_unopened)
    press(Qt.Key.Key_L, CONTROL)
    type_text(words)
    press(Qt.Key.Key_Return)
    await tour.until(lambda: tour.panels.action.form_session is not None)
    assert tour.panels.action.form_session.action.key == key
    await tour.until(
        lambda: tour.panels.action.form.isAncestorOf(QApplication.focusWidget() or tour.window)
    )


async def run_by_keys(tour: Tour) -> None:
    """The whole job without a mouse; then it waits to be killed."""
    await open_by_keys(tour, "works", "mark")
    type_text("written by keys")
    press(Qt.Key.Key_Return, CONTROL)
    runs = tour.panels.runs
    await tour.until(lambda: runs.model.rowCount() and not runs.model.item(0).status.is_open)
    press(Qt.Key.Key_H, CONTROL)
    assert QApplication.focusWidget() is runs.table
    assert runs.current_run is not None
    visited = []
    for _ in tour.panels.areas:
        press(Qt.Key.Key_F6)
        visited.append(area_with_keys(tour))
    say({"status": runs.current_run.status, "visited": visited})
    await asyncio.Event().wait()


def area_with_keys(tour: Tour) -> int:
    focused = QApplication.focusWidget()
    assert focused is not None
    if focused is tour.panels.catalog.search_box:
        return 0
    return next(n for n, area in enumerate(tour.panels.areas) if area.isAncestorOf(focused))


async def look_at_history(tour: Tour) -> None:
    """What a later start shows of it; Enter opens the run, its result is in the tree."""
    await tour.session_with_apps()
    runs, detail = tour.panels.runs, tour.panels.detail
    await tour.until(lambda: runs.model.rowCount())
    press(Qt.Key.Key_H, CONTROL)
    press(Qt.Key.Key_Return)
    await tour.until(lambda: detail.record is not None)
    say(
        {
            "rows": runs.model.rowCount(),
            "status": detail.record.run.status,
            "inputs": json.loads(detail.record.inputs),
            "results": json.loads(detail.record.results),
        }
    )


async def run_again_by_keys(tour: Tour) -> None:
    """Ctrl+Enter in the history puts the inputs into the form and sends nothing."""
    session = await tour.session_with_apps()
    runs = tour.panels.runs
    await tour.until(lambda: runs.model.rowCount())
    await tour.open("Field Zoo", "no_fields", {})
    press(Qt.Key.Key_H, CONTROL)
    press(Qt.Key.Key_Return, CONTROL)
    await tour.until(lambda: tour.panels.action.form_session.action.key == "mark")
    form = tour.panels.action.form_session
    await tour.until(lambda: form.is_loaded and not form.is_loading)
    await asyncio.sleep(0.5)
    counts = await session.runs.counts(runs.model.filter)
    say({"key": form.action.key, "note": form.state.value("note"), "runs": sum(counts.values())})


async def choose_a_connection_by_keys(tour: Tour) -> None:
    """An action whose app has two connections: Down, and the keys are in the form."""
    await tour.session_with_apps()
    await tour.until(lambda: not tour.panels.catalog._fetches.has_unopened)
    press(Qt.Key.Key_L, CONTROL)
    type_text("create contact")
    press(Qt.Key.Key_Return)
    await tour.until(lambda: tour.panels.action.form_session is not None)
    combo = tour.panels.action.panel.picker.combo
    await tour.until(lambda: QApplication.focusWidget() is combo)
    press(Qt.Key.Key_Down)
    form = tour.panels.action.form
    await tour.until(lambda: form.isAncestorOf(QApplication.focusWidget() or tour.window))
    type_text("Ada")
    session = tour.panels.action.form_session
    say({"connection": session.authentication.title, "name": session.state.value("name")})


async def send_refused_values(tour: Tour) -> None:
    """The server refuses three of the values and names their fields; Ctrl+Enter sent them."""
    values = {"name": "bad name", "e-mail/work~1": "bad mail", "tags": ["fine", "bad tag"]}
    form = await tour.open("Fault Lab", "run_400_fields", {**values, "note": "fine"})
    widget = tour.panels.action.form
    widget.go_to("note")
    press(Qt.Key.Key_Return, CONTROL)
    await tour.until(lambda: form.state.server_problems)
    await asyncio.sleep(0.5)
    shown = {}
    for name in form.state.fields:
        line = widget.row(name).findChild(ProblemLine)
        shown[name] = line.text if line is not None and line.isVisible() else ""
    said = [text for area in tour.panels.action.findChildren(NoticeArea) for text in area.texts]
    widget.go_to("name")
    press(Qt.Key.Key_X)
    say({"shown": shown, "said": said, "after": form.state.problem("name")})


async def look_after_a_kill(tour: Tour) -> None:
    """What a start says after the one before was killed while it was sending."""
    await tour.session_with_apps()
    await tour.until(lambda: tour.panels.runs.model.rowCount())
    await tour.until(lambda: tour.window.notices.texts)
    # The first frame shows the row as it was left; the history is read again a moment later.
    await tour.until(lambda: tour.panels.runs.model.item(0).status != "submitting")
    status = tour.panels.runs.model.item(0).status
    say({"status": status, "said": tour.window.notices.texts})


async def look_for_markup(tour: Tour) -> None:
    """Hostile words in a form, a result and the history: every label shows plain text."""
    await tour.run("Field Zoo", "words", {})
    await tour.run("Fault Lab", "many_results", {"count": "3"})
    for title in ("Result", "Table", "Raw", "Inputs", "Fields", "Exchanges", "Timeline"):
        tour.show_tab(title)
        await asyncio.sleep(0.2)
    await tour.open("Field Zoo", "words", {})
    labels = [label for window in QApplication.topLevelWidgets() for label in all_labels(window)]
    rich = [label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]
    shown = [label.text() for label in labels if label.isVisible()]
    say({"labels": len(labels), "rich": rich, "shown": shown})


def all_labels(window: QWidget) -> list[QLabel]:
    return window.findChildren(QLabel)


async def look_for_names(tour: Tour) -> None:
    """Every control that is seen, in several states, has a name for those who cannot see it."""
    nameless: list[str] = []
    controls = 0
    tour.window.activateWindow()
    for app, key in (("Tables", "create_row"), ("Field Zoo", "every_type"), ("Fault Lab", "mark")):
        await tour.open(app, key, {})
        if key == "mark":
            await tour.run(app, key, {})
        for found in tree_of(QAccessible.queryAccessibleInterface(tour.window)):
            if found.role() in _CONTROLS and is_seen(found):
                controls += 1
                if not found.text(QAccessible.Text.Name).strip():
                    nameless.append(described(found))
    say({"controls": controls, "nameless": sorted(set(nameless))})


def tree_of(root: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield root
    if root.role() in (QAccessible.Role.Table, QAccessible.Role.Tree, QAccessible.Role.List):
        return  # their cells are tested where they are made
    for number in range(root.childCount()):
        child = root.child(number)
        if child is not None:
            yield from tree_of(child)


def is_seen(found: QAccessibleInterface) -> bool:
    state = found.state()
    return not state.invisible and found.rect().width() > 0


def described(found: QAccessibleInterface) -> str:
    thing: Any = found.object()
    parents: list[str] = []
    while thing is not None and len(parents) < 5:
        parents.append(f"{type(thing).__name__}#{thing.objectName()}")
        thing = thing.parent()
    return f"{found.role().name}: " + " in ".join(parents)


async def walk_by_tab(tour: Tour) -> None:
    """Tab goes through the form from top to bottom, and everything it reaches is in sight."""
    await tour.open("Tables", "create_row", {"workspace": "ws_studio", "table": "tbl_orders"})
    tour.panels.action.form.go_to("workspace")
    await asyncio.sleep(0.3)
    tops: list[int] = []
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        if not tour.panels.action.form.isAncestorOf(focused):
            break
        paper = tour.panels.action.form
        tops.append(focused.mapTo(paper, focused.rect().topLeft()).y() + scrolled(paper))
        press(Qt.Key.Key_Tab)
    say({"tops": tops})


def scrolled(form: Any) -> int:
    return int(form.verticalScrollBar().value()) if hasattr(form, "verticalScrollBar") else 0


async def get_ready(tour: Tour) -> None:
    """Bring the program into the state that the test names on stdin, then wait for its end."""
    state = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await STATES[state.strip()](tour)
    say("ready")
    order = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    if order.strip() == "close":
        tour.window.close()
    elif order.strip() == "session end":
        # What Qt does when the session manager asks for it.
        QApplication.closeAllWindows()
        QApplication.quit()
    await asyncio.Event().wait()


async def _starting(tour: Tour) -> None:
    """Nothing is waited for."""


async def _refreshing(tour: Tour) -> None:
    await tour.until(lambda: tour.program is not None and tour.program.session)
    await tour.until(lambda: tour.program.session.catalog.progress.is_loading)


async def _sending(tour: Tour) -> None:
    await tour.open("Fault Lab", "silence", {})
    tour.panels.action.run()
    await tour.until(lambda: tour.panels.runs.model.rowCount())
    await asyncio.sleep(1)  # the request has left by then


async def _polling(tour: Tour) -> None:
    await tour.run("Fault Lab", "waiting_forever", {}, ends=False)


async def _writing(tour: Tour) -> None:
    import time

    await tour.session_with_apps()
    database = tour.program.database
    tour.life._owner.start(database.write(lambda _: time.sleep(60)))
    await asyncio.sleep(0.2)


STATES: dict[str, Callable[[Tour], Awaitable[None]]] = {
    "starting": _starting,
    "refreshing": _refreshing,
    "sending": _sending,
    "polling": _polling,
    "writing": _writing,
}


async def lose_the_sandbox(tour: Tour) -> None:
    """The sandbox is killed; the strip's button starts it again."""
    table = {"workspace": "ws_studio", "table": "tbl_orders", "view": "newest"}
    first = await tour.run("Tables", "create_row", {**ORDER, "cell__number": "HS-9999"})
    session = tour.program.session
    kill_sandbox(tour)
    await session.catalog.refresh()
    await tour.until(lambda: "has stopped" in " ".join(tour.window.notices.texts))
    (strip,) = tour.window.notices.findChildren(Notice)
    strip.action_requested.emit()
    await tour.until(lambda: tour.program.session not in (None, session))
    again = await tour.run("Tables", "new_row", table)
    record = await tour.program.session.runs.record(again.id)
    say(
        {
            "statuses": [first.status.value, again.status.value],
            "has_row": b"HS-9999" in record.results,
            "in_log": len(await tour.program.session.runs.page(RunFilter(), None, 9)),
        }
    )


async def look_after_connections(tour: Tour) -> None:
    for story in (connect_from_the_window, reconnect_and_go_on, enter_a_key):
        say(await story(tour))


STORIES: dict[str, Callable[[Tour], Awaitable[None]]] = {
    story.__name__: story
    for story in (
        run_by_keys,
        look_at_history,
        look_after_a_kill,
        run_again_by_keys,
        choose_a_connection_by_keys,
        send_refused_values,
        look_for_markup,
        look_for_names,
        walk_by_tab,
        get_ready,
        look_after_connections,
        lose_the_sandbox,
        *SIGN_IN_STORIES,
    )
}
