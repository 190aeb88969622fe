"""Runs: their bodies, their single-use ids, their life."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.talk import Talk, error_of, sandbox


def post(talk: Talk, body: Any) -> Any:
    return talk.http.post("/v2/action-runs", json=body)


def text_run(talk: Talk) -> tuple[str, dict[str, str]]:
    return talk.fresh("Formatter", "text"), {"transform": "upper", "text": "abc"}


def test_a_run_waits_and_then_succeeds_over_real_time(tmp_path: Path) -> None:
    with sandbox(tmp_path, run_s=(0.6, 0.6)) as talk:
        began = time.monotonic()
        run_id = talk.start("Formatter", "text", text_run(talk)[1]).json()["data"]["id"]
        assert talk.poll(run_id).json()["data"] == {
            "type": "run", "status": "waiting", "results": [], "errors": [],
        }  # fmt: skip
        assert talk.end(run_id)["results"] == [{"output": "ABC"}]
        assert 0.5 < time.monotonic() - began < 3


def test_an_action_id_serves_one_run_only(talk: Talk) -> None:
    action, inputs = text_run(talk)
    assert post(talk, talk.body(action, None, inputs)).status_code == 200
    refused = post(talk, talk.body(action, None, inputs))
    assert refused.status_code == 400
    assert error_of(refused)["code"] == "invalid"
    assert error_of(refused)["source"] == {"pointer": "/data/action"}


def test_a_used_action_id_still_serves_its_form(talk: Talk) -> None:
    action, inputs = text_run(talk)
    post(talk, talk.body(action, None, inputs))
    body: Any = {"data": {"authentication": None, "inputs": {}}}
    assert talk.http.post(f"/v2/actions/{action}/inputs", json=body).status_code == 200


@pytest.mark.parametrize("dialect", ["spec", "guide", "mixed"])
def test_each_dialect_takes_its_own_shape_and_refuses_the_others(
    tmp_path: Path, dialect: str
) -> None:
    with sandbox(tmp_path, dialect=dialect) as talk:
        for shape in ("spec", "guide", "mixed"):
            talk.dialect = shape
            action, inputs = text_run(talk)
            answer = post(talk, talk.body(action, None, inputs))
            if shape == dialect:
                assert answer.status_code == 200
            else:
                assert (answer.status_code, error_of(answer)["code"]) == (400, "parse_error")
        talk.dialect = dialect
        assert talk.result("Formatter", "text", **inputs) == {"output": "ABC"}


def test_the_guide_dialect_names_its_states_and_gives_one_object(tmp_path: Path) -> None:
    with sandbox(tmp_path, dialect="guide", run_s=(0.9, 0.9)) as talk:
        assert isinstance(talk.get("/v2/apps").json(), dict)
        started = talk.start("Formatter", "text", text_run(talk)[1]).json()["data"]
        assert started["run_id"].startswith("arun_")
        seen: list[Any] = []
        while not seen or seen[-1]["status"] in ("queued", "running"):
            seen.append(talk.poll(started["run_id"]).json()["data"])
            time.sleep(0.05)
        assert list(dict.fromkeys(run["status"] for run in seen)) == [
            "queued", "running", "success",
        ]  # fmt: skip
        assert seen[-1]["results"] == {"output": "ABC"}
        assert talk.http.get(f"/v2/action-runs/{started['run_id']}/").status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (lambda data: data.pop("authentication"), "required", "/data/authentication"),
        (lambda data: data.pop("inputs"), "required", "/data/inputs"),
        (lambda data: data.pop("action"), "required", "/data/action"),
        (lambda data: data.update(action="core:nobody"), "invalid", "/data/action"),
        (lambda data: data.update(action=7), "invalid", "/data/action"),
        (lambda data: data.update(inputs=[]), "invalid", "/data/inputs"),
        (lambda data: data.update(authentication="tables-1"), "invalid", "/data/authentication"),
        (lambda data: data.update(authentication=""), "invalid", "/data/authentication"),
        (lambda data: data.update(callback_url="http://a.test"), "invalid", "/data/callback_url"),
    ],
)  # fmt: skip
def test_a_body_with_one_fault_is_refused_at_its_place(
    talk: Talk, change: Any, code: str, pointer: str
) -> None:
    body = talk.body(text_run(talk)[0], None, text_run(talk)[1])
    change(body["data"])
    refused = post(talk, body)
    assert refused.status_code == 400
    assert (error_of(refused)["code"], error_of(refused)["source"]) == (code, {"pointer": pointer})


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b'{"data": 1}', b"{}", b"\xff", b'{"data": {"inputs": NaN}}',
     b'{"data": {"inputs": {"a": 1e999}}}', b"[" * 200_000],
)  # fmt: skip
def test_a_body_that_is_no_run_is_a_parse_error(talk: Talk, content: bytes) -> None:
    refused = talk.http.post("/v2/action-runs", content=content)
    assert (refused.status_code, error_of(refused)["code"]) == (400, "parse_error")


def test_an_expired_or_foreign_connection_and_null_are_refused(talk: Talk) -> None:
    for connection in ("contacts-2", "tables-1", "nobody", None):
        body = talk.body(talk.fresh("Contacts", "find_contact"), connection, {"text": "a"})
        refused = post(talk, body)
        assert error_of(refused)["source"] == {"pointer": "/data/authentication"}, connection


def test_a_missing_required_value_ends_the_run_as_the_users_error(talk: Talk) -> None:
    run = talk.run("Formatter", "text", transform="upper")
    assert (run["status"], run["errors"][0]["code"]) == ("error", "user")


def test_unknown_inputs_are_taken_and_what_only_informs_is_not(talk: Talk) -> None:
    assert talk.run("Formatter", "calculate", formula="1", whatever="x")["status"] == "success"
    run = talk.run("Formatter", "calculate", formula="1", help="x")
    assert run["errors"][0]["code"] == "user"
    run = talk.run("Field Zoo", "words", readonly="x")
    assert run["errors"][0]["code"] == "user"


def test_a_step_test_really_executes_and_its_limit_cuts_the_results(talk: Talk) -> None:
    before = len(talk.effects())
    place = {"workspace": "ws_studio", "table": "tbl_customers"}
    action = talk.fresh("Tables", "new_row")
    data = {"authentication": "tables-1", "inputs": place, "limit": 2, "offset": 1}
    answer = talk.http.post(f"/v2/actions/{action}/test", json={"data": data}).json()
    assert len(answer["data"]) == 2
    assert len(talk.effects()) == before + 1
    for limit, offset in ((0, 0), ("2", 0), (1, -1), (True, 0)):
        data |= {"limit": limit, "offset": offset}
        assert talk.http.post(f"/v2/actions/{action}/test", json={"data": data}).status_code == 400


def test_a_failing_step_test_is_400_test_failed_of_a_third_party(talk: Talk) -> None:
    refused = talk.form("Fault Lab", "error_partner", "test")
    error = error_of(refused)
    assert (refused.status_code, error["code"]) == (400, "test_failed")
    assert error["meta"]["source"] == "THIRD_PARTY"


def test_an_unknown_run_and_an_unknown_action_are_not_found(talk: Talk) -> None:
    assert talk.poll("nobody").status_code == 404
    body: Any = {"data": {"authentication": None, "inputs": {}}}
    assert talk.http.post("/v2/actions/core:nobody/inputs", json=body).status_code == 404


def test_what_arrived_can_be_read_back_byte_for_byte(talk: Talk) -> None:
    action, _ = text_run(talk)
    content = json.dumps(talk.body(action, None, {"text": "ü\u2028\ud83d\ude00"})) + "  \n"
    talk.http.post("/v2/action-runs", content=content.encode())
    last = talk.get("/sandbox/received").json()["received"][-1]
    assert last["body"] == content
    assert (last["key"], last["action_id"], last["status"]) == ("text", action, 200)


def test_half_a_character_is_refused_or_the_users_error_and_never_a_fault(talk: Talk) -> None:
    action, _ = text_run(talk)
    body = json.dumps(talk.body(action, "\ud800", {}))
    assert talk.http.post("/v2/action-runs", content=body.encode()).status_code == 400
    action = talk.fresh("Fault Lab", "mark")
    body = json.dumps(talk.body(action, None, {"note": "\ud800"}))
    run_id = talk.http.post("/v2/action-runs", content=body.encode()).json()["data"]["id"]
    assert talk.end(run_id)["errors"][0]["code"] == "user"
    action = talk.fresh("Tables", "create_row")
    body = json.dumps(talk.body(action, "tables-1", {"workspace": "\ud800", "table": "t"}))
    run_id = talk.http.post("/v2/action-runs", content=body.encode()).json()["data"]["id"]
    assert talk.end(run_id)["errors"][0]["title"] == "Broken text"


def test_numbers_that_are_not_finite_are_the_users_error(talk: Talk) -> None:
    place = {"workspace": "ws_studio", "table": "tbl_orders"}
    for number in ("nan", "inf", "1e999", "x"):
        run = talk.run("Tables", "update_row", **place, row="r", cell__price=number)
        assert run["errors"][0]["title"] == "Not a number"
        assert talk.run("Fault Lab", "slow", seconds=number)["errors"][0]["code"] == "user"


def test_a_run_is_gone_after_a_week(tmp_path: Path) -> None:
    with sandbox(tmp_path) as talk:
        run_id = talk.start("Formatter", "text", text_run(talk)[1]).json()["data"]["id"]
        talk.end(run_id)
        file = tmp_path / "data" / "sandbox" / "data" / "sandbox.db"
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE runs SET created_at = created_at - 604900")
        assert talk.poll(run_id).status_code == 404
