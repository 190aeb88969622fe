"""A run as a report in Markdown, for people. Text of a server cannot become markup in it."""

from __future__ import annotations

import re

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import STATUS_WORDS, Outcome, server_of, side_words
from zapdesk.domain.payload import HIDDEN_PASSWORD, write_json
from zapdesk.domain.runs import label_text
from zapdesk.redaction import Reason, mark
from zapdesk.services.dossiers import Dossier
from zapdesk.services.run_documents import fields_of, json_value, when

_LONGEST = 20_000
"""Characters of one block; a report is for reading, the other exports have everything."""
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def report(dossier: Dossier) -> str:
    """The whole report."""
    record, told = dossier.record, dossier.outcome
    run = record.run
    parts = [f"# {STATUS_WORDS[run.status]}: {_text(f'{run.app_title} › {run.action_title}')}", ""]
    parts += [" ".join(_text(part) for part in _sentences(told) if part)]
    parts += ["", *_facts(dossier), *_why(dossier), "", "## Inputs", ""]
    parts += _inputs(dossier)
    if record.errors:
        parts += ["", "## Errors", ""]
        parts += [f"- {_text(f'{error.code}: {error.text}')}" for error in record.errors]
    if record.results is not None:
        value = json_value(record.results)
        shown = value if isinstance(value, str) else write_json(value, indent=2).decode()
        parts += ["", "## Result", "", *_block(shown)]
    parts += ["", "## Timeline", ""]
    parts += [
        f"- {when(event.at_ms)} {STATUS_WORDS[event.status]}"
        + (f": {_text(event.text)}" if event.text else "")
        for event in record.events
    ]
    if dossier.exchanges:
        parts += ["", "## Requests", ""]
        for exchange in dossier.exchanges:
            parts += _exchange(exchange)
    return "\n".join(parts).rstrip() + "\n"


def _sentences(told: Outcome) -> tuple[str, str, str]:
    title = told.title if told.title.endswith((".", "!", "?")) else f"{told.title}."
    return title, told.sentence, told.hint


def _why(dossier: Dossier) -> list[str]:
    why = dossier.explanation
    if why is None:
        return []
    proofs = (f"- {_text(proof.where)}: {_text(proof.text)}" for proof in why.proofs)
    return ["", "## Why", "", _text(why.cause), "", *proofs]


def _facts(dossier: Dossier) -> list[str]:
    run = dossier.record.run
    facts = (
        ("Run", run.id),
        (f"Run id at {server_of(run)}", run.run_id or ""),
        ("Server", run.profile_id),
        ("Whose side", side_words(dossier.record.run, dossier.outcome.side)),
        ("Word of the server", run.server_status),
        ("Connection", run.authentication_title or run.authentication_id or ""),
        ("Action", f"{run.action.action_type} {run.action.key} of {run.action.app_id}"),
        ("Ordered", when(run.created_ms) or ""),
        ("Sent", when(run.sent_ms) or ""),
        ("Ended", when(run.ended_ms) or ""),
        ("Closed by a person", _resolution(dossier)),
    )
    return ["| | |", "|---|---|"] + [f"| {name} | {_text(text)} |" for name, text in facts if text]


def _resolution(dossier: Dossier) -> str:
    run = dossier.record.run
    return f"{run.resolution.value} {run.resolution_note}".strip() if run.resolution else ""


def _inputs(dossier: Dossier) -> list[str]:
    record = dossier.record
    inputs = json_value(record.inputs)
    if not isinstance(inputs, dict) or not inputs:
        return ["None."]
    titles = fields_of(record)
    lines = ["| Field | Value | Chosen as |", "|---|---|---|"]
    for name, value in inputs.items():
        if value == HIDDEN_PASSWORD:
            value = mark(Reason.PASSWORD)
        shown = value if isinstance(value, str) else write_json(value).decode()
        title = titles.get(name, "")
        field = f"{_text(title)} ({_text(name)})" if title and title != name else _text(name)
        chosen = label_text(record.labels[name]) if name in record.labels else ""
        lines.append(f"| {field} | {_text(_cut(shown))} | {_text(chosen)} |")
    return lines


def _exchange(exchange: Exchange) -> list[str]:
    status = exchange.status if exchange.status is not None else exchange.failure
    again = f", {exchange.repeated} more times" if exchange.repeated else ""
    took = f", {exchange.ended_ms:.0f} ms" if exchange.ended_ms is not None else ""
    head = f"- {when(exchange.started_ms)} {_text(exchange.method)} {_text(exchange.url)}: "
    return [head + _text(f"{status}{took}{again}")]


def _text(text: str) -> str:
    """One line in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(text)} characters)"


def _block(text: str) -> list[str]:
    """A block of code that ``text`` cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}json", *_cut(text).splitlines(), fence]
