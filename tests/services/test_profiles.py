"""Profiles are kept in the settings file beside what a person wrote there, and are announced."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.vault.stores import Memory
from zapdesk.domain.profile_editing import fresh
from zapdesk.domain.profiles import SANDBOX, ZAPIER, Profile, ServerKind, SignInKind, custom
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.services.accounts import Accounts
from zapdesk.services.entries import Entries
from zapdesk.services.preferences import Preferences
from zapdesk.services.profile_notes import ProfileNotes
from zapdesk.services.profiles import ProfileChange, ProfileService
from zapdesk.settings import Settings
from zapdesk.storage.profile_data import ProfileData
from zapdesk.vault import Vault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


class NoData(ProfileData):
    """A store without tables: what goes with a profile has its own tests."""

    def __init__(self) -> None:
        self.forgotten: dict[str, str] = {}
        self.swept: list[Container[str]] = []

    async def forget(self, profile_id: str, name: str) -> None:
        self.forgotten[profile_id] = name

    async def sweep(self, living: Container[str]) -> None:
        self.swept.append(living)

    async def former_names(self) -> Mapping[str, str]:
        return self.forgotten


def service(path: Path) -> ProfileService:
    return ProfileService(Preferences(path, Settings.load(path)), NoData())


@pytest.mark.parametrize(("text", "times"), [("[profiles.work]\n", 1), ("[profiles.work\n", 0)])
def test_no_profile_counts_as_removed_while_the_settings_cannot_be_read(
    path: Path, text: str, times: int
) -> None:
    path.write_text(text)
    data = NoData()
    asyncio.run(ProfileService(Preferences(path, Settings.load(path)), data).sweep(["used"]))
    assert data.swept == [{"work", "used", SANDBOX.id, ZAPIER.id}] * times


def test_a_profile_that_cannot_be_taken_out_of_the_settings_loses_nothing(path: Path) -> None:
    path.write_text('[profiles.work]\nbase_url = "https://example.com"\n')
    data = NoData()
    kept = ProfileService(Preferences(path, Settings.load(path)), data)
    path.write_text("[profiles.work\n")
    with pytest.raises(ZapdeskError, match="not saved"):
        asyncio.run(kept.delete(kept.named("work")))
    assert data.forgotten == {}


def work() -> Profile:
    return replace(
        custom("https://example.com"),
        id="",
        name="Work",
        environment=(("team", "blue"), ("quote", 'a "b"\n')),
        sign_in=SignInKind.OAUTH,
        scopes=("zap", "profile"),
        time_zone="Europe/Berlin",
    )


def test_profiles_are_made_changed_copied_and_removed(path: Path) -> None:
    path.write_text('# mine\ntheme = "dark"\n', "utf-8")

    async def scenario() -> None:
        kept = service(path)
        told: list[ProfileChange] = []
        kept.changed.subscribe(told.append)
        made = await kept.create(work())
        assert made.id.startswith("work-")
        assert replace(made, id="") == work()
        changed = await kept.edit(replace(made, name="  Work   at  home ", environment=()))
        assert (changed.name, changed.environment) == ("Work at home", ())
        own = replace(changed, understands_effects=True, granted=("zap",))
        copy = await kept.duplicate(own)
        assert copy.colour not in (changed.colour, SANDBOX.colour, ZAPIER.colour)
        same = replace(changed, colour=copy.colour)
        assert copy == replace(same, id=copy.id, name="Work at home copy")
        assert copy.id != changed.id
        assert service(path).all == kept.all == (SANDBOX, ZAPIER, changed, copy)
        await kept.delete(changed)
        assert await kept.names() == {
            "sandbox": "Sandbox",
            "zapier": "Zapier",
            changed.id: "Work at home",
            copy.id: "Work at home copy",
        }
        assert [p.id for p in service(path).all] == ["sandbox", "zapier", copy.id]
        assert told == [
            ProfileChange(None, made),
            ProfileChange(made, changed),
            ProfileChange(None, copy),
            ProfileChange(changed, None),
        ]

    asyncio.run(scenario())
    text = path.read_text("utf-8")
    assert text.startswith('# mine\ntheme = "dark"\n')
    assert 'name = "Work at home copy"' in text


def test_a_profile_that_comes_with_zapdesk_is_changed_and_never_removed(path: Path) -> None:
    async def scenario() -> None:
        kept = service(path)
        await kept.edit(replace(SANDBOX, name="Play", is_live=True))
        assert Settings.load(path).profiles == {"sandbox": {"name": "Play", "is_live": True}}
        await kept.edit(SANDBOX)
        assert Settings.load(path).profiles == {"sandbox": {}}
        with pytest.raises(InvalidInput, match="comes with zapdesk"):
            await kept.delete(SANDBOX)

    asyncio.run(scenario())


def test_a_profile_that_cannot_be_used_is_refused_and_nothing_is_written(path: Path) -> None:
    async def scenario() -> None:
        kept = service(path)
        for wrong, word in (
            (replace(work(), name="Zapier"), "already"),
            (replace(work(), base_url="http://example.com"), "not encrypted"),
            (replace(work(), time_zone="Mars/Base"), "time zone"),
        ):
            with pytest.raises(InvalidInput, match=word):
                await kept.create(wrong)
        with pytest.raises(InvalidInput, match="any more"):
            await kept.edit(replace(work(), id="gone"))

    asyncio.run(scenario())
    assert not path.exists()


def test_settings_that_cannot_be_written_are_named_and_nothing_changes(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = service(tmp_path / "nowhere" / "settings.toml")
        with pytest.raises(ZapdeskError, match="not saved"):
            await kept.create(work())
        assert kept.all == (SANDBOX, ZAPIER)

    asyncio.run(scenario())


def test_what_another_process_wrote_is_noticed(path: Path) -> None:
    async def scenario() -> None:
        here, there = service(path), service(path)
        told: list[ProfileChange] = []
        here.changed.subscribe(told.append)
        made = await there.create(fresh("Second", ServerKind.SANDBOX))
        assert here.get(made.id) is None
        await here.reload()
        await here.reload()
        assert told == [ProfileChange(None, made)]
        assert here.named("second") == here.named(made.id.upper()) == made
        with pytest.raises(InvalidInput, match="There are: Sandbox, Zapier, Second"):
            here.named("third")

    asyncio.run(scenario())


def test_several_changes_at_once_are_all_kept(path: Path) -> None:
    async def scenario() -> None:
        kept = service(path)
        names = [f"P{number}" for number in range(8)]
        await asyncio.gather(*(kept.create(replace(work(), name=name)) for name in names))
        assert {p.name for p in service(path).all} >= set(names)

    asyncio.run(scenario())


def test_another_profile_at_zapier_is_still_there_after_signing_in(path: Path) -> None:
    async def scenario() -> None:
        kept = service(path)
        made = await kept.create(replace(fresh("Second", ServerKind.ZAPIER), client_id="id"))
        await ProfileNotes(path).keep_sign_in(made)
        assert service(path).get(made.id) == made

    asyncio.run(scenario())


def test_a_profile_that_moves_to_another_server_leaves_no_secret_behind(path: Path) -> None:
    async def scenario() -> None:
        kept, backend = service(path), Memory()
        accounts = Accounts(Vault(backend), path, path.parent)
        kept.leaves_server = accounts.leave_server
        made = await kept.create(replace(work(), granted=("zap",)))
        for name in Entries.of(made).all:
            await accounts.vault.put(name, "secret")
        same = await kept.edit(replace(made, name="Other"))
        assert (len(backend.kept), same.granted) == (5, ("zap",))
        moved = await kept.edit(replace(same, base_url="https://elsewhere.example"))
        assert (backend.kept, moved.granted) == ({}, ())

    asyncio.run(scenario())


def test_ids_that_fall_on_one_that_is_taken_or_was_are_drawn_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["kept", "kept", "gone", "free"])
    monkeypatch.setattr("zapdesk.services.profiles._new_id", lambda _: next(drawn))

    async def scenario() -> None:
        data = NoData()
        kept = ProfileService(Preferences(path, Settings.load(path)), data)
        first = await kept.create(work())
        data.forgotten["gone"] = "Gone"
        second = await kept.create(replace(work(), name="Two"))
        assert (first.id, second.id) == ("kept", "free")
        assert kept.get("kept") == first

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "table",
    [
        {"environment": {"a": "\ud800"}},
        {"scopes": ["zap\ud800"]},
        {"scopes": ["zap\x1b[31m"]},
        {"environment": {"-" * 500_000: "1"}},
        {"time_zone": "x" * 500_000},
        {"base_url": "https://e.example/\n" + "x" * 500_000},
        {"name": "n" * 500_000},
    ],
    ids=["half letter", "half scope", "steering", "name of a value", "zone", "address", "name"],
)
def test_a_hostile_file_of_profiles_is_refused_in_a_short_sentence(
    path: Path, table: dict[str, object]
) -> None:
    file = path.with_suffix(".json")
    profile = {"name": "Work", "base_url": "https://e.example", **table}
    file.write_text(json.dumps({"zapdesk_profiles": 1, "profiles": [profile]}))

    async def scenario() -> None:
        with pytest.raises(InvalidInput) as refused:
            await service(path).read_file(file)
        assert len(str(refused.value)) < 500

    asyncio.run(scenario())
    assert not path.exists()


def test_a_file_of_profiles_does_not_switch_the_live_guard_off_at_zapier(path: Path) -> None:
    file = path.with_suffix(".json")
    profiles = [
        {"name": "Z", "base_url": "https://api.zapier.com/", "is_live": False},
        {"name": "Own", "base_url": "https://e.example", "is_live": False},
    ]
    file.write_text(json.dumps({"zapdesk_profiles": 1, "profiles": profiles}))
    found = asyncio.run(service(path).read_file(file))
    assert [profile.is_live for profile in found] == [True, False]


def test_an_export_over_a_file_that_others_can_read_is_its_owners_alone(path: Path) -> None:
    file = path.with_suffix(".json")
    file.write_text("old")
    file.chmod(0o644)
    kept = service(path)
    asyncio.run(kept.write_file(file, kept.all))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
