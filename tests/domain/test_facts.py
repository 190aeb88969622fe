"""The four facts of a run, and the words for sending something again."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from zapdesk.domain.attempts import EarlierAttempt, InputChange, changes_between
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.facts import DAY_MS, facts_of, size_text, telling_part
from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.profiles import SANDBOX_ID
from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import ActionRun, Resolution, RunKind, RunRecord, RunStatus

NOON = 1_800_000_000_000
RESULT = b'[{"id": 42, "name": "Ada", "tags": ["a", "b"]}]'


def some_run(status: RunStatus = RunStatus.SUCCESS, **changes: Any) -> ActionRun:
    run = ActionRun(
        "a" * 32, "live", RunKind.RUN, status, ActionKey("mail", "WRITE", "send"), "Mail", "Send",
        None, "", NOON, run_id="r-1",
    )  # fmt: skip
    return dataclasses.replace(run, **changes)


@pytest.mark.parametrize(
    ("status", "sent", "processed", "result"),
    [
        (RunStatus.SUBMITTING, "on its way", "not yet", "not yet"),
        (RunStatus.WAITING, "accepted", "waiting (queued)", "not yet"),
        (RunStatus.SUCCESS, "accepted", "success", "1 item, 47 B"),
        (RunStatus.ERROR, "accepted", "error", "none"),
        (RunStatus.LOST, "accepted", "cannot know", "none"),
        (RunStatus.UNKNOWN, "cannot know", "cannot know", "none"),
        (RunStatus.REFUSED, "refused", "no", "none"),
        (RunStatus.NOT_SENT, "not sent", "no", "none"),
    ],
)
def test_the_four_facts_are_told_apart(
    status: RunStatus, sent: str, processed: str, result: str
) -> None:
    has_id = status in {RunStatus.WAITING, RunStatus.SUCCESS, RunStatus.ERROR, RunStatus.LOST}
    run = some_run(
        status,
        run_id="r-1" if has_id else None,
        server_status="queued" if status is RunStatus.WAITING else "",
    )
    record = RunRecord(run, b"{}", RESULT if status is RunStatus.SUCCESS else None)
    facts = facts_of(run, record, NOON + 1_000)
    assert [fact.text for fact in facts.all()[:3]] == [sent, processed, result]
    assert facts.saved.text.startswith("here")
    assert facts.sentence().startswith(f"Sent: {sent}. Processed: {processed}.")


def test_a_server_that_says_waiting_of_a_waiting_run_is_not_quoted() -> None:
    run = some_run(RunStatus.WAITING, server_status="waiting")
    facts = facts_of(run, RunRecord(run, b"{}"), NOON)
    assert facts.processed.text == "waiting"
    assert facts.processed.tip == "What Zapier said last."


def test_success_of_the_server_is_never_success_of_the_result() -> None:
    failed = RunRecord(some_run(), b"{}", b'[{"ok": false, "why": "no such row"}]')
    fact = facts_of(failed.run, failed, NOON).result
    assert fact.state == "tells_trouble"
    assert fact.text == '1 item, 37 B; it says "ok": false'
    listed = some_run(headline=result_line(failed.results))
    assert facts_of(listed, None, NOON).result.state == "tells_trouble"
    assert facts_of(listed, None, NOON).result.text == 'it says "ok": false'
    empty = RunRecord(some_run(), b"{}", b"[]")
    assert facts_of(some_run(headline=result_line(b"[]")), None, NOON).result.state == "no_data"
    assert facts_of(empty.run, empty, NOON).result.text == "no data"


@pytest.mark.parametrize(
    ("results", "said"),
    [
        (b'[{"success": "false"}]', '"success": "false"'),
        (b'{"error": {"message": "Full"}}', '"error": {"message": "Full"}'),
        (b'[{"status": "failed"}]', '"status": "failed"'),
        (b'[{"errors": [], "error": null, "status": "ok", "ok": true}]', ""),
        (b'[{"error": "%s"}]' % (b"long " * 40), '"error": "long'),
        (b"[1, 2]", ""),
        (b"NaN", ""),
        (b"[{", ""),
    ],
)
def test_what_a_result_says_of_a_failure_is_quoted(results: bytes, said: str) -> None:
    found = telling_part(results)
    assert found.replace(" ", "").startswith(said.replace(" ", ""))
    assert bool(found) is bool(said)
    assert len(found) <= 80


def test_what_is_kept_here_outlives_what_the_server_keeps() -> None:
    run = some_run()
    saved = [
        facts_of(run, None, NOON + ms).saved for ms in (0, 3 * DAY_MS, 7 * DAY_MS - 10_000_000)
    ]
    assert [fact.text for fact in saved] == [
        "here, and 7 days more at Zapier",
        "here, and 4 days more at Zapier",
        "here, and 3 hours more at Zapier",
    ]
    assert saved[2].at_ms == NOON + 7 * DAY_MS
    assert facts_of(run, None, NOON + 8 * DAY_MS).saved.text == "here, no longer at Zapier"
    assert facts_of(some_run(run_id=None), None, NOON).saved.text == "here"


def test_server_date_that_is_days_off_moves_the_seven_days_only() -> None:
    """The server's clock is two days ahead; both ends of its seven days are told by it."""
    offset = 2 * DAY_MS
    run = some_run(forgotten_ms=NOON + offset + 7 * DAY_MS)
    facts = facts_of(run, None, NOON + DAY_MS, offset)
    assert facts.saved.text == "here, and 6 days more at Zapier"
    assert facts.saved.at_ms == NOON + 7 * DAY_MS  # by this computer's clock
    # The computer's clock has been mended meanwhile: the label stays true.
    assert facts_of(run, None, NOON + offset + DAY_MS, 0).saved.text == facts.saved.text
    assert facts.sent.at_ms is None


