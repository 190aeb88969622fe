"""Preferences: a choice is checked, kept and announced, whoever made it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from zapdesk.errors import InvalidInput, Side, ZapdeskError
from zapdesk.services.preferences import Preferences
from zapdesk.settings import Settings, save


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "settings.toml", Settings())


def test_a_choice_is_kept_and_announced_once(preferences: Preferences) -> None:
    told: list[Settings] = []
    preferences.changed.subscribe(told.append)

    async def choose() -> None:
        await preferences.set("theme", "dark")
        await preferences.set("theme", "dark")

    asyncio.run(choose())
    assert told == [Settings(theme="dark")]
    assert Settings.load(preferences.path).theme == "dark"
    assert not preferences.is_default("theme")


def test_a_reset_takes_the_line_out_of_the_file(preferences: Preferences) -> None:
    preferences.path.write_text('# mine\nkeep_days = 3\ntheme = "dark"\n')

    async def reset() -> None:
        await preferences.read_again()
        assert preferences.settings.keep_days == 3
        await preferences.reset("keep_days", "keep-megabytes")

    asyncio.run(reset())
    assert preferences.path.read_text() == '# mine\ntheme = "dark"\n'
    assert preferences.settings == Settings(theme="dark")


@pytest.mark.parametrize(("name", "value"), [("theme", "blue"), ("keep_days", True), ("x", 1)])
def test_what_cannot_be_used_changes_nothing(
    preferences: Preferences, name: str, value: object
) -> None:
    with pytest.raises(InvalidInput, match=name):
        asyncio.run(preferences.set(name, value))
    assert not preferences.path.exists()


def test_what_another_process_wrote_is_taken_up(preferences: Preferences) -> None:
    told: list[Settings] = []
    preferences.changed.subscribe(told.append)
    save(preferences.path, {"theme": "light"})
    asyncio.run(preferences.read_again())
    assert [settings.theme for settings in told] == ["light"]


def test_a_file_that_is_being_written_in_takes_nothing_away(preferences: Preferences) -> None:
    async def scenario() -> None:
        await preferences.set("proxy", "http://proxy.example:1")
        preferences.path.write_text('proxy = "http://proxy.example:1"\ntheme = "da')
        await preferences.read_again()
        assert preferences.settings.proxy == "http://proxy.example:1"
        (trouble,) = preferences.settings.troubles
        assert trouble.endswith("What was chosen before goes on.")

    asyncio.run(scenario())


def test_a_folder_in_place_of_the_file_is_told_and_changes_nothing(
    preferences: Preferences,
) -> None:
    preferences.path.mkdir()
    with pytest.raises(ZapdeskError, match="not saved") as caught:
        asyncio.run(preferences.set("theme", "dark"))
    assert caught.value.side is Side.COMPUTER
    assert preferences.settings == Settings()
