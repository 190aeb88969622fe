"""How a form differs from the last time it was seen; and what is kept of chosen labels."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.services.desk import desk
from tests.services.form_server import (
    ACTION,
    SELECT,
    asked_inputs,
    choice,
    field,
    form,
    open_form,
)
from tests.services.script_server import scripted
from zapdesk.domain.catalog import Authentication
from zapdesk.domain.payload import read_json
from zapdesk.storage.definition_history import DefinitionHistory


def test_form_that_changed_since_the_last_time_says_how(tmp_path: Path) -> None:
    now = [field("name"), field("old")]

    async def scenario() -> None:
        async with (
            scripted(routes=form(lambda inputs: now)) as script,
            desk(tmp_path, script.url) as made,
        ):
            for _ in range(2):
                opened = open_form(made)
                await opened.load()
                assert opened.definition_change is None
                await opened.close()
            now[:] = [field("name", is_required=True), field("new")]
            opened = open_form(made)
            await opened.load()
            assert opened.definition_change is not None
            before, found = opened.definition_change
            assert [(d.field_id, d.kind) for d in found] == [
                ("name", "changed"), ("new", "added"), ("old", "removed"),
            ]  # fmt: skip
            assert found[0].is_newly_required
            assert '"old"' in before.definition
            await opened.load()
            assert opened.definition_change is not None  # until the form is closed
            await opened.close()
            again = open_form(made)
            await again.load()
            assert again.definition_change is None
            await again.close()
            history = await DefinitionHistory(made.database).history("test", ACTION.reference)
            assert len(history) == 2

    asyncio.run(scenario())


def test_other_values_and_other_connections_are_no_change(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        kind = field("kind", invalidates_input_fields=True)
        return [kind, field(f"for {inputs.get('kind')}"), field("key", format="PASSWORD")]

    async def scenario() -> None:
        async with (
            scripted(routes=form(fields)) as script,
            desk(tmp_path, script.url) as made,
        ):
            for who in (None, Authentication("c1", "app-1", "One")):
                opened = open_form(made, who)
                await opened.load()
                for kind in ("x", "y", "x"):
                    opened.edit("kind", kind)
                    await opened.settle()
                    assert list(opened.state.fields)[1] == f"for {kind}"
                assert opened.definition_change is None
                await opened.close()
            history = await DefinitionHistory(made.database).history("test", ACTION.reference)
            assert len({sighting.definition for sighting in history}) == 3

    asyncio.run(scenario())


def test_labels_of_what_was_chosen_go_with_the_order(tmp_path: Path) -> None:
    fields = [
        field("one", **SELECT), field("many", value_type="ARRAY", **SELECT),
        field("typed", **SELECT), field("plain"),
    ]  # fmt: skip
    offered = [[choice("1", "Red"), choice("2", "Blue"), choice("", "None"), choice("3")]]

    async def scenario() -> None:
        routes = form(lambda inputs: fields, dict.fromkeys(("one", "many", "typed"), offered))
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            for name in ("one", "many", "typed"):
                await opened.choices(name)
            opened.edit("one", "")
            opened.edit("many", ["2", "own", "3", "1"])
            opened.edit("typed", "own")
            opened.edit("plain", "1")
            opened.edit_payload({**opened.state.payload(), "unasked": "1"})
            order = opened.order("press")
            assert order.labels == {"one": "None", "many": {"2": "Blue", "1": "Red"}}
            run, _ = await made.log.add(order, 1, b"{}")
            record = await made.log.record(run.id)
            assert record is not None
            assert record.labels == order.labels
            await opened.close()

    asyncio.run(scenario())


def test_dependants_choices_are_asked_for_again_once_they_can_be(tmp_path: Path) -> None:
    fields = [
        field("table"), field("view", depends_on=["table"]),
        field("row", depends_on=["table", "view"], **SELECT),
    ]  # fmt: skip

    async def scenario() -> None:
        async with (
            scripted(routes=form(lambda inputs: fields, {"row": [[choice("1")]]})) as script,
            desk(tmp_path, script.url) as made,
        ):

            def asked() -> list[Any]:
                return [
                    a.json["data"]["inputs"] for a in script.asked if a.path.endswith("/choices")
                ]

            opened = open_form(made)
            await opened.load()
            for name in ("table", "view"):
                opened.edit(name, "a")
                await opened.settle()
            assert asked() == []  # nobody has looked at them yet
            await opened.choices("row")
            opened.edit("row", "1")
            opened.edit("table", "b")
            await opened.settle()
            assert (opened.known_choices("row"), len(asked())) == (None, 1)
            opened.edit("view", "b")
            await opened.settle()
            async with asyncio.timeout(5):
                while opened.known_choices("row") is None:
                    await asyncio.sleep(0.01)
            assert asked()[-1] == {"table": "b", "view": "b"}
            assert asked_inputs(script)[-1] == {"table": "b", "view": "b"}
            await opened.close()

    asyncio.run(scenario())


def test_loading_all_choices_can_be_stopped(tmp_path: Path) -> None:
    pages = [[choice(f"{page}-{n}") for n in range(25)] for page in range(50)]

    async def scenario() -> None:
        routes = form(lambda inputs: [field("pick", **SELECT)], {"pick": pages})
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()

            def stop(change: Any) -> None:
                known = opened.known_choices("pick")
                if change.kind == "choices" and known and len(known.choices) >= 75:
                    opened.stop_choices("pick")

            leave = opened.changed.subscribe(stop)
            found = await opened.choices("pick", all=True)
            assert (len(found.choices), found.has_more, found.trouble) == (75, True, None)
            leave()
            found = await opened.choices("pick", all=True)
            assert (len(found.choices), found.has_more) == (1_250, False)
            await opened.close()

    asyncio.run(scenario())


def test_password_survives_the_editing_of_json_that_shows_its_marker(tmp_path: Path) -> None:
    fields = [field("key", format="PASSWORD"), field("note")]

    async def scenario() -> None:
        async with (
            scripted(routes=form(lambda inputs: fields)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            opened.edit_payload({"key": {"$hidden": "password"}})
            assert opened.state.payload() == {}  # a marker alone is no password
            opened.edit("key", "pw-canary-5512")
            shown = read_json(opened.preview())
            assert shown == {"key": {"$hidden": "password"}}
            opened.edit_payload({**shown, "note": "n"})
            assert opened.order("press").inputs == {"key": "pw-canary-5512", "note": "n"}
            opened.edit_payload({"note": "n"})
            assert opened.state.payload() == {"note": "n"}
            await opened.close()

    asyncio.run(scenario())
