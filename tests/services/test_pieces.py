"""Mapped values in an open form: the preview is what is sent, and the next send has its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.services.desk import PROFILE, Desk, desk, order
from tests.services.form_server import SELECT, asked_inputs, choice, field, form, open_form
from tests.services.script_server import Script, scripted
from zapdesk.domain.payload import without_secrets, write_json
from zapdesk.domain.pieces import Mapped, Piece, interpreted
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.domain.runs import RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.services.pieces import Pieces

FIELDS = [
    field("note"),
    field("who", depends_on=["note"], **SELECT),
    field("list", value_type="ARRAY"),
    field("n", value_type="INTEGER"),
    field("key", format="PASSWORD"),
]


async def succeeded(made: Desk, results: bytes, profile: str = PROFILE) -> str:
    """A run of this profile that ended with these results."""
    run, _ = await made.log.add(replace(order(), profile_id=profile), 1_000, b"{}")
    await made.log.move(run.id, RunStatus.WAITING, at_ms=1_001, run_id="r")
    await made.log.move(run.id, RunStatus.SUCCESS, at_ms=1_002, results=results)
    return run.id


def with_desk(
    folder: Path, scenario: Callable[[Desk, Script], Awaitable[None]], **choices: Any
) -> None:
    async def run() -> None:
        routes = form(lambda inputs: FIELDS, choices)
        async with scripted(routes=routes) as script, desk(folder, script.url) as made:
            await scenario(made, script)

    asyncio.run(run())


def test_what_the_preview_shows_is_what_is_sent_and_the_next_run_is_new(tmp_path: Path) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        opened = open_form(made)
        await opened.load()
        opened.edit("note", Mapped((Piece("uuid"), " for ", Piece("random.email"))))
        opened.edit("list", [Mapped((Piece("uuid"),)), "{{uuid}}"])
        opened.edit("key", Mapped((Piece("random.name"),)))
        await opened.settle()
        shown = opened.preview()
        told: list[str] = []
        opened.changed.subscribe(lambda change: told.append(change.kind))
        sent = opened.order("press one")
        assert write_json(without_secrets(sent.inputs, sent.secret_ids)) == shown
        assert sent.inputs["list"] == [sent.inputs["note"].split()[0], "{{uuid}}"]
        assert "values" in told
        await opened.settle()
        again = opened.order("press two")
        assert again.inputs["note"] != sent.inputs["note"]
        kept = opened.state.filling().write()
        assert b'{"piece":"uuid"}' in kept
        assert sent.inputs["note"].encode() not in kept
        await opened.close()

    with_desk(tmp_path, scenario)


def test_typed_braces_are_sent_as_they_are(tmp_path: Path) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        opened = open_form(made)
        await opened.load()
        opened.edit("note", "{{now}} {{env.X}}")
        await opened.settle()
        assert opened.order("press").inputs["note"] == "{{now}} {{env.X}}"
        assert opened.why("note") == "typed"
        await opened.close()

    with_desk(tmp_path, scenario)


def test_field_of_an_earlier_run_is_looked_up_by_itself(tmp_path: Path) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        id = await succeeded(made, b'[{"id":9223372036854775808,"a b":{"c":[true]}}]')
        opened = open_form(made)
        await opened.load()
        opened.edit("note", interpreted("{{run:last.results[0].id}}"))
        opened.edit("list", [Mapped((Piece(f'run:{id[:8]}.results[0]["a b"].c[0]'),))])
        assert "has not been looked up yet" in opened.state.problem("note")
        heard = asyncio.Event()
        opened.changed.subscribe(
            lambda change: heard.set() if change.kind == "values" and "note" in change.field_ids
            else None
        )  # fmt: skip
        async with asyncio.timeout(5):
            await heard.wait()
        assert opened.state.problem("note") == ""
        assert opened.state.payload() == {"note": "9223372036854775808", "list": ["true"]}
        await opened.close()

    with_desk(tmp_path, scenario)


def test_run_that_ended_meanwhile_is_the_last_one_when_it_is_sent(tmp_path: Path) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        await succeeded(made, b'[{"id":"one"}]')
        opened = open_form(made)
        await opened.load()
        opened.edit("note", interpreted("{{run:last.results[0].id}}"))
        await opened.settle()
        assert opened.state.payload()["note"] == "one"
        await succeeded(made, b'[{"id":"two"}]')
        assert opened.state.payload()["note"] == "one"  # what is shown changes only when told
        await opened.settle()
        assert b"two" in opened.preview()
        assert opened.order("press").inputs["note"] == "two"
        await opened.close()

    with_desk(tmp_path, scenario)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("env.MISSING", "no environment value 'MISSING'"),
        ("nonsense", "not a piece that zapdesk knows"),
        ("run:last.results[0].id", "has ended in success yet"),
        ("run:abcdef.results", "abcdef"),
        ("run:", "not a piece"),
    ],
)
def test_piece_that_stands_for_nothing_is_a_problem_in_words(
    tmp_path: Path, expression: str, words: str
) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        opened = open_form(made)
        await opened.load()
        opened.edit("note", Mapped(("x", Piece(expression))))
        await opened.settle()
        assert words in opened.state.problem("note")
        assert opened.state.payload() == {}
        with pytest.raises(InvalidInput, match="not complete"):
            opened.order("press")
        await opened.close()

    with_desk(tmp_path, scenario)


def test_runs_of_another_profile_are_nobodys_business(tmp_path: Path) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        id = await succeeded(made, b'[{"id":"theirs"}]', "another")
        opened = open_form(made)
        await opened.load()
        for text in ("{{run:last.results[0].id}}", f"{{{{run:{id}.results[0].id}}}}"):
            opened.edit("note", interpreted(text))
            await opened.settle()
            assert opened.state.problem("note")
        assert await opened.pieces.recent_runs() == ()
        assert await opened.pieces.offers_of_run() == []
        await opened.close()

    with_desk(tmp_path, scenario)


def test_choices_wait_for_a_mapped_value_and_are_asked_with_what_it_stands_for(
    tmp_path: Path,
) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        opened = open_form(made)
        await opened.load()
        opened.edit("note", Mapped((Piece("env.MISSING"),)))
        assert (await opened.choices("who")).note == "Nothing here: needs Note first."
        opened.edit("note", Mapped((Piece("uuid"),)))
        assert [c.id for c in (await opened.choices("who")).choices] == ["1"]
        asked = [a for a in script.asked if a.path.endswith("/choices")][-1]
        assert asked.json["data"]["inputs"]["note"] == opened.state.payload()["note"]
        await opened.close()

    with_desk(tmp_path, scenario, who=[[choice("1")]])


def test_mapped_value_that_brings_fields_is_told_once_it_is_known(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        kind = field("kind", invalidates_input_fields=True)
        return [kind, *([field("more")] if inputs.get("kind") == "one" else [])]

    async def scenario() -> None:
        async with scripted(routes=form(fields)) as script, desk(tmp_path, script.url) as made:
            await succeeded(made, b'[{"id":"one"}]')
            opened = open_form(made)
            await opened.load()
            opened.edit("kind", interpreted("{{run:last.results[0].id}}"))
            opened.finish_edit("kind")
            await opened.settle()
            assert list(opened.state.fields) == ["kind", "more"]
            assert asked_inputs(script)[-1] == {"kind": "one"}
            await opened.close()

    asyncio.run(scenario())


def test_time_is_the_profiles_and_moves_on_until_it_is_sent(tmp_path: Path) -> None:
    moment = [datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)]
    profile = Profile(
        "p", "P", ServerKind.CUSTOM, environment=(("TEAM", "Blue"),), time_zone="Europe/Berlin"
    )

    async def scenario(made: Desk, script: Script) -> None:
        pieces = partial(Pieces, profile, made.log)(lambda: moment[0])
        now = Piece("now")
        assert pieces.resolve(now) == "2026-03-29T01:59:59+01:00"
        moment[0] += timedelta(seconds=1)
        assert pieces.resolve(now) == "2026-03-29T01:59:59+01:00"
        assert await pieces.freshen([now])
        assert pieces.resolve(now) == "2026-03-29T03:00:00+02:00"
        assert not await pieces.freshen([now, Piece("uuid"), Piece("env.TEAM")])
        offers = {offer.expression: offer.example for offer in pieces.offers()}
        assert offers["env.TEAM"] == "Blue"
        assert offers["uuid"] == pieces.resolve(Piece("uuid"))

    with_desk(tmp_path, scenario)


def test_every_value_of_a_result_is_offered_by_a_path_that_leads_to_it(tmp_path: Path) -> None:
    async def scenario(made: Desk, script: Script) -> None:
        await succeeded(
            made, b'[{"id":1,"a.b":{"c d":[null,false,{"":"e"}]},"q\\"":2,"{{x}}":3,"n":0.10}]'
        )
        opened = open_form(made)
        offers = await opened.pieces.offers_of_run()
        await opened.pieces.prepare([Piece("run:last")])
        assert [offer.example for offer in offers] == ["1", "false", "e", "0.10"]
        for offer in offers:
            assert opened.pieces.resolve(Piece(offer.expression)) == offer.example
            assert interpreted("{{" + offer.expression + "}}") == Mapped((Piece(offer.expression),))
        await opened.close()

    with_desk(tmp_path, scenario)
