"""Acting for an end user as a White Label partner, as whole commands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.program import ended, line_with, started, zapdesk
from tests.sandbox_server import Address, running_sandbox


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory whose sandbox is joined by one command after the other."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def acting(home: Path) -> Path:
    done = zapdesk(home, "--sandbox", "act-for", "u-42", "--name", "Marina Holt", "--json")
    assert done.code == 0, done.err
    account = done.json["account"]
    assert account["acts_for"] == {"user": "u-42", "name": "Marina Holt", "tenant": ""}
    assert (account["is_signed_in"], account["is_kept"], account["missing"]) == (True, True, [])
    return home


def test_whoever_is_acted_for_is_told_by_whoami_and_where_something_is_run(acting: Path) -> None:
    told = zapdesk(acting, "--sandbox", "whoami")
    assert "Acting for  Marina Holt (u-42)" in re.sub(" {3,}", "  ", told.out)
    assert "u-42@" in told.out  # the server says the same
    run = zapdesk(
        acting, "--sandbox", "run", "Formatter", "text",
        "--input", "transform=upper", "--input", "text=tide",
    )  # fmt: skip
    assert run.code == 0
    assert "Formatter › Change Text, for Marina Holt (u-42)." in run.err
    assert "In the name of u-42" in run.out
    assert zapdesk(acting, "show", "last", "--json").json["run"]["acts_for"] == "u-42"


def test_an_end_user_connects_in_the_browser_and_the_terminal_notices(acting: Path) -> None:
    process = started(acting, "--sandbox", "connect", "Mail", "--no-browser", "--json")
    link = re.search(r"http://\S+", line_with(process, "/to/SandboxMail?"))
    assert link is not None
    shown = httpx.get(link[0])
    assert "For u-42." in shown.text
    (nonce,) = re.findall(r"name=nonce value='([^']+)'", shown.text)
    form = {"nonce": nonce, "decision": "allow", "title": "Marina's mail"}
    httpx.post(link[0].partition("?")[0], data=form)
    done = ended(process)
    assert done.code == 0
    listed = zapdesk(acting, "--sandbox", "connections", "Mail", "--json").json["connections"]
    assert [one["title"] for one in listed] == ["Marina's mail"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A sandbox that is spoken to as a server of one's own."""
    with running_sandbox(tmp_path_factory.mktemp("server")) as address:
        yield address


def test_a_partner_of_another_server_gives_key_and_secret_and_neither_is_printed(
    tmp_path: Path, server: Address
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "settings.toml").write_text(
        f'[profiles.own]\nname = "Own server"\nbase_url = "{server.url}"\n'
    )
    key = Path(server.partner["key_file"])
    registered = [
        "--issuer", server.partner["issuer"], "--key-id", server.partner["key_id"],
        "--tenant", "crew", "--client-id", server.client_id,
    ]  # fmt: skip
    secret = {"ZAPDESK_CLIENT_SECRET": server.client_secret}

    def act_for(*arguments: str, stdin: str = "", env: dict[str, str] = secret) -> str:
        done = zapdesk(
            tmp_path, "--profile", "own", "act-for", "u-42", *arguments, "--keep-in-file", "--json",
            stdin=stdin, env=env,
        )  # fmt: skip
        assert server.client_secret not in done.out + done.err
        assert key.read_text().splitlines()[1] not in done.out + done.err
        if done.code == 0:
            return str(done.json["account"]["acts_for"]["tenant"])
        return f"{done.code} {done.json['error']['title']}"

    missing = str(tmp_path / "missing.pem")
    assert act_for(*registered, "--key", missing) == (
        "2 The key cannot be read: No such file or directory."
    )
    assert act_for(*registered) == "2 The partner's key is missing."
    assert act_for(*registered, "--key", "-", stdin=key.read_text()) == "crew"
    piped = {"ZAPDESK_CLIENT_SECRET": ""}
    assert act_for(*registered, "--key", str(key), stdin=server.client_secret, env=piped) == "crew"
    assert act_for() == "crew"  # what was given once is known
    written = (data / "settings.toml").read_text()
    assert 'user = "u-42"' in written
    assert server.client_secret not in written


def test_a_token_from_the_environment_is_not_said_to_be_the_end_users(
    tmp_path: Path, server: Address
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "settings.toml").write_text(
        f'[profiles.own]\nbase_url = "{server.url}"\nsign_in = "partner"\n'
        '[profiles.own.partner]\nuser = "u-42"\n'
    )
    done = zapdesk(
        tmp_path, "--profile", "own", "whoami", "--json", env={"ZAPDESK_TOKEN": server.token}
    )
    assert done.code == 0
    assert "acts_for" not in done.json["account"]
    assert os.environ.get("ZAPDESK_TOKEN") is None
