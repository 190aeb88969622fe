"""What another site in the browser, or another computer, can do to the sandbox: nothing."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sandbox.partner import claims, connect_token, person, signed
from tests.sandbox.talk import Talk, sandbox
from tests.sandbox.test_oauth import consent_page

EVIL = "https://evil.example"
PATHS = (
    *("/", "/v2/apps", "/v1/profiles/me", "/v2/authorize", "/oauth/authorize/", "/oauth/token"),
    *("/oauth/consent", "/connect/x", "/connections/mail-1", "/to/SandboxMail", "/hooks/k/n"),
    *("/images/x/128.svg", "/sandbox/effects", "/engine/auth/start/x"),
)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.nip.io:{port}"])
def test_a_name_that_was_rebound_to_this_computer_is_served_nothing_at_all(
    talk: Talk, host: str
) -> None:
    named = host.format(port=urlsplit(talk.address.url).port)
    for path in PATHS:
        for method in ("GET", "POST"):
            answer = talk.http.request(method, path, headers={"Host": named, "Origin": EVIL})
            assert answer.status_code == 421, path
            assert not answer.cookies
            assert talk.address.token not in answer.text


def test_no_path_lets_another_site_read_its_answer_or_ask_beforehand(talk: Talk) -> None:
    for path in PATHS:
        asked = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
        for answer in (
            talk.http.get(path, headers={"Origin": EVIL}),
            talk.http.options(path, headers=asked),
        ):
            allowed = [name for name in answer.headers if name.startswith("access-control")]
            assert not allowed, path


def test_a_form_of_another_site_changes_nothing_though_the_browser_has_the_cookie(
    talk: Talk,
) -> None:
    """Every form of the sandbox, with all that a page could have learned about it."""
    url = talk.address.url
    with httpx.Client() as browser:
        browser.get(talk.address.page)
        assert browser.cookies
        nonce = re.findall(r"name=nonce value='([^']+)'", consent_page(talk, "zap").text)[0]
        who = person(talk, "forged")
        token = connect_token(talk, who["Authorization"].split()[1], "SandboxMail").json()
        page = browser.get(
            f"{url}/to/SandboxMail", params={"token": token["access_token"]}
        ).text  # fmt: skip
        connect_nonce = re.findall(r"name=nonce value='([^']+)'", page)[0]
        link = talk.apps(query="Mail")[0]["links"]["connect_new_authentication"]
        before = talk.get("/v2/authentications", app=talk.app_id("Mail"), limit=100).json()["data"]
        for address, form in (
            (f"{url}/oauth/consent", {"nonce": nonce, "decision": "allow", "scope": "zap"}),
            (f"{url}/to/SandboxMail", {"nonce": connect_nonce, "decision": "allow", "title": "x"}),
            (link, {"title": "forged"}),
            (f"{url}/connections/mail-1", {"state": "expired"}),
        ):
            answer = browser.post(address, data=form, headers={"Origin": EVIL})
            assert answer.status_code in (400, 403, 404), address
        after = talk.get("/v2/authentications", app=talk.app_id("Mail"), limit=100).json()["data"]
        own = httpx.get(
            f"{url}/v2/authentications", params={"app": talk.app_id("Mail")}, headers=who
        ).json()["data"]  # fmt: skip
    assert after == before
    assert own == []


def test_a_cookie_alone_is_no_token_of_the_api(talk: Talk) -> None:
    with httpx.Client() as browser:
        browser.get(talk.address.page)
        body: Any = {"data": {"action": "x", "authentication": None, "inputs": {}}}
        for answer in (
            browser.get(f"{talk.address.url}/v2/apps"),
            browser.post(f"{talk.address.url}/v2/action-runs", json=body),
            # What a form of another site can send without asking beforehand.
            browser.post(f"{talk.address.url}/v2/action-runs", content=b"{}"),
        ):
            assert answer.status_code == 401


def test_exchanges_need_the_secret_whoever_sends_the_form(talk: Talk) -> None:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "client_id": talk.address.client_id,
        "subject_token": signed(talk, claims(talk)),
    }
    answer = httpx.post(f"{talk.address.url}/oauth/token", data=form, headers={"Origin": EVIL})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_no_other_address_of_this_computer_is_listened_at(talk: Talk) -> None:
    port = urlsplit(talk.address.url).port
    assert port is not None
    others = {"127.0.0.2", "::1"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent; it tells which address would be used
        others.add(probe.getsockname()[0])
    for host in others - {"127.0.0.1", "0.0.0.0"}:
        with pytest.raises(OSError):  # noqa: PT011 - refused, or no such address here
            socket.create_connection((host, port), timeout=2).close()


def test_every_start_has_a_token_a_page_and_a_key_for_it_of_its_own(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with sandbox(tmp_path) as talk:
            seen.append((talk.address.token, talk.address.page))
    assert len({token for token, _ in seen}) == len({page for _, page in seen}) == 2
