"""A field that a person marked as sensitive is treated like one of format PASSWORD from then on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.services.canaries import found, values
from tests.services.desk import desk, exports_of
from tests.services.form_server import ACTION, field, form, open_form
from tests.services.script_server import scripted
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.domain.pieces import Piece
from zapdesk.domain.runs import RunKind
from zapdesk.errors import InvalidInput
from zapdesk.services import polling
from zapdesk.services.exports.formats import Format

KEY = "my-own-api-key/77"  # made up
OLD_KEY = "an-older-key/66"  # made up


def _fields(_: dict[str, Any]) -> list[dict[str, Any]]:
    group = {"type": "fieldset", "id": "g", "title": "G", "fields": [field("inner")]}
    return [field("note"), field("key", format="MULTILINE"), group]


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))


def test_its_value_is_sent_and_kept_nowhere(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes=form(_fields)) as server, desk(tmp_path, server.url) as made:
            await made.forms.sensitive.mark(ACTION.reference, "key", True)
            session = open_form(made)
            await session.load()
            session.edit("note", "n")
            session.edit("key", KEY)
            await session.settle()
            assert "key" not in session.filling().values
            order = session.order("press", RunKind.RUN)
            assert order.secret_ids == {"key"}
            ended = await made.ended(order)
            assert server.posts[-1].json["data"]["inputs"]["key"] == KEY
            assert json.loads(ended.inputs)["key"] == HIDDEN_PASSWORD
            await session.close()
            assert found(KEY, values(tmp_path / "zapdesk.db")) == []

    asyncio.run(scenario())


def test_what_earlier_runs_have_of_it_is_hidden_in_every_export(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes=form(_fields)) as server, desk(tmp_path, server.url) as made:
            session = open_form(made)
            await session.load()
            session.edit("key", OLD_KEY)
            await session.settle()
            ended = await made.ended(session.order("press", RunKind.RUN))
            assert OLD_KEY in ended.inputs.decode()
            exports = exports_of(made)
            assert OLD_KEY in (await exports.copy_as(ended.run.id, Format.JSON)).text
            await made.forms.sensitive.mark(ended.run.action, "key", True)
            for format in Format:
                shown = await exports.copy_as(ended.run.id, format)
                assert found(OLD_KEY, [(format.value, shown.text.encode())]) == []
            assert "ZAPIER_INPUT_KEY" in (await exports.copy_as(ended.run.id, Format.CURL)).text
            await session.close()

    asyncio.run(scenario())


def test_what_is_shown_of_earlier_runs_is_without_it_and_cannot_be_sent_unasked(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with scripted(routes=form(_fields)) as server, desk(tmp_path, server.url) as made:
            session = open_form(made)
            await session.load()
            session.edit("note", "n")
            session.edit("key", OLD_KEY)
            await session.settle()
            ended = await made.ended(session.order("press", RunKind.RUN))
            told: list[Any] = []
            made.runs.changed.subscribe(told.append)
            await made.forms.sensitive.mark(ended.run.action, "key", True)
            assert told, "what shows the run reads it again"
            record = await made.runs.record(ended.run.id)
            assert record is not None
            assert json.loads(record.inputs) == {"note": "n", "key": HIDDEN_PASSWORD}
            exchanges = await made.runs.exchanges(ended.run.id)
            bodies = [("", e.request_body + e.response_body) for e in exchanges]
            assert found(OLD_KEY, bodies) == []
            assert any(b'"note":"n"' in body for _, body in bodies)
            earlier = await made.runs.earlier_attempt(
                replace(session.order("again", RunKind.RUN), again_of=ended.run.id)
            )
            assert earlier is not None
            assert OLD_KEY not in str(earlier.changes)
            pieces = session.pieces
            piece = Piece("run:last.inputs.key")
            await pieces.prepare([piece])
            with pytest.raises(InvalidInput, match="Passwords are not kept"):
                pieces.resolve(piece)
            await session.close()

    asyncio.run(scenario())


def test_marks_are_there_at_the_next_start_and_an_open_form_takes_them_over(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with scripted(routes=form(_fields)) as server:
            async with desk(tmp_path, server.url) as made:
                sensitive = made.forms.sensitive
                session = open_form(made)
                await session.load()
                await sensitive.mark(ActionKey("other", "WRITE", "act"), "note", True)
                assert not any(f.is_secret for f in session.state.fields.values())
                await sensitive.mark(ACTION.reference, "inner", True)
                await sensitive.mark(ACTION.reference, "note", True)
                await sensitive.mark(ACTION.reference, "note", False)
                assert session.state.field("inner").is_secret
                assert not session.state.field("note").is_secret
                await session.close()
            async with desk(tmp_path, server.url) as made:
                assert made.forms.sensitive.of(ACTION.reference) == {"inner"}

    asyncio.run(scenario())
