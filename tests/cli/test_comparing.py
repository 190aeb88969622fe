"""Explanations, comparing and known good runs in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Done, zapdesk
from tests.sandbox_server import Address


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Address) -> None:
    """Every test here speaks to it."""


def lab(home: Path, key: str, *more: str, how: str = "run") -> Done:
    return zapdesk(home, "--sandbox", how, "Fault Lab", key, *more, "--json")


def mark(home: Path, note: str = "") -> Any:
    """A step test, which answers at once."""
    return lab(home, "mark", "--again", "--input", f"note={note}", how="test").json["run"]


def test_refusal_is_explained_with_the_lines_that_prove_it(shared_home: Path) -> None:
    run = lab(shared_home, "run_429").json["run"]
    told = run["explanation"]
    assert (told["rule"], told["side"]) == ("rate-limited", "your access")
    proofs = [proof["text"] for proof in told["proofs"]]
    assert "HTTP 429" in proofs
    assert "retry-after: 30" in proofs
    assert run["errors"][0]["hint"] == told["next"]
    text = zapdesk(shared_home, "show", run["id"]).out
    assert "Whose side:   your access\n" in text
    assert "Exchange 2 (start run), header: retry-after: 30\n" in text
    assert "sandbox" in told["cause"]


def test_success_has_no_explanation_and_an_unknown_code_says_so(shared_home: Path) -> None:
    assert mark(shared_home)["explanation"] is None
    odd = lab(shared_home, "error_quota_of_moons").json["run"]
    assert odd["explanation"]["rule"] is None
    assert odd["explanation"]["cause"] == "No rule knows this."
    assert "No rule knows this.\n" in zapdesk(shared_home, "show", odd["id"]).out


def test_expired_connection_is_named_before_anything_is_sent(shared_home: Path) -> None:
    done = zapdesk(
        shared_home, "--sandbox", "run", "Contacts", "add_note", "--connection", "contacts-2",
        "--input", "contact=1", "--input", "note=x", "--json",
    )  # fmt: skip
    assert (done.code, done.json["error"]["side"]) == (2, "connection")
    assert done.json["error"]["title"] == "The connection 'Contacts of last year' has expired."
    assert done.json["error"]["hint"].startswith("Reconnect it")


def test_page_in_the_place_of_an_answer_promises_nothing_without_an_if(shared_home: Path) -> None:
    run = lab(shared_home, "html_200").json["run"]
    assert run["explanation"]["rule"] == "page-as-success"
    told = str(run)
    assert told.count("probably worked") == told.count("If it is the server's own, this was") == 1


def test_runs_are_compared_with_each_other_and_with_the_known_good_one(shared_home: Path) -> None:
    good, again, other = (mark(shared_home, note) for note in ("a", "a", "b"))
    marked = zapdesk(shared_home, "baseline", good["id"])
    assert (marked.code, "known as good now" in marked.err) == (0, True)
    found = zapdesk(shared_home, "compare", other["id"], "baseline", "--json")
    assert found.code == 1
    told = found.json["comparison"]
    assert (told["before"]["id"], told["after"]["id"]) == (good["id"], other["id"])
    assert [d["path"] for d in told["inputs"]["differences"]] == ["note"]
    assert [d["path"] for d in told["result"]["differences"]] == ["[0].marks", "[0].note"]
    assert [noise["path"] for noise in told["noise"]] == ["[*].marks"]
    two = (good["id"], again["id"])
    assert zapdesk(shared_home, "compare", *two, "--ignore", "[*].marks", "--remember").code == 0
    assert zapdesk(shared_home, "compare", *two).code == 0
    assert zapdesk(shared_home, "compare", *two, "--everything", "--remember").code == 1
    text = zapdesk(shared_home, "compare", good["id"], other["id"]).out
    assert '  ~ note: "a" → "b"\n' in text
    assert "(differs anyway)" in text
    assert "--ignore '[*].marks'" in text
    assert zapdesk(shared_home, "baseline", good["id"], "--remove").code == 0
    assert zapdesk(shared_home, "compare", other["id"], "baseline").code == 2


def test_compare_refuses_what_it_cannot_read(shared_home: Path) -> None:
    run = mark(shared_home)
    wrong = zapdesk(shared_home, "compare", run["id"], "nothing-like-it", "--json")
    assert (wrong.code, set(wrong.json)) == (2, {"error"})
    odd = zapdesk(shared_home, "compare", run["id"], run["id"], "--ignore", "[")
    assert (odd.code, "no place in a result" in odd.err) == (2, True)