def test_the_sandbox_is_never_called_zapier() -> None:
    for status in RunStatus:
        run = some_run(status, profile_id=SANDBOX_ID)
        facts = facts_of(run, RunRecord(run, b"{}", RESULT), NOON)
        words = facts.sentence() + " ".join(fact.tip for fact in facts.all())
        assert "Zapier" not in words
    for waits_for in WaitsFor:
        assert "Zapier" not in Outlook(waits_for, 3.0, 2).sentence("the sandbox")


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (4_120, "4.1 KB"), (30_900_000, "31 MB"), (10**15, "1000000 GB")],
)
def test_a_size_is_told_in_the_unit_that_fits(size: int, text: str) -> None:
    assert size_text(size) == text


def test_differences_between_two_attempts_are_told_field_by_field() -> None:
    before = b'{"to": "ada@example.org", "count": "1", "key": {"$hidden": "password"}}'
    after = {"to": "ada@example.org", "count": "2", "note": None, "key": {"$hidden": "password"}}
    assert changes_between(before, after) == (
        InputChange("count", '"1"', '"2"'),
        InputChange("note", None, "null"),
    )
    assert changes_between(b"{broken", {"a": 1}) == (InputChange("a", None, "1"),)


@pytest.mark.parametrize(
    ("status", "resolution", "standing", "warning"),
    [
        (RunStatus.SUCCESS, None, "it ended as 'Success'", "do it a second time"),
        (RunStatus.UNKNOWN, None, "it is not known whether it ran", "Look in Mail first"),
        (RunStatus.UNKNOWN, Resolution.HAPPENED, "it happened", "a second time"),
        (RunStatus.UNKNOWN, Resolution.DID_NOT, "did not happen", "did nothing"),
        (RunStatus.WAITING, None, "Zapier is still working on it", "the first is still on its way"),
        (RunStatus.NOT_SENT, None, "it ended as 'Not sent'", "did nothing"),
    ],
)
def test_an_earlier_attempt_is_told_with_what_sending_again_may_do(
    status: RunStatus, resolution: Resolution | None, standing: str, warning: str
) -> None:
    attempt = EarlierAttempt(some_run(status, resolution=resolution))
    assert attempt.sentence(NOON + 180_000).startswith("The same was sent to Mail 3 minutes ago")
    assert standing in attempt.sentence(NOON)
    assert warning in attempt.warning()
