"""Open forms: late answers, dependants, defaults, action ids, and choices page by page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.fault_server import Wire, free_port
from tests.services.desk import Desk, at_once, desk
from tests.services.script_server import (
    Asked,
    Behaviour,
    Reply,
    Script,
    errors,
    reply_bytes,
    scripted,
)
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.errors import InvalidInput, Unreachable
from zapdesk.services import forms
from zapdesk.services.forms import FormSession

APP = App("app-1", "Some App")
ACTION = Action("old-id", "act", "app-1", "WRITE", "Do It")

Fields = Callable[[dict[str, Any]], list[dict[str, Any]]]


def field(id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "input_field", "id": id, "title": id.title(), "value_type": "STRING",
        "default_value": "", "depends_on": [], "invalidates_input_fields": False,
        "is_required": False, **more,
    }  # fmt: skip


def choice(id: str, label: str | None = None) -> dict[str, Any]:
    return {"type": "choice", "id": id, "label": label, "value": id}


def form(fields: Fields, choices: dict[str, Any] | None = None) -> dict[str, Any]:
    """Routes of a server with one form. ``choices``: a field's pages, or what makes a reply."""

    def answer(asked: Asked) -> Reply | Behaviour:
        data = asked.json["data"]
        if asked.path.endswith("/inputs"):
            return 200, {"data": fields(data["inputs"])}
        name = asked.path.split("/")[-2]
        offered = (choices or {})[name]
        if callable(offered):
            made: Reply | Behaviour = offered(asked)
            return made
        page = int(asked.target.partition("page=")[2] or 1)
        following = f"{asked.path}?page={page + 1}" if page < len(offered) else None
        return 200, {"data": offered[page - 1], "links": {"next": following}}

    return {"/v2/actions/": answer}


def _asked_inputs(script: Script) -> list[dict[str, Any]]:
    return [a.json["data"]["inputs"] for a in script.asked if a.path.endswith("/inputs")]


def _open(made: Desk, authentication: Authentication | None = None) -> FormSession:
    return made.forms.open(APP, ACTION, authentication)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "DEBOUNCE_S", 0.02)


