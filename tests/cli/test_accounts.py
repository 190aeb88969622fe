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
        "--keep-in-file", "--json", env={"ZAPDESK_CLIENT_SECRET": server.client_secret},
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
    assert account["is_kept"] is True
    known = zapdesk(home, "--profile", "own", "whoami", "--json")
    assert (known.code, "@" in known.json["account"]["email"]) == (0, True)
    out = zapdesk(home, "--profile", "own", "sign-out", "--json")
    assert out.code == 0
    assert not list((home / "data" / "secrets").glob("*.secret"))
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
    home: Path, server: Address
) -> None:
    command = ("--profile", "own", "sign-in", "--token", "--keep-in-file", "--json")
    done = zapdesk(home, *command, stdin=f"{server.token}\n")
    assert done.code == 0
    assert server.token not in done.out + done.err
    wrong = zapdesk(home, *command, stdin="secret-token-1\n")
    assert wrong.code == 3
    assert wrong.json["error"]["title"] == "The server does not accept this token."
    assert "secret-token-1" not in wrong.out + wrong.err
    assert zapdesk(home, *command, stdin="").code == 2


def test_sign_in_where_nothing_can_keep_a_secret_says_so_before_there_is_one(home: Path) -> None:
    done = zapdesk(home, "--profile", "own", "sign-in", "--token", "--json", stdin="secret-1\n")
    assert done.code == 7
    error = done.json["error"]
    assert error["title"] == "This computer has no keyring that zapdesk trusts with secrets."
    assert "--keep-in-file" in error["hint"]
    assert "ZAPDESK_TOKEN" in error["hint"]
    assert not (home / "data" / "secrets").exists()


def test_keyring_tells_where_secrets_are_kept_and_changes_it(home: Path) -> None:
    told = zapdesk(home, "keyring", "--json")
    assert (told.code, told.json["keyring"]["state"]) == (7, "absent")
    assert zapdesk(home, "keyring").code == 7
    file = zapdesk(home, "keyring", "--use-file", "--json")
    assert (file.code, file.json["keyring"]["name"]) == (0, "A file that only you can read")
    assert "Every program that you start can read" in file.err
    assert "keeps your secrets" in zapdesk(home, "keyring").out
    system = zapdesk(home, "keyring", "--use-system", "--json")
    assert (system.code, system.json["keyring"]["state"]) == (7, "absent")


def test_with_the_client_id_alone_apps_are_listed_and_nothing_else(
    home: Path, server: Address
) -> None:
    own = ("--profile", "own")
    done = zapdesk(
        home, *own, "sign-in", "--client-id-only", "--client-id", server.client_id, "--json"
    )
    assert (done.code, done.json["account"]["is_signed_in"]) == (0, False)
    assert zapdesk(home, *own, "apps", "--json").code == 0
    refused = zapdesk(home, *own, "fields", "Formatter", "text", "--json")
    assert (refused.code, refused.json["error"]["title"]) == (3, "No form can be opened.")
    assert "client id" in refused.json["error"]["hint"]


def test_signing_in_from_the_sandbox_keeps_what_was_chosen_for_zapier(home: Path) -> None:
    settings = home / "data" / "settings.toml"
    chosen = 'client_id = "mine"\nscopes = ["zap"]\nredirect_ports = [8765]\n'
    settings.write_text(f"[profiles.zapier]\n{chosen}")
    assert zapdesk(home, "sign-in", "--client-id-only", "--json").code == 0
    for line in chosen.splitlines():
        assert line in settings.read_text()


def test_whoami_asks_the_server(home: Path, server: Address) -> None:
    done = zapdesk(
        home, "--profile", "own", "whoami", "--json", env={"ZAPDESK_TOKEN": server.token}
    )
    assert done.code == 0
    assert "@" in done.json["account"]["email"]
    refused = zapdesk(home, "--profile", "own", "whoami", "--json")
    assert refused.code == 3


def test_sign_out_where_no_keyring_ever_had_a_secret_is_done(home: Path) -> None:
    assert zapdesk(home, "--profile", "own", "sign-out", "--json").code == 0


def test_sign_out_says_where_secrets_may_be_left_in_a_keyring_that_is_not_there(
    home: Path,
) -> None:
    (home / "data" / "secrets").mkdir(mode=0o700)
    (home / "data" / "secrets" / "store").write_text("kwallet\n")
    done = zapdesk(home, "--profile", "own", "sign-out", "--json")
    assert done.code == 7
    assert "Secrets were kept in: KWallet." in done.json["error"]["detail"]
