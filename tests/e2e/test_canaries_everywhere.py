"""Canaries through the whole program: secrets that were used everywhere are found nowhere.

The server repeats what it is sent. Searched are all files below the person's home, the state
directory and the folder for temporary files, every value of the database, what was printed, and
argv and environment of every process that was started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import ended, line_with, started
from tests.cli.test_accounts import agree
from tests.conftest import ROOT
from tests.e2e.echo_proxy import Echo, echoing
from tests.sandbox_server import Address, running_sandbox
from tests.services.canaries import files, found, values
from tests.vault.secret_service import desktop
from zapdesk.paths import Paths

pytestmark = [
    pytest.mark.qt,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a Linux desktop"),
]

PASSWORD = "Pass word\"with'quotes&<signs>\\/ 100%"  # made up
PARTNER_KEY = "partner's key"
KEY = "sk-canary/of+a.connection=44"  # made up


def test_planted_secrets_are_in_no_file_log_argv_environment_or_text_of_the_window(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = tmp_path / "person"
    person.mkdir()
    (person / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(person / "tmp"))
    monkeypatch.setenv("ZAPDESK_HOME", str(person / "zapdesk"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    paths = Paths.find().create()
    with (
        running_sandbox(tmp_path / "server") as server,
        echoing(server) as echo,
        desktop(person, monkeypatch) as desk,
    ):
        desk.start_keyring()
        paths.settings.write_text(
            f'profile = "own"\n[profiles.own]\nname = "Own server"\nbase_url = "{echo.url}"\n'
            f'sign_in = "oauth"\nclient_id = "{server.client_id}"\n'
            "is_live = false\nunderstands_effects = true\n"
        )
        told, printed, processes = used(server, echo)
        assert told["trouble"] == ""
        secrets = every_secret(server, echo)
    assert told["found"] == []
    assert len(told["searched"]) > 12
    assert min(told["searched"].values()) > 200
    everything = list(everywhere(person, paths))
    names = {name for name, _ in everything}
    assert {"session.txt", "zapdesk.log", "zapdesk.db", "login.keyring"} <= names
    assert any("zapdesk.db exchanges" in name for name in names)
    assert any(b"a bug with" in data for _, data in everything), "the crash report has the bug"
    assert any(b"somebody logs" in data for _, data in everything), "and the log its line"
    for name, secret in secrets.items():
        was_told = any(secret.encode() in said for said in told_by(echo))
        assert was_told is (name != PARTNER_KEY), f"{name} is told to the server, where it may be"
        assert found(secret, [*everything, *processes, ("printed", printed)]) == [], name


def used(server: Address, echo: Echo) -> tuple[Any, bytes, list[tuple[str, bytes]]]:
    """What the story told, all that it printed, and its processes with what they were given."""
    given = {
        "secrets": {"client secret": server.client_secret, "password": PASSWORD, "key": KEY},
        "pem": Path(server.partner["key_file"]).read_text(),
        "issuer": server.partner["issuer"],
        "key_id": server.partner["key_id"],
        "proxy": echo.url,
        "sandbox": server.url,
        "action": "changing_form",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.canary_story"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(given).encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    processes = list(descendants(process.pid))
    out, errors = process.communicate(b"end\n", timeout=30)
    assert line, errors.decode()
    told = json.loads(line)
    assert told["trouble"] or len({name for name, _ in processes}) > 1, "the sandbox is a child"
    return told, line + out + errors, processes


def every_secret(server: Address, echo: Echo) -> dict[str, str]:
    """Each by its name; of the partner's key the middle, which no other key has."""
    pem = Path(server.partner["key_file"]).read_text().splitlines()
    named = {"client secret": server.client_secret, "password": PASSWORD, "key": KEY}
    for kind in ("access_token", "refresh_token"):
        tokens = echo.tokens(kind)
        assert len(tokens) > 1, f"there was more than one {kind}"
        named |= {f"{kind} {number}": token for number, token in enumerate(sorted(tokens))}
    return named | {PARTNER_KEY: pem[len(pem) // 2]}


def told_by(echo: Echo) -> list[bytes]:
    quoted = json.dumps(PASSWORD)[1:-1].encode()
    return [
        *(text.replace(quoted, PASSWORD.encode()) for text in echo.asked),
        *echo.answered,
    ]


def everywhere(person: Path, paths: Paths) -> Iterator[tuple[str, bytes]]:
    """Every file of the person, and every value in the database."""
    # The sandbox's own address and token are for joining it, and open nothing else.
    yield from files(person, leave_out=lambda path: path.is_relative_to(paths.sandbox))
    yield from values(paths.database)


def descendants(pid: int) -> Iterator[tuple[str, bytes]]:
    """Argv and environment of a process and of all that it started."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
        except OSError:
            continue
    mine = {pid}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    home = os.environ["ZAPDESK_HOME"].encode()
    for number in parents:
        try:
            around = Path(f"/proc/{number}/environ").read_bytes()
            if number in mine or (home in around and number != os.getpid()):
                yield f"process {number}", around
                yield f"process {number}", Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            continue


def test_no_browser_that_is_started_gets_the_client_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nenv > "{tmp_path}/given"\necho "$@" >> "{tmp_path}/given"\n')
    browser.chmod(0o755)
    with running_sandbox(tmp_path / "server") as server:
        data = tmp_path / "home" / "data"
        data.mkdir(parents=True, mode=0o700)
        (data / "settings.toml").write_text(
            f'[profiles.own]\nname = "Own server"\nbase_url = "{server.url}"\n'
        )
        process = started(
            tmp_path / "home", "--profile", "own", "sign-in", "--client-id", server.client_id,
            "--keep-in-file",
            env={"ZAPDESK_CLIENT_SECRET": server.client_secret, "BROWSER": f"{browser} %s"},
        )  # fmt: skip
        agree(line_with(process, "/v2/authorize?").strip())
        assert ended(process).code == 0
        given = (tmp_path / "given").read_bytes()
        assert b"/v2/authorize" in given
        assert found(server.client_secret, [("the browser", given)]) == []
