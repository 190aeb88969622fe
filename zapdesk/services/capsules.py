"""Run capsules: one run as one file (``.zapdesk``) that others can open without login or network.

A capsule is a JSON document in UTF-8. Not an archive: it has no paths and unpacks to nothing, two
of them can be compared line by line, and whoever gets one can read it in any editor. Secrets are
hidden before it is written. The same run gives the same bytes every time.

    about       what this file is and how it is opened, for whoever finds it
    format      1. A reader refuses higher numbers; within one, unknown keys are passed over
    made_by     the program and its version
    run         the facts of the run; times are Unix milliseconds
    explanation what zapdesk said about the outcome: title, sentence, side, hint
    inputs, results, definition   JSON as text, exactly as it was sent and received ({"base64": …}
                where that is no UTF-8; null where there is none)
    labels      what was chosen, by field id, where an id is sent
    errors, report, events, exchanges   as in the log
    hidden      what was hidden: where, why and how often

A capsule comes from anywhere, so that everything in it is checked before it is used.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zapdesk import __version__
from zapdesk.domain.definitions import read_definition
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.fields import Fieldset, FormNode, InputField
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.runs import RunError
from zapdesk.errors import ErrorItem, ErrorReport, InvalidInput
from zapdesk.redaction import shown_marks
from zapdesk.services.capsule_fields import Fields
from zapdesk.services.dossiers import Dossier, without_marks

SUFFIX = ".zapdesk"
FORMAT = 1
LARGEST = 64 * 1024 * 1024
_MOST_PARTS = 200_000
_ABOUT = (
    "A run capsule of zapdesk: one run of a Zapier action, for reading. Secrets are hidden."
    " Open it with: zapdesk show FILE"
)
_ARCHIVES = {b"PK": "a ZIP archive", b"\x1f\x8b": "a compressed file", b"BZh": "a compressed file"}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_EXCHANGE_TIMES = ("connected_ms", "sent_ms", "first_byte_ms", "ended_ms")


@dataclass(frozen=True, slots=True)
class Capsule:
    """What a capsule holds. ``hidden`` are (where, why, how often); ``raw`` is the file."""

    dossier: Dossier
    made_by: str
    hidden: tuple[tuple[str, str, int], ...]
    raw: bytes


def write(dossier: Dossier) -> bytes:
    """The capsule of a run."""
    return shown_marks(write_text(dossier)).text.encode()


def write_text(dossier: Dossier) -> str:
    """The capsule of a run as a text in which what is hidden still bears its marks."""
    parts = _parts(dossier)
    hidden = [
        {"where": where, "why": why, "times": times}
        for where, part in parts.items()
        for why, times in sorted(_reasons(part).items())
    ]
    head = {"about": _ABOUT, "format": FORMAT, "made_by": f"zapdesk {__version__}"}
    return write_json({**head, **parts, "hidden": hidden}, indent=2).decode() + "\n"


def _reasons(part: Any) -> Counter[str]:
    return Counter(hidden.reason for hidden in shown_marks(write_json(part).decode()).hidden)


def _parts(dossier: Dossier) -> dict[str, Any]:
    record, told = dossier.record, dossier.outcome
    run, report = record.run, record.report
    return {
        "run": {
            "id": run.id,
            "profile": run.profile_id,
            "in_sandbox": run.is_in_sandbox,
            "kind": run.kind.value,
            "status": run.status.value,
            "app": run.action.app_id,
            "app_title": run.app_title,
            "action_type": run.action.action_type,
            "action_key": run.action.key,
            "action_title": run.action_title,
            "connection": run.authentication_id,
            "connection_title": run.authentication_title,
            "run_id": run.run_id,
            "server_status": run.server_status,
            "headline": run.headline,
            "created_ms": run.created_ms,
            "sent_ms": run.sent_ms,
            "accepted_ms": run.accepted_ms,
            "ended_ms": run.ended_ms,
            "resolution": run.resolution.value if run.resolution else None,
            "resolution_note": run.resolution_note,
        },
        "explanation": {
            "title": told.title,
            "sentence": told.sentence,
            "side": told.side,
            "hint": told.hint,
        },
        "inputs": _body(record.inputs),
        "labels": dict(record.labels),
        "results": None if record.results is None else _body(record.results),
        "errors": [
            {"code": e.code, "title": e.title, "detail": e.detail, "delay_s": e.delay_s}
            for e in record.errors
        ],
        "report": None if report is None else _report(report),
        "events": [
            {"at_ms": e.at_ms, "status": e.status.value, "text": e.text} for e in record.events
        ],
        "exchanges": [_exchange(exchange) for exchange in dossier.exchanges],
        "definition": record.definition or None,
    }


def _report(report: ErrorReport) -> dict[str, Any]:
    return {
        "title": report.title,
        "detail": report.detail,
        "side": report.side,
        "hint": report.hint,
        "technical": report.technical,
        "items": [
            {
                "code": i.code,
                "title": i.title,
                "detail": i.detail,
                "pointer": i.pointer,
                "parameter": i.parameter,
                "source": i.source,
            }
            for i in report.items
        ],
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "purpose": exchange.purpose,
        "method": exchange.method,
        "url": exchange.url,
        "request_headers": [list(pair) for pair in exchange.request_headers],
        "request_body": _body(exchange.request_body),
        "status": exchange.status,
        "response_headers": [list(pair) for pair in exchange.response_headers],
        "response_body": _body(exchange.response_body),
        "body_size": exchange.body_size,
        "started_ms": exchange.started_ms,
        **{name: getattr(exchange, name) for name in _EXCHANGE_TIMES},
        "failure": exchange.failure,
        "repeated": exchange.repeated,
        "last_ms": exchange.last_ms,
    }


def _body(raw: bytes) -> str | dict[str, str]:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(without_marks(raw)).decode()}


def read(raw: bytes) -> Capsule:
    """What the capsule ``raw`` holds.

    Raises InvalidInput, in a sentence for whoever opened the file, where it is none, was made
    by a newer zapdesk, is damaged, or holds what no run can.
    """
    fields = Fields(_document(raw), "the capsule")
    run = fields.part("run")
    return Capsule(
        Dossier(
            run.record(
                inputs=fields.body("inputs"),
                results=fields.optional_body("results"),
                labels=fields.labels("labels"),
                errors=tuple(
                    RunError(
                        e.text("code"), e.text("title"), e.text("detail"), e.optional_int("delay_s")
                    )
                    for e in fields.parts("errors")
                ),
                report=_read_report(fields),
                events=tuple(e.event() for e in fields.parts("events")),
                definition=_read_definition(fields),
            ),
            tuple(_read_exchange(e) for e in fields.parts("exchanges")),
            fields.part("explanation").outcome(),
        ),
        fields.text("made_by"),
        tuple((h.text("where"), h.text("why"), h.int("times")) for h in fields.parts("hidden")),
        raw,
    )


def _document(raw: bytes) -> Mapping[str, Any]:
    if len(raw) > LARGEST:
        raise InvalidInput("This file is larger than a run capsule can be (64 MiB).")
    for start, name in _ARCHIVES.items():
        if raw.startswith(start):
            raise InvalidInput(f"This is {name}, not a run capsule. It was not unpacked.")
    # A small file of brackets would become a thousand times its size in memory.
    outside = _STRING.sub(b"", raw)
    if sum(outside.count(sign) for sign in (b"[", b"{", b",")) > _MOST_PARTS:
        raise InvalidInput("This file has more parts than a run capsule can have.")
    begins = raw.lstrip()[:1] == b"{"
    try:
        document = read_json(raw)
    except InvalidInput as error:
        if begins and b'"format"' in raw[:1000]:
            raise InvalidInput(
                "This run capsule is damaged or was cut off.",
                error.detail,
                hint="Ask for it again.",
            ) from None
        raise InvalidInput("This file is not a run capsule.", error.detail) from None
    if not isinstance(document, dict) or "format" not in document or "run" not in document:
        raise InvalidInput("This file is not a run capsule.")
    format = document["format"]
    if isinstance(format, int) and not isinstance(format, bool) and format > FORMAT:
        raise InvalidInput(
            "This capsule was made by a newer zapdesk.",
            f"It has format {format}; this zapdesk reads format {FORMAT}.",
            hint="Open it with a newer version.",
        )
    if format != FORMAT or isinstance(format, bool):
        raise InvalidInput("This file is not a run capsule.", "Its format is not known.")
    return document


def _read_report(fields: Fields) -> ErrorReport | None:
    report = fields.optional_part("report")
    if report is None:
        return None
    items = (
        ErrorItem(
            *(i.text(n) for n in ("code", "title", "detail", "pointer", "parameter", "source"))
        )
        for i in report.parts("items")
    )
    return ErrorReport(
        title=report.text("title"),
        detail=report.text("detail"),
        side=report.text("side"),
        hint=report.text("hint"),
        technical=report.text("technical"),
        items=tuple(items),
    )


def _read_definition(fields: Fields) -> str:
    text = fields.optional_text("definition") or ""
    try:
        is_form = all(map(_is_node, read_definition(text))) if text else True
    except (InvalidInput, KeyError, ValueError, TypeError, AttributeError):
        is_form = False
    if not is_form:
        raise InvalidInput("A part of this capsule cannot be read: its definition is no form.")
    return text


def _is_node(node: FormNode) -> bool:
    """Whether everything in a node is of its kind."""
    if isinstance(node, Fieldset):
        return _are_texts(node.id, node.title) and all(map(_is_node, node.fields))
    if not isinstance(node, InputField):
        return _are_texts(node.id, node.description)
    texts = (node.id, node.title, node.description, node.placeholder, node.default_value)
    flags = (node.invalidates_input_fields, node.is_required)
    return _are_texts(*texts, *node.depends_on) and all(isinstance(f, bool) for f in flags)


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _read_exchange(fields: Fields) -> Exchange:
    connected, sent, first_byte, ended = (fields.optional_float(n) for n in _EXCHANGE_TIMES)
    return Exchange(
        purpose=fields.text("purpose"),
        method=fields.text("method"),
        url=fields.address("url"),
        request_headers=fields.pairs("request_headers"),
        request_body=fields.body("request_body"),
        status=fields.optional_int("status"),
        response_headers=fields.pairs("response_headers"),
        response_body=fields.body("response_body"),
        body_size=fields.int("body_size"),
        started_ms=fields.time("started_ms"),
        connected_ms=connected,
        sent_ms=sent,
        first_byte_ms=first_byte,
        ended_ms=ended,
        failure=fields.text("failure"),
        repeated=fields.int("repeated"),
        last_ms=fields.optional_time("last_ms"),
    )
