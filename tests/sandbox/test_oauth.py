"""OAuth: consent, codes, tokens and their rotation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.talk import Talk, sandbox

BACK = "http://127.0.0.1:9/back"


def consent_page(talk: Talk, scope: str, **changes: str) -> httpx.Response:
    query = {
        "client_id": talk.address.client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": scope,
        "state": "a&b",
        **changes,
    }
    first = httpx.get(f"{talk.address.url}/v2/authorize", params=query)
    assert first.status_code == 302
    return httpx.get(talk.address.url + first.headers["location"])


def answer(talk: Talk, page: httpx.Response, decision: str, scopes: list[str]) -> httpx.Response:
    (nonce,) = re.findall(r"name=nonce value='([^']+)'", page.text)
    form = {"nonce": nonce, "decision": decision, "scope": scopes}
    return httpx.post(f"{talk.address.url}/oauth/consent", data=form)


def back(response: httpx.Response) -> dict[str, str]:
    """What the program is told in its redirect."""
    assert response.status_code == 302
    location = response.headers["location"]
    assert location.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(talk: Talk, *, basic: Any = True, **form: str) -> httpx.Response:
    client = (talk.address.client_id, talk.address.client_secret)
    if not basic:
        form |= {"client_id": client[0], "client_secret": client[1]}
    return httpx.post(f"{talk.address.url}/oauth/token/", data=form, auth=client if basic else None)


def code_for(talk: Talk, scope: str) -> str:
    told = back(answer(talk, consent_page(talk, scope), "allow", scope.split()))
    assert told["state"] == "a&b"
    return told["code"]


def sign_in(talk: Talk, scope: str) -> Any:
    """The tokens of a consent to ``scope``."""
    code = code_for(talk, scope)
    tokens = exchange(talk, grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert tokens.status_code == 200
    return tokens.json()


def works(talk: Talk, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{talk.address.url}/v2/apps", headers=headers).status_code == 200


def test_a_consent_gives_tokens_that_work_for_ten_hours(talk: Talk) -> None:
    tokens = sign_in(talk, "zap action:run")
    assert (tokens["expires_in"], tokens["token_type"]) == (36_000, "Bearer")
    assert tokens["scope"] == "zap action:run"
    assert works(talk, tokens["access_token"])


def test_a_code_works_once_and_only_for_its_own_address(talk: Talk) -> None:
    code = code_for(talk, "zap")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert exchange(talk, **form, basic=False).status_code == 200
    again = exchange(talk, **form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    form |= {"code": code_for(talk, "zap"), "redirect_uri": BACK + "2"}
    assert exchange(talk, **form).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_used_once_and_replaced(talk: Talk) -> None:
    first = sign_in(talk, "zap")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = exchange(talk, **form).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert works(talk, second["access_token"])
    assert exchange(talk, **form).json()["error"] == "invalid_grant"
    form["refresh_token"] = second["refresh_token"]
    assert exchange(talk, **form).status_code == 200


def test_a_wrong_secret_is_refused(talk: Talk) -> None:
    refused = httpx.post(
        f"{talk.address.url}/oauth/token/",
        data={"grant_type": "refresh_token", "refresh_token": "x"},
        auth=(talk.address.client_id, "wrong"),
    )
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_other_grants_are_refused_by_name(talk: Talk) -> None:
    assert exchange(talk, grant_type="password").json()["error"] == "unsupported_grant_type"
    assert exchange(talk).json()["error"] == "invalid_request"


def test_a_refusal_is_told_to_the_program(talk: Talk) -> None:
    page = consent_page(talk, "zap")
    assert back(answer(talk, page, "deny", ["zap"])) == {"error": "access_denied", "state": "a&b"}
    assert answer(talk, page, "allow", ["zap"]).status_code == 400


def test_a_right_that_was_withheld_is_not_granted(talk: Talk) -> None:
    page = consent_page(talk, "zap action:run")
    code = back(answer(talk, page, "allow", ["zap", "zap:write"]))["code"]
    tokens = exchange(talk, grant_type="authorization_code", code=code, redirect_uri=BACK).json()
    assert tokens["scope"] == "zap"


@pytest.mark.parametrize(
    "uri",
    ["https://evil.example/x", "http://evil.example:80/", "http://127.0.0.1/", "zapdesk:x",
     "http://127.0.0.1:9/#x", "http://a@127.0.0.1:9/", "http://127.0.0.1:99999/"],
)  # fmt: skip
def test_an_address_that_is_not_registered_is_never_led_to(talk: Talk, uri: str) -> None:
    page = consent_page(talk, "zap", redirect_uri=uri)
    assert (page.status_code, "location" in page.headers) == (400, False)


def test_unknown_programs_and_rights_are_refused(talk: Talk) -> None:
    assert consent_page(talk, "zap", client_id="wrong").status_code == 400
    assert back(consent_page(talk, "zap everything"))["error"] == "invalid_scope"
    told = back(consent_page(talk, "zap", response_type="token"))
    assert told["error"] == "unsupported_response_type"


def test_the_consent_form_is_taken_from_our_own_page_only(talk: Talk) -> None:
    page = consent_page(talk, "zap")
    (nonce,) = re.findall(r"name=nonce value='([^']+)'", page.text)
    refused = httpx.post(
        f"{talk.address.url}/oauth/consent",
        data={"nonce": nonce, "decision": "allow", "scope": "zap"},
        headers={"Origin": "https://evil.example"},
    )
    assert refused.status_code == 400


def test_an_old_access_token_is_401_and_its_refresh_token_survives_a_restart(
    tmp_path: Path,
) -> None:
    with sandbox(tmp_path, access_token_s=0) as talk:
        tokens = sign_in(talk, "zap")
        assert not works(talk, tokens["access_token"])
    with sandbox(tmp_path) as talk:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert works(talk, exchange(talk, **form).json()["access_token"])
