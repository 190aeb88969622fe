"""Comparing two results of 1 MB, and explaining failures, against reading the same JSON."""

from __future__ import annotations

import json
import tomllib
from time import perf_counter

from tests.benchmarks.measuring import report_turns, take_turns
from tests.conftest import ReportFigure
from tests.failures.documents import read
from zapdesk.domain.causes import read_rules
from zapdesk.domain.comparison import compare
from zapdesk.domain.result_values import read_result
from zapdesk.paths import resource

GOAL = 20.0
"""Times as long as the standard library takes to read both."""


def _results() -> list[bytes]:
    rows = [{"row": n, "name": f"name {n}", "at": n} for n in range(20_000)]
    later = [{**row, "at": n + 1} for n, row in enumerate(rows)]
    del later[777]
    return [json.dumps(result).encode() for result in (rows, later)]


def test_two_results_of_a_megabyte_are_compared(report_figure: ReportFigure) -> None:
    before, after = _results()

    def ours() -> float:
        begin = perf_counter()
        found = compare(read_result(before).value, read_result(after).value)
        took = perf_counter() - begin
        assert found.is_cut
        return took

    def floor() -> float:
        begin = perf_counter()
        json.loads(before), json.loads(after)
        return perf_counter() - begin

    turns = take_turns(ours, floor, 7)
    assert report_turns(report_figure, "compare 2 x 1 MB", turns, GOAL) < 5 * GOAL


def test_a_failure_is_explained(report_figure: ReportFigure) -> None:
    failures = read()
    book = read_rules(tomllib.loads(resource("explanations.toml").read_text("utf-8")))
    begin = perf_counter()
    for failure in failures:
        book.explain(failure.record, failure.exchanges)
    each_ms = (perf_counter() - begin) / len(failures) * 1_000
    report_figure("explain a failure", each_ms, "ms")
    assert each_ms < 50
