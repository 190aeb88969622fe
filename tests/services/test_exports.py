"""Exports: each format keeps its own rules, tells everything, and nothing of a secret."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import tomllib
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.dossiers import INPUTS, exchanges, record
from zapdesk import __version__
from zapdesk.domain.causes import read_rules
from zapdesk.domain.payload import read_json
from zapdesk.domain.runs import RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.paths import resource
from zapdesk.redaction import HIDDEN, Reason, Redactor
from zapdesk.services.dossiers import Dossier, dossier
from zapdesk.services.environment import environment
from zapdesk.services.exports import table
from zapdesk.services.exports.formats import FORMATS, Format, written

RULES = read_rules(tomllib.loads(resource("explanations.toml").read_text("utf-8")))


def made(**changes: Any) -> Dossier:
    return dossier(record(**changes), exchanges())


def test_the_json_of_a_run_has_everything_that_is_kept_of_it() -> None:
    run = json.loads(written(made(), Format.JSON).text)["run"]
    assert run["inputs"] == INPUTS
    assert run["labels"] == {"channel": "general | <all>"}
    assert run["outcome"]["title"] == "Success"
    assert [field["id"] for field in run["definition"]] == ["to", "subject", "password", "channel"]
    assert [event["status"] for event in run["events"]] == ["submitting", "success"]
    assert [one["repeated"] for one in run["exchanges"]] == [0, 3, 0]
    assert run["exchanges"][1]["response_body"] == {"base64": "//4AYmluYXJ5"}


def test_json_lines_have_one_run_a_line() -> None:
    text = written(made(), Format.JSONL).text
    assert text.count("\n") == 1
    assert json.loads(text)["id"] == record().run.id


def test_numbers_of_a_result_keep_their_digits() -> None:
    assert '"id": 7' in written(made(), Format.JSON).text
    digits = '[{"price": 0.10, "huge": 99999999999999999999}]'
    kept = dossier(_with_results(digits.encode()), ())
    assert "0.10" in written(kept, Format.JSON).text
    assert "99999999999999999999" in written(kept, Format.JSON).text


def _with_results(results: bytes) -> Any:
    return replace(record(), results=results)


@given(st.text(max_size=12))
def test_no_cell_can_become_a_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(table.row(made(headline=text)), newline="")))
    assert len(rows) == 1
    cells = dict(zip(table.COLUMNS, rows[0], strict=True))
    assert cells["headline"].removeprefix("'").replace("\r", "") == text.removeprefix("'").replace(
        "\r", ""
    )
    for cell in rows[0]:
        assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", '=HYPERLINK("a")'])
def test_what_would_start_a_formula_gets_an_apostrophe(text: str) -> None:
    assert table.safe(text) == f"'{text}"


def test_a_cell_that_a_spreadsheet_would_cut_says_so_instead() -> None:
    rows = csv.DictReader(
        io.StringIO(
            written(dossier(_with_results(b"[" + b"1," * 20_000 + b"1]"), ()), Format.CSV).text
        )
    )
    assert "too long for a cell" in next(rows)["results"]


def test_the_archive_keeps_every_rule_of_har() -> None:
    log = json.loads(written(made(), Format.HAR).text)["log"]
    assert log["version"] == "1.2"
    assert {"name", "version"} <= log["creator"].keys()
    assert len(log["entries"]) == 3
    for entry in log["entries"]:
        _check_entry(entry)
    send, poll, silent = log["entries"]
    assert send["request"]["queryString"] == [
        {"name": "a", "value": "1"}, {"name": "b", "value": ""},
    ]  # fmt: skip
    assert send["timings"]["receive"] == 1.25
    assert send["request"]["headers"][0]["value"] == HIDDEN
    assert "3 more times" in poll["comment"]
    assert poll["response"]["content"]["encoding"] == "base64"
    assert silent["response"]["status"] == 0
    assert "no answer in time" in silent["comment"]


def _check_entry(entry: dict[str, Any]) -> None:
    """What the specification of HAR 1.2 demands of an entry."""
    assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
    assert entry["time"] >= 0
    assert entry["cache"] == {}
    request, response = entry["request"], entry["response"]
    for side, names in (
        (request, {"method": str, "url": str, "queryString": list}),
        (response, {"status": int, "statusText": str, "content": dict, "redirectURL": str}),
    ):
        shared = {
            "httpVersion": str, "cookies": list, "headers": list, "headersSize": int,
            "bodySize": int,
        }  # fmt: skip
        for name, kind in {**names, **shared}.items():
            assert isinstance(side[name], kind), name
        for pair in side["headers"]:
            assert isinstance(pair["name"], str)
            assert isinstance(pair["value"], str)
    if "postData" in request:
        assert {"mimeType", "text"} <= request["postData"].keys()
    assert {"size", "mimeType"} <= response["content"].keys()
    timings = entry["timings"]
    assert {"send", "wait", "receive"} <= timings.keys()
    assert all(timings[name] >= 0 for name in ("send", "wait", "receive"))
    assert all(value >= 0 or value == -1 for value in timings.values())
    # The parts, but for ssl which is part of connect, are the whole.
    parts = sum(v for name, v in timings.items() if v > 0 and name != "ssl")
    assert parts == pytest.approx(entry["time"], abs=0.01)


def test_the_report_shows_server_text_as_text() -> None:
    text = written(made(action_title="# <img src=x> [a](http://x.example)"), Format.MARKDOWN).text
    assert r"\# \<img src=x\> \[a\](http://x.example)" in text
    assert r"| Subject \| \*line\* (subject) |" in text
    assert r"general \| \<all\>" in text
    assert r"user: \| a detail \*bold\*" in text
    result = text.partition("## Result")[2]
    assert result.strip().startswith("````json")
    assert text.count("````") == 2


def test_the_report_shows_a_password_as_hidden() -> None:
    shown = written(made(), Format.MARKDOWN)
    assert f"| Password (password) | {HIDDEN} |" in shown.text
    assert Reason.PASSWORD in {hidden.reason for hidden in shown.hidden}


@pytest.mark.parametrize("format", Format)
def test_every_place_that_is_hidden_is_told_in_every_format(format: Format) -> None:
    shown = written(made(), format)
    for hidden in shown.hidden:
        piece = shown.text[hidden.start : hidden.end]
        assert piece == HIDDEN or "$hidden" in piece
    assert not re.search("[\U000f0000-\U000fffff]", shown.text)
    if not FORMATS[format].is_snippet:
        assert len(shown.hidden) == shown.text.count(HIDDEN) + shown.text.count("$hidden")
        assert shown.hidden or format is Format.TICKET  # it quotes no inputs and no headers


def test_the_value_of_a_sensitive_field_is_hidden_wherever_it_stands() -> None:
    told = dossier(record(headline="sent to ada@example.com"), exchanges(), frozenset({"to"}))
    for format in Format:
        assert "ada@example" not in written(told, format).text.replace("Mail (ada@example.com)", "")
    assert '"to": {' in written(told, Format.JSON).text
    assert read_json(told.record.inputs)["to"] == {"$hidden": "password"}
    assert "ZAPIER_INPUT_TO" in written(told, Format.CURL).text


def test_where_a_part_of_an_input_is_hidden_no_command_is_made() -> None:
    redactor = Redactor()
    redactor.register("ada@example.com")
    told = dossier(record(), (), redactor=redactor)
    with pytest.raises(InvalidInput, match="a part of its inputs is hidden"):
        written(told, Format.CURL)


def test_a_ticket_has_every_id_and_time_and_what_was_answered() -> None:
    shown = written(made(status=RunStatus.ERROR), Format.TICKET)
    for piece in (
        "Subject: Mail, Send Email: | a detail *bold*",
        "Run at Zapier: 5b1d0c52-3f0c",
        "Action: Send Email (WRITE:send)",
        "2026-09-21T14:13:20.143Z",
        "no answer in time",
        "3 more times the same",
        "user: | a detail *bold*",
        f"zapdesk: {__version__}",
        "Attached: run-ab12cd34efab.zapdesk",
    ):
        assert piece in shown.text


def test_a_ticket_says_of_the_computer_only_what_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_SESSION_TYPE", "canary-session")
    monkeypatch.setenv("HOME", "/nowhere/canary")
    monkeypatch.setenv("USER", "canary")
    names = [name for name, _ in environment()]
    allowed = ["zapdesk", "Python", "System", "Display", "Time zone", "Text encoding", "httpx"]
    assert set(names) <= {*allowed, "msgspec", "apsw", "PySide6-Essentials", "keyring"}
    told = str(environment())
    assert "canary" not in told
    assert socket.gethostname() not in told


def test_exports_say_why_a_run_went_wrong_and_hide_secrets_in_what_proves_it() -> None:
    failed = record(status=RunStatus.UNKNOWN)
    cut = replace(
        exchanges()[0],
        purpose="start run",
        status=None,
        failure="ReadError: https://api.example.com/?access_token=Zx9-secret-77",
    )
    why = RULES.explain(failed, (cut,))
    assert why is not None
    told = dossier(failed, (cut,), explanation=why)
    shown = json.loads(written(told, Format.JSON).text)["run"]
    assert shown["explanation"]["rule"] == "broken-while-sending"
    assert shown["outcome"]["hint"] == shown["explanation"]["next"]
    for format in (Format.JSON, Format.MARKDOWN, Format.TICKET):
        text = written(told, format).text
        assert "Zx9-secret-77" not in text
        assert "The connection broke after bytes of the run had left" in text
