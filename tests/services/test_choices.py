"""Choices of a form: page by page, in circles, broken off, for other values, and offline."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.api.fault_server import Wire, free_port
from tests.services.desk import at_once, desk
from tests.services.form_server import choice, field, open_form, select_form
from tests.services.script_server import (
    Asked,
    Behaviour,
    Reply,
    Script,
    errors,
    reply_bytes,
    scripted,
)
from zapdesk.domain.catalog import Authentication
from zapdesk.errors import Unreachable


async def _choices(home: Path, offered: Any, **how: Any) -> tuple[Any, Script]:
    async with (
        scripted(routes=select_form(offered)) as script,
        desk(home, script.url, pause=at_once) as made,
    ):
        opened = open_form(made)
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
            scripted(routes=select_form(offered)) as script,
            desk(tmp_path, script.url, pause=at_once) as made,
        ):
            opened = open_form(made)
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
    assert found.note == "Nothing here: the app offers nothing to choose."


def test_choices_that_need_another_field_say_which(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = select_form([[choice("x")]], field("sheet"), depends_on=["sheet"])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            found = await opened.choices("kind")
            assert found.note == "Nothing here: needs Sheet first."
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
        routes = select_form(offered, field("sheet"), depends_on=["sheet"])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
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
            scripted(routes=select_form(offered)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made, Authentication("c1", "app-1", "One"))
            await opened.load()
            assert [c.id for c in (await opened.choices("kind")).choices] == ["of c1"]
            opened.set_authentication(Authentication("c2", "app-1", "Two"))
            assert opened.known_choices("kind") is None
            assert [c.id for c in (await opened.choices("kind")).choices] == ["of c2"]
            await opened.close()

    asyncio.run(scenario())


def test_last_choices_are_offered_offline_with_the_day_they_were_saved(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = select_form([[choice("1", "One")], [choice("2", "Two")]])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            await opened.choices("kind", all=True)
            await opened.close()
        address = f"http://127.0.0.1:{free_port()}"
        async with desk(tmp_path, address, pause=at_once) as offline:
            opened = open_form(offline)
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
        routes = select_form([[choice("1")]], secret, depends_on=["key"])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            opened.edit("key", "s3cret-canary-44")
            assert len((await opened.choices("kind")).choices) == 1
            await opened.close()
        for file in tmp_path.iterdir():
            if file.is_file():
                assert b"s3cret-canary-44" not in file.read_bytes(), file.name

    asyncio.run(scenario())
