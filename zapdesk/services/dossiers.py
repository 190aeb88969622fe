"""Dossier: everything that is known of one run, fit to leave this computer.

What every export is made from. Secrets are hidden here, once, piece by piece, so that no format
can break or forget it; each hidden place bears a mark of its reason (`redaction.shown_marks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from zapdesk.domain.causes import Explanation
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import Outcome
from zapdesk.domain.payload import HIDDEN_PASSWORD, read_json, texts_within, write_json
from zapdesk.domain.runs import Labels, RunError, RunEvent, RunRecord
from zapdesk.errors import ErrorItem, ErrorReport, InvalidInput
from zapdesk.redaction import (
    HIDDEN,
    REDACTOR,
    SECRET_HEADERS,
    Guess,
    Reason,
    Redactor,
    mark,
    shown_marks,
)
from zapdesk.services.run_documents import outcome

_PLACES = (("data", "inputs"), ("data", "input"), ("inputs",), ("input",))
"""Where bodies keep the inputs, in the three shapes."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One run with its exchanges and what is said about it: the outcome, and why (``None`` where
    all went well or nobody looked). ``sensitive_ids`` are the inputs that were hidden because a
    person marked their fields."""

    record: RunRecord
    exchanges: tuple[Exchange, ...]
    outcome: Outcome
    sensitive_ids: frozenset[str] = frozenset()
    explanation: Explanation | None = None


def dossier(
    record: RunRecord,
    exchanges: Iterable[Exchange],
    sensitive_ids: frozenset[str] = frozenset(),
    redactor: Redactor = REDACTOR,
    explanation: Explanation | None = None,
) -> Dossier:
    """A dossier in which nothing is left of live secrets, of what looks like one, and of the
    values of the fields in ``sensitive_ids``, wherever they stand."""
    present, secrets = _sensitive(record, sensitive_ids)
    hiding = _Hiding(redactor.with_secrets(secrets).marked, present, mark)
    told = outcome(record, explanation)
    return Dossier(
        hiding.record(record),
        tuple(hiding.exchange(exchange) for exchange in exchanges),
        Outcome(*(hiding.text(part) for part in (told.title, told.sentence, told.side, told.hint))),
        present,
        explanation and hiding.explanation(explanation),
    )


def without_sensitive(
    record: RunRecord, exchanges: Iterable[Exchange], sensitive_ids: frozenset[str]
) -> tuple[RunRecord, tuple[Exchange, ...]]:
    """A run as it may be shown and sent again where fields were marked after it was stored: their
    values are hidden as those of PASSWORD fields are, and so is what repeats them."""
    present, secrets = _sensitive(record, sensitive_ids)
    if not secrets:
        return record, tuple(exchanges)
    redactor = Redactor().with_secrets(secrets)
    hiding = _Hiding(lambda text, _guess: redactor.exact(text), present, lambda _reason: HIDDEN)
    return hiding.record(record), tuple(map(hiding.exchange, exchanges))


def _sensitive(
    record: RunRecord, sensitive_ids: frozenset[str]
) -> tuple[frozenset[str], list[tuple[str, Reason]]]:
    """The sensitive fields that a run has a value for, and what is still to be read of them."""
    if not sensitive_ids:
        return frozenset(), []
    inputs = _object(record.inputs)
    present = frozenset(sensitive_ids & inputs.keys())
    values = [inputs[name] for name in present if inputs[name] != HIDDEN_PASSWORD]
    return present, [(text, Reason.SENSITIVE) for text in texts_within(values)]


def without_marks(body: bytes) -> bytes:
    """A body of a dossier as it is written where marks could not be taken out any more."""
    text = body.decode("utf-8", "surrogateescape")
    return shown_marks(text).text.encode("utf-8", "surrogateescape")


class _Hiding:
    """``hidden`` takes the secrets out of a text, ``mark`` stands where a whole value was."""

    def __init__(
        self,
        hidden: Callable[[str, Guess], str],
        sensitive_ids: frozenset[str],
        mark: Callable[[Reason], str],
    ) -> None:
        self._hidden = hidden
        self._sensitive_ids = sensitive_ids
        self._mark = mark

    def text(self, text: str) -> str:
        return self._hidden(text, Guess.BODY)

    def body(self, body: bytes) -> bytes:
        text = body.decode("utf-8", "surrogateescape")
        return self.text(text).encode("utf-8", "surrogateescape")

    def record(self, record: RunRecord) -> RunRecord:
        run = record.run
        report = record.report
        return RunRecord(
            run=replace(
                run,
                headline=self.text(run.headline),
                app_title=self.text(run.app_title),
                action_title=self.text(run.action_title),
                authentication_title=self.text(run.authentication_title),
                resolution_note=self.text(run.resolution_note),
                server_status=self.text(run.server_status),
            ),
            inputs=self.body(self._without_sensitive(record.inputs, ((),))),
            results=None if record.results is None else self.body(record.results),
            errors=tuple(
                RunError(self.text(e.code), self.text(e.title), self.text(e.detail), e.delay_s)
                for e in record.errors
            ),
            report=None if report is None else self._report(report),
            labels={name: self._label(name, told) for name, told in record.labels.items()},
            events=tuple(RunEvent(e.at_ms, e.status, self.text(e.text)) for e in record.events),
            definition=self.text(record.definition),
        )

    def exchange(self, exchange: Exchange) -> Exchange:
        return replace(
            exchange,
            url=self._hidden(exchange.url, Guess.EVERYTHING),
            request_headers=self._headers(exchange.request_headers),
            request_body=self.body(self._without_sensitive(exchange.request_body, _PLACES)),
            response_headers=self._headers(exchange.response_headers),
            response_body=self.body(exchange.response_body),
            failure=self._hidden(exchange.failure, Guess.EVERYTHING),
        )

    def explanation(self, explanation: Explanation) -> Explanation:
        return replace(
            explanation,
            cause=self.text(explanation.cause),
            next_step=self.text(explanation.next_step),
            proofs=tuple(
                replace(proof, text=self._hidden(proof.text, Guess.EVERYTHING))
                for proof in explanation.proofs
            ),
        )

    def _report(self, report: ErrorReport) -> ErrorReport:
        items = (
            ErrorItem(
                *map(self.text, (i.code, i.title, i.detail, i.pointer, i.parameter, i.source))
            )
            for i in report.items
        )
        return replace(
            report,
            title=self.text(report.title),
            detail=self.text(report.detail),
            hint=self.text(report.hint),
            technical=self.text(report.technical),
            items=tuple(items),
        )

    def _headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (
                name,
                self._mark(Reason.HEADER)
                if name.lower() in SECRET_HEADERS
                else self._hidden(value, Guess.EVERYTHING),
            )
            for name, value in headers
        )

    def _label(self, name: str, label: Labels) -> Labels:
        if name in self._sensitive_ids:
            return self._mark(Reason.SENSITIVE)
        if isinstance(label, str):
            return self.text(label)
        return {self.text(id_): self.text(told) for id_, told in label.items()}

    def _without_sensitive(self, body: bytes, places: tuple[tuple[str, ...], ...]) -> bytes:
        """``body`` with the values of sensitive fields replaced as those of PASSWORD fields are;
        untouched where there are none, so that it stays as it was sent."""
        if not self._sensitive_ids:
            return body
        whole = _object(body)
        changed = False
        for place in places:
            inputs: Any = whole
            for step in place:
                inputs = inputs.get(step) if isinstance(inputs, dict) else None
            for name in self._sensitive_ids:
                if isinstance(inputs, dict) and inputs.get(name) is not None:
                    inputs[name] = dict(HIDDEN_PASSWORD)
                    changed = True
        return write_json(whole) if changed else body


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = read_json(body)
    except InvalidInput:
        return {}
    return value if isinstance(value, dict) else {}
