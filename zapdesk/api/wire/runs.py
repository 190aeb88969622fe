"""Runs and step tests as Zapier sends them. Results keep their bytes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from zapdesk.api.wire.json_text import (
    NULL,
    Raw,
    as_list,
    as_received,
    first,
    identifier,
    is_null,
    items,
    piece,
    read,
    text,
)
from zapdesk.api.wire.listing import envelope, single, unexpected
from zapdesk.domain.runs import RunError

MAX_ID = 2048
"""Characters of an id. A longer one cannot stand in a web address."""


class _Run(msgspec.Struct):
    id: Raw = NULL
    run_id: Raw = NULL
    status: Raw = NULL
    results: Raw = NULL
    errors: Raw = NULL


class _RunError(msgspec.Struct):
    code: Raw = NULL
    title: Raw = NULL
    detail: Raw = NULL
    delay: Raw = NULL


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as the server tells it. ``results`` is a JSON array: as received, or made one."""

    status: str
    results: bytes
    errors: tuple[RunError, ...]


def created_run(body: bytes) -> str:
    """The id of a run that was just started: ``data.id``, ``data.run_id`` or ``id`` at the top.

    Raises Unreadable where there is none that can be used.
    """
    root = read(body)
    for place in (single(root), root, *items(root)):
        run = piece(place, _Run)
        for raw in (run.id, run.run_id) if run else ():
            # A number is no id: nobody says which of its spellings a path would need.
            found = identifier(raw) if bytes(raw).startswith(b'"') else None
            if found is not None and len(found) <= MAX_ID:
                return found
    raise unexpected("the id of a run")


def run_state(body: bytes) -> RunState:
    """How a run stands. Raises Unreadable where no status is given."""
    root = read(body)
    run = piece(single(root), _Run)
    status = text(run.status) if run else ""
    if run is None or not status:
        raise unexpected("the state of a run")
    errors = (_run_error(raw) for raw in items(run.errors))
    results = as_list(as_received(body, root, run.results, "data", "results"))
    return RunState(status, results, tuple(e for e in errors if e is not None))


def step_results(body: bytes) -> bytes:
    """The results of a step test, a JSON array as received. Raises Unreadable if absent."""
    root = read(body)
    whole = envelope(root)
    if whole is None:
        if first(root) != b"[":
            raise unexpected("results")
        return bytes(root)
    if is_null(whole.data) and is_null(whole.meta):
        raise unexpected("results")
    return as_list(as_received(body, root, whole.data, "data"))


def _run_error(raw: Raw) -> RunError | None:
    if first(raw) == b'"':
        return RunError(detail=text(raw))
    wire = piece(raw, _RunError)
    if wire is None:
        return None
    delay = text(wire.delay).split(".")[0]
    is_number = delay.removeprefix("-").isdigit() and delay.isascii() and len(delay) <= 18
    return RunError(
        text(wire.code), text(wire.title), text(wire.detail), int(delay) if is_number else None
    )
