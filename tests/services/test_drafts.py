"""Drafts: what was typed is there again after a crash, but for PASSWORD values."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ExpectLog
from tests.services.desk import Desk, desk
from tests.services.form_server import field, form, open_form
from tests.services.script_server import scripted
from tests.storage.making import python
from zapdesk.domain.catalog import Authentication
from zapdesk.domain.filling import Filling
from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.domain.values import UNSET
from zapdesk.errors import StorageUnusable
from zapdesk.services import drafts
from zapdesk.services.forms import FormSession

SECRET = "pw-canary-9917"
CONNECTION = Authentication("c1", "app-1", "One")
FIELDS = [
    field("kind", invalidates_input_fields=True),
    field("note"),
    field("key", format="PASSWORD"),
    field("n", value_type="INTEGER", default_value="7"),
]

TYPES_UNTIL_IT_IS_KILLED = """
import asyncio, sys, time
from pathlib import Path
from tests.services.desk import desk
from tests.services.form_server import form, open_form
from tests.services.script_server import scripted
from tests.services.test_drafts import FIELDS, SECRET

async def main():
    async with scripted(routes=form(lambda inputs: FIELDS)) as script:
        async with desk(Path(sys.argv[1]), script.url) as made:
            opened = open_form(made)
            await opened.load()
            made.drafts.keep("tab", opened)
            opened.edit("key", SECRET)
            for number in range(1_000_000):
                opened.edit("note", str(number))
                print(number, flush=True)
                await asyncio.sleep(0.05)
asyncio.run(main())
"""


def _forms(**more: Any) -> dict[str, Any]:
    return form(lambda inputs: [*FIELDS, *([field("extra")] if inputs.get("kind") else [])])


async def _restored(made: Desk, place: str = "tab") -> FormSession:
    opened = open_form(made)
    draft = await made.drafts.restore(place, opened)
    assert draft is not None
    await opened.load()
    return opened


def _canary_in(folder: Path) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [file.name for file in files if SECRET.encode() in file.read_bytes()]


def test_killed_while_typing_loses_nothing_older_than_two_seconds(tmp_path: Path) -> None:
    process = python(TYPES_UNTIL_IT_IS_KILLED, tmp_path)
    assert process.stdout is not None
    typed: list[tuple[float, int]] = []
    lasts_s = 2.5 + random.Random(str(tmp_path)).random()
    while not typed or time.monotonic() - typed[0][0] < lasts_s:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        typed.append((time.monotonic(), int(line)))
    process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    process.communicate()
    owed = max(number for moment, number in typed if killed - moment >= 2.0)

    async def scenario() -> None:
        async with (
            scripted(routes=_forms()) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = await _restored(made)
            assert int(opened.state.value("note")) >= owed > 0
            assert opened.state.value("key") is UNSET
            assert opened.why("note") == "typed"
            await opened.close()

    assert _canary_in(tmp_path) == []
    asyncio.run(scenario())


def test_everything_in_a_form_comes_back_but_passwords(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes=_forms()) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made, CONNECTION)
            await opened.load()
            keeper = made.drafts.keep("tab", opened)
            opened.edit("kind", "a")
            opened.edit("key", SECRET)
            opened.edit("n", UNSET)
            await opened.settle()
            opened.edit("extra", Mapped(("for ", Piece("uuid"))))
            opened.edit("kind", "")
            await opened.settle()
            opened.edit_payload({"kind": "b", "unasked": [1, True]})
            await keeper.close()
            assert "extra" in opened.state.parked or "extra" in opened.state.fields
            await opened.close()
            assert _canary_in(tmp_path) == []
            again = await _restored(made)
            assert again.state.value("kind") == "b"
            assert again.state.value("n") is UNSET  # a default that was taken away stays away
            assert again.state.value("key") is UNSET
            assert again.state.extra == {"unasked": [1, True]}
            assert again.state.value("extra") == Mapped(("for ", Piece("uuid")))
            draft = await made.drafts.restore("tab", open_form(made))
            assert draft is not None
            assert draft.authentication_id == "c1"
            assert await made.drafts.restore("another tab", open_form(made)) is None
            await again.close()

    asyncio.run(scenario())


def test_form_that_was_filled_from_a_run_is_still_linked_to_it_after_a_restart(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with scripted(routes=_forms()) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            opened.prefill(Filling({"note": "n"}, again_of="earlier"))
            keeper = made.drafts.keep("tab", opened)
            await opened.load()
            opened.edit("note", "other")
            await keeper.close()
            await made.drafts.save(opened, "a preset")
            await opened.close()
            again = await _restored(made)
            assert again.order("n1").again_of == "earlier"
            (preset,) = await made.drafts.presets(again)
            again.fill(preset.filling, None)
            await again.settle()
            assert again.order("n2").again_of is None, "it is another filling"
            await again.close()

    asyncio.run(scenario())


def test_value_that_differs_only_in_its_json_type_is_saved(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes=_forms()) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            opened.edit("note", 1)
            keeper = made.drafts.keep("tab", opened)
            opened.edit("note", True)
            await keeper.close()
            await opened.close()
            again = await _restored(made)
            assert again.state.value("note") is True
            await again.close()

    asyncio.run(scenario())


def test_another_connection_alone_is_saved(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes=_forms()) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            keeper = made.drafts.keep("tab", opened)
            opened.set_authentication(CONNECTION)
            await opened.load()
            await keeper.close()
            await opened.close()
            draft = await made.drafts.restore("tab", open_form(made))
            assert draft is not None
            assert draft.authentication_id == "c1"

    asyncio.run(scenario())


def test_store_that_fails_for_a_while_gets_the_draft_once_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: ExpectLog
) -> None:
    monkeypatch.setattr(drafts, "SAVE_AFTER_S", 0.01)
    monkeypatch.setattr(drafts, "SAVE_AT_LATEST_S", 0.02)
    expected_log("drafts cannot be saved")

    async def scenario() -> None:
        async with scripted(routes=_forms()) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            keeps, failures = made.drafts._drafts.keep, []

            async def failing(*given: Any) -> None:
                failures.append(1)
                if len(failures) < 4:
                    raise StorageUnusable("The disk is full.")
                await keeps(*given)

            monkeypatch.setattr(made.drafts._drafts, "keep", failing)
            keeper = made.drafts.keep("tab", opened)
            opened.edit("note", "kept")
            async with asyncio.timeout(5):
                while len(failures) < 4:
                    await asyncio.sleep(0.01)
            await keeper.close()
            await opened.close()
            again = await _restored(made)
            assert again.state.value("note") == "kept"
            await again.close()

    asyncio.run(scenario())


def test_field_that_was_a_password_once_never_reaches_the_disk(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        kind = inputs.get("kind")
        secret = {"": {"format": "PASSWORD"}, "read": {"format": "READONLY"}}.get(kind or "", {})
        key = [field("key", **secret)] if kind != "gone" else []
        return [field("kind", invalidates_input_fields=True), *key]

    async def scenario() -> None:
        async with scripted(routes=form(fields)) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            keeper = made.drafts.keep("tab", opened)
            opened.edit("key", SECRET)
            for kind in ("plain", "gone", "read", "plain"):
                opened.edit("kind", kind)
                await opened.settle()
                await made.drafts.save(opened, f"preset {kind}", replace=True)
            assert opened.state.value("key") == SECRET
            assert SECRET.encode() not in opened.preview() + opened.body()
            await keeper.close()
            await opened.close()

    asyncio.run(scenario())
    assert _canary_in(tmp_path) == []
