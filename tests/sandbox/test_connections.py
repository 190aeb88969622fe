"""Accounts of the sandbox: made and renewed by its page or with a key, and expired at will."""

from __future__ import annotations

from typing import Any

import httpx

from tests.sandbox.talk import Talk
from tests.sandbox.test_contract import judge
from tests.spec import openapi_file


def accounts(talk: Talk, app: str) -> dict[str, bool]:
    """The accounts of an app by their id, and whether each has expired."""
    found = talk.get("/v2/authentications", app=talk.app_id(app), limit=100).json()["data"]
    return {one["id"]: one["is_expired"] for one in found}


def create(talk: Talk, app: str, **fields: Any) -> httpx.Response:
    data = {"title": "By key", "app": talk.app_id(app), "authentication_fields": fields}
    answer = talk.http.post("/v2/authentications", json={"data": data})
    if openapi_file() is not None:
        judge(answer)
    return answer


def test_an_expired_account_is_renewed_on_the_page_and_keeps_its_id(talk: Talk) -> None:
    (mail,) = talk.apps(query="Mail")
    link = mail["links"]["connect_new_authentication"]
    assert accounts(talk, "Mail")["mail-3"] is True
    assert "old@harbour.example" in httpx.get(link).text
    before = len(accounts(talk, "Mail"))
    assert httpx.post(link, data={"renew": "mail-3", "title": ""}).status_code == 200
    assert accounts(talk, "Mail")["mail-3"] is False
    assert len(accounts(talk, "Mail")) == before


def test_an_account_of_another_app_is_not_renewed_by_this_page(talk: Talk) -> None:
    link = talk.apps(query="Mail")[0]["links"]["connect_new_authentication"]
    assert httpx.post(link, data={"renew": "contacts-2", "title": ""}).status_code == 400
    assert accounts(talk, "Contacts")["contacts-2"] is True


def test_an_app_with_keys_refuses_wrong_ones_field_by_field(talk: Talk) -> None:
    missing = create(talk, "Contacts").json()["errors"]
    assert [one["source"]["pointer"] for one in missing] == ["/data/authentication_fields/api_key"]
    wrong = create(talk, "Contacts", api_key="something else").json()["errors"]
    assert wrong[0]["source"] == {"pointer": "/data/authentication_fields/api_key"}
    assert wrong[0]["meta"]["source"] == "THIRD_PARTY"
    made = create(talk, "Contacts", api_key="sbx-1")
    assert made.status_code == 201
    assert accounts(talk, "Contacts")[made.json()["data"][0]["id"]] is False


def test_the_page_of_an_app_with_keys_asks_for_one(talk: Talk) -> None:
    link = talk.apps(query="Contacts")[0]["links"]["connect_new_authentication"]
    assert "type=password name='api_key'" in httpx.get(link).text
    before = len(accounts(talk, "Contacts"))
    assert httpx.post(link, data={"title": "Mine", "api_key": "nonsense"}).status_code == 400
    assert len(accounts(talk, "Contacts")) == before
    assert httpx.post(link, data={"title": "Mine", "api_key": "sbx-2"}).status_code == 200
    assert len(accounts(talk, "Contacts")) == before + 1


def test_an_account_expires_and_works_again_by_the_buttons_of_the_page(talk: Talk) -> None:
    url = talk.address.url
    path = f"{url}/connections/mail-1"
    assert httpx.post(path, data={"state": "expired"}).status_code == 403
    assert accounts(talk, "Mail")["mail-1"] is False
    with httpx.Client(follow_redirects=True, trust_env=False) as browser:
        page = browser.get(talk.address.page).text
        assert "Let it expire" in page
        foreign = {"Origin": "https://elsewhere.example"}
        assert browser.post(path, data={"state": "expired"}, headers=foreign).status_code == 403
        assert browser.post(path, data={"state": "expired"}).status_code == 200
        assert accounts(talk, "Mail")["mail-1"] is True
        browser.post(path, data={"state": "works"})
    assert accounts(talk, "Mail")["mail-1"] is False


def test_no_key_is_kept(talk: Talk, tmp_path_factory: Any) -> None:
    create(talk, "Contacts", api_key="sbx-canary-0815")
    for file in tmp_path_factory.getbasetemp().rglob("*"):
        if file.is_file():
            assert b"sbx-canary-0815" not in file.read_bytes(), file
