"""Causes: rules that lead from evidence to a likely cause, whose side it is on and a next step.

The rules are data (`resources/explanations.toml`); here is what they may say and how they are
judged: in their order, and the first that fits holds. Where none fits, that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zapdesk.domain.evidence import Evidence, Proof
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import RunRecord, RunStatus
from zapdesk.errors import Side

NO_RULE = "No rule knows this."

_PATTERNS = ("pointer", "body", "failure", "words", "report", "event")
_LISTS = ("status", "kind", "code", "purpose")
_KEYS = frozenset({*_PATTERNS, *_LISTS, "http", "header", "waited_s", "has_errors"})
_ANYTHING = re.compile("")
_CAPITAL = re.compile(r"(^|[.:] )\{(app|server|connection)\}")
_STATUS = re.compile(r"<(\d{3}(?:\|\d{3})*)>")
_SPELT = (
    r"\b(?:status(?: code)?|http(?:/[\d.]+)?|error(?: code)?|code|answered|returned|got)"
    r"\W{{0,4}}(?:with )?(?:{0})\b"
)
"""A status as people write it in a sentence: "HTTP 404", "status code: 404", "answered 404"."""
_LONGEST_WAIT_S = 3600
"""The API bounds a delay nowhere; an hour is the most that helps a person."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a run went as it did, as far as a rule can tell, and the lines that prove it.

    ``rule`` is empty where no rule fits; ``version`` is that of the rules.
    """

    rule: str
    version: int
    cause: str
    side: str
    next_step: str
    proofs: tuple[Proof, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether a rule fits."""
        return bool(self.rule)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be on record, all of it."""

    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    statuses: tuple[range, ...] = ()
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    headers: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    waited_s: float = 0.0
    has_errors: bool | None = None

    def proofs(self, evidence: Evidence) -> tuple[Proof, ...] | None:
        """The excerpts that show it; ``None`` where it is not so."""
        found: list[Proof] = []
        for check in (self._run, self._exchange, self._texts):
            proofs = check(evidence)
            if proofs is None:
                return None
            found += proofs
        return tuple(proof for proof in dict.fromkeys(found) if not _is_in_another(proof, found))

    def _run(self, evidence: Evidence) -> list[Proof] | None:
        run = evidence.record.run
        facts = {"status": run.status.value, "kind": run.kind.value}
        if any(fact not in self.lists.get(name, {fact}) for name, fact in facts.items()):
            return None
        if self.has_errors is not None and self.has_errors is not bool(evidence.record.errors):
            return None
        wanted = self.lists.get("code")
        if wanted is None:
            return []
        proof = next((p for code, p in evidence.codes.items() if code in wanted), None)
        return None if proof is None else [proof]

    def _exchange(self, evidence: Evidence) -> list[Proof] | None:
        exchange = evidence.decisive
        found: list[Proof] = []
        purposes = self.lists.get("purpose")
        if purposes is not None and (exchange is None or exchange.purpose not in purposes):
            return None
        if self.statuses:
            line = evidence.status_line()
            status = exchange.status if exchange is not None else None
            if line is None or not any(status in wanted for wanted in self.statuses):
                return None
            found.append(line)
        if self.waited_s:
            timing = evidence.timing()
            if timing is None or exchange is None or not _waited(exchange, self.waited_s):
                return None
            found.append(timing)
        for name, wanted in self.headers.items():
            proof = evidence.header(name, wanted)
            if proof is None:
                return None
            found.append(proof)
        return found

    def _texts(self, evidence: Evidence) -> list[Proof] | None:
        found: list[Proof] = []
        for name, wanted in self.patterns.items():
            proof = _LOOK[name](evidence, wanted)
            if proof is None:
                return None
            found.append(proof)
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what to say where one of its conditions is met."""

    id: str
    cause: str
    side: Side
    next_step: str
    conditions: tuple[Condition, ...]
    shown_headers: tuple[str, ...] = ()

    def proofs(self, evidence: Evidence) -> tuple[Proof, ...] | None:
        """The excerpts that this rule rests on, and headers that tell more, where they came;
        ``None`` where it does not fit."""
        tried = (condition.proofs(evidence) for condition in self.conditions)
        found = next((proofs for proofs in tried if proofs is not None), None)
        if found is None:
            return None
        shown = (evidence.header(name, _ANYTHING) for name in self.shown_headers)
        return (*found, *(proof for proof in shown if proof is not None))


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules in their order."""

    version: int
    rules: tuple[Rule, ...]

    def explain(
        self, record: RunRecord, exchanges: tuple[Exchange, ...] = ()
    ) -> Explanation | None:
        """Why the run stands as it does; ``None`` where nothing has gone wrong."""
        evidence = Evidence(record, exchanges)
        if not evidence.is_trouble:
            return None
        words = _words(record)
        for rule in self.rules:
            proofs = rule.proofs(evidence)
            if proofs is not None:
                return Explanation(
                    rule.id,
                    self.version,
                    rule.cause.format_map(words),
                    rule.side.value,
                    rule.next_step.format_map(words),
                    proofs,
                )
        return self._nothing(evidence, words)

    def _nothing(self, evidence: Evidence, words: Mapping[str, str]) -> Explanation:
        report, status = evidence.record.report, evidence.record.run.status
        next_step = "Read what was answered, below and in the exchanges."
        if status in {RunStatus.UNKNOWN, RunStatus.ERROR}:
            next_step += f" Look in {words['app']} before you send it again."
        return Explanation(
            "",
            self.version,
            NO_RULE,
            report.side if report is not None else Side.UNKNOWN.value,
            next_step,
            evidence.beginning(),
        )


def read_rules(table: Mapping[str, Any]) -> RuleBook:
    """The rules of a parsed rule file. Raises ValueError for what is no rule, and names it."""
    rules = tuple(_rule(entry) for entry in table["rule"])
    ids = [rule.id for rule in rules]
    if len(set(ids)) < len(ids):
        raise ValueError("two rules have one id")
    return RuleBook(int(table["version"]), rules)


def _rule(entry: Mapping[str, Any]) -> Rule:
    name, ways = str(entry.get("id", "")), entry.get("when", ())
    unknown = set(entry) - {"id", "cause", "side", "next", "when", "shows"}
    unknown |= {key for when in ways for key in when} - _KEYS
    if not name or not ways or not all(ways) or unknown:
        raise ValueError(f"rule '{name}': {', '.join(sorted(unknown)) or 'id or when is missing'}")
    conditions = tuple(_condition(when) for when in ways)
    cause, next_step = (_CAPITAL.sub(r"\1{the_\2}", entry[key]) for key in ("cause", "next"))
    shown = tuple(entry.get("shows", ()))
    return Rule(name, cause, Side(entry["side"]), next_step, conditions, shown)


def _condition(when: Mapping[str, Any]) -> Condition:
    return Condition(
        lists={key: frozenset(when[key]) for key in _LISTS if key in when},
        statuses=tuple(_range(str(text)) for text in when.get("http", ())),
        patterns={key: _pattern(when[key]) for key in _PATTERNS if key in when},
        headers={key.lower(): _pattern(text) for key, text in when.get("header", {}).items()},
        waited_s=float(when.get("waited_s", 0)),
        has_errors=when.get("has_errors"),
    )


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _pattern(text: str) -> re.Pattern[str]:
    spelt = _STATUS.sub(lambda match: _SPELT.format(match[1]), text)
    return re.compile(spelt, re.IGNORECASE)


def _waited(exchange: Exchange, least_s: float) -> bool:
    return exchange.ended_ms is not None and exchange.ended_ms >= 1000 * least_s


def _pointed(evidence: Evidence, wanted: re.Pattern[str]) -> Proof | None:
    return next((proof for text, proof in evidence.pointers() if wanted.search(text)), None)


_LOOK: Mapping[str, Callable[[Evidence, re.Pattern[str]], Proof | None]] = {
    "pointer": _pointed,
    "body": Evidence.in_body,
    "failure": Evidence.in_failure,
    "words": Evidence.in_words,
    "report": Evidence.in_report,
    "event": Evidence.in_events,
}


def _is_in_another(proof: Proof, found: list[Proof]) -> bool:
    return any(
        proof is not other and proof.where == other.where and proof.text in other.text
        for other in found
        if proof.text != other.text
    )


def _words(record: RunRecord) -> Mapping[str, str]:
    run = record.run
    delay_s = next((e.delay_s for e in record.errors if e.delay_s is not None), None)
    wait = "a minute"
    if delay_s is not None and delay_s > 0:
        wait = f"{min(delay_s, _LONGEST_WAIT_S)} seconds"
    title = run.authentication_title
    words = {
        "app": run.app_title or "the app",
        "server": "the sandbox" if run.is_in_sandbox else "Zapier",
        "connection": f"the connection '{title}'" if title else "the connection",
    }
    # At the start of a sentence.
    words |= {f"the_{name}": word[:1].upper() + word[1:] for name, word in words.items()}
    return words | {"wait": wait}
