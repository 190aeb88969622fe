"""Evidence: what is on record about a run that did not go well, and exact excerpts of it.

Of all exchanges one is decisive: the one that the run's state rests on. Bodies are looked at in
their first 64 KiB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import RunError, RunKind, RunRecord, RunStatus

LOOKED_AT = 64 * 1024
"""Bytes of a body in which a cause is looked for."""

_LONGEST_WORDS = 4 * 1024
_LONGEST = 160
_SENDS = frozenset({"start run", "step test"})
_CODE = re.compile(r'"(?:code|error)"\s*:\s*"([^"\\]{1,80})"')


class Part(StrEnum):
    """Where in the record of a run an excerpt stands."""

    STATUS = "status"
    HEADER = "header"
    BODY = "body"
    FAILURE = "failure"
    TIMING = "timing"
    ERROR = "error"
    REPORT = "report"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Proof:
    """An exact excerpt and where it stands, in words.

    ``exchange`` is the place of the exchange among those of the run, from 0; ``None`` where the
    excerpt is from none.
    """

    part: Part
    where: str
    text: str
    exchange: int | None = None


@dataclass(frozen=True)
class Evidence:
    """A run's record with its exchanges, and questions about both."""

    record: RunRecord
    exchanges: tuple[Exchange, ...] = ()

    @property
    def is_trouble(self) -> bool:
        """Whether there is anything to explain: not a success, and not a run that goes well."""
        status = self.record.run.status
        if status is RunStatus.WAITING:
            last = self.exchanges[-1] if self.exchanges else None
            return last is not None and (self._went_wrong(last) or _is_page(last))
        return status not in {RunStatus.SUCCESS, RunStatus.SUBMITTING}

    @cached_property
    def place(self) -> int | None:
        """Where the decisive exchange stands among all."""
        status = self.record.run.status
        places = range(len(self.exchanges) - 1, -1, -1)
        if status in {RunStatus.WAITING, RunStatus.LOST}:
            return next(iter(places), None)
        if status is RunStatus.NOT_SENT:
            troubled = [n for n in places if self._went_wrong(self.exchanges[n])]
            return next(iter([*troubled, *places]), None)
        if status is RunStatus.ERROR and not self._is_answered_at_once:
            return next((n for n in places if self.exchanges[n].purpose == "run"), None)
        return next((n for n in places if self.exchanges[n].purpose in _SENDS), None)

    @property
    def _is_answered_at_once(self) -> bool:
        return self.record.run.kind is RunKind.TEST

    @staticmethod
    def _went_wrong(exchange: Exchange) -> bool:
        return bool(exchange.failure) or _is_bad(exchange.status)

    @property
    def decisive(self) -> Exchange | None:
        """The exchange that the run's state rests on."""
        return None if self.place is None else self.exchanges[self.place]

    @cached_property
    def body(self) -> str:
        """The beginning of the decisive answer's body."""
        if self.decisive is None:
            return ""
        return self.decisive.response_body[:LOOKED_AT].decode("utf-8", "replace")

    @cached_property
    def codes(self) -> dict[str, Proof]:
        """Every error code that was given, and where."""
        found: dict[str, Proof] = {}
        for number, error in enumerate(self.record.errors, 1):
            if error.code:
                found.setdefault(error.code, _of_error(number, _whole(error)))
        report = self.record.report
        listed = {item.code for item in report.items} if report is not None else set()
        # What an ended run brought besides its errors is the app's, and no code of the API.
        is_refusal = self.record.run.status is not RunStatus.ERROR or self._is_answered_at_once
        for match in _CODE.finditer(self.body if is_refusal else ""):
            found.setdefault(match[1], self._in_body(match.start(), match.end()))
        for code in listed - {""}:
            found.setdefault(code, Proof(Part.REPORT, "What was answered", code))
        return found

    def pointers(self) -> Iterator[tuple[str, Proof]]:
        """Every place in the request that an error points to."""
        report = self.record.report
        for item in report.items if report is not None else ():
            if item.pointer:
                yield item.pointer, Proof(Part.REPORT, "What was answered", item.pointer)

    def status_line(self) -> Proof | None:
        """The decisive answer's status."""
        if self.decisive is None or self.decisive.status is None:
            return None
        return Proof(Part.STATUS, self._where("status"), f"HTTP {self.decisive.status}", self.place)

    def timing(self) -> Proof | None:
        """How long the decisive exchange took."""
        exchange = self.decisive
        if exchange is None or exchange.ended_ms is None:
            return None
        came = "no answer" if exchange.first_byte_ms is None else "an answer"
        return Proof(
            Part.TIMING,
            self._where("time"),
            f"{exchange.ended_ms / 1000:.1f} s, {came} came",
            self.place,
        )

    def header(self, name: str, wanted: re.Pattern[str]) -> Proof | None:
        """The header of the decisive answer whose value fits."""
        for header, value in self.decisive.response_headers if self.decisive else ():
            if header.lower() == name and wanted.search(value):
                text = _cut(f"{header}: {value}")
                return Proof(Part.HEADER, self._where("header"), text, self.place)
        return None

    def in_body(self, wanted: re.Pattern[str]) -> Proof | None:
        """The line of the decisive answer's body that fits."""
        match = wanted.search(self.body)
        return None if match is None else self._in_body(match.start(), match.end())

    def in_failure(self, wanted: re.Pattern[str]) -> Proof | None:
        """What the network library or the operating system said, where it fits."""
        failure = self.decisive.failure if self.decisive is not None else ""
        if match := wanted.search(failure):
            text = _around(failure, *match.span())
            return Proof(Part.FAILURE, self._where("failure"), text, self.place)
        technical = self.record.report.technical if self.record.report is not None else ""
        if technical.startswith("HTTP "):  # an answer came, and this is its beginning
            return None
        if match := wanted.search(technical):
            return Proof(Part.FAILURE, "Technical detail", _around(technical, *match.span()))
        return None

    def in_words(self, wanted: re.Pattern[str]) -> Proof | None:
        """What Zapier or the app said in words, where it fits."""
        for number, error in enumerate(self.record.errors, 1):
            for text in (error.detail, error.title):
                if match := wanted.search(text, 0, _LONGEST_WORDS):
                    return _of_error(number, _around(text, *match.span()))
        report = self.record.report
        for item in report.items if report is not None else ():
            for text in (item.detail, item.title):
                if match := wanted.search(text, 0, _LONGEST_WORDS):
                    excerpt = _around(text, *match.span())
                    return Proof(Part.REPORT, "What was answered", excerpt)
        return None

    def in_report(self, wanted: re.Pattern[str]) -> Proof | None:
        """What zapdesk itself noted about the outcome, where it fits."""
        report = self.record.report
        for text in (report.title, report.detail) if report is not None else ():
            if match := wanted.search(text):
                return Proof(Part.REPORT, "What zapdesk noted", _around(text, *match.span()))
        return None

    def in_events(self, wanted: re.Pattern[str]) -> Proof | None:
        """A line of the run's history that fits, the newest first."""
        for event in reversed(self.record.events):
            if match := wanted.search(event.text):
                return Proof(Part.EVENT, "Timeline", _around(event.text, *match.span()))
        return None

    def beginning(self) -> tuple[Proof, ...]:
        """What is most telling where no rule knows more."""
        found: list[Proof] = []
        for number, error in enumerate(self.record.errors[:3], 1):
            found.append(_of_error(number, _whole(error)))
        if (status := self.status_line()) is not None and not found:
            found.append(status)
        exchange = self.decisive
        if exchange is not None and exchange.failure:
            found.append(
                Proof(Part.FAILURE, self._where("failure"), _cut(exchange.failure), self.place)
            )
        elif self.body.strip() and not self.record.errors:
            start = len(self.body) - len(self.body.lstrip())
            found.append(self._in_body(start, start + 1))
        return tuple(found)

    def _in_body(self, start: int, end: int) -> Proof:
        line = self.body.count("\n", 0, start) + 1
        where = self._where("answer" if "\n" not in self.body.strip() else f"answer, line {line}")
        return Proof(Part.BODY, where, _around(self.body, start, end), self.place)

    def _where(self, what: str) -> str:
        assert self.place is not None
        assert self.decisive is not None
        purpose, number = self.decisive.purpose, self.place + 1
        return f"Exchange {number} ({purpose}), {what}" if purpose else f"Exchange {number}, {what}"


def _is_page(exchange: Exchange) -> bool:
    return exchange.response_body[:512].lstrip().startswith(b"<")


def _is_bad(status: int | None) -> bool:
    return status is not None and not 200 <= status < 300


def _whole(error: RunError) -> str:
    return _cut(": ".join(filter(None, (error.code, error.title, error.detail))))


def _of_error(number: int, text: str) -> Proof:
    return Proof(Part.ERROR, f"Error {number} of the run", text)


def _around(text: str, start: int, end: int) -> str:
    """The line that holds this stretch of ``text``; of a long one the member of JSON that holds
    it, or as much as is good to read."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    if last - first > _LONGEST:
        before = max(text.rfind(sign, first, start) for sign in (',"', '{"'))
        after = min((at for at in (text.find(sign, end, last) for sign in ('",', '"}'))
                     if at >= 0), default=-1)  # fmt: skip
        if before >= 0 and after >= 0 and after - before <= _LONGEST:
            return text[before + 1 : after + 1]
        room = max(_LONGEST - (end - start), 0) // 2
        first, last = max(first, start - room), min(last, end + room, start + _LONGEST)
    return text[first:last].strip()


def _cut(text: str) -> str:
    return _around(text, 0, 1) if text else ""
