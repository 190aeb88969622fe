"""Faults that forms meet: huge and twisted definitions, fields that vanish, texts that must not
be touched."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ReportFigure
from tests.services.desk import Desk, desk
from tests.services.form_server import SELECT, choice, field, form, open_form
from tests.services.held_server import HeldServer, held_forms, settled
from tests.services.script_server import scripted
from zapdesk.domain.payload import write_json
from zapdesk.domain.runs import RunStatus
from zapdesk.services.forms import FormSession

Fields = Callable[[dict[str, Any]], list[dict[str, Any]]]


def with_form(
    folder: Path,
    fields: Fields,
    scenario: Callable[[Desk, FormSession], Awaitable[None]],
    **more: Any,
) -> None:
    async def run() -> None:
        async with (
            scripted(routes=form(fields, more.pop("choices", None)), **more) as script,
            desk(folder, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            await scenario(made, opened)
            await opened.close()

    asyncio.run(run())


@pytest.mark.alone
def test_ten_thousand_fields_and_a_hundred_thousand_choices(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    fields = [field("pick", **SELECT), *(field(f"f{n}") for n in range(10_000))]
    pages = [[choice(f"{page}-{n}", "Label") for n in range(1_000)] for page in range(100)]

    async def scenario(made: Desk, opened: FormSession) -> None:
        assert len(opened.state.fields) == 10_001
        opened.edit("f9999", "typed")
        began = time.perf_counter()
        found = await opened.choices("pick", all=True)
        report_figure("100,000 choices, page by page", time.perf_counter() - began, "s")
        assert (len(found.choices), found.has_more, found.note) == (100_000, False, "")
        assert opened.order("press").inputs == {"f9999": "typed"}

    with_form(tmp_path, lambda inputs: fields, scenario, choices={"pick": pages})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([field("a", depends_on=["a"])], ["'A' is said to depend on itself."]),
        (
            [field("a", depends_on=["b"]), field("b", depends_on=["a"])],
            ["'A' depends on itself through", "'B' depends on itself through"],
        ),
        ([field("a", depends_on=["gone"])], ["'A' depends on 'gone', which is not in the form."]),
        ([field("a"), field("a")], ["2 fields called 'a'"]),
    ],
    ids=["itself", "two in a circle", "unknown", "one id twice"],
)
def test_twisted_dependencies_are_reported_and_the_form_works(
    tmp_path: Path, fields: list[dict[str, Any]], words: list[str]
) -> None:
    async def scenario(made: Desk, opened: FormSession) -> None:
        told = " ".join(opened.state.oddities())
        for part in words:
            assert part in told
        async with asyncio.timeout(5):
            for name in opened.state.fields:
                opened.edit(name, f"of {name}")
                opened.finish_edit(name)
                await opened.settle()
        last = list(opened.state.fields)[-1]
        assert opened.order("press").inputs[last] == f"of {last}"

    with_form(tmp_path, lambda inputs: fields, scenario)


def test_chain_of_a_thousand_dependencies_ends(tmp_path: Path) -> None:
    fields = [field(f"f{n}", depends_on=[f"f{n - 1}"] if n else []) for n in range(1_000)]

    async def scenario(made: Desk, opened: FormSession) -> None:
        assert opened.state.oddities() == ()
        for name in opened.state.fields:
            opened.edit(name, "v")
        async with asyncio.timeout(10):
            await opened.settle()
            opened.edit("f0", "w")
            await opened.settle()
        assert opened.order("press").inputs == {"f0": "w"}

    with_form(tmp_path, lambda inputs: fields, scenario)


names = st.sampled_from(["a", "b", "c", "d", "e", "gone"])


@given(
    st.lists(st.tuples(names, st.lists(names, max_size=3), st.booleans()), max_size=6),
    st.lists(names, max_size=6),
)
def test_no_graph_of_dependencies_loops(
    graph: list[tuple[str, list[str], bool]], edits: list[str]
) -> None:
    fields = [
        field(name, depends_on=needs, invalidates_input_fields=brings, default_value="d")
        for name, needs, brings in graph
    ]

    async def scenario() -> None:
        server = HeldServer(lambda inputs, who: fields)
        made = held_forms(server)
        opened = made.open()
        first = asyncio.ensure_future(opened.load())
        await settled(opened, server)
        await first
        for name in edits:
            if name in opened.state.fields:
                opened.edit(name, f"of {name}")
                opened.finish_edit(name)
        await settled(opened, server)
        assert len(server.asked) < 30
        opened.order("press")
        await opened.close()
        await made.transport.aclose()

    asyncio.run(scenario())


def test_field_that_vanishes_and_is_renamed_parks_what_was_typed(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        kind = field("kind", invalidates_input_fields=True)
        name = {"": "subject", "renamed": "headline"}.get(inputs.get("kind") or "")
        return [kind, *([field(name)] if name else [])]

    async def scenario(made: Desk, opened: FormSession) -> None:
        opened.edit("subject", "typed by hand")
        for kind in ("renamed", "none"):
            opened.edit("kind", kind)
            await opened.settle()
            assert opened.state.parked == {"subject": "typed by hand"}
            assert "subject" not in opened.order("press").inputs
        opened.edit("kind", "")
        await opened.settle()
        assert opened.state.parked == {}
        assert opened.state.payload()["subject"] == "typed by hand"

    with_form(tmp_path, fields, scenario)


TEXTS = [
    "x" * 40_000, "one\r\ntwo\rthree\n", "\u00a0 \u00a0", "a\u2028b\u2029c", "\ufeffbom",
    "\U0001f9ea\U0001f469\u200d\U0001f52c", "\ud800 alone", "\x00\x1b[31m", " \t trailing \n\n",
    "{{now}}", '"\\', "9223372036854775808", "0.10", "1e400",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:12]))
def test_pasted_text_is_sent_shown_and_logged_as_it_was(tmp_path: Path, text: str) -> None:
    fields = [
        field("line"), field("area", format="MULTILINE"), field("code", format="CODE"),
        field("when", format="DATETIME"), field("list", value_type="ARRAY"),
        field("map", value_type="OBJECT"),
    ]  # fmt: skip
    values = dict.fromkeys(("line", "area", "code", "when"), text) | {
        "list": [text, text],
        "map": {"k": text, text: "v"},
    }

    async def scenario(made: Desk, opened: FormSession) -> None:
        for name, value in values.items():
            opened.edit(name, value)
        order, shown = opened.order("press"), opened.preview()
        assert order.inputs == values
        record = await made.ended(order)
        assert record.run.status is RunStatus.SUCCESS
        assert record.inputs == shown == write_json(values)

    with_form(
        tmp_path, lambda inputs: fields, scenario,
        on_run=[(201, {"data": {"id": "r1"}})],
        on_poll=[(200, {"data": {"id": "r1", "status": "success", "results": []}})],
    )  # fmt: skip


@pytest.mark.parametrize("native", [False, True])
def test_numbers_beyond_what_machines_count_keep_every_digit(tmp_path: Path, native: bool) -> None:
    fields = [field("i", value_type="INTEGER"), field("n", value_type="NUMBER")]

    async def scenario() -> None:
        async with (
            scripted(routes=form(lambda inputs: fields)) as script,
            desk(tmp_path, script.url, sends_native_values=native) as made,
        ):
            opened = open_form(made)
            await opened.load()
            for integer, number in [
                ("9223372036854775808123", "0.1234567"),
                ("2147483648", "0.10"),
                ("-0", "1234567890.12345678901234567890"),
            ]:
                opened.edit("i", integer)
                opened.edit("n", number)
                quote = "" if native else '"'
                wanted = f'{{"i":{quote}{integer}{quote},"n":{quote}{number}{quote}}}'
                assert opened.preview() == wanted.encode()
                assert write_json(opened.order("press").inputs) == wanted.encode()
            opened.edit_payload(json.loads('{"i": "7", "n": "0.50"}'))
            assert opened.state.payload() == {"i": "7", "n": "0.50"}
            await opened.close()

    asyncio.run(scenario())
