"""``zapdesk profiles``, and the question before something is written in a live one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import at_a_terminal, zapdesk
from tests.sandbox_server import Address

MARK = ("run", "Fault Lab", "mark", "--input", "note=live")


def test_profiles_are_made_listed_changed_and_removed(tmp_path: Path) -> None:
    made = zapdesk(
        tmp_path, "profiles", "create", "Staging", "--server", "https://example.com/api/",
        "--not-live", "--env", "team=blue", "--time-zone", "Europe/Berlin", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    profile = made.json["profile"]
    assert profile["settings"] == {
        "base_url": "https://example.com/api",
        "name": "Staging",
        "colour": "#3F51D9",
        "is_live": False,
        "time_zone": "Europe/Berlin",
        "environment": {"team": "blue"},
    }
    changed = zapdesk(
        tmp_path, "profiles", "edit", "staging", "--name", "Stage 2", "--live", "--env", "team="
    )
    assert (changed.code, changed.out) == (0, "Changed Stage 2.\n")
    listed = zapdesk(tmp_path, "profiles", "--json").json["profiles"]
    assert [(p["name"], p["is_live"], p["is_in_use"]) for p in listed] == [
        ("Sandbox", False, True),
        ("Zapier", True, False),
        ("Stage 2", True, False),
    ]
    shown = zapdesk(tmp_path, "profiles", "show", profile["id"])
    assert "https://example.com/api" in shown.out
    assert "blue" not in shown.out
    copy = zapdesk(tmp_path, "profiles", "duplicate", "Stage 2", "--json").json["profile"]
    assert copy["name"] == "Stage 2 copy"
    for name in ("Stage 2", copy["id"]):
        deleted = zapdesk(tmp_path, "profiles", "delete", name, "--json")
        assert deleted.json["runs_kept"] == 0
    assert len(zapdesk(tmp_path, "profiles", "--json").json["profiles"]) == 2


def test_what_cannot_be_done_is_said_with_exit_code_2(tmp_path: Path) -> None:
    for arguments, word in (
        (("create", "Zapier"), "already"),
        (("create", "A", "--server", "http://example.com"), "not encrypted"),
        (("create", "A", "--env", "x"), "NAME=VALUE"),
        (("edit", "Nobody", "--live"), "There is no profile 'Nobody'"),
        (("edit", "Zapier", "--server", "https://example.com"), "its server stays"),
        (("delete", "Sandbox"), "cannot be deleted"),
        (("import", str(tmp_path / "none.json")), "cannot be read"),
        (("export", "--output", str(tmp_path / "no" / "file")), "cannot be written"),
    ):
        done = zapdesk(tmp_path, "profiles", *arguments)
        assert (done.code, word in done.err) == (2, True), (arguments, done)
    assert len(zapdesk(tmp_path, "profiles", "--json").json["profiles"]) == 2


def test_profiles_go_to_another_computer_without_secrets(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    zapdesk(one, "profiles", "create", "Work", "--env", "team=blue", "--env", "API_KEY=canary-7")
    file = tmp_path / "profiles.json"
    done = zapdesk(one, "profiles", "export", "Work", "--output", str(file))
    assert "API_KEY looks secret and was left out" in done.err
    assert file.stat().st_mode & 0o077 == 0
    assert "canary-7" not in file.read_text()
    assert zapdesk(one, "profiles", "export", "Work").out == file.read_text()
    (taken,) = zapdesk(other, "profiles", "import", str(file), "--json").json["profiles"]
    assert (taken["name"], taken["settings"]["environment"]) == ("Work", {"team": "blue"})


QUESTION = "to run it:"


@pytest.fixture
def live(sandbox: Address, shared_home: Path) -> Path:
    """A profile called Real that is live, on the shared sandbox."""
    known = zapdesk(shared_home, "profiles", "--json").json["profiles"]
    if "Real" not in [profile["name"] for profile in known]:
        made = zapdesk(shared_home, "profiles", "create", "Real", "--server", "sandbox", "--live")
        assert made.code == 0, made.err
    return shared_home


def test_what_the_sandbox_ran_says_so_whatever_its_profile_becomes(
    sandbox: Address, shared_home: Path, tmp_path: Path
) -> None:
    zapdesk(shared_home, "profiles", "create", "Moving", "--server", "sandbox")
    sent = zapdesk(shared_home, "--profile", "Moving", *MARK)
    assert (sent.code, "at Zapier" in sent.out) == (0, False)
    assert "here, and 7 days more at the sandbox" in sent.out
    capsule = tmp_path / "mark.zapdesk"
    zapdesk(shared_home, "export", "last", "--format", "capsule", "--output", str(capsule))
    moved = zapdesk(shared_home, "profiles", "edit", "Moving", "--server", "https://example.com")
    assert moved.code == 0, moved.err
    for shown in (zapdesk(shared_home, "show", "last"), zapdesk(tmp_path, "show", str(capsule))):
        assert (shown.code, "at Zapier" in shown.out) == (0, False), shown.out
        assert ", at the sandbox " in shown.out


@pytest.mark.parametrize(("answer", "code"), [("fault lab\n", 0), ("\n", 2), ("yes\n", 2)])
def test_a_person_types_the_apps_name_before_something_is_written_in_a_live_profile(
    live: Path, answer: str, code: int
) -> None:
    arguments = ("--profile", "Real", *MARK, "--again")
    ended, said = at_a_terminal(live, *arguments, question=QUESTION, answer=answer)
    assert "Real is live." in said
    assert "Type Fault Lab to run it:" in said
    assert ended == code, said
    assert ("Nothing was sent." in said) is (code == 2)


def test_scripts_yes_searches_and_other_profiles_are_never_asked(live: Path) -> None:
    real = ("--profile", "Real")
    script = zapdesk(live, *real, *MARK)
    assert script.code == 0, script.err
    assert "is live" not in script.err
    for arguments in (
        (*real, *MARK, "--again", "--yes"),
        (*real, *MARK, "--again", "--json"),
        ("--sandbox", *MARK, "--again"),
        (*real, "run", "Tables", "find_row", "--input", "x=y", "--again"),
    ):
        _, said = at_a_terminal(live, *arguments, "--no-wait")
        assert QUESTION not in said, arguments


def test_a_step_test_of_what_writes_is_asked_about_too(live: Path) -> None:
    arguments = ("--profile", "Real", "test", *MARK[1:], "--again")
    ended, said = at_a_terminal(live, *arguments, question=QUESTION, answer="no\n")
    assert (ended, "Type Fault Lab to run it:" in said) == (2, True), said
