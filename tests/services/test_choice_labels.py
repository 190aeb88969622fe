"""A chosen id keeps its label where its choices are not loaded: after a restart, and run again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.services.desk import desk
from tests.services.form_server import choice, field, open_form, select_form
from tests.services.script_server import scripted
from zapdesk.domain.filling import Filling
from zapdesk.domain.payload import read_json

CHOICES = [choice("1", "One"), choice("2", "Two")]


def test_a_draft_knows_the_label_before_any_choice_is_loaded(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes=select_form([CHOICES])) as script:
            async with desk(tmp_path, script.url) as made:
                opened = open_form(made)
                await opened.load()
                keeper = made.drafts.keep("tab", opened)
                await opened.choices("kind")
                opened.edit("kind", "2")
                await keeper.close()
                await opened.close()
            async with desk(tmp_path, script.url) as made:
                opened = open_form(made)
                await made.drafts.restore("tab", opened)
                await opened.load()
                assert opened.known_choices("kind") is None
                assert opened.labels.of("kind", ["2"]) == {"2": "Two"}
                # It stays known, and is in the log and the next draft, without being asked for.
                assert opened.order("n").labels == {"kind": "Two"}
                assert opened.filling().labels == {"kind": {"2": "Two"}}
                await opened.close()

    asyncio.run(scenario())


def test_a_preset_knows_the_label_and_loaded_choices_know_better(tmp_path: Path) -> None:
    now = list(CHOICES)

    async def scenario() -> None:
        async with (
            scripted(
                routes=select_form(lambda asked: (200, {"data": now, "links": {"next": None}}))
            ) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            await opened.choices("kind")
            opened.edit("kind", "2")
            await made.drafts.save(opened, "mine")
            await opened.close()
            opened = open_form(made)
            await opened.load()
            (preset,) = await made.drafts.presets(opened)
            made.drafts.load(opened, await made.drafts.examine(opened, preset))
            assert opened.labels.of("kind", ["2"]) == {"2": "Two"}
            now[:] = [choice("2", "Renamed")]
            await opened.choices("kind")
            assert opened.labels.of("kind", ["2"]) == {"2": "Renamed"}
            now[:] = [choice("1", "One")]  # the whole list, and the id is not in it any more
            await opened.choices("kind", refresh=True)
            assert opened.labels.of("kind", ["2"]) == {}
            await opened.close()

    asyncio.run(scenario())


def test_labels_of_a_password_and_of_what_was_not_chosen_are_in_no_filling(tmp_path: Path) -> None:
    async def scenario() -> None:
        secret = field("key", format="PASSWORD")
        async with (
            scripted(routes=select_form([CHOICES], secret)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            opened.prefill(
                Filling(
                    {"kind": "2"},
                    labels={"kind": {"1": "One", "2": "Two"}, "key": {"pw-canary": "Label"}},
                )
            )
            await opened.load()
            opened.edit("key", "pw-canary")
            kept = opened.filling()
            assert kept.labels == {"kind": {"2": "Two"}}
            assert "labels" not in read_json(opened.preview())
            assert opened.order("n").labels == {"kind": "Two"}
            await opened.close()

    asyncio.run(scenario())
