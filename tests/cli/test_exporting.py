"""export, import and show of files: every format, for their owner alone, without a server."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import COMMAND, ROOT, environment, zapdesk
from tests.sandbox_server import Address
from zapdesk.cli.arguments import FORMATS
from zapdesk.services.exports.formats import Format

pytestmark = pytest.mark.usefixtures("sandbox")
PASSWORD = "correct horse battery"  # made up
HOSTILE = 'it\'s "$(touch pwned)" `touch pwned` \\ %PATH% =1+1\nпароль 🦊'


@pytest.fixture(scope="module")
def run_id(shared_home: Path, sandbox: Address) -> str:
    """A run with a password, and with what shells take for their own."""
    done = zapdesk(
        shared_home, "--sandbox", "--json", "run", "Field Zoo", "every_type",
        "--input", f"string_plain={HOSTILE}", "--input", f"string_password={PASSWORD}",
        "--input", "array_plain=a b", "--input", "array_plain=c",
        "--input", "integer_plain=5",
    )  # fmt: skip
    assert done.code == 0, done.err
    return str(done.json["run"]["id"])


def test_the_words_of_the_formats_are_those_of_the_services() -> None:
    assert tuple(Format) == FORMATS


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_saved_for_its_owner_alone(
    format: str, run_id: str, shared_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "out"
    saved = zapdesk(shared_home, "export", run_id, "--format", format, "--output", str(file))
    assert saved.code == 0, saved.err
    assert saved.out == ""
    files = sorted(file.iterdir()) if format == "ticket" else [file]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    for path in files:
        text = path.read_text("utf-8")
        assert PASSWORD not in text + saved.err
        assert "string_password" in text or "STRING_PASSWORD" in text or path.suffix == ".md"


@pytest.mark.parametrize("format", ["csv", "ticket"])
def test_without_a_file_it_is_printed(format: str, run_id: str, shared_home: Path) -> None:
    printed = zapdesk(shared_home, "export", run_id, "--format", format)
    assert printed.code == 0, printed.err
    document = zapdesk(shared_home, "--json", "export", run_id, "--format", format).json["export"]
    assert document["format"] == format
    assert document["run"] == run_id
    assert document["text"] == printed.out
    assert document["hidden"]


@pytest.mark.parametrize("format", ["json", "csv"])
def test_all_runs_that_fit_go_into_one_file(
    format: str, run_id: str, shared_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "runs"
    arguments = ("export", "--format", format, "--status", "success", "--output", str(file))
    done = zapdesk(shared_home, "--json", *arguments)
    assert done.code == 0, done.err
    count = done.json["export"]["runs"]
    assert count >= 1
    text = file.read_text("utf-8")
    if format == "csv":
        assert text.count(run_id) == 1
        return
    runs = json.loads(text)["runs"]
    assert len(runs) == count
    assert {run["status"] for run in runs} == {"success"}
    assert run_id in {run["id"] for run in runs}


def test_what_cannot_be_exported_is_said_and_exits_with_2(
    run_id: str, shared_home: Path, tmp_path: Path
) -> None:
    for arguments, words in (
        (("export", "--format", "har"), "HTTP archive takes one run"),
        (("export", "nothing", "--format", "json"), "There is no run"),
        (("export", run_id, "--format", "pdf"), "invalid choice"),
        (("export", run_id, "--format", "json", "--app", "Mail"), "RUN names one run"),
        (("--json", "export", "--format", "csv"), "go to a file"),
        (("export", run_id, "--format", "json", "--output", str(tmp_path)), "cannot be written"),
        (("import", str(tmp_path / "nowhere.zapdesk")), "cannot be read"),
        (("show", str(tmp_path / "nowhere.zapdesk")), "cannot be read"),
    ):
        done = zapdesk(shared_home, *arguments)
        assert done.code == 2, arguments
        assert words in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_whole_until_the_new_one_is(
    run_id: str, shared_home: Path, tmp_path: Path
) -> None:
    file, other = tmp_path / "run.json", tmp_path / "secret"
    other.write_text("mine")
    file.symlink_to(other)
    done = zapdesk(shared_home, "export", run_id, "--format", "json", "--output", str(file))
    assert done.code == 0, done.err
    assert other.read_text() == "mine"
    assert not file.is_symlink()
    assert json.loads(file.read_text("utf-8"))["run"]["id"] == run_id
    assert len(list(tmp_path.iterdir())) == 2


def test_a_capsule_is_shown_and_imported_where_nobody_signed_in(
    run_id: str, shared_home: Path, tmp_path: Path
) -> None:
    file, home = tmp_path / "run.zapdesk", tmp_path / "home"
    zapdesk(shared_home, "export", run_id, "--format", "capsule", "--output", str(file))
    nowhere = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    shown = zapdesk(home, "--json", "show", str(file), env=nowhere)
    assert shown.code == 0, shown.err
    assert shown.json["run"]["id"] == run_id
    assert shown.json["run"]["is_foreign"] is True
    assert "the value of a PASSWORD field" in shown.err
    assert zapdesk(home, "--json", "runs").json["runs"] == []
    taken = zapdesk(home, "--json", "import", str(file), env=nowhere)
    assert taken.code == 0, taken.err
    run = taken.json["run"]
    assert run["is_foreign"] is True
    assert run["id"] != run_id
    assert run["inputs"]["string_plain"] == HOSTILE
    assert zapdesk(home, "import", str(file)).err.startswith("This capsule was imported before")
    again = zapdesk(home, "export", "last", "--format", "capsule")
    assert again.out.encode() == file.read_bytes()
    assert zapdesk(home, "show", str(file)).code == 0


def test_the_command_of_a_run_sends_the_same_run_again(
    run_id: str, shared_home: Path, tmp_path: Path
) -> None:
    text = zapdesk(shared_home, "export", run_id, "--format", "cli").out
    assert PASSWORD not in text
    assert 'string_password="$ZAPIER_INPUT_STRING_PASSWORD"' in text
    program = tmp_path / "bin" / "zapdesk"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {" ".join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    folder = tmp_path / "place"
    folder.mkdir()
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "ZAPIER_INPUT_STRING_PASSWORD": PASSWORD}
    done = subprocess.run(
        ["sh", "-c", text], cwd=folder, env=environment(shared_home, given),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    runs = [zapdesk(shared_home, "--json", "show", id).json["run"] for id in (run_id, "last")]
    assert runs[0]["id"] != runs[1]["id"]
    assert runs[0]["inputs"] == runs[1]["inputs"]
    assert runs[0]["results"][0]["received"] == runs[1]["results"][0]["received"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no terminals of this kind")
def test_on_a_terminal_nothing_in_an_export_can_steer_it(run_id: str, shared_home: Path) -> None:
    if shutil.which("script") is None:
        pytest.skip("script is not here")
    command = " ".join([*COMMAND, "export", run_id, "--format", "jsonl"])
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"], cwd=ROOT, env=environment(shared_home),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
