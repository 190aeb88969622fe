"""Presets: told before loading what would be different, and shared as files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.services.desk import Desk, desk
from tests.services.form_server import ACTION, APP, asked_inputs, field, form, open_form
from tests.services.script_server import Script, scripted
from zapdesk.domain.drafts import Preset
from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.domain.values import UNSET
from zapdesk.errors import InvalidInput
from zapdesk.services.drafts import export_preset, import_preset
from zapdesk.services.forms import FormSession

Scenario = Callable[[Desk, FormSession, list[dict[str, Any]], Script], Awaitable[None]]


def with_form(folder: Path, scenario: Scenario) -> None:
    """``scenario`` gets a loaded form, and the fields that the server has, to change them."""
    now = [field("name", is_required=True), field("note"), field("key", format="PASSWORD")]

    async def run() -> None:
        async with (
            scripted(routes=form(lambda inputs: _variant(now, inputs))) as script,
            desk(folder, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            await scenario(made, opened, now, script)
            await opened.close()

    asyncio.run(run())


def _variant(now: list[dict[str, Any]], inputs: dict[str, Any]) -> list[dict[str, Any]]:
    return [*now, *([field("detail", is_required=True)] if inputs.get("kind") == "x" else [])]


async def saved(made: Desk, opened: FormSession, name: str = "mine") -> Preset:
    await made.drafts.save(opened, name)
    return next(p for p in await made.drafts.presets(opened) if p.name == name)


def test_preset_of_the_same_form_is_loaded_without_a_word(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        opened.edit("name", "Ada")
        opened.edit("key", "pw-canary-4410")
        opened.edit("note", Mapped(("at ", Piece("now"))))
        preset = await saved(made, opened)
        opened.edit("name", "Other")
        report = await made.drafts.examine(opened, preset)
        assert report.is_smooth
        assert len(asked_inputs(script)) == 1  # no field brings others: nothing to ask
        made.drafts.load(opened, report)
        assert opened.state.value("name") == "Ada"
        assert opened.state.value("key") == "pw-canary-4410"  # it is in no preset, and not lost
        assert (opened.why("name"), opened.why("note")) == ("preset", "mapped")

    with_form(tmp_path, scenario)


def test_preset_whose_fields_changed_tells_it_before_anything_is_changed(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        opened.edit("name", "Ada")
        opened.edit("note", "old")
        preset = await saved(made, opened)
        now[:] = [
            field("name"),
            field("must", is_required=True),
            field("filled", is_required=True, default_value="x"),
            field("kind", invalidates_input_fields=True),
        ]
        other = open_form(made)
        await other.load()
        other.edit("name", "typed")
        before = (other.state.filling(), other.state.nodes, other.state.revision)
        report = await made.drafts.examine(other, preset)
        assert report.dropped == ("Note",)
        assert report.added == ("Must", "Filled", "Kind")
        assert report.newly_required == ("Must",)
        assert (other.state.filling(), other.state.nodes, other.state.revision) == before
        made.drafts.load(other, report)
        assert other.state.value("name") == "Ada"
        assert other.state.parked == {"note": "old"}  # dropped from the form, not lost
        undone, authentication = before[0], other.authentication
        other.fill(undone, authentication)
        assert (other.state.value("name"), other.state.parked) == ("typed", {})
        await other.close()

    with_form(tmp_path, scenario)


def test_preset_that_brings_another_form_is_examined_with_that_form(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        now.append(field("kind", invalidates_input_fields=True))
        await opened.load()
        opened.edit("name", "Ada")
        opened.edit("kind", "x")
        await opened.settle()
        opened.edit("detail", "d")
        preset = await saved(made, opened)
        opened.edit("kind", "")
        await opened.settle()
        assert "detail" not in opened.state.fields
        report = await made.drafts.examine(opened, preset)
        assert report.is_smooth
        assert "detail" not in opened.state.fields
        made.drafts.load(opened, report)
        await opened.settle()
        assert opened.state.payload() == {"name": "Ada", "kind": "x", "detail": "d"}
        assert opened.order("press").inputs == opened.state.payload()

    with_form(tmp_path, scenario)


def test_server_that_cannot_be_asked_is_told_in_the_report(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        now.append(field("kind", invalidates_input_fields=True))
        await opened.load()
        opened.edit("kind", "x")
        await opened.settle()
        preset = await saved(made, opened)
        script.routes["/v2/actions/"] = lambda asked: (403, {"errors": [{"title": "No"}]})
        report = await made.drafts.examine(opened, preset)
        assert report.trouble is not None
        assert not report.is_smooth
        assert report.nodes == opened.state.nodes

    with_form(tmp_path, scenario)


def test_presets_are_renamed_duplicated_deleted_and_brought_back(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        async def names() -> list[str]:
            return [preset.name for preset in await made.drafts.presets(opened)]

        opened.edit("name", "Ada")
        preset = await saved(made, opened)
        with pytest.raises(InvalidInput, match="already"):
            await made.drafts.save(opened, "mine")
        await made.drafts.duplicate(preset, "copy")
        with pytest.raises(InvalidInput, match="already"):
            await made.drafts.rename(preset, "copy")
        await made.drafts.rename(preset, "renamed")
        assert await names() == ["copy", "renamed"]
        await made.drafts.delete(preset)
        assert await names() == ["copy"]
        await made.drafts.undelete(preset)
        assert await names() == ["copy", "renamed"]
        found = await made.drafts.presets(opened)
        assert {p.filling.values["name"] for p in found} == {"Ada"}

    with_form(tmp_path, scenario)


def test_preset_goes_through_a_file_unchanged(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        opened.edit("name", "A\u2028\r\n\U0001f9ea")
        opened.edit("note", Mapped((Piece("env.TEAM"), "{{now}}")))
        opened.edit("key", "pw-canary-4411")
        opened.edit_payload(json.loads(opened.preview()) | {"unasked": {"a": [1, None]}})
        opened.edit("note", Mapped((Piece("env.TEAM"), "{{now}}")))
        preset = await saved(made, opened)
        raw = export_preset(preset, APP.title)
        assert b"pw-canary-4411" not in raw
        assert await import_preset(made.drafts, opened, raw) == "mine (2)"
        found = {p.name: p for p in await made.drafts.presets(opened)}
        assert found["mine (2)"].filling == found["mine"].filling == preset.filling
        assert found["mine (2)"].definition == preset.definition

    with_form(tmp_path, scenario)


def test_file_of_another_action_is_refused(tmp_path: Path) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        preset = await saved(made, opened)
        other = made.forms.open(APP, replace(ACTION, key="other"), None)
        with pytest.raises(InvalidInput, match="belongs to the action 'act', not to 'other'"):
            await import_preset(made.drafts, other, export_preset(preset, APP.title))
        assert await made.drafts.presets(other) == ()
        await other.close()

    with_form(tmp_path, scenario)


def _file(**changes: Any) -> bytes:
    return json.dumps(
        {
            "format": "zapdesk preset", "version": 1, "name": "mine",
            "app": {"id": "app-1", "title": ""},
            "action": {"key": "act", "action_type": "WRITE"},
            "filling": {"values": {}, "emptied": [], "extra": {}}, "definition": [], **changes,
        }
    ).encode()  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"\xff", b"{}", _file(format="other"), _file(name=7), _file(filling=[]),
        _file(filling={"values": {"a": {"$mapped": [7]}}, "emptied": [], "extra": {}}),
        _file(filling={"values": {}}), _file(definition=[{"type": "input_field"}]),
        _file(definition=["x"]), _file(definition=[{"type": "fieldset", "id": "a"}]),
        _file(name="   "), b"[" * 10_000,
    ],
)  # fmt: skip
def test_file_that_is_no_preset_is_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        with pytest.raises(InvalidInput) as caught:
            await import_preset(made.drafts, opened, raw)
        assert caught.value.title.endswith(".")
        assert await made.drafts.presets(opened) == ()

    with_form(tmp_path, scenario)


def test_password_in_a_file_that_was_written_by_hand_is_not_kept(tmp_path: Path) -> None:
    filling = {"values": {"key": "pw-canary-4412", "name": "Ada"}, "emptied": [], "extra": {}}

    async def scenario(made: Desk, opened: FormSession, now: Any, script: Script) -> None:
        await import_preset(made.drafts, opened, _file(filling=filling))
        (preset,) = await made.drafts.presets(opened)
        assert preset.filling.values == {"name": "Ada"}
        made.drafts.load(opened, await made.drafts.examine(opened, preset))
        assert opened.state.value("key") is UNSET

    with_form(tmp_path, scenario)
