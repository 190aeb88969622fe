"""The moves of a run: an end is an end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.runs import MOVES, RunStatus, may_move

ENDS = frozenset(RunStatus) - {RunStatus.SUBMITTING, RunStatus.WAITING}


@given(st.lists(st.sampled_from(RunStatus), max_size=30))
def test_whatever_is_asked_for_an_ended_run_stays_as_it_ended(asked: list[RunStatus]) -> None:
    status = RunStatus.SUBMITTING
    ended: RunStatus | None = None
    for new in asked:
        if may_move(status, new):
            assert ended is None
            status = new
        if not status.is_open:
            ended = ended or status
            assert status is ended


def test_nothing_becomes_submitting_and_waiting_comes_from_open_runs_only() -> None:
    assert not any(may_move(status, RunStatus.SUBMITTING) for status in RunStatus)
    into_waiting = {s for s in RunStatus if may_move(s, RunStatus.WAITING)}
    assert into_waiting == {RunStatus.SUBMITTING, RunStatus.WAITING}


def test_an_accepted_run_is_never_called_not_sent_refused_or_unknown() -> None:
    after = MOVES[RunStatus.WAITING]
    assert not after & {RunStatus.NOT_SENT, RunStatus.REFUSED, RunStatus.UNKNOWN}


def test_every_end_can_be_reached_and_none_can_be_left() -> None:
    reached = set().union(*MOVES.values())
    assert reached >= ENDS
    assert not any(may_move(end, new) for end in ENDS for new in RunStatus)
    assert {status for status in RunStatus if status.is_open} == set(MOVES)
