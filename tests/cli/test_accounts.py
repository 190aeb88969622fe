"""Signing in, signing out and asking who is signed in, as whole commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.program import ended, line_with, started, zapdesk
from tests.sandbox_server import Address, running_sandbox


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A sandbox that is spoken to as a server of one's own."""
    with running_sandbox(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def home(tmp_path: Path, server: Address) -> Path:
    """A state directory with a profile for that server."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "settings.toml").write_text(
        f'[profiles.own]\nname = "Own server"\nbase_url = "{server.url}"\n'
    )
    return tmp_path


def agree(link: str) -> str:
    """Say yes on the consent page; the text of the last page."""
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(link)
        nonce = re.search(r"name=nonce value='([\w-]+)'", page.text)
        assert nonce is not None, page.text
        scopes = re.findall(r"name=scope value='([\w:]+)'", page.text)
        origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
        form = {"nonce": nonce[1], "decision": "allow", "scope": scopes}
        return browser.post(f"{origin}/oauth/consent", data=form, headers={"Origin": origin}).text


def test_sign_in_by_consent_prints_the_link_first_and_the_account_in_the_end(
    home: Path, server: Address
) -> None:
    process = started(
        home, "--profile", "own", "sign-in", "--client-id", server.client_id, "--no-browser",
        "--json", env={"ZAPDESK_CLIENT_SECRET": server.client_secret},
    )  # fmt: skip
    link = line_with(process, "/v2/authorize?").strip()
    assert server.client_secret not in link
    assert "Consent given" in agree(link)
    done = ended(process)
    assert done.code == 0
    account = done.json["account"]
    assert (account["profile"], account["is_signed_in"]) == ("Own server", True)
    assert account["missing"] == []
    assert "action:run" in account["scopes"]
    assert account["is_kept"] is False  # no secret store is trusted in here, and that is said
    assert "cannot be kept" in done.err
    settings = (home / "data" / "settings.toml").read_text()
    assert server.client_id in settings
    assert server.client_secret not in settings


def test_sign_in_without_a_client_id_says_what_is_missing(home: Path) -> None:
    done = zapdesk(home, "--profile", "own", "sign-in", "--json")
    assert done.code == 2
    assert "client id" in done.json["error"]["title"]


def test_the_sandbox_needs_no_sign_in(home: Path) -> None:
    done = zapdesk(home, "--sandbox", "sign-in", "--json")
    assert (done.code, done.json["error"]["title"]) == (2, "The sandbox needs no sign-in.")


def test_sign_in_with_a_token_takes_it_from_standard_input_and_never_prints_it(
    home: Path,
) -> None:
    done = zapdesk(
        home, "--profile", "own", "sign-in", "--token", "--json", stdin="secret-token-1\n"
    )
    assert done.code == 0
    assert "secret-token-1" not in done.out + done.err
    empty = zapdesk(home, "--profile", "own", "sign-in", "--token", "--json", stdin="")
    assert empty.code == 2


def test_whoami_asks_the_server(home: Path, server: Address) -> None:
    done = zapdesk(
        home, "--profile", "own", "whoami", "--json", env={"ZAPDESK_TOKEN": server.token}
    )
    assert done.code == 0
    assert "@" in done.json["account"]["email"]
    refused = zapdesk(home, "--profile", "own", "whoami", "--json")
    assert refused.code == 3


def test_sign_out_of_what_was_never_signed_in_says_what_the_secret_store_says(home: Path) -> None:
    done = zapdesk(home, "--profile", "own", "sign-out", "--json")
    assert done.code == 7
    assert "keyring" in done.json["error"]["title"]
