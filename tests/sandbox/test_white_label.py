"""White Label in the sandbox: what a JWT must hold, and that end users see only their own."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.sandbox.partner import URN, claims, connect_token, person, signed, token
from tests.sandbox.talk import Talk, unwrapped
from tests.sandbox.test_oauth import sign_in, works

BACK = "http://127.0.0.1:9/back"
KEY = "SandboxMail"


def connections(talk: Talk, who: dict[str, str], app: str = "Mail") -> list[Any]:
    query = {"app": talk.app_id(app)}
    answer = httpx.get(f"{talk.address.url}/v2/authentications", params=query, headers=who)
    return list(answer.json()["data"])


def page_token(talk: Talk, who: dict[str, str], app_key: str = KEY) -> str:
    answer = connect_token(talk, who["Authorization"].partition(" ")[2], app_key)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def open_page(talk: Talk, connect: str, app_key: str = KEY, **query: str) -> httpx.Response:
    told = "&".join(f"{n}={quote(v, safe='')}" for n, v in {"token": connect, **query}.items())
    return httpx.get(f"{talk.address.url}/to/{app_key}?{told}")


def answer(talk: Talk, page: httpx.Response, app_key: str = KEY, **form: str) -> httpx.Response:
    (nonce,) = re.findall(r"name=nonce value='([^']+)'", page.text)
    said = {"nonce": nonce, "decision": "allow", "title": "Marina's mail", **form}
    return httpx.post(f"{talk.address.url}/to/{app_key}", data=said)


def back(response: httpx.Response) -> dict[str, str]:
    location = response.headers["location"]
    assert location.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_a_signed_word_gives_an_end_users_token_and_nothing_to_refresh_it_with(talk: Talk) -> None:
    told = token(talk, signed(talk, claims(talk)), scope="zap profile")
    assert told.status_code == 200
    body = told.json()
    assert (body["token_type"], body["scope"]) == ("Bearer", "zap profile")
    assert body["issued_token_type"] == f"{URN}token-type:access-token"
    assert "refresh_token" not in body
    assert works(talk, body["access_token"])
    me = httpx.get(f"{talk.address.url}/v1/profiles/me", headers=person(talk, "olaf")).json()
    assert unwrapped(me)["full_name"] == "olaf"


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None}, {"iss": None}, {"aud": None}, {"iat": None}, {"nbf": None}, {"exp": None},
        {"org_id": None}, {"sub": ""}, {"org_id": ""}, {"org_id": 7}, {"sub": 7},
        {"aud": "api.zapier.com"}, {"iss": "https://another.example"},
    ],
)  # fmt: skip
def test_a_claim_that_is_missing_or_wrong_is_refused(talk: Talk, changes: dict[str, Any]) -> None:
    told = token(talk, signed(talk, claims(talk, **changes)))
    assert (told.status_code, told.json()["error"]) == (400, "invalid_grant"), changes


@pytest.mark.parametrize(
    ("claim", "ahead_s"), [("exp", -60), ("nbf", 600), ("iat", 600), ("exp", 3600)]
)
def test_a_time_that_is_over_not_yet_or_too_far_is_refused(
    talk: Talk, claim: str, ahead_s: int
) -> None:
    said = claims(talk) | {claim: int(time.time()) + ahead_s}
    told = token(talk, signed(talk, said))
    assert (told.status_code, told.json()["error"]) == (400, "invalid_grant")


def test_only_a_registered_key_and_an_algorithm_of_the_list_will_do(talk: Talk) -> None:
    said = claims(talk)
    another = ec.generate_private_key(ec.SECP256R1())
    unsigned = ".".join([*signed(talk, said).split(".")[:2], ""])
    none = "eyJhbGciOiJub25lIiwia2lkIjoieCJ9." + signed(talk, said).split(".")[1] + "."
    for subject in (
        signed(talk, said, key=another),
        signed(talk, said, kid="another"),
        signed(talk, said, kid=None),
        signed(talk, said, key=rsa.generate_private_key(65537, 2048), algorithm="PS256"),
        signed(talk, said, key="x" * 40, algorithm="HS256"),
        unsigned,
        none,
        "a.b.c",
        "no token",
    ):
        told = token(talk, subject)
        assert (told.status_code, told.json()["error"]) == (400, "invalid_grant"), subject


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scope": None}, "invalid_request"),
        ({"scope": "zap everything"}, "invalid_scope"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token_type": f"{URN}token-type:jwt"}, "invalid_request"),
        ({"requested_token_type": f"{URN}token-type:connect-token"}, "invalid_request"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
def test_a_form_that_asks_for_something_else_is_refused_by_name(
    talk: Talk, changes: dict[str, Any], code: str
) -> None:
    if "client_secret" in changes:
        form = {
            "grant_type": f"{URN}grant-type:token-exchange",
            "client_id": talk.address.client_id,
            **changes,
        }
        told = httpx.post(f"{talk.address.url}/oauth/token", data=form)
    else:
        told = token(talk, signed(talk, claims(talk)), **changes)
    assert told.json()["error"] == code


def test_a_connect_page_works_once_and_the_account_is_that_end_users_alone(talk: Talk) -> None:
    marina, olaf = person(talk, "marina"), person(talk, "olaf")
    connect = page_token(talk, marina)
    page = open_page(talk, connect, redirect_uri=BACK, state="a&b")
    assert "For marina." in page.text
    told = back(answer(talk, page))
    assert (told["service"], told["state"]) == (KEY, "a&b")
    (own,) = connections(talk, marina)
    assert (own["id"], own["title"]) == (told["authentication_id"], "Marina's mail")
    assert own["id"] not in [one["id"] for one in connections(talk, olaf)]
    assert own["id"] not in [one["id"] for one in connections(talk, talk.address.headers)]
    assert open_page(talk, connect).status_code == 403  # used
    assert answer(talk, page).status_code == 404  # and so is the page


def test_an_end_user_runs_with_its_own_account_and_nobody_else_sees_the_run(talk: Talk) -> None:
    marina, olaf = person(talk, "marina-2"), person(talk, "olaf-2")
    answer(talk, open_page(talk, page_token(talk, marina)))
    (own,) = connections(talk, marina)
    inputs = {"to": ["a@example.org"], "subject": "Tide", "body": "High water"}
    for who, status in ((olaf, 400), (marina, 200)):
        action = talk.fresh("Mail", "send_email")
        sent = httpx.post(
            f"{talk.address.url}/v2/action-runs",
            json=talk.body(action, own["id"], inputs),
            headers=who,
        )
        assert sent.status_code == status
    run = f"{talk.address.url}/v2/action-runs/{sent.json()['data']['id']}"
    assert httpx.get(run, headers=marina).status_code == 200
    assert httpx.get(run, headers=olaf).status_code == 404
    assert httpx.get(run, headers=talk.address.headers).status_code == 404


def test_a_connection_that_ended_is_connected_anew_by_its_id(talk: Talk) -> None:
    marina, olaf = person(talk, "marina-3"), person(talk, "olaf-3")
    connection = back(
        answer(talk, open_page(talk, page_token(talk, marina), redirect_uri=BACK))
    )["authentication_id"]  # fmt: skip
    page = open_page(
        talk, page_token(talk, marina), redirect_uri=BACK, reconnect_id=connection
    )  # fmt: skip
    assert "Reconnect Marina" in page.text
    assert back(answer(talk, page))["authentication_id"] == connection
    assert len(connections(talk, marina)) == 1
    other = open_page(talk, page_token(talk, olaf), redirect_uri=BACK, reconnect_id=connection)
    assert back(other) == {"error": "invalid_request"}


def test_a_cancelled_page_says_so_and_leads_to_registered_addresses_only(talk: Talk) -> None:
    marina = person(talk)
    page = open_page(talk, page_token(talk, marina), redirect_uri=BACK)
    assert back(answer(talk, page, decision="deny")) == {"error": "access_denied"}
    evil = open_page(talk, page_token(talk, marina), redirect_uri="https://evil.example/x")
    done = answer(talk, evil)
    assert (done.status_code, "location" in done.headers) == (200, False)


def test_a_connect_token_is_for_one_app_and_had_by_end_users_that_may_connect(talk: Talk) -> None:
    marina = person(talk)
    access = marina["Authorization"].partition(" ")[2]
    assert open_page(talk, page_token(talk, marina), "SandboxContacts").status_code == 403
    for resource in (
        None,
        talk.address.url,
        f"{talk.address.url}/to/",
        "https://evil.example/to/x",
    ):
        assert connect_token(talk, access, KEY, resource=resource).json()["error"] == (
            "invalid_target"
        )
    wider = connect_token(talk, access, KEY, scope="connection:write zap")
    assert wider.json()["error"] == "invalid_scope"
    narrow = token(talk, signed(talk, claims(talk)), scope="zap").json()["access_token"]
    assert connect_token(talk, narrow, KEY).json()["error"] == "invalid_scope"
    own = sign_in(talk, "zap connection:write")["access_token"]
    for nobody in (own, talk.address.token, "unknown"):
        assert connect_token(talk, nobody, KEY).json()["error"] == "invalid_grant"


def test_a_connect_token_opens_nothing_else(talk: Talk) -> None:
    assert not works(talk, page_token(talk, person(talk)))


def test_an_app_that_needs_no_account_has_nothing_to_connect(talk: Talk) -> None:
    marina = person(talk)
    for app_key in ("SandboxFormatter", "Nowhere"):
        page = open_page(talk, page_token(talk, marina, app_key), app_key, redirect_uri=BACK)
        assert back(page) == {"error": "invalid_request"}


def test_the_links_of_an_end_users_apps_name_the_app_as_zapiers_own_do(talk: Talk) -> None:
    apps = httpx.get(
        f"{talk.address.url}/v2/apps", params={"query": "Mail"}, headers=person(talk)
    ).json()
    (link,) = {app["links"]["connect_new_authentication"] for app in unwrapped(apps)["data"]}
    assert link == f"{talk.address.url}/engine/auth/start/{KEY}@1.0.0"
    assert httpx.get(link).status_code == 403
