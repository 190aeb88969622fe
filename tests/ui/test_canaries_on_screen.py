"""Canaries: a password, a field marked as sensitive and a token that the server repeats are in no
text of the window, not in what it paints, and not on the clipboard."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.services.canaries import found, planted
from tests.services.desk import order
from tests.services.script_server import scripted
from tests.ui.every_text import every_text
from tests.ui.run_history import until
from zapdesk.bootstrap import Program, Session, choose_access, read_settings
from zapdesk.domain.runs import RunOrder
from zapdesk.paths import Paths
from zapdesk.services import polling
from zapdesk.services.exports.formats import Format
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notifications import told
from zapdesk.ui.runs.compare_view import CompareView
from zapdesk.ui.runs.detail import RunDetail
from zapdesk.ui.runs.export_sheet import ExportSheet
from zapdesk.ui.runs.panel import RunPanel

# Offscreen windows complain of size hints, and of what popups ask for.
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

TOKEN = "tok-canary/77+aa.01~b2=c3"  # made up
PASSWORD = "Pass word\"with'quotes&<signs>\\/ 100%"  # made up
SENSITIVE = "marked-before-it-was-sent/88"
EARLIER = "marked-after-it-was-sent/99"
SECRETS = (TOKEN, PASSWORD, SENSITIVE, EARLIER)


@pytest.fixture
def shown(qtbot: QtBot, qapp: Any) -> tuple[RunPanel, RunDetail]:
    look = qapp.findChild(Theme) or Theme(qapp, "light")
    panel, detail = RunPanel(look), RunDetail(look)
    for widget in (panel, detail):
        qtbot.addWidget(widget)
        widget.resize(900, 700)
        widget.show()
    panel.run_selected.connect(lambda run: detail.show_run(run.id))
    return panel, detail


def _said() -> str:
    # What was marked later has no part in the line of a list, which was written before.
    return " ".join(text for secret in SECRETS[:3] for text in planted(secret).values())


def _end(status: str) -> Any:
    wrong = [{"code": "user", "title": _said(), "detail": _said()}]
    results = [{"note": secret, "every": planted(secret), secret: [secret]} for secret in SECRETS]
    data = {"type": "run", "status": status, "results": results, "errors": wrong}
    return 200, {"data": data}


def _refusal() -> Any:
    source = {"pointer": f"/data/inputs/{PASSWORD}"}
    entry = {"status": 400, "code": "refused", "title": _said(), "detail": _said()}
    return 400, {"errors": [entry | {"source": source}]}


def _order(session: Session, number: int) -> RunOrder:
    inputs = {"note": f"n{number}", "password": PASSWORD, "key": SENSITIVE, "old": EARLIER}
    sent = order(inputs=inputs, secret_ids=frozenset({"password", "key"}), nonce=f"press {number}")
    return replace(sent, profile_id=session.profile.id)


def _assert_nowhere(place: str) -> int:
    every = list(every_text())
    on_clipboard = QApplication.clipboard().text().encode()
    every.append(("clipboard", on_clipboard))
    whole = b"\n".join(text for _, text in every)
    for secret in SECRETS:
        if found(secret, [(place, whole)]):
            assert found(secret, every) == [], place
    return len(every)


def _assert_everything_is_seen() -> None:
    places = {place for place, text in every_text() if b"Do It" in text}
    assert {"RunModel", "PlainLabel", "painted: RunPanel", "painted: RunDetail"} <= places


@pytest.mark.parametrize(
    "script",
    [{"on_poll": [_end("success")]}, {"on_poll": [_end("error")]}, {"on_run": [_refusal()]}],
    ids=["success", "error", "refusal"],
)
def test_canaries_are_in_no_text_of_the_window(
    shown: tuple[RunPanel, RunDetail],
    script: dict[str, Any],
    qt_run: RunOnQt,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))
    panel, detail = shown

    async def scenario() -> None:
        async with scripted(**script) as server:
            monkeypatch.setenv("ZAPDESK_TOKEN", TOKEN)
            monkeypatch.setenv("ZAPDESK_BASE_URL", server.url)
            paths = Paths.find()
            settings = read_settings(paths)
            program = await Program.start(paths, settings, choose_access(settings, None, False))
            try:
                session = await program.open_session(watch=False)
                panel.set_session(session)
                detail.set_session(session)
                runs = [await session.runs.start(_order(session, number)) for number in range(2)]
                for run in runs:
                    await session.runs.wait(run.id, 20)
                await session.runs.flush()
                assert TOKEN in str(server.asked)
                assert set(SECRETS[1:]) < set(server.posts[0].json["data"]["inputs"].values())
                await program.sensitive.mark(runs[0].action, "old", True)
                await _look_everywhere(panel, detail, session, [run.id for run in runs])
            finally:
                await panel.close_tasks()
                await detail.close_tasks()
                await program.close()

    qt_run(scenario())
    panel.hide()
    detail.hide()


async def _look_everywhere(
    panel: RunPanel, detail: RunDetail, session: Session, ids: list[str]
) -> None:
    await until(lambda: panel.model.rowCount() == 2)
    panel.select(ids[1])
    await until(lambda: detail.record is not None and detail.record.run.id == ids[1])
    assert detail.record is not None
    _assert_everything_is_seen()
    tabs = detail.content.tabs
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        await until(lambda: not detail._is_reading)
        await asyncio.sleep(0.02)
        assert _assert_nowhere(f"the tab {tabs.tabText(number)}") > 50
    exchanges = detail.content.exchanges
    for row in range(exchanges.list.topLevelItemCount()):
        exchanges.show_place(row)
        for side in exchanges._sides.buttons():
            side.click()
            _assert_nowhere(f"exchange {row}, {side.text()}")
    panel.copying.copy_result(detail.record.run)
    if "••".encode() in (detail.record.results or b""):
        await until(lambda: any("A secret is hidden in" in text for text in panel.notices.texts))
        _assert_nowhere("copied from the history")
    for text in told([detail.record.run])[0]:
        assert not any(found(secret, [("notice", text.encode())]) for secret in SECRETS)
    window = detail.window()
    sheet = ExportSheet(window, session.exports, detail.record.run, detail._tasks, Format.JSON)
    sheet.open()
    for number in range(sheet.format.count()):
        sheet.format.setCurrentIndex(number)
        await until(lambda: bool(sheet.hidden.whole_text))
        if sheet.copy.isEnabled():
            sheet.copy.click()
        _assert_nowhere(f"exported as {sheet.format.currentText()}")
    sheet.close()
    comparison = await session.comparison.compare(*ids)
    view = CompareView(window, session, comparison, detail._tasks)
    view.show()
    for number in range(view.tabs.count()):
        view.tabs.setCurrentIndex(number)
        _assert_nowhere("compared")
    view.close()
