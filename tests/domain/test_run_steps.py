"""The steps of a run: states, requests and the waits between them."""

from __future__ import annotations

from typing import Any

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.run_steps import RunStep, StepKind, steps
from zapdesk.domain.runs import RunEvent, RunStatus


def exchange(at_ms: int, purpose: str = "poll", status: int | None = 200, **more: Any) -> Exchange:
    told: dict[str, Any] = {"status": status, "started_ms": at_ms, "ended_ms": 100.0, **more}
    return Exchange(purpose, "GET", "https://x/y", **told)


def told(found: tuple[RunStep, ...]) -> list[tuple[str, int, str]]:
    return [(step.kind.value, step.at_ms, step.text) for step in found]


def test_states_requests_and_waits_come_in_the_order_of_time() -> None:
    events = (
        RunEvent(1_000, RunStatus.SUBMITTING),
        RunEvent(1_200, RunStatus.WAITING, "Zapier accepted the run."),
        RunEvent(3_300, RunStatus.SUCCESS, "Zapier says: success."),
    )
    requests = (exchange(1_100, "start run"), exchange(3_200))
    found = steps(events, requests)
    assert told(found) == [
        ("state", 1_000, ""),
        ("request", 1_100, "start run: HTTP 200"),
        ("state", 1_200, "Zapier accepted the run."),
        ("wait", 1_200, "waited"),
        ("request", 3_200, "poll: HTTP 200"),
        ("state", 3_300, "Zapier says: success."),
    ]
    assert [step.after_ms for step in found] == [0, 100, 100, 0, 2_000, 100]
    assert found[3].lasted_ms == 2_000


def test_a_poll_that_brought_the_same_again_counts_how_often() -> None:
    (step,) = steps((), (exchange(0, repeated=3, last_ms=90_000),))
    assert step.text == "poll: HTTP 200, and the same 3 more times"
    assert step.lasted_ms == 90_100


def test_what_went_wrong_is_told_apart() -> None:
    lost = exchange(0, status=None, failure="The connection was reset.")
    refused = exchange(5_000, status=429)
    found = [step for step in steps((), (lost, refused)) if step.kind is StepKind.REQUEST]
    assert [step.is_trouble for step in found] == [True, True]
    assert found[0].text == "poll: The connection was reset."
    assert [step.place for step in found] == [0, 1]
