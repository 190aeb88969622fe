"""Run again: what an earlier run was made of, as the form is opened with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.sandbox_server import running_sandbox
from tests.services.desk import desk, order
from zapdesk.broadcast import Broadcast
from zapdesk.domain.definitions import write_definition
from zapdesk.domain.fields import InputField
from zapdesk.domain.runs import Labels
from zapdesk.ui.form.since_run import tell_since_run
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.again import again

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

FIELDS = (InputField("name", "Name"), InputField("size", "Size"))
FAULT_LAB = "9f8e7d6c-5b4a-5938-8271-6f5e4d3ca006"


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp, "light")


def test_the_inputs_come_with_the_words_that_were_chosen(tmp_path: Path) -> None:
    inputs = {"note": "n", "kind": "k7", "tags": ["a", "b", "c"]}
    labels: dict[str, Labels] = {"kind": "Seventh", "tags": {"a": "First", "c": "Third"}}

    async def scenario(url: str, token: str) -> None:
        async with desk(tmp_path / "home", url, token) as made:
            sent = replace(order(FAULT_LAB, "mark", inputs), labels=labels)
            record = await made.ended(sent)
            session = SimpleNamespace(catalog=made.catalog, runs=made.runs)
            found = await again(session, record.run)  # type: ignore[arg-type]  # what it asks for
            assert found.action.key == "mark"
            assert found.filling.values == inputs
            assert found.filling.again_of == record.run.id
            assert found.filling.labels == {
                "kind": {"k7": "Seventh"},
                "tags": {"a": "First", "c": "Third"},
            }

    with running_sandbox(tmp_path / "sandbox") as sandbox:
        asyncio.run(scenario(sandbox.url, sandbox.token))


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ("[]", ["Changed since that run: 2 added."]),
        (write_definition(FIELDS), []),
        ("", []),
        ("no definition", []),
        ('[{"type":"input_field"}]', []),
    ],
    ids=["other", "the same", "not kept", "unreadable", "of another version"],
)
def test_how_the_form_differs_from_that_of_the_run_is_told_once_it_is_there(
    qtbot: QtBot, qt_run: RunOnQt, look: Theme, then: str, told: list[str]
) -> None:
    notices = NoticeArea()
    qtbot.addWidget(notices)

    async def settle() -> None:
        return None

    form: Any = SimpleNamespace(
        changed=Broadcast(),
        is_loaded=False,
        is_loading=True,
        settle=settle,
        trouble=None,
        state=SimpleNamespace(nodes=()),
        action=SimpleNamespace(title="Create Row"),
        pieces=SimpleNamespace(zone=UTC),
    )

    async def scenario() -> None:
        telling = asyncio.get_running_loop().create_task(
            tell_since_run(notices, notices, form, then, 1_700_000_000_000, lambda: True)
        )
        await asyncio.sleep(0)
        assert notices.texts == []
        form.is_loaded, form.is_loading = True, False
        form.state.nodes = FIELDS
        form.changed.announce(None)
        await telling
        assert notices.texts == told

    qt_run(scenario())
