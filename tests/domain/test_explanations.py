"""Why runs went wrong: recorded failures are explained by the right rule, and noise by none."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.failures.documents import Failure, read
from zapdesk.domain.causes import NO_RULE, Condition, RuleBook, read_rules
from zapdesk.domain.evidence import Evidence, Part
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import explain
from zapdesk.domain.runs import RunError, RunKind, RunStatus
from zapdesk.errors import Side
from zapdesk.paths import resource

TABLE = tomllib.loads(resource("explanations.toml").read_text("utf-8"))
BOOK: RuleBook = read_rules(TABLE)
FAILURES = read()
LOOK_FIRST = re.compile(
    r"[Ll]ook in (the history and in )?Some App\b.*before you (send|run) it again"
)
MAY_HAVE_RUN = {RunStatus.UNKNOWN, RunStatus.LOST}
each_failure = pytest.mark.parametrize("failure", FAILURES, ids=lambda f: f.name)


def test_the_recorded_failures_are_many_and_none_is_there_twice() -> None:
    assert len(FAILURES) >= 60
    assert len({failure.name for failure in FAILURES}) == len(FAILURES)


@each_failure
def test_recorded_failure_is_explained_by_its_rule(failure: Failure) -> None:
    told = BOOK.explain(failure.record, failure.exchanges)
    assert told is not None
    assert (told.rule, told.is_known) == (failure.rule, bool(failure.rule))
    assert told.version == TABLE["version"]
    if not failure.rule:
        assert told.cause == NO_RULE
    assert told.cause
    assert told.next_step
    assert "{" not in told.cause + told.next_step


@each_failure
def test_explanation_never_says_more_than_the_state_of_the_run(failure: Failure) -> None:
    told = BOOK.explain(failure.record, failure.exchanges)
    assert told is not None
    status = failure.record.run.status
    if status in MAY_HAVE_RUN:
        assert LOOK_FIRST.search(told.next_step), told.next_step
    words = told.cause + told.next_step
    if "nothing was sent" in words.lower():
        assert status is RunStatus.NOT_SENT
    if "Nothing ran" in words:
        assert status in {RunStatus.NOT_SENT, RunStatus.REFUSED}
    if status is RunStatus.WAITING:
        assert "run it again" not in words
    outcome = explain(
        failure.record.run,
        errors=failure.record.errors,
        report=failure.record.report,
        explanation=told,
    )
    if told.is_known:
        assert (outcome.side, outcome.hint) == (told.side, told.next_step)


@each_failure
def test_each_proof_stands_where_it_is_said_to_stand(failure: Failure) -> None:
    told = BOOK.explain(failure.record, failure.exchanges)
    assert told is not None
    assert told.proofs or not failure.exchanges or not told.is_known or not failure.record.errors
    report = failure.record.report
    for proof in told.proofs:
        exchange = None if proof.exchange is None else failure.exchanges[proof.exchange]
        match proof.part:
            case Part.BODY:
                assert exchange is not None
                assert proof.text in exchange.response_body.decode()
            case Part.HEADER:
                assert exchange is not None
                assert tuple(proof.text.split(": ", 1)) in exchange.response_headers
            case Part.STATUS:
                assert exchange is not None
                assert proof.text == f"HTTP {exchange.status}"
            case Part.FAILURE:
                place = exchange.failure if exchange is not None else report and report.technical
                assert place
                assert proof.text in place
            case Part.ERROR:
                told_errors = [f"{e.code}: {e.title}: {e.detail}" for e in failure.record.errors]
                assert any(proof.text in text for text in told_errors)
            case Part.EVENT:
                assert any(proof.text in event.text for event in failure.record.events)
            case Part.REPORT | Part.TIMING:
                assert proof.text
        if exchange is not None:
            assert proof.where.startswith(f"Exchange {(proof.exchange or 0) + 1} (")


def _conditions() -> list[tuple[str, Condition]]:
    return [(rule.id, condition) for rule in BOOK.rules for condition in rule.conditions]


def test_each_condition_of_each_rule_decides_a_recorded_failure() -> None:
    deciding = set()
    for failure in FAILURES:
        evidence = Evidence(failure.record, failure.exchanges)
        first = next(
            (n for n, (_, condition) in enumerate(_conditions()) if condition.proofs(evidence)
             is not None),
            None,
        )  # fmt: skip
        deciding.add(first)
    unused = [(n, rule) for n, (rule, _) in enumerate(_conditions()) if n not in deciding]
    assert not unused, "either nothing was recorded for these, or an earlier rule is before them"


@pytest.mark.parametrize("rule", TABLE["rule"], ids=lambda rule: rule["id"])
def test_rule_is_worded_as_everything_is(rule: Mapping[str, Any]) -> None:
    for text in (rule["cause"], rule["next"]):
        assert re.fullmatch(r"(zapdesk|[A-Z{]).*\.", text), text
        assert not re.search(r"!|\bplease\b|\boops\b|  |authentication", text, re.IGNORECASE)
        assert set(re.findall(r"\{(\w+)\}", text)) <= {"app", "server", "connection", "wait"}
    assert rule["side"] in {side.value for side in Side}
    statuses = {status for when in rule["when"] for status in when.get("status", ())}
    assert statuses or rule["id"] == "proxy-sign-in-answer"


words = st.text(st.sampled_from("abcdefghijklmnop \n\"'{}[]:,<>&%"), max_size=200)


@given(
    st.sampled_from([RunStatus.ERROR, RunStatus.REFUSED, RunStatus.UNKNOWN, RunStatus.NOT_SENT]),
    st.lists(st.tuples(words, words, words), max_size=2),
    st.sampled_from([None, 400, 418, 451]),
    words,
    st.sampled_from(list(RunKind)),
)
def test_noise_is_explained_by_no_rule(
    status: RunStatus,
    errors: list[tuple[str, str, str]],
    http: int | None,
    body: str,
    kind: RunKind,
) -> None:
    run = replace(FAILURES[0].record.run, status=status, kind=kind)
    record = replace(
        FAILURES[0].record,
        run=run,
        report=None,
        events=(),
        errors=tuple(RunError(f"x{code}", title, detail) for code, title, detail in errors)
        or (RunError("x"),),
    )
    exchange = Exchange("start run", "POST", "", status=http, response_body=b"x" + body.encode())
    told = BOOK.explain(record, (exchange,))
    assert told is not None
    assert not told.is_known, told


@given(words, st.sampled_from(["error", "401 unauthorized", "rate limit", "timed out"]))
def test_nothing_is_explained_where_nothing_went_wrong(body: str, alarming: str) -> None:
    for status in (RunStatus.SUCCESS, RunStatus.SUBMITTING, RunStatus.WAITING):
        run = replace(FAILURES[0].record.run, status=status)
        record = replace(FAILURES[0].record, run=run, report=None)
        answer = f'{{"code": "user", "error": "{alarming}", "x": "{body}"}}'.encode()
        exchange = Exchange("run", "GET", "", status=200, response_body=answer)
        assert BOOK.explain(record, (exchange,)) is None


def test_words_and_bodies_without_end_are_explained_in_good_time() -> None:
    hostile = "authentication token is http 404 " * 40_000
    begun = time.perf_counter()
    for failure in FAILURES[:40]:
        errors = tuple(replace(error, detail=hostile) for error in failure.record.errors)
        exchanges = tuple(
            replace(exchange, response_body=hostile.encode()) for exchange in failure.exchanges
        )
        BOOK.explain(replace(failure.record, errors=errors), exchanges)
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"id": "a"}, "missing"),
        ({"when": [{"http": [1]}]}, "missing"),
        ({"id": "a", "when": [{}]}, "missing"),
        ({"id": "a", "when": [{"colour": "red"}]}, "colour"),
        ({"id": "a", "when": [{"http": [1]}], "then": "x"}, "then"),
        ({"id": "a", "when": [{"http": [1]}], "cause": "", "next": "", "side": "ours"}, "ours"),
    ],
)
def test_rule_that_is_none_is_named(entry: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_rules({"version": 1, "rule": [entry]})


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="one id"):
        read_rules({"version": 1, "rule": [TABLE["rule"][0]] * 2})
