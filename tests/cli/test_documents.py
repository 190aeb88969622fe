"""Every command in the terminal: one document with ``--json``, readable text without."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Done, zapdesk
from tests.sandbox_server import Address

RUN_KEYS = {
    "id", "run_id", "status", "server_status", "app", "action", "connection", "inputs", "results",
    "errors", "created_at", "ended_at",
}  # fmt: skip
ERROR_KEYS = {"title", "detail", "side", "hint"}
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Address) -> None:
    """Every test here speaks to it."""


def run(home: Path, *arguments: str, **more: Any) -> Done:
    return zapdesk(home, "--sandbox", *arguments, **more)


def mark(home: Path, *more: str) -> Done:
    return run(home, "run", "Fault Lab", "mark", *more)


def test_apps_lists_them_and_finds_by_word(shared_home: Path) -> None:
    every = run(shared_home, "apps", "--json")
    assert every.code == 0
    assert set(every.json) == {"apps"}
    titles = [app["title"] for app in every.json["apps"]]
    assert {"Tables", "Mail", "Formatter", "Fault Lab"} <= set(titles)
    assert {"id", "title", "description", "needs_connection"} <= set(every.json["apps"][0])
    one = run(shared_home, "apps", "formatter", "--json")
    assert [app["title"] for app in one.json["apps"]] == ["Formatter"]
    text = run(shared_home, "apps", "formatter")
    assert text.out.startswith("Formatter  ")
    nothing = run(shared_home, "apps", "no such thing")
    assert (nothing.code, nothing.out) == (0, "No app matches 'no such thing'.\n")
    assert len(run(shared_home, "apps", "--limit", "2", "--json").json["apps"]) == 2


def test_actions_lists_them_by_kind(shared_home: Path) -> None:
    found = run(shared_home, "actions", "Tables", "--json")
    assert set(found.json) == {"actions"}
    assert {"key", "action_type", "title", "app"} <= set(found.json["actions"][0])
    kinds = {a["action_type"] for a in found.json["actions"]}
    assert len(kinds) > 1
    for kind in kinds:
        only = run(shared_home, "actions", "Tables", "--type", kind, "--json")
        assert {a["action_type"] for a in only.json["actions"]} == {kind}
    assert "create" in run(shared_home, "actions", "Tables").out.lower()


def test_connections_lists_them_or_says_that_none_is_needed(shared_home: Path) -> None:
    found = run(shared_home, "connections", "Contacts", "--json")
    assert set(found.json) == {"connections"}
    assert found.json["connections"]
    first = found.json["connections"][0]
    assert set(first) == {"id", "title", "app", "is_expired", "app_title", "state", "checked"}
    assert (first["app_title"], first["state"]) == ("Contacts", "works")
    assert run(shared_home, "connections", "Formatter").out == "Formatter needs no connection.\n"


def test_fields_shows_the_form_as_the_api_shapes_it_and_what_is_wrong(shared_home: Path) -> None:
    found = run(shared_home, "fields", "Formatter", "text", "--json")
    assert set(found.json) == {"fields", "values", "problems"}
    assert [f["id"] for f in found.json["fields"]] == ["transform", "text"]
    assert {"type", "id", "title", "value_type", "is_required"} <= set(found.json["fields"][0])
    assert "choices" not in found.json["fields"][0]
    assert [set(p) for p in found.json["problems"]] == [{"field", "text"}]
    more = run(shared_home, "fields", "Formatter", "text", "--input", "transform=replace", "--json")
    assert "find" in [f["id"] for f in more.json["fields"]]
    text = run(shared_home, "fields", "Formatter", "text")
    assert "transform  (string, select; required; changes the form)" in text.out


def test_fields_are_filled_in_the_order_in_which_they_depend_on_each_other(
    shared_home: Path,
) -> None:
    # The find field appears only once the transform is known; it is given first all the same.
    done = run(
        shared_home, "run", "Formatter", "text", "--input", "replacement=b", "--input", "find=a",
        "--input", "text=aha", "--input", "transform=replace", "--json",
    )  # fmt: skip
    assert (done.code, done.json["run"]["results"]) == (0, [{"output": "bhb"}])


def test_choices_offers_a_page_all_or_those_with_a_text(shared_home: Path) -> None:
    found = run(shared_home, "choices", "Formatter", "text", "transform", "--json")
    assert set(found.json) == {"choices", "has_more"}
    assert set(found.json["choices"][0]) == {"id", "label", "value"}
    searched = run(
        shared_home, "choices", "Formatter", "text", "transform", "--search", "upper", "--json"
    )
    assert [c["id"] for c in searched.json["choices"]] == ["upper"]
    assert "upper" in run(shared_home, "choices", "Formatter", "text", "transform").out


def test_choices_of_a_large_list_are_paged_and_loaded_whole(shared_home: Path) -> None:
    which = ("Contacts", "update_contact", "--connection", "contacts-1")
    asked = ("choices", *which[:2], "owner", *which[2:], "--json")
    page = run(shared_home, *asked)
    assert page.json["has_more"] is True
    whole = run(shared_home, *asked, "--all")
    assert whole.json["has_more"] is False
    assert len(whole.json["choices"]) > 2000


def test_several_connections_are_named_and_one_has_to_be_chosen(shared_home: Path) -> None:
    done = run(shared_home, "fields", "Contacts", "update_contact", "--json")
    assert done.code == 2
    assert "contacts-1" in done.json["error"]["detail"]


@pytest.mark.parametrize(
    ("key", "words"),
    [("choices_loop", "twice"), ("choices_fail_page_3", "loaded, then it stopped")],
)
def test_choices_that_end_early_say_so_beside_the_document(
    shared_home: Path, key: str, words: str
) -> None:
    done = run(shared_home, "choices", "Fault Lab", key, "choice", "--all", "--json")
    assert done.code == 0
    assert len(done.json["choices"]) >= 100
    assert words in done.err


def test_run_waits_for_the_end_and_prints_it(shared_home: Path) -> None:
    done = mark(shared_home, "--input", "note=once", "--json")
    assert done.code == 0
    told = done.json["run"]
    assert set(done.json) == {"run"}
    assert set(told) >= RUN_KEYS
    assert (told["status"], told["inputs"], told["errors"]) == ("success", {"note": "once"}, [])
    assert told["results"][0]["note"] == "once"
    assert ISO.fullmatch(told["created_at"])
    assert ISO.fullmatch(told["ended_at"])
    assert told["id"] != told["run_id"]
    shown = run(shared_home, "show", "last", "--json")
    assert shown.json == done.json
    assert shown.code == 0
    text = run(shared_home, "show", told["id"][:10])
    assert text.out.startswith("Success: Fault Lab › Works\n")


def test_test_says_that_it_really_executes_and_answers_as_a_run(shared_home: Path) -> None:
    done = run(shared_home, "test", "Fault Lab", "mark", "--input", "note=t", "--json")
    assert (done.code, done.json["run"]["kind"], done.json["run"]["status"]) == (
        0, "test", "success",
    )  # fmt: skip
    assert "really executes" in done.err
    failed = run(shared_home, "test", "Fault Lab", "error_user", "--json")
    assert failed.code == 1
    assert failed.json["run"]["status"] == "error"


def test_runs_lists_filters_and_searches(shared_home: Path) -> None:
    mark(shared_home, "--input", "note=xylophone")
    run(shared_home, "run", "Formatter", "text", "--input", "text=quokka", "--json")
    found = run(shared_home, "runs", "--search", "xyloph", "--json")
    assert set(found.json) == {"runs"}
    assert [r["app"]["title"] for r in found.json["runs"]] == ["Fault Lab"]
    of_app = run(shared_home, "runs", "--app", "formatter", "--json").json["runs"]
    assert {r["app"]["title"] for r in of_app} == {"Formatter"}
    by_id = run(shared_home, "runs", "--app", of_app[0]["app"]["id"], "--json").json["runs"]
    assert by_id == of_app
    assert len(run(shared_home, "runs", "--limit", "1", "--json").json["runs"]) == 1
    assert run(shared_home, "runs", "--status", "lost").out == "No runs yet.\n"
    listed = run(shared_home, "runs", "--limit", "1").out
    assert listed.startswith(of_app[0]["id"][:8])
    assert "accepted, success" in listed
    assert "7 days more" in listed
    facts = of_app[0]["facts"]
    assert [facts[name]["state"] for name in ("sent", "processed", "result", "saved")] == [
        "accepted", "success", "data", "here_and_server",
    ]  # fmt: skip
    times = [r["created_at"] for r in run(shared_home, "runs", "--json").json["runs"]]
    assert times == sorted(times, reverse=True)


CODES = [
    ("error_user", 1, "error"),
    ("run_403", 3, "refused"),
    ("run_429", 3, "refused"),
    ("run_500", 5, "unknown"),
    ("reset_after_work", 5, "unknown"),
    ("waiting_forever", 6, "waiting"),
]


@pytest.mark.parametrize(("key", "code", "status"), CODES)
def test_exit_code_tells_how_a_run_stands_and_the_row_is_printed(
    shared_home: Path, key: str, code: int, status: str
) -> None:
    wait = "0.2" if status == "waiting" else "20"
    done = run(shared_home, "run", "Fault Lab", key, "--wait", wait, "--json")
    assert (done.code, done.json["run"]["status"]) == (code, status)
    if code in {3, 5}:
        assert set(done.json["run"]["errors"][0]) >= ERROR_KEYS
    shown = run(shared_home, "show", "last", "--json")
    assert (shown.code, shown.json["run"]["id"]) == (code, done.json["run"]["id"])


def test_no_wait_returns_once_it_is_accepted_and_watch_waits_for_the_end(shared_home: Path) -> None:
    done = run(
        shared_home, "run", "Fault Lab", "slow", "--input", "seconds=1", "--no-wait", "--json"
    )
    assert (done.code, done.json["run"]["status"]) == (6, "waiting")
    assert done.json["run"]["run_id"]
    watched = zapdesk(shared_home, "watch", done.json["run"]["id"], "--json")
    assert (watched.code, watched.json["run"]["status"]) == (0, "success")


ERRORS: list[tuple[tuple[str, ...], int, str]] = [
    (("frobnicate",), 2, "invalid choice: 'frobnicate'"),
    (("runs", "--limit", "many"), 2, "'many' is not a whole number"),
    (("runs", "--limit", "0"), 2, "it must be 1 or more, not 0"),
    (("runs", "--status", "odd"), 2, "invalid choice: 'odd'"),
    (("apps", "--lim", "3"), 2, "--lim"),
    (("sandbox", "--port", "70000"), 2, "it must be from 0 to 65535, not 70000"),
    (("sandbox", "--apps", "20000"), 2, "it must be from 0 to 10000, not 20000"),
    (("run", "Formatter", "text", "--wait", "nan"), 2, "a number of seconds"),
    (("run", "Formatter", "text", "--wait", "1", "--no-wait"), 2, "not allowed with"),
    (("run", "Formatter"), 2, "ACTION"),
    (("actions", "No Such App"), 2, "No app is called 'No Such App'"),
    (("fields", "Formatter", "nope"), 2, "Formatter has no action 'nope'"),
    (("choices", "Formatter", "text", "nope"), 2, "no field 'nope'"),
    (("run", "Formatter", "text", "--input", "nope=1"), 2, "no field 'nope'"),
    (("run", "Formatter", "text", "--input", "text"), 2, "'text' is not a field with a value"),
    (("run", "Formatter", "text", "--input", "text:={"), 2, "The value of 'text' is not JSON"),
    (("run", "Formatter", "text"), 2, "Text is required."),
    (("run", "Fault Lab", "slow", "--input", "seconds=abc"), 2, "'abc' is not a number"),
    (("run", "Formatter", "text", "--inputs", "/no/such/file"), 2, "/no/such/file cannot be read"),
    (("show", "zzzz"), 2, "There is no run 'zzzz'"),
    (("watch", "zzzz"), 2, "There is no run 'zzzz'"),
    (("--profile", "nowhere", "apps"), 2, "There is no profile 'nowhere'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    ERRORS,
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else None,
)
def test_mistake_is_one_error_document_with_a_sentence_and_no_traceback(
    shared_home: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    given = (
        arguments
        if "--profile" in arguments or "sandbox" in arguments
        else ("--sandbox", *arguments)
    )
    done = zapdesk(shared_home, *given, "--json")
    assert done.code == code, done
    assert set(done.json) == {"error"}
    error = done.json["error"]
    assert set(error) == ERROR_KEYS
    assert words in f"{error['title']} {error['detail']}"
    assert "Traceback" not in done.err
    assert "_" not in error["title"].partition("'")[0]


def test_options_for_every_command_stand_before_or_after_it(shared_home: Path) -> None:
    ways = [
        ("--sandbox", "--json", "apps", "formatter"),
        ("apps", "formatter", "--sandbox", "--json"),
        ("--json", "apps", "--profile", "sandbox", "formatter"),
        ("--profile=sandbox", "apps", "--json", "formatter"),
    ]
    found = [zapdesk(shared_home, *way).json for way in ways]
    assert all(one == found[0] for one in found)


def test_inputs_come_from_pairs_from_a_file_and_from_standard_input(
    shared_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "inputs.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"note": "from a file"}).encode())
    of_file = mark(shared_home, "--inputs", str(file), "--json")
    assert of_file.json["run"]["inputs"] == {"note": "from a file"}
    of_stdin = run(
        shared_home, "run", "Fault Lab", "mark", "--inputs", "-", "--json",
        stdin='{"note": "from a pipe"}',
    )  # fmt: skip
    assert of_stdin.json["run"]["inputs"] == {"note": "from a pipe"}
    pair_wins = mark(shared_home, "--inputs", str(file), "--input", "note=typed", "--json")
    assert pair_wins.json["run"]["inputs"] == {"note": "typed"}
    file.write_text("[1]")
    assert mark(shared_home, "--inputs", str(file), "--json").code == 2


def test_text_of_any_kind_arrives_as_it_was_typed(shared_home: Path) -> None:
    text = "line\r\nend\u00a0\u2028 ' \" $(rm) `x` \\= = é🎉\u202e"
    done = mark(shared_home, "--input", f"note={text}", "--json")
    assert done.json["run"]["inputs"] == {"note": text}
    assert done.json["run"]["results"][0]["note"] == text


def test_argument_that_is_not_utf_8_is_named_and_nothing_is_sent(shared_home: Path) -> None:
    done = zapdesk(shared_home, "--sandbox", "apps", b"\xff\xfe", "--json")
    assert done.code == 2
    assert "not valid UTF-8" in done.json["error"]["title"]


def test_help_and_version_work_without_a_state_directory(tmp_path: Path) -> None:
    home = tmp_path / "none"
    told = zapdesk(home, "--help")
    assert told.code == 0
    for word in ("exit codes", "ZAPDESK_TOKEN", "examples", "completion"):
        assert word in told.out
    assert zapdesk(home, "--version").out.startswith("zapdesk ")
    for command in ("run", "choices", "watch", "sandbox"):
        assert zapdesk(home, command, "--help").code == 0
    assert not home.exists()


def test_control_characters_from_a_server_do_not_reach_the_terminal(shared_home: Path) -> None:
    mark(shared_home, "--input", "note=\x1b]0;owned\x07 \u202eevil")
    shown = run(shared_home, "show", "last")
    assert "\x1b" not in shown.out
    assert "\u202e" not in shown.out


def test_reader_that_goes_away_changes_no_exit_code(shared_home: Path) -> None:
    import subprocess

    from tests.cli.program import COMMAND, ROOT, environment

    line = (
        f"{' '.join(COMMAND)} --sandbox run 'Fault Lab' error_user | true; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment(shared_home), capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "1\n"
    assert "Traceback" not in done.stderr


def test_values_refused_by_pointer_are_told_with_their_fields(shared_home: Path) -> None:
    given = ("name=bad name", "e-mail/work~1=bad mail", "tags=fine", "tags=bad tag", "note=fine")
    inputs = [part for one in given for part in ("--input", one)]
    done = run(shared_home, "run", "Fault Lab", "run_400_fields", *inputs, "--json")
    assert (done.code, done.json["run"]["status"]) == (3, "refused")
    errors = done.json["run"]["errors"]
    assert {error["field"]: error["detail"] for error in errors} == {
        "name": "“bad name” is not accepted here.",
        "e-mail/work~1": "“bad mail” is not accepted here.",
        "tags": "“bad tag” is not accepted here.",
    }
    assert all(error.keys() >= ERROR_KEYS for error in errors)
    text = run(shared_home, "show", done.json["run"]["id"])
    assert "E-mail (e-mail/work~1): “bad mail” is not accepted here." in text.out
    tested = run(shared_home, "test", "Fault Lab", "run_400_fields", *inputs[:2], "--json")
    assert [error["field"] for error in tested.json["run"]["errors"]] == ["name"]
