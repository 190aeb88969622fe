"""The four facts of a run, told apart: was it sent, was it processed, what does the result itself
say, and where is it kept. One source for list, detail, command line and screen readers.

None of them follows from another: a server that processed a run has not thereby done what was
meant, and what the result says about that is quoted, never judged. Times are Unix milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from zapdesk.domain.explanation import RETENTION_DAYS, server_of
from zapdesk.domain.json_outline import ChildScanner, is_empty, root_span
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.result_words import NO_DATA, SAYS
from zapdesk.domain.runs import ActionRun, RunRecord, RunStatus
from zapdesk.errors import InvalidInput

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
RETENTION_MS = RETENTION_DAYS * DAY_MS

_READ_UP_TO = 64 * 1024  # counting a list and looking into it means reading all of it
_LONGEST_QUOTE = 80
_BAD_WORDS = frozenset({"error", "errored", "fail", "failed", "failure"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its name, a stable word for programs, and the words for people.

    ``tone`` is a status's word where the fact is as that status is, ``muted`` where there is
    nothing to see, else ``text``. ``tip`` says more, ``at_ms`` is the moment it speaks of.
    """

    name: str
    state: str
    text: str
    tone: str = "text"
    tip: str = ""
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The four, in their order."""

    sent: Fact
    processed: Fact
    result: Fact
    saved: Fact

    def all(self) -> tuple[Fact, Fact, Fact, Fact]:
        """As they are shown."""
        return self.sent, self.processed, self.result, self.saved

    def sentence(self) -> str:
        """All of them in one line, for a screen reader."""
        return " ".join(f"{fact.name}: {fact.text}." for fact in self.all())


def facts_of(
    run: ActionRun, record: RunRecord | None, now_ms: int, clock_offset_ms: int = 0
) -> Facts:
    """The facts of ``run`` now; without its ``record`` the line about the outcome stands for
    the result, as in lists.

    ``clock_offset_ms`` is how far the server's clock is ahead of this computer's.
    """
    return Facts(
        _sent(run), _processed(run), _result(run, record), _saved(run, now_ms, clock_offset_ms)
    )


def not_saved(facts: Facts, run: ActionRun, run_id: str, reason: str) -> Facts:
    """The facts of a run while the log cannot take what became of it: ``run_id`` is the server's,
    where it gave one, and is known to this process alone."""
    sent = facts.sent
    if run_id:
        tip = f"{_capital(server_of(run))} took it in under this id. Copy it: it is not saved yet."
        sent = Fact(sent.name, "accepted", f"accepted as {run_id}", tip=tip)
    tip = f"{reason} zapdesk keeps trying. Ended now, it will not know how this went."
    return replace(
        facts, sent=sent, saved=Fact(facts.saved.name, "not_yet", "not yet", "error", tip)
    )


def _sent(run: ActionRun) -> Fact:
    name, server = "Sent", server_of(run)
    match run.status:
        case RunStatus.SUBMITTING:
            return Fact(name, "sending", "on its way", "waiting")
        case RunStatus.NOT_SENT:
            return Fact(name, "not_sent", "not sent", "not_sent", "Nothing left this computer.")
        case RunStatus.REFUSED:
            tip = f"It reached {server}, which refused it: nothing ran."
            return Fact(name, "refused", "refused", "refused", tip, run.sent_ms)
        case RunStatus.UNKNOWN:
            tip = (
                f"It left this computer and no usable answer of {server} came back."
                if run.sent_ms is not None
                else "zapdesk ended while it was being sent."
            )
            return Fact(name, "unknown", "cannot know", "unknown", tip, run.sent_ms)
    tip = f"{_capital(server)} took it in."
    return Fact(name, "accepted", "accepted", tip=tip, at_ms=run.accepted_ms or run.sent_ms)


def _processed(run: ActionRun) -> Fact:
    name, server = "Processed", server_of(run)
    word = f" ({run.server_status})" if run.server_status else ""
    match run.status:
        case RunStatus.SUBMITTING:
            return Fact(name, "no", "not yet", "muted")
        case RunStatus.WAITING:
            tip = f"What {server} said last." if word else ""
            more = "" if run.server_status == RunStatus.WAITING.value else word
            return Fact(name, "waiting", f"waiting{more}", "waiting", tip)
        case RunStatus.SUCCESS:
            tip = f"What {server} says of its own work; the result tells what was done."
            return Fact(name, "success", "success", tip=tip, at_ms=run.ended_ms)
        case RunStatus.ERROR:
            return Fact(name, "error", "error", "error", at_ms=run.ended_ms)
        case RunStatus.LOST | RunStatus.UNKNOWN:
            return Fact(name, "unknown", "cannot know", "unknown")
    return Fact(name, "no", "no", "muted")


def _result(run: ActionRun, record: RunRecord | None) -> Fact:
    name = "Result"
    if run.status.is_open:
        return Fact(name, "not_yet", "not yet", "muted")
    if record is None:
        return _result_line(run)
    results = record.results or b""
    if is_empty(record.results):
        if run.status is RunStatus.SUCCESS:
            return Fact(name, "no_data", "no data", "muted", "It came back without any data.")
        return Fact(name, "none", "none", "muted")
    amount = amount_text(results)
    if quote := telling_part(results):
        tip = f"What the result itself says, whatever {server_of(run)} says of its own work."
        return Fact(name, "tells_trouble", f"{amount}; it says {quote}", "unknown", tip)
    return Fact(name, "data", amount)


def _result_line(run: ActionRun) -> Fact:
    name, line = "Result", run.headline
    if run.status is RunStatus.ERROR or (run.status is RunStatus.SUCCESS and not line):
        return Fact(name, "unread", "not read here", "muted")
    if run.status is not RunStatus.SUCCESS:
        return Fact(name, "none", "none", "muted")
    if line == NO_DATA:
        return Fact(name, "no_data", "no data", "muted")
    if line.startswith(SAYS):
        return Fact(name, "tells_trouble", f"it says {line.removeprefix(SAYS)}", "unknown")
    return Fact(name, "data", line)


def _saved(run: ActionRun, now_ms: int, clock_offset_ms: int) -> Fact:
    name, server = "Saved", server_of(run)
    if run.run_id is None:
        return Fact(name, "here", "here", tip="It stays in this computer's log.")
    forgotten = run.forgotten_ms
    if forgotten is None:
        forgotten = (run.accepted_ms or run.created_ms) + RETENTION_MS + clock_offset_ms
    left = forgotten - (now_ms + clock_offset_ms)
    here = "Here it stays."
    if run.status is RunStatus.LOST or left <= 0:
        tip = f"{_capital(server)} keeps a run for {RETENTION_DAYS} days. {here}"
        return Fact(name, "here_only", f"here, no longer at {server}", tip=tip)
    tip, until = f"{_capital(server)} deletes it then. {here}", forgotten - clock_offset_ms
    text = f"here, and {_left_text(left)} more at {server}"
    return Fact(name, "here_and_server", text, tip=tip, at_ms=until)


def amount_text(results: bytes) -> str:
    """How much a result holds: the items of a short list are counted, a long one is weighed."""
    span = root_span(results)
    if results[span[0] : span[0] + 1] == b"[" and span[1] - span[0] <= _READ_UP_TO:
        count = len(ChildScanner(results, span).run())
        return f"{count} item{'' if count == 1 else 's'}, {size_text(len(results))}"
    return size_text(len(results))


def telling_part(results: bytes) -> str:
    """What a short result says of a failure, quoted as it stands: ``"ok": false``.

    Only plain signs at the top of it, or of its first item, count; empty where there are none.
    """
    if len(results) > _READ_UP_TO:
        return ""
    try:
        value = read_json(results)
    except InvalidInput:
        return ""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return ""
    for key, said in first.items():
        if _tells_trouble(key.strip().lower(), said):
            shown = " ".join(f"{write_json(key).decode()}: {write_json(said).decode()}".split())
            return shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1] + "…"
    return ""


def _tells_trouble(key: str, said: Any) -> bool:
    match key:
        case "ok" | "success" | "succeeded":
            return said is False or (isinstance(said, str) and said.strip().lower() == "false")
        case "error" | "errors":
            return bool(said) and not (isinstance(said, str) and said.strip().lower() == "false")
        case "status":
            return isinstance(said, str) and said.strip().lower() in _BAD_WORDS
    return False


def size_text(size: int) -> str:
    """A number of bytes: ``312 B``, ``4.1 KB``, ``30 MB``."""
    if size < 1000:
        return f"{size} B"
    for unit, scale in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        value = size / scale
        if value < 999.5 or unit == "GB":
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable")


def _left_text(milliseconds: int) -> str:
    for size, word in ((DAY_MS, "day"), (HOUR_MS, "hour"), (60_000, "minute")):
        if milliseconds >= size:
            count = round(milliseconds / size)
            return f"{count} {word}{'' if count == 1 else 's'}"
    return "a minute"


def _capital(server: str) -> str:
    return server[0].upper() + server[1:]
