"""Connections in the terminal: listed, connected in the browser, renewed."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.cli.program import line_with, started, zapdesk
from tests.sandbox_server import Address


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Address) -> None:
    """Every test here speaks to it."""


def test_without_an_app_those_of_every_app_that_was_looked_at_are_listed(shared_home: Path) -> None:
    zapdesk(shared_home, "--sandbox", "connections", "Mail")
    found = zapdesk(shared_home, "--sandbox", "connections")
    assert found.code == 0
    lines = [line.split() for line in found.out.splitlines() if line.startswith("Mail ")]
    assert ["Mail", "mail-1", "works"] in [line[:3] for line in lines]
    assert ["Mail", "mail-3", "expired"] in [line[:3] for line in lines]


def test_connect_waits_for_what_is_done_in_the_browser(sandbox: Address, shared_home: Path) -> None:
    command = ("--sandbox", "connect", "Tables", "--no-browser", "--json")
    process = started(shared_home, *command)
    link = line_with(process, "/connect/").strip()
    answer = httpx.post(
        link, data={"title": "From a terminal"}, headers={"Origin": sandbox.url}, trust_env=False
    )
    assert answer.status_code == 200
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert '"title": "From a terminal"' in out


def test_connect_gives_up_waiting_where_nothing_comes(shared_home: Path) -> None:
    found = zapdesk(shared_home, "--sandbox", "connect", "Tables", "--no-browser", "--wait", "0.1")
    assert found.code == 6
    assert "No new connection with Tables was seen." in found.err
    unknown = zapdesk(shared_home, "--sandbox", "connect", "Mail", "--renew", "nobody")
    assert unknown.code == 2
    assert "mail-1 (sandbox@localhost.example)" in unknown.err
    needless = zapdesk(shared_home, "--sandbox", "connect", "Formatter", "--no-browser")
    assert needless.code == 2
    assert "Formatter needs no connection." in needless.err


def test_a_key_is_read_from_standard_input_and_a_wrong_one_is_refused(shared_home: Path) -> None:
    command = ("--sandbox", "connect", "Contacts", "--key", "api_key", "--title", "By key")
    wrong = zapdesk(shared_home, *command, "--json", stdin="wrong\n")
    assert wrong.code == 3
    assert wrong.json["error"]["detail"] == "Contacts does not accept this api_key."
    made = zapdesk(shared_home, *command, "--json", stdin="sbx-canary-4242\n")
    assert made.code == 0
    assert made.json["connection"]["title"] == "By key"
    for file in shared_home.rglob("*"):
        if file.is_file():
            assert b"sbx-canary-4242" not in file.read_bytes(), file


def test_an_expired_connection_is_refused_with_the_command_that_renews_it(
    shared_home: Path,
) -> None:
    command = (
        "--sandbox",
        "run",
        "Mail",
        "send_email",
        "--connection",
        "mail-3",
        "--input",
        "to=x",
    )
    found = zapdesk(shared_home, *command)
    assert found.code == 2
    assert "zapdesk connect Mail --renew mail-3" in found.err
