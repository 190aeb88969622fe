"""Sending the same again, and closing what nobody knows the end of."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.program import Done, at_a_terminal, interrupt, line_with, started, zapdesk
from tests.cli.program import ended as ended_process
from tests.sandbox_server import Address


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Address) -> None:
    """Every test here speaks to it."""


def mark(home: Path, note: str, *more: str) -> Done:
    return zapdesk(home, "--sandbox", "run", "Fault Lab", "mark", "--input", f"note={note}", *more)


def count(home: Path, note: str) -> int:
    return len(zapdesk(home, "runs", "--search", note, "--json").json["runs"])


def test_script_that_repeats_itself_is_told_and_not_held_up(shared_home: Path) -> None:
    first = mark(shared_home, "scripted", "--json")
    second = mark(shared_home, "scripted", "--json")
    assert (first.code, second.code) == (0, 0)
    assert first.err.count("The same was sent") == 0
    assert f"(Run {first.json['run']['id'][:12]}.)" in second.err
    assert "and it ended as 'Success'" in second.err
    assert second.json["run"]["again_of"] is None
    asked = mark(shared_home, "scripted", "--again", "--json")
    assert asked.json["run"]["again_of"] == second.json["run"]["id"]
    assert "The same was sent" not in asked.err
    shown = zapdesk(shared_home, "show", asked.json["run"]["id"])
    assert f"Sent again for run {second.json['run']['id']}" in shown.out


@pytest.mark.parametrize(("answer", "code", "runs"), [("\n", 2, 1), ("y\n", 0, 2)])
def test_person_is_asked_before_the_same_is_sent_again(
    shared_home: Path, answer: str, code: int, runs: int
) -> None:
    note = f"asked{code}{len(answer)}"
    assert mark(shared_home, note).code == 0
    arguments = ("--sandbox", "run", "Fault Lab", "mark", "--input", f"note={note}")
    found, said = at_a_terminal(shared_home, *arguments, question="[y/N]", answer=answer)
    assert "Sending it again makes Fault Lab do it a second time." in said
    assert found == code
    assert ("Nothing was sent." in said) is (code == 2)
    assert count(shared_home, note) == runs


def test_unknown_outcome_is_closed_with_a_note_and_stays_unknown(shared_home: Path) -> None:
    process = started(shared_home, "--sandbox", "run", "Fault Lab", "silence", "--json")
    line_with(process, "sending to")
    time.sleep(1)  # the POST has left by now, and is never answered
    interrupt(process)
    sent = ended_process(process, 5).json["run"]
    assert sent["facts"]["sent"] == {"state": "unknown", "text": "cannot know"}
    done = zapdesk(
        shared_home, "resolve", sent["id"][:12], "happened", "--note", "Row 7 is there", "--json"
    )
    assert done.code == 0
    told = done.json["run"]
    assert (told["status"], told["resolution"], told["resolution_note"]) == (
        "unknown", "happened", "Row 7 is there",
    )  # fmt: skip
    again = zapdesk(shared_home, "resolve", sent["id"], "leave")
    assert again.code == 0
    assert "Someone decided to leave it open." in again.out
    assert zapdesk(shared_home, "show", sent["id"], "--json").json["run"]["resolution"] == "left"


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (("no-such-run", "happened"), "There is no run 'no-such-run'."),
        (("last", "maybe"), "Argument resolution: invalid choice"),
        (("last",), "The following arguments are required: resolution"),
    ],
)
def test_what_cannot_be_resolved_exits_2(
    shared_home: Path, arguments: tuple[str, ...], title: str
) -> None:
    mark(shared_home, "known")
    done = zapdesk(shared_home, "resolve", *arguments, "--json")
    assert done.code == 2
    assert done.json["error"]["title"].startswith(title)


def test_four_facts_are_in_text_and_json_and_what_is_known_is_not_resolved(
    shared_home: Path,
) -> None:
    sent = mark(shared_home, "facts", "--json").json["run"]
    facts = sent["facts"]
    assert [facts[name]["state"] for name in ("sent", "processed", "result", "saved")] == [
        "accepted", "success", "data", "here_and_server",
    ]  # fmt: skip
    assert facts["saved"]["server_forgets_at"].endswith("Z")
    text = zapdesk(shared_home, "show", sent["id"]).out
    assert "Sent       accepted\nProcessed  success\nResult     1 item" in text
    assert "Zapier" not in text
    known = zapdesk(shared_home, "resolve", sent["id"], "did-not", "--json")
    assert known.code == 2
    assert "there is nothing to resolve" in known.json["error"]["title"]
