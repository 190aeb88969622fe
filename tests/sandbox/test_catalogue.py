"""Apps, actions and connections."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.sandbox.talk import Talk, error_of, sandbox, unwrapped


def test_apps_come_ten_at_a_time_and_every_next_page_is_followed_to_the_end(
    tmp_path: Path,
) -> None:
    with sandbox(tmp_path, apps=250) as talk:
        seen: list[str] = []
        url: str | None = "/v2/apps"
        while url:
            page = unwrapped(talk.http.get(url).json())
            assert len(page["data"]) <= 10
            seen += [app["id"] for app in page["data"]]
            url = page["links"]["next"]
        assert len(seen) == len(set(seen)) == 257
        assert unwrapped(talk.get("/v2/apps", offset=20).json())["links"]["prev"]


def test_ten_thousand_apps_have_ten_thousand_titles_and_the_same_ones_each_time(
    tmp_path: Path,
) -> None:
    with sandbox(tmp_path, apps=10_000) as talk:
        pages = [talk.apps(offset=offset) for offset in range(0, 10_007, 100)]
        titles = [app["title"] for page in pages for app in page]
        assert len(titles) == len(set(titles)) == 10_007
        some = pages[50][3]
        (found,) = talk.apps(ids=some["id"])
        assert found == some
    with sandbox(tmp_path, apps=10_000) as talk:
        again = talk.apps(ids=some["id"])[0]
        assert (again["id"], again["title"]) == (some["id"], some["title"])


def test_what_a_generated_app_creates_it_finds(tmp_path: Path) -> None:
    with sandbox(tmp_path, apps=3) as talk:
        for title in (app["title"] for app in talk.apps(offset=7)):
            create, find, _ = talk.actions(title)
            made = talk.result(title, create["key"], title="A green one", priority="high")
            found = talk.result(title, find["key"], text="green")
            assert (found["id"], found["inputs"]["priority"]) == (made["id"], "high")


def test_apps_are_found_by_title_by_category_and_by_id(talk: Talk) -> None:
    assert [app["title"] for app in talk.apps(query="tabl")] == ["Tables"]
    assert {"Fault Lab", "Field Zoo"} == {app["title"] for app in talk.apps(category="testing")}
    ids = [talk.app_id("Mail"), talk.app_id("Tables")]
    assert {app["id"] for app in talk.apps(ids=",".join(ids))} == set(ids)
    refused = talk.get("/v2/apps", ids=ids[0], category="email")
    assert (refused.status_code, error_of(refused)["source"]) == (400, {"parameter": "ids"})


def test_numbers_that_are_none_are_refused_by_name(talk: Talk) -> None:
    for name, value in (("limit", "0"), ("limit", "x"), ("offset", "-1"), ("limit", "9" * 40)):
        refused = talk.get("/v2/apps", **{name: value})
        assert (refused.status_code, error_of(refused)["source"]) == (400, {"parameter": name})


def test_the_link_to_connect_tells_three_cases_apart(talk: Talk) -> None:
    links = {app["title"]: app["links"]["connect_new_authentication"] for app in talk.apps()}
    assert links["Formatter"] is None
    assert links["Tables"].startswith(talk.address.url)
    url = f"{talk.address.url}/v2/apps"
    anonymous = httpx.get(url, params={"client_id": talk.address.client_id})
    apps = unwrapped(anonymous.json())["data"]
    assert {app["links"]["connect_new_authentication"] for app in apps} == {None}


def test_the_next_page_of_a_client_id_is_open_to_it_too(talk: Talk) -> None:
    query: dict[str, Any] = {"client_id": talk.address.client_id, "limit": 2}
    first = unwrapped(httpx.get(f"{talk.address.url}/v2/apps", params=query).json())
    assert len(unwrapped(httpx.get(first["links"]["next"]).json())["data"]) == 2


def test_categories_are_open_to_all_and_overlook_numbers_that_are_none(talk: Talk) -> None:
    answer = httpx.get(f"{talk.address.url}/v1/categories", params={"limit": "x"})
    assert answer.status_code == 200
    body = unwrapped(answer.json())
    assert len(body["objects"]) == 10 < body["count"]
    known = {slug for app in talk.apps() for slug in (one["slug"] for one in app["categories"])}
    every = unwrapped(talk.get("/v1/categories", limit=100).json())["objects"]
    assert known <= {one["slug"] for one in every}


def test_each_look_up_of_actions_gives_new_ids(talk: Talk) -> None:
    first, second = talk.actions("Tables"), talk.actions("Tables")
    assert [action["key"] for action in first] == [action["key"] for action in second]
    assert not {action["id"] for action in first} & {action["id"] for action in second}


def test_actions_are_filtered_by_type_and_two_share_a_key(talk: Talk) -> None:
    assert {action["action_type"] for action in talk.actions("Tables", action_type="SEARCH")} == {
        "SEARCH"
    }
    shared = [a["action_type"] for a in talk.actions("Field Zoo") if a["key"] == "shared_key"]
    assert shared == ["SEARCH", "SEARCH_OR_WRITE"]
    refused = talk.get("/v2/actions", app=talk.app_id("Tables"), action_type="DANCE")
    assert error_of(refused)["source"] == {"parameter": "action_type"}


def test_contacts_has_several_connections_and_one_is_expired(talk: Talk) -> None:
    found = talk.get("/v2/authentications", app=talk.app_id("Contacts")).json()["data"]
    assert [one["is_expired"] for one in found] == [False, True, False]


def test_a_connection_is_made_by_the_page_behind_its_link(talk: Talk) -> None:
    (mail,) = talk.apps(query="Mail")
    link = mail["links"]["connect_new_authentication"]
    before = talk.get("/v2/authentications", app=mail["id"]).json()["meta"]["count"]
    assert "Connect Mail" in httpx.get(link).text
    assert "<b>Me</b>" not in httpx.post(link, data={"title": "<b>Me</b>"}).text
    after = talk.get("/v2/authentications", app=mail["id"]).json()
    assert after["meta"]["count"] == before + 1
    assert after["data"][-1]["title"] == "<b>Me</b>"
    assert httpx.post(link.split("?")[0], data={"title": "x"}).status_code == 404


def test_the_picture_of_an_app_can_be_fetched(talk: Talk) -> None:
    (app,) = talk.apps(query="Tables")
    assert urlsplit(app["image"]).hostname == "127.0.0.1"
    answer = httpx.get(app["image"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
