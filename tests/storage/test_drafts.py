"""Drafts and presets as rows: each at its own place, deletions undone, nothing of a PASSWORD."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.storage.making import ADD_ROW, opened
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.drafts import Draft, Preset, free_name
from zapdesk.domain.filling import Filling
from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.errors import InvalidInput
from zapdesk.storage.drafts import Drafts

OTHER = ActionKey("tables", "SEARCH", "add_row")
FORM = '[{"type":"info_field","id":"i","description":""}]'


def with_drafts(folder: Path, scenario: Callable[[Drafts], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(folder) as database:
            await scenario(Drafts(database))

    asyncio.run(run())


def draft(text: str, place: str = "tab 1", action: ActionKey = ADD_ROW) -> Draft:
    return Draft(place, action, "c1", Filling({"note": text}), 5)


def names(presets: tuple[Preset, ...]) -> list[str]:
    return [preset.name for preset in presets]


def test_each_place_profile_and_action_has_a_draft_of_its_own(tmp_path: Path) -> None:
    async def scenario(drafts: Drafts) -> None:
        kept = [
            ("p1", draft("one")),
            ("p1", draft("two", "tab 2")),
            ("p1", draft("three", action=OTHER)),
            ("p2", draft("four")),
        ]
        for profile, one in kept:
            await drafts.keep(profile, one)
        for profile, one in kept:
            assert await drafts.find(profile, one.place, one.action) == one
        await drafts.drop_place("p1", "tab 1")
        left = [await drafts.find(p, d.place, d.action) for p, d in kept]
        assert left == [None, kept[1][1], None, kept[3][1]]

    with_drafts(tmp_path, scenario)


def test_a_draft_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    async def scenario(drafts: Drafts) -> None:
        for text in ("a", "ab", "abc"):
            await drafts.keep("p", draft(text))
        assert await drafts.find("p", "tab 1", ADD_ROW) == draft("abc")
        await drafts.keep("p", Draft("tab 1", ADD_ROW, None, Filling(), 6))
        assert await drafts.find("p", "tab 1", ADD_ROW) is None

    with_drafts(tmp_path, scenario)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 40_000,
        "a\r\nb\rc\n",
        "\u00a0\u2028\ufeff",
        "\U0001f9ea",
        "\ud800",
        "\x00",
        "{{now}}",
    ],
)
def test_every_text_comes_back_from_the_disk_as_it_was(tmp_path: Path, text: str) -> None:
    filling = Filling({"note": text, "l": [text]}, frozenset({"gone"}), {"extra": text})

    async def scenario(drafts: Drafts) -> None:
        await drafts.keep("p", Draft("tab 1", ADD_ROW, None, filling, 1))
        found = await drafts.find("p", "tab 1", ADD_ROW)
        assert found is not None
        assert found.filling == filling
        await drafts.save_preset("p", ADD_ROW, "All", filling, FORM, 1)
        assert (await drafts.presets("p", ADD_ROW))[0].filling == filling

    with_drafts(tmp_path, scenario)


def test_a_mapped_value_is_kept_as_its_pieces(tmp_path: Path) -> None:
    filling = Filling({"note": Mapped(("for ", Piece("env.TEAM")))})

    async def scenario(drafts: Drafts) -> None:
        await drafts.keep("p", Draft("t", ADD_ROW, None, filling, 1))
        found = await drafts.find("p", "t", ADD_ROW)
        assert found is not None
        assert found.filling == filling

    with_drafts(tmp_path, scenario)


def test_a_name_that_is_taken_is_refused_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    async def scenario(drafts: Drafts) -> None:
        await drafts.save_preset("p", ADD_ROW, "  Weekly \n report ", Filling({"a": "1"}), FORM, 1)
        with pytest.raises(InvalidInput, match="There is a preset called 'Weekly report' already"):
            await drafts.save_preset("p", ADD_ROW, "Weekly report", Filling(), FORM, 2)
        await drafts.save_preset("p", OTHER, "Weekly report", Filling(), FORM, 2)
        await drafts.save_preset(
            "p", ADD_ROW, "Weekly report", Filling({"a": "2"}), FORM, 3, replace=True
        )
        (found,) = await drafts.presets("p", ADD_ROW)
        assert (found.filling.values, found.saved_ms) == ({"a": "2"}, 3)

    with_drafts(tmp_path, scenario)


@pytest.mark.parametrize(
    ("name", "words"), [("", "needs a name"), (" \t\n", "needs a name"), ("x" * 201, "longer than")]
)
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str, words: str) -> None:
    async def scenario(drafts: Drafts) -> None:
        with pytest.raises(InvalidInput, match=words):
            await drafts.save_preset("p", ADD_ROW, name, Filling(), FORM, 1)
        assert await drafts.presets("p", ADD_ROW) == ()

    with_drafts(tmp_path, scenario)


def test_a_preset_is_renamed_unless_the_name_is_taken(tmp_path: Path) -> None:
    async def scenario(drafts: Drafts) -> None:
        for name in ("b", "a"):
            await drafts.save_preset("p", ADD_ROW, name, Filling(), FORM, 1)
        first, second = await drafts.presets("p", ADD_ROW)
        assert (first.name, second.name) == ("a", "b")
        with pytest.raises(InvalidInput, match="already"):
            await drafts.rename_preset(first.number, "b")
        await drafts.rename_preset(first.number, "a")
        await drafts.rename_preset(first.number, "c")
        assert names(await drafts.presets("p", ADD_ROW)) == ["b", "c"]

    with_drafts(tmp_path, scenario)


def test_a_deleted_preset_comes_back_beside_one_that_took_its_name(tmp_path: Path) -> None:
    async def scenario(drafts: Drafts) -> None:
        await drafts.save_preset("p", ADD_ROW, "a", Filling({"v": "old"}), FORM, 1)
        (old,) = await drafts.presets("p", ADD_ROW)
        await drafts.delete_preset(old.number, 50)
        assert await drafts.presets("p", ADD_ROW) == ()
        await drafts.save_preset("p", ADD_ROW, "a", Filling({"v": "new"}), FORM, 2)
        await drafts.restore_preset(old.number)
        found = await drafts.presets("p", ADD_ROW)
        assert {p.name: p.filling.values["v"] for p in found} == {"a": "new", "a (2)": "old"}

    with_drafts(tmp_path, scenario)


def test_what_was_deleted_long_ago_is_swept_away_for_good(tmp_path: Path) -> None:
    async def scenario(drafts: Drafts) -> None:
        for name in ("early", "late", "kept"):
            await drafts.save_preset("p", ADD_ROW, name, Filling(), FORM, 1)
        early, kept, late = await drafts.presets("p", ADD_ROW)
        await drafts.delete_preset(early.number, 10)
        await drafts.delete_preset(late.number, 20)
        await drafts.sweep(15)
        await drafts.restore_preset(early.number)
        await drafts.restore_preset(late.number)
        assert names(await drafts.presets("p", ADD_ROW)) == [kept.name, late.name]

    with_drafts(tmp_path, scenario)


def test_a_free_name_is_found_whatever_is_taken() -> None:
    assert free_name("a", set()) == "a"
    assert free_name("a", {"a", "a (2)", "a (4)"}) == "a (3)"