def test_first_call_is_empty_and_a_default_that_brings_fields_is_told_once(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        found = [field("kind", default_value="a", invalidates_input_fields=True)]
        return [*found, field("extra")] if inputs.get("kind") == "a" else found

    async def scenario() -> None:
        async with scripted(routes=form(fields)) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            assert _asked_inputs(script) == [{}, {"kind": "a"}]
            assert list(opened.state.fields) == ["kind", "extra"]
            await opened.close()

    asyncio.run(scenario())


def test_answer_that_was_overtaken_never_becomes_the_form(tmp_path: Path) -> None:
    gate = asyncio.Event()

    def answer(asked: Asked) -> Reply | Behaviour:
        kind = asked.json["data"]["inputs"].get("kind", "")
        body = {"data": [field("kind", invalidates_input_fields=True), field(f"for_{kind}")]}

        async def late(wire: Wire) -> None:
            await gate.wait()
            await wire.send(reply_bytes(200, json.dumps(body).encode()))

        return late if kind == "slow" else (200, body)

    async def scenario() -> None:
        async with (
            scripted(routes={"/v2/actions/": answer}) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made)
            await opened.load()
            opened.edit("kind", "slow")
            slow = asyncio.ensure_future(opened.load())
            while len(_asked_inputs(script)) < 2:
                await asyncio.sleep(0.01)
            opened.edit("kind", "quick")
            await opened.load()
            gate.set()
            await slow
            assert list(opened.state.fields) == ["kind", "for_quick"]
            assert not opened.is_loading
            await opened.close()

    asyncio.run(scenario())


def test_typing_fetches_once_after_the_editing_ended(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = form(lambda inputs: [field("kind", invalidates_input_fields=True)])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            for text in ("t", "te", "text"):
                opened.edit("kind", text)
            await asyncio.sleep(0.1)
            assert len(_asked_inputs(script)) == 1
            opened.finish_edit("kind")
            opened.finish_edit("kind")
            await asyncio.sleep(0.3)
            assert _asked_inputs(script) == [{}, {"kind": "text"}]
            await opened.close()

    asyncio.run(scenario())


def test_dependants_are_cleared_through_a_chain_of_three(tmp_path: Path) -> None:
    async def scenario() -> None:
        chain = [field("a"), field("b", depends_on=["a"]), field("c", depends_on=["b"])]
        async with (
            scripted(routes=form(lambda inputs: chain)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made)
            await opened.load()
            for name in "abc":
                opened.edit(name, name)
            changes: list[tuple[str, ...]] = []
            opened.changed.subscribe(lambda change: changes.append(change.field_ids))
            opened.edit("a", "other")
            assert opened.state.payload() == {"a": "other"}
            assert changes == [("a", "b", "c")]
            await opened.close()

    asyncio.run(scenario())


SELECT = {"format": "SELECT"}


def test_default_that_is_a_label_is_sent_as_the_id_and_brings_its_form(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        kind = field("kind", default_value="Blue", invalidates_input_fields=True, **SELECT)
        return [kind, field("shade")] if inputs.get("kind") == "7" else [kind]

    async def scenario() -> None:
        offered = {"kind": [[choice("7", "Blue"), choice("8", "Red")]]}
        async with (
            scripted(routes=form(fields, offered)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made)
            await opened.load()
            await opened.settle()
            assert opened.state.payload()["kind"] == "7"
            assert list(opened.state.fields) == ["kind", "shade"]
            assert len(_asked_inputs(script)) == 3
            await opened.close()

    asyncio.run(scenario())


def test_default_spelt_as_a_boolean_is_sent_as_the_choice_it_means(tmp_path: Path) -> None:
    async def scenario() -> None:
        flag = field("flag", value_type="BOOLEAN", default_value="yes", **SELECT)
        offered = {"flag": [[choice("True", "Yes, please"), choice("False", "No")]]}
        async with (
            scripted(routes=form(lambda inputs: [flag], offered)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made)
            await opened.load()
            await opened.settle()
            assert opened.state.payload() == {"flag": "True"}
            await opened.close()

    asyncio.run(scenario())


def test_default_whose_choices_cannot_be_had_is_sent_as_it_stands(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = form(
            lambda inputs: [field("kind", default_value="Blue", **SELECT)],
            {"kind": lambda asked: (500, {})},
        )
        async with (
            scripted(routes=routes) as script,
            desk(tmp_path, script.url, pause=at_once) as made,
        ):
            opened = _open(made)
            await opened.load()
            await opened.settle()
            assert opened.state.payload() == {"kind": "Blue"}
            known = opened.known_choices("kind")
            assert known is not None
            assert known.trouble is not None
            await opened.close()

    asyncio.run(scenario())


def test_form_that_changes_its_defaults_for_ever_is_asked_a_bounded_number_of_times(
    tmp_path: Path,
) -> None:
    count = [0]

    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        count[0] += 1
        return [field("kind", default_value=str(count[0]), invalidates_input_fields=True, **SELECT)]

    def offered(asked: Asked) -> Reply:
        return 200, {"data": [choice(f"id {count[0]}", str(count[0]))], "links": {"next": None}}

    async def scenario() -> None:
        routes = form(fields, {"kind": offered})
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            async with asyncio.timeout(10):
                await opened.load()
                await opened.settle()
            assert len(script.asked) < 100
            await opened.close()

    asyncio.run(scenario())


def test_old_action_id_is_looked_up_again_once(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        if "/old-id/" in asked.path:
            return 404, errors("not_found", "No such action.")
        return 200, {"data": [field("note")]}

    async def scenario() -> None:
        async with (
            scripted(routes={"/v2/actions/": answer}) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made)
            await opened.load()
            assert list(opened.state.fields) == ["note"]
            await opened.load()
            paths = [a.path for a in script.asked]
            assert paths.count("/v2/actions") == 1
            assert paths.count("/v2/actions/old-id/inputs") == 1
            await opened.close()

    asyncio.run(scenario())


def test_refusal_that_a_new_id_does_not_mend_is_shown(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = {"/v2/actions/": lambda asked: (404, errors("not_found", "No such action."))}
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            assert opened.trouble is not None
            assert "No such action." in opened.trouble.detail
            assert len(_asked_inputs(script)) == 2
            await opened.close()

    asyncio.run(scenario())


def test_form_is_shown_from_the_cache_while_the_server_cannot_be_reached(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = form(lambda inputs: [field("note")])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            await opened.close()
        address = f"http://127.0.0.1:{free_port()}"
        async with desk(tmp_path, address, pause=at_once) as offline:
            opened = _open(offline)
            await opened.load()
            assert list(opened.state.fields) == ["note"]
            assert isinstance(opened.trouble, Unreachable)
            await opened.close()

    asyncio.run(scenario())


# Choices


def _select(offered: Any, *more: dict[str, Any], **about: Any) -> dict[str, Any]:
    return form(lambda inputs: [*more, field("kind", **SELECT, **about)], {"kind": offered})


async def _choices(home: Path, offered: Any, **how: Any) -> tuple[Any, Script]:
    async with (
        scripted(routes=_select(offered)) as script,
        desk(home, script.url, pause=at_once) as made,
    ):
        opened = _open(made)
        await opened.load()
        found = await opened.choices("kind", **how)
        await opened.close()
        return found, script


def test_choices_are_loaded_page_by_page_or_all_at_once(tmp_path: Path) -> None:
    pages = [[choice("1"), choice("2")], [choice("3", "Three")], []]
    first, _ = asyncio.run(_choices(tmp_path / "first", pages))
    assert ([c.id for c in first.choices], first.has_more) == (["1", "2"], True)
    every, _ = asyncio.run(_choices(tmp_path / "all", pages, all=True))
    assert ([c.id for c in every.choices], every.has_more) == (["1", "2", "3"], False)
    assert [c.text for c in every.choices] == ["1", "2", "Three"]  # null labels


def test_choices_that_lead_back_end_with_a_note(tmp_path: Path) -> None:
    def offered(asked: Asked) -> Reply:
        page = asked.target.partition("page=")[2] or "1"
        following = {"1": "2", "2": "1"}[page]
        body = [choice(f"{page}-{n}") for n in range(3)]
        return 200, {"data": body, "links": {"next": f"{asked.path}?page={following}"}}

    found, script = asyncio.run(_choices(tmp_path, offered, all=True))
    assert len(found.choices) == 6
    assert not found.has_more
    assert "names a page twice" in found.note
    assert sum("/choices" in a.path for a in script.asked) == 2


def test_choices_that_repeat_a_page_without_links_end_with_a_note(tmp_path: Path) -> None:
    found, script = asyncio.run(
        _choices(tmp_path, lambda asked: (200, {"data": [choice("a"), choice("b")]}), all=True)
    )
    assert [c.id for c in found.choices] == ["a", "b"]
    assert "repeats a page" in found.note
    assert sum("/choices" in a.path for a in script.asked) == 2


def test_page_3_that_fails_keeps_the_first_two_and_goes_on_later(tmp_path: Path) -> None:
    broken = [True]

    def offered(asked: Asked) -> Reply:
        page = int(asked.target.partition("page=")[2] or 1)
        if page == 3 and broken[0]:
            return 500, errors("error", "Broken.")
        following = f"{asked.path}?page={page + 1}" if page < 4 else None
        return 200, {"data": [choice(f"c{page}")], "links": {"next": following}}

    async def scenario() -> None:
        async with (
            scripted(routes=_select(offered)) as script,
            desk(tmp_path, script.url, pause=at_once) as made,
        ):
            opened = _open(made)
            await opened.load()
            found = await opened.choices("kind", all=True)
            assert [c.id for c in found.choices] == ["c1", "c2"]
            assert "2 loaded, then it stopped" in found.note
            assert found.has_more
            broken[0] = False
            await opened.choices("kind", more=True)
            found = await opened.choices("kind", all=True)
            assert [c.id for c in found.choices] == ["c1", "c2", "c3", "c4"]
            assert found.trouble is None
            await opened.close()

    asyncio.run(scenario())


def test_no_choices_at_all_are_said(tmp_path: Path) -> None:
    found, _ = asyncio.run(_choices(tmp_path, [[]]))
    assert found.choices == ()
    assert found.note == "The app offers nothing to choose here."


def test_choices_that_need_another_field_say_which(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = _select([[choice("x")]], field("sheet"), depends_on=["sheet"])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            found = await opened.choices("kind")
            assert found.note == "Fill in Sheet first."
            assert not any("/choices" in a.path for a in script.asked)
            opened.edit("sheet", "s1")
            assert [c.id for c in (await opened.choices("kind")).choices] == ["x"]
            await opened.close()

    asyncio.run(scenario())


def test_choices_that_arrive_after_their_dependency_changed_are_asked_for_again(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()

    def offered(asked: Asked) -> Reply | Behaviour:
        sheet = asked.json["data"]["inputs"].get("sheet", "")
        body = {"data": [choice(f"of {sheet}")], "links": {"next": None}}

        async def late(wire: Wire) -> None:
            await gate.wait()
            await wire.send(reply_bytes(200, json.dumps(body).encode()))

        return late if sheet == "one" else (200, body)

    async def scenario() -> None:
        routes = _select(offered, field("sheet"), depends_on=["sheet"])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            opened.edit("sheet", "one")
            asking = asyncio.ensure_future(opened.choices("kind"))
            while not any("/choices" in a.path for a in script.asked):
                await asyncio.sleep(0.01)
            opened.edit("sheet", "two")
            gate.set()
            assert [c.id for c in (await asking).choices] == ["of two"]
            await opened.close()

    asyncio.run(scenario())


def test_choices_of_another_connection_are_never_shown(tmp_path: Path) -> None:
    def offered(asked: Asked) -> Reply:
        who = asked.json["data"]["authentication"]
        return 200, {"data": [choice(f"of {who}")], "links": {"next": None}}

    async def scenario() -> None:
        async with (
            scripted(routes=_select(offered)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made, Authentication("c1", "app-1", "One"))
            await opened.load()
            assert [c.id for c in (await opened.choices("kind")).choices] == ["of c1"]
            opened.set_authentication(Authentication("c2", "app-1", "Two"))
            assert opened.known_choices("kind") is None
            assert [c.id for c in (await opened.choices("kind")).choices] == ["of c2"]
            await opened.close()

    asyncio.run(scenario())


def test_last_choices_are_offered_offline_with_the_day_they_were_saved(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = _select([[choice("1", "One")], [choice("2", "Two")]])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            await opened.choices("kind", all=True)
            await opened.close()
        address = f"http://127.0.0.1:{free_port()}"
        async with desk(tmp_path, address, pause=at_once) as offline:
            opened = _open(offline)
            await opened.load()
            found = await opened.choices("kind")
            assert [c.text for c in found.choices] == ["One", "Two"]
            assert found.note.startswith("As saved on 20")
            assert isinstance(found.trouble, Unreachable)
            await opened.close()

    asyncio.run(scenario())


def test_choices_that_depend_on_a_password_leave_no_trace_of_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        secret = field("key", format="PASSWORD")
        routes = _select([[choice("1")]], secret, depends_on=["key"])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            opened.edit("key", "s3cret-canary-44")
            assert len((await opened.choices("kind")).choices) == 1
            await opened.close()
        for file in tmp_path.iterdir():
            if file.is_file():
                assert b"s3cret-canary-44" not in file.read_bytes(), file.name

    asyncio.run(scenario())


# Sending


def test_order_names_every_problem_and_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        fields = [field("name", is_required=True), field("n", value_type="INTEGER")]
        async with (
            scripted(routes=form(lambda inputs: fields)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = _open(made)
            await opened.load()
            opened.edit("n", "three")
            with pytest.raises(InvalidInput) as caught:
                opened.order("nonce")
            assert "Name is required." in caught.value.detail
            assert "'three' is not a whole number." in caught.value.detail
            await opened.close()

    asyncio.run(scenario())


def test_order_carries_the_labels_of_choices_and_the_ids_of_secrets(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = _select([[choice("7", "Blue")]], field("key", format="PASSWORD"))
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = _open(made)
            await opened.load()
            await opened.choices("kind")
            opened.edit("kind", "7")
            opened.edit("key", "s")
            made_order = opened.order("nonce")
            assert made_order.labels == {"kind": "Blue"}
            assert made_order.secret_ids == {"key"}
            assert made_order.inputs == {"key": "s", "kind": "7"}
            await opened.close()

    asyncio.run(scenario())
