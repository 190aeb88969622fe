"""Printing: one JSON document, or text for people. Control characters never reach the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zapdesk.cli import documents
from zapdesk.domain.causes import Explanation
from zapdesk.domain.explanation import STATUS_WORDS, Outcome, server_of, side_words
from zapdesk.domain.facts import Facts, facts_of
from zapdesk.domain.fields import Fieldset, FormNode, InfoField, InputField
from zapdesk.domain.payload import write_json
from zapdesk.domain.refusals import input_named, refused_inputs
from zapdesk.domain.runs import ActionRun, RunRecord
from zapdesk.errors import ZapdeskError

if TYPE_CHECKING:  # it brings the HTTP library, which the commands for the log do not need
    from zapdesk.services.budget import HeldUp

_CONTROLS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200d", "\ufe0f"}


def plain(text: str, keep: str = "") -> str:
    """``text`` with everything that could steer a terminal or reorder it made visible."""
    return "".join(
        c
        if c in keep or c in _JOINERS or unicodedata.category(c) not in _CONTROLS
        else f"⟨U+{ord(c):04X}⟩"
        for c in text
    )


def say(text: str) -> None:
    """Tell the person something on stderr, beside the document."""
    print(plain(text, keep="\n"), file=sys.stderr, flush=True)


def held_up(wait: HeldUp) -> None:
    """Tell that nothing is wrong, and how long nothing will happen."""
    mine = "zapdesk asks only so often in a minute."
    why = "The server asked for a pause." if wait.by_server else mine
    say(f"zapdesk: {why} This goes on in {wait.wait_s:.0f} s.")


def document(value: dict[str, Any]) -> None:
    """Print the one JSON document of this command."""
    _write(write_json(value, indent=2) + b"\n")


def raw(text: str) -> None:
    """Print text as it stands, for programs to read; on a terminal nothing in it can steer it."""
    if sys.stdout.isatty():
        _write(plain(text, keep="\n\t").encode(sys.stdout.encoding, "backslashreplace"))
    else:
        _write(text.encode("utf-8", "backslashreplace"))


def line(text: str = "") -> None:
    """Print one line of text on stdout."""
    raw = plain(text, keep="\n").encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    _write(raw + b"\n")


def _write(raw: bytes) -> None:
    try:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever was reading has gone. The work goes on, its exit code counts; and the
        # interpreter must not fail at flushing again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def table(rows: Sequence[Sequence[str]], empty: str) -> None:
    """Print rows in columns; the last column takes what is left of the terminal's width."""
    if not rows:
        line(empty)
        return
    cells = [[" ".join(plain(cell).split()) for cell in row] for row in rows]
    width = shutil.get_terminal_size((100, 24)).columns
    widths = [min(max(len(row[i]) for row in cells), 44) for i in range(len(cells[0]) - 1)]
    room = max(20, width - sum(widths) - 2 * len(widths))
    for row in cells:
        shown = [_fit(c, w).ljust(w) for c, w in zip(row[:-1], widths, strict=True)]
        line("  ".join([*shown, _fit(row[-1], room)]).rstrip())


def _fit(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def problem(error: ZapdeskError) -> None:
    """Tell an error: what happened, then what can be done."""
    say(f"zapdesk: {error.title}")
    for text in (error.detail, error.hint):
        if text:
            say(f"  {text}")


def form(nodes: Sequence[FormNode], values: Mapping[str, Any], problems: Mapping[str, str]) -> None:
    """Print a form for reading: one block a field, with its value and what is wrong with it."""
    if not nodes:
        line("This action takes no input.")
    for node in nodes:
        match node:
            case Fieldset():
                line(f"── {node.title or node.id} ──")
                form(node.fields, values, problems)
                continue
            case InfoField():
                line(f"   {' '.join(node.description.split())}")
            case InputField():
                _field(node, values, problems)
        line()


def _field(field: InputField, values: Mapping[str, Any], problems: Mapping[str, str]) -> None:
    kind = field.value_type.value.lower()
    if field.format:
        kind += f", {field.format.value.lower()}"
    facts = [kind]
    if field.is_required:
        facts.append("required")
    if field.depends_on:
        facts.append("depends on " + ", ".join(field.depends_on))
    if field.invalidates_input_fields:
        facts.append("changes the form")
    line(f"{field.id}  ({'; '.join(facts)})")
    for text in (field.title, field.description):
        if text and text != field.id:
            line(f"   {_fit(' '.join(text.split()), 200)}")
    if field.id in values:
        line(f"   value: {write_json(values[field.id]).decode()}")
    if field.id in problems:
        line(f"   problem: {problems[field.id]}")


def runs(found: Sequence[ActionRun], now_ms: int) -> None:
    """Print a list of runs: whether it was sent and processed, how long the server still keeps
    it, and last what became of it in words."""
    rows = []
    for run in found:
        facts = facts_of(run, None, now_ms)
        state = STATUS_WORDS[run.status]
        if facts.sent.state == "accepted":
            state = f"{facts.sent.text}, {facts.processed.text}"
        # The whole of it is in `show`; here it is how long the server still keeps the run.
        left, more, _ = facts.saved.text.removeprefix("here, and ").partition(" more")
        kept = left + more if more else "here only"
        when = documents.when(run.created_ms) or ""
        rows.append((run.id[:8], state, run.app_title, run.action_title, when, kept, run.headline))
    table(rows, "No runs yet.")


def run(record: RunRecord, facts: Facts, explanation: Explanation | None) -> None:
    """Print one run: what became of it and why, its four facts, then what it returned."""
    found = record.run
    told = documents.outcome(record, explanation)
    word = STATUS_WORDS[found.status]
    if facts.result.state == "tells_trouble":
        word = "Processed, but the result speaks of a failure"
    line(f"{word}: {found.app_title} › {found.action_title}")
    if told.title != STATUS_WORDS[found.status]:
        line(told.title)
    known = documents.fields_of(record)
    items = record.report.items if record.report else ()
    named = refused_inputs(items, known)
    has_more = not named or any(input_named(item, known) is None for item in items)
    if told.sentence and has_more:
        line(told.sentence)
    for field_id, text in named.items():
        line(f"{known[field_id]} ({field_id}): {text}")
    if explanation is not None:
        _explanation(found, explanation, told)
    elif told.hint:
        line(told.hint)
    at_server = f", at {server_of(found)} {found.run_id}" if found.run_id else ""
    line(f"Run {found.id}{at_server}")
    if found.again_of:
        line(f"Sent again for run {found.again_of}")
    if found.acts_for:
        line(f"In the name of {found.acts_for}")
    line()
    for fact in facts.all():
        line(f"{fact.name:<11}{fact.text}")
    if record.results is not None and record.results.strip() != b"[]":
        value = documents.json_value(record.results)
        line()
        line(write_json(value, indent=2).decode() if not isinstance(value, str) else value)


def _explanation(run: ActionRun, found: Explanation, told: Outcome) -> None:
    line()
    if not found.is_known:
        line(found.cause)
    elif found.cause not in (told.title, told.sentence):
        line(f"Likely cause: {found.cause}")
    if side := side_words(run, found.side):
        line(f"Whose side:   {side}")
    line(f"What to do:   {found.next_step}")
    for proof in found.proofs:
        line(f"{proof.where}: {_fit(' '.join(proof.text.split()), 200)}")
    line()
