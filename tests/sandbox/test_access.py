"""Who is let in: tokens, scopes, the Host header, the rate limit, the page."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sandbox.talk import Talk, error_of, sandbox
from tests.sandbox.test_oauth import sign_in


def test_without_a_token_the_answer_is_401_unauthenticated(talk: Talk) -> None:
    for path in ("/v2/apps", "/v2/action-runs/x", "/v2/nowhere", "/sandbox/received"):
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = httpx.get(talk.address.url + path, headers=headers)
            assert (answer.status_code, error_of(answer)["code"]) == (401, "unauthenticated")
    answer = httpx.get(talk.address.url + "/v2/apps", params={"client_id": "wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic YTpi", "abc", ""])
def test_a_header_that_is_no_bearer_token_gets_the_gateways_flat_403(
    talk: Talk, header: str
) -> None:
    answer = httpx.get(talk.address.url + "/v2/apps", headers={"Authorization": header})
    assert answer.status_code == 403
    assert answer.json()["code"] == "authentication_failed"
    assert "errors" not in answer.json()


def test_a_client_id_opens_apps_and_actions_and_nothing_else(talk: Talk) -> None:
    query = {"client_id": talk.address.client_id, "app": talk.app_id("Tables")}
    for path, status in (("apps", 200), ("actions", 200), ("authentications", 401)):
        answer = httpx.get(f"{talk.address.url}/v2/{path}", params=query)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("zap", "/v2/apps"),
        ("connection:read", "/v2/authentications"),
        ("action:run", "/v2/action-runs/x"),
        ("profile", "/v1/profiles/me"),
    ],
)
def test_a_missing_scope_is_403_and_named(talk: Talk, scope: str, path: str) -> None:
    others = {"zap", "profile", "connection:read", "action:run"} - {scope}
    token = sign_in(talk, " ".join(sorted(others)))["access_token"]
    answer = httpx.get(
        talk.address.url + path,
        params={"app": talk.app_id("Tables")},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403
    said = answer.json()["errors"][0]
    assert f"“{scope}”" in (said if isinstance(said, str) else said["detail"])


def test_choices_need_zap_and_forms_need_zap_write(talk: Talk) -> None:
    token = sign_in(talk, "zap")["access_token"]
    action = talk.fresh("Formatter", "text")
    body: Any = {"data": {"authentication": None, "inputs": {}}}
    for part, status in (("inputs/transform/choices", 200), ("inputs", 403), ("outputs", 403),
                         ("test", 403)):  # fmt: skip
        answer = httpx.post(
            f"{talk.address.url}/v2/actions/{action}/{part}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == status, part


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1.evil.example", ""]
)
def test_a_foreign_host_header_is_not_served(talk: Talk, host: str) -> None:
    answer = talk.http.get("/v2/apps", headers={"Host": host})
    assert answer.status_code == 421
    assert "data" not in answer.text


def test_both_of_our_own_names_are_served(talk: Talk) -> None:
    port = urlsplit(talk.address.url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        assert talk.http.get("/v2/apps", headers={"Host": host}).status_code == 200


def test_no_other_site_may_read_an_answer(talk: Talk) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for answer in (
        talk.http.get("/v2/apps", headers=headers),
        talk.http.options("/v2/apps", headers=headers),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_unknown_paths_methods_and_unencoded_slashes(talk: Talk) -> None:
    assert talk.get("/v2/nowhere").status_code == 404
    assert talk.get("/v2/action-runs/a/b").status_code == 404
    assert talk.get("/v2/apps/").status_code == 404
    refused = talk.http.delete("/v2/apps")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET")


def test_a_body_over_six_megabytes_is_refused(talk: Talk) -> None:
    assert talk.http.post("/v2/action-runs", content=b"x" * 6_300_000).status_code == 413


def test_over_the_rate_limit_the_answer_says_how_long_to_wait(tmp_path: Path) -> None:
    with sandbox(tmp_path, rate_limit=3) as talk:
        left = [talk.get("/v2/apps").headers["X-RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = talk.get("/v2/apps")
        assert (refused.status_code, error_of(refused)["code"]) == (429, "throttled")
        assert 50 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["X-RateLimit-Limit"] == "3"
        assert int(refused.headers["X-RateLimit-Reset"]) > 1_000_000_000


def test_calls_of_the_api_are_listed_with_their_time_and_status(tmp_path: Path) -> None:
    with sandbox(tmp_path) as talk:
        talk.get("/v2/apps", limit=3)
        talk.get("/v2/nowhere")
        httpx.get(talk.address.page)
        first, second = talk.get("/sandbox/requests").json()["requests"]
        assert (first["method"], first["path"], first["query"]) == ("GET", "/v2/apps", "limit=3")
        assert (first["status"], second["status"]) == (200, 404)
        assert first["at"] <= second["at"]


@pytest.mark.parametrize("target", ["*", "http://a.test/v2/apps", "//v2/apps", "/%zz/%ff"])
def test_an_odd_target_is_no_fault_of_the_server(talk: Talk, target: str) -> None:
    parts = urlsplit(talk.address.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        head = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        head += f"Authorization: Bearer {talk.address.token}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 404"


def test_latency_delays_every_answer(tmp_path: Path) -> None:
    with sandbox(tmp_path, latency_ms=200) as talk:
        assert talk.get("/v2/apps").elapsed.total_seconds() >= 0.2


def test_the_page_opens_by_its_link_and_then_by_its_cookie_alone(talk: Talk) -> None:
    url = talk.address.url
    assert httpx.get(url).status_code == 403
    assert httpx.get(url, headers=talk.address.headers).status_code == 403
    assert httpx.get(f"{url}/?key=wrong").status_code == 403
    with httpx.Client() as browser:
        first = browser.get(talk.address.page)
        assert first.status_code == 303
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "key=" not in first.headers["location"]
        assert "Table: Customers" in browser.get(url).text


def test_what_the_page_shows_is_text_and_never_markup(talk: Talk) -> None:
    evil = "<script>alert(1)</script>"
    talk.result("Contacts", "create_contact", name=evil, email=f"{evil}@example.org")
    talk.result("Mail", "send_email", to=["a@example.org"], subject=evil, body=evil)
    body = talk.body(talk.fresh("Field Zoo", "no_fields"), None, {evil: evil, "lone": "\ud800"})
    answer = talk.http.post("/v2/action-runs", content=json.dumps(body).encode())
    talk.end(answer.json()["data"]["id"])
    with httpx.Client(follow_redirects=True) as browser:
        shown = browser.get(talk.address.page)
    assert "<script" not in shown.text
    assert shown.text.count("&lt;script&gt;") >= 4
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
