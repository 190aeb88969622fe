"""`zapdesk settings`: it needs no server and no log."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.api.fault_server import free_port
from tests.cli.program import at_a_terminal, zapdesk
from tests.storage.making import order, with_log
from zapdesk.domain.runs import RunStatus
from zapdesk.settings.table import SETTINGS
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog


def test_settings_are_chosen_told_and_reset(tmp_path: Path) -> None:
    listed = zapdesk(tmp_path, "settings")
    assert listed.code == 0
    assert all(name in listed.out for name in SETTINGS)

    assert zapdesk(tmp_path, "settings", "set", "theme", "dark").out == "theme = dark\n"
    assert zapdesk(tmp_path, "settings", "get", "theme").out == "dark\n"
    told = zapdesk(tmp_path, "settings", "--json").json
    (theme,) = [entry for entry in told["settings"] if entry["name"] == "theme"]
    assert (theme["value"], theme["default"], theme["is_default"]) == ("dark", "system", False)
    assert tomllib.loads(Path(told["file"]).read_text()) == {"theme": "dark"}

    one = zapdesk(tmp_path, "settings", "reset", "theme", "--json").json["settings"]
    assert [entry["value"] for entry in one] == ["system"]
    assert zapdesk(tmp_path, "settings", "reset", "--all").code == 0


def test_a_broken_log_and_a_bad_line_do_not_keep_one_from_choosing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "zapdesk.db").mkdir()
    (tmp_path / "data" / "settings.toml").write_text("keep_days = -1\n")
    done = zapdesk(tmp_path, "settings", "set", "keep-days", "30")
    assert (done.code, done.out) == (0, "keep_days = 30\n")
    assert "settings.toml, line 1: keep_days is a whole number from 0" in done.err


def old_runs(home: Path, count: int) -> None:
    """Runs of the year 1970, all of them ended."""

    async def fill(_database: Database, log: RunLog) -> None:
        for number in range(count):
            run, _ = await log.add(order(f"n{number}"), 1_000 + number, b"{}")
            await log.move(run.id, RunStatus.SUCCESS, at_ms=2_000 + number, results=b"{}")

    with_log(home / "data", fill)


def test_how_many_old_runs_would_be_dropped_is_told_before_it_is_chosen(tmp_path: Path) -> None:
    zapdesk(tmp_path, "log")  # makes the folders
    old_runs(tmp_path, 3)
    told = "3 runs would be dropped from the history, for good."
    days = zapdesk(tmp_path, "settings", "set", "keep_days", "30")
    assert (days.code, days.err.startswith(told)) == (0, True)  # a script is not asked
    room = zapdesk(tmp_path, "settings", "set", "keep_megabytes", "1")
    assert (room.code, room.err.startswith(f"About {told}")) == (0, True)
    found = zapdesk(tmp_path, "settings", "set", "keep_days", "40", "--json").json
    assert found["runs_to_drop"] == 3
    assert zapdesk(tmp_path, "settings", "set", "keep_days", "0").err == ""


@pytest.mark.parametrize(
    ("answer", "more", "kept"),
    [("n\n", (), "0"), ("\n", (), "0"), ("y\n", (), "30"), ("", ("--yes",), "30")],
)
def test_a_person_at_a_terminal_is_asked_before_old_runs_are_dropped(
    tmp_path: Path, answer: str, more: tuple[str, ...], kept: str
) -> None:
    zapdesk(tmp_path, "log")
    old_runs(tmp_path, 1)
    arguments = ("settings", "set", "keep_days", "30", *more)
    code, said = at_a_terminal(tmp_path, *arguments, question="Drop them?", answer=answer)
    assert "1 run would be dropped" in said
    assert ("Drop them?" in said) is (not more)
    assert code == (0 if kept == "30" else 2)
    assert zapdesk(tmp_path, "settings", "get", "keep_days").out == f"{kept}\n"


def test_wrong_usage_changes_nothing_and_says_what_there_is(tmp_path: Path) -> None:
    for words, said in (
        (("set", "theme", "blue"), "one of system, light, dark"),
        (("set", "colour", "blue"), "There are: theme"),
        (("set", "theme"), "set NAME VALUE"),
        (("get",), "get NAME"),
        (("reset",), "--all"),
    ):
        done = zapdesk(tmp_path, "settings", *words, "--json")
        assert done.code == 2
        assert said in " ".join(done.json["error"].values())
    assert not (tmp_path / "data" / "settings.toml").exists()


def test_a_network_is_tested_over_the_proxy_that_is_chosen(tmp_path: Path) -> None:
    port = free_port()
    assert zapdesk(tmp_path, "settings", "set", "proxy", f"127.0.0.1:{port}").code == 0
    done = zapdesk(tmp_path, "settings", "test", "--json")
    assert done.code == 4
    assert done.json["error"]["title"] == "The proxy 127.0.0.1 refused the connection."
    off = zapdesk(tmp_path, "settings", "test", "--offline")
    assert off.code != 0
    assert "refused" not in off.err


def test_a_proxys_password_comes_on_standard_input_and_into_no_file(tmp_path: Path) -> None:
    refused = zapdesk(tmp_path, "settings", "set", "proxy", "http://ada:s3cret@proxy.example")
    assert refused.code == 2
    assert "s3cret" not in refused.err
    zapdesk(tmp_path, "settings", "set", "proxy", "http://proxy.example")
    done = zapdesk(tmp_path, "settings", "proxy-login", "ada", stdin="s3cret\n")
    assert done.code == 7  # there is no keyring here
    assert "was not kept" in done.err
    assert not any(b"s3cret" in file.read_bytes() for file in tmp_path.rglob("*.*"))


def test_a_file_of_certificates_is_looked_at_before_it_is_chosen(tmp_path: Path) -> None:
    done = zapdesk(tmp_path, "settings", "set", "ca_file", str(tmp_path / "missing.pem"))
    assert done.code == 2
    assert "The file of certificates cannot be read." in done.err


def test_keys_of_commands_are_chosen_and_given_back(tmp_path: Path) -> None:
    done = zapdesk(tmp_path, "settings", "set", "shortcuts.history", "F9")
    assert (done.code, done.out) == (0, "shortcuts.history = F9\n")
    back = zapdesk(tmp_path, "settings", "reset", "shortcuts.history", "--json")
    assert back.json == {"shortcut": {"command": "history", "keys": None}}
