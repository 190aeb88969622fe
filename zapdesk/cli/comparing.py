"""Comparing runs in the terminal, and which run of an action is known as good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zapdesk.cli import codes, documents, output
from zapdesk.cli.context import Context
from zapdesk.domain.comparison import (
    Change,
    Difference,
    DocumentComparison,
    pattern_text,
    read_pattern,
)
from zapdesk.domain.definitions import FieldDifference
from zapdesk.domain.explanation import STATUS_WORDS
from zapdesk.domain.noise import Noise
from zapdesk.domain.result_values import path_text, value_text
from zapdesk.domain.runs import ActionRun
from zapdesk.services.comparison import RunComparison

BASELINE = "baseline"
"""What is written in the place of a run for the one that is known as good."""

_SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~", Change.MOVED: ">"}
_LONGEST = 60
_MOST_LINES = 200


async def compare(context: Context) -> int:
    """Print how two runs differ."""
    options = context.options
    found = await _found(context)
    if options.ignore_noise:
        certain = frozenset(noise.pattern for noise in found.noise if noise.is_certain)
        found = await context.program.comparison.compare(
            found.before.id, found.after.id, ignoring=found.ignored | certain
        )
    if options.remember:
        await context.program.comparison.ignore(found.after, found.ignored)
    if context.is_json:
        output.document({"comparison": _document(found)})
    else:
        _print(found)
    return codes.DONE if found.is_same else codes.DIFFERENT


async def _found(context: Context) -> RunComparison:
    options, program = context.options, context.program
    ignoring = None
    if options.ignore or options.everything:
        ignoring = frozenset(read_pattern(text) for text in options.ignore)
    run = await program.log.find(options.run)
    if options.other == BASELINE:
        return await program.comparison.with_baseline(run.id, ignoring=ignoring)
    other = await program.log.find(options.other)
    return await program.comparison.compare(run.id, other.id, ignoring=ignoring)


async def baseline(context: Context) -> int:
    """Mark a run as the known good one of its action, or take the mark away."""
    run = await context.program.log.find(context.options.run)
    await context.program.history.set_baseline(run.id, not context.options.remove)
    what = "not known as good any more" if context.options.remove else "known as good now"
    output.say(f"Run {run.id} of {run.app_title} › {run.action_title} is {what}.")
    return await context.print_run(run.id)


def _document(found: RunComparison) -> dict[str, Any]:
    return {
        "before": documents.summary(found.before),
        "after": documents.summary(found.after),
        "is_same": found.is_same,
        "facts": [
            {"name": fact.name, "before": fact.before, "after": fact.after} for fact in found.facts
        ],
        "inputs": _compared(found.inputs),
        "definition": None
        if found.definition is None
        else [_field(field) for field in found.definition],
        "result": _compared(found.result),
        "timings": [
            {"name": time.name, "before_ms": time.before_ms, "after_ms": time.after_ms}
            for time in found.timings
        ],
        "noise": [
            {
                "path": pattern_text(noise.pattern),
                "kind": noise.kind.value,
                "seen": noise.seen,
                "compared": noise.compared,
                "is_certain": noise.is_certain,
            }
            for noise in found.noise
        ],
        "ignored": sorted(pattern_text(pattern) for pattern in found.ignored),
        "remarks": list(found.remarks),
    }


def _compared(found: DocumentComparison) -> dict[str, Any]:
    return {
        "differences": [
            {
                "change": difference.change.value,
                "path": path_text(difference.path),
                "before_path": path_text(difference.before_path),
                "before": difference.before,
                "after": difference.after,
            }
            for difference in found.differences
        ],
        "ignored": found.ignored,
        "is_cut": found.is_cut,
    }


def _field(field: FieldDifference) -> dict[str, Any]:
    return {
        "field": field.field_id,
        "title": field.title,
        "kind": field.kind,
        "changes": [{"name": n, "before": b, "after": a} for n, b, a in field.changes],
    }


def _print(found: RunComparison) -> None:
    for name, run in (("before", found.before), ("after", found.after)):
        output.line(f"{name:<7} {_run(run)}")
    for remark in found.remarks:
        output.line(remark)
    for fact in found.facts:
        output.line(f"{fact.name}: {fact.before or 'none'} → {fact.after or 'none'}")
    _print_part("Inputs", found.inputs, ())
    _print_definition(found.definition)
    _print_part("Result", found.result, found.noise)
    output.line()
    output.line("Time")
    for time in found.timings:
        before, after = _duration(time.before_ms), _duration(time.after_ms)
        output.line(f"  {time.name:<15}{before} → {after}")
    if found.noise:
        output.line()
        output.line("These differ between runs with the same inputs as well; leave them out with:")
        for noise in found.noise:
            output.line(f"  --ignore '{pattern_text(noise.pattern)}'  {_noise(noise)}")


def _run(run: ActionRun) -> str:
    word, when = STATUS_WORDS[run.status], documents.when(run.created_ms)
    return f"{run.id[:8]}  {word}  {run.app_title} › {run.action_title}  {when}"


def _print_part(name: str, found: DocumentComparison, noise: Sequence[Noise]) -> None:
    left_out = f", {found.ignored} left out" if found.ignored else ""
    output.line()
    output.line(f"{name}: {_count(len(found.differences))}{left_out}")
    noisy = {one.pattern for one in noise}
    for difference in found.differences[:_MOST_LINES]:
        mark = "  (differs anyway)" if difference.pattern in noisy else ""
        output.line(f"  {_SIGNS[difference.change]} {_difference(difference)}{mark}")
    if len(found.differences) > _MOST_LINES or found.is_cut:
        output.line("  There are more; --json has them.")


def _count(number: int) -> str:
    return "the same" if not number else "1 difference" if number == 1 else f"{number} differences"


def _difference(difference: Difference) -> str:
    path = path_text(difference.path) or "all of it"
    match difference.change:
        case Change.ADDED:
            return f"{path}: {_value(difference.after)}"
        case Change.REMOVED:
            return f"{path}: {_value(difference.before)}"
        case Change.MOVED:
            return f"{path}: was {path_text(difference.before_path)}"
        case Change.CHANGED:
            return f"{path}: {_value(difference.before)} → {_value(difference.after)}"


def _value(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else value_text(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _print_definition(found: Sequence[FieldDifference] | None) -> None:
    output.line()
    if found is None:
        output.line("Form: not kept for both runs")
        return
    output.line(f"Form: {_count(len(found))}")
    for field in found:
        changes = ", ".join(f"{n}: {b or 'none'} → {a or 'none'}" for n, b, a in field.changes)
        output.line(f"  {field.field_id} {field.kind}" + (f" ({changes})" if changes else ""))


def _noise(noise: Noise) -> str:
    return f"{noise.kind.value}, in {noise.seen} of {noise.compared} repetitions"


def _duration(ms: int | None) -> str:
    return "—" if ms is None else f"{ms / 1000:.2f} s"
