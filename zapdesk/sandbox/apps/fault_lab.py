"""Fault Lab: one action for each way in which a run can go wrong. It needs no connection.

What happens inside a run is here; what goes wrong in HTTP, by the same keys, is in ``faults``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from zapdesk.sandbox.definitions import Action, App, Call, Choice, Json, RunFailure
from zapdesk.sandbox.forms import info, select, text

APP_ID = "9f8e7d6c-5b4a-5938-8271-6f5e4d3ca006"
_LONGEST_S = 86_400.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
    seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, at REAL NOT NULL, note TEXT NOT NULL)
"""


def _mark(call: Call) -> Sequence[Json]:
    """The work of every action here: a counted mark, so that doing it twice would show."""
    call.db.execute(
        "INSERT INTO marks (run_id, at, note) VALUES (?, ?, ?)",
        (call.run_id, call.now, call.text("note")),
    )
    row = call.db.execute("SELECT COUNT(*) AS marks FROM marks").fetchone()
    return [{"marks": row["marks"], "note": call.text("note")}]


def _number(call: Call, key: str, default: float, *, most: float = _LONGEST_S) -> float:
    """The input as a number from 0 to ``most``, ``default`` where it is none."""
    try:
        number = float(call.text(key))
    except (ValueError, OverflowError):
        return default
    return min(max(number, 0.0), most) if math.isfinite(number) else default


def _fails(code: str, title: str, detail: str) -> Callable[[Call], Sequence[Json]]:
    def perform(call: Call) -> Sequence[Json]:
        delay_s = int(_number(call, "delay", 45)) if code == "throttled" else None
        raise RunFailure(code, title, detail, delay_s)

    return perform


def _nothing(_: Call) -> Sequence[Json]:
    return ()


def _many(call: Call) -> Sequence[Json]:
    """Big numbers, deep nesting and odd names, as results of third parties have them."""
    return [
        {
            "big_integer": 9_007_199_254_740_993,
            "bigger": 2**80,
            "exact": "0.1000000000000000055",
            "html": "<b>not bold</b> & <script>alert(1)</script>",
            "right_to_left": "\u202eevil\u202c",
            "empty": {},
            "none": None,
            "nested": {"a": [{"b": [{"c": "deep"}]}]},
            "": "an empty name",
            "number": number,
        }
        for number in range(int(_number(call, "count", 3, most=1_000)))
    ]


def _seconds(call: Call) -> float:
    return _number(call, "seconds", 5)


_NOTE = text("note", "Note", description="Comes back with the result.")
_FAILURES = (
    ("user", "Wrong input", "Tidepool says: the page is locked."),
    ("authentication", "Account refused", "Tidepool no longer accepts this account."),
    ("partner", "Third party failed", "Tidepool answered 503."),
    ("system", "Fault in the sandbox", "The run was lost in a queue."),
    ("system_throttled", "Too many runs", "Zapier limits how many runs go at once."),
    ("hydration", "File not fetched", "The file could not be downloaded."),
    ("quota_of_moons", "A code nobody knows", "This code is in no document."),
)
_HTTP = (
    ("run_400_parse_error", "400 parse_error", "The run POST is refused: its body is not read."),
    ("run_403", "403 permission_denied", "The run POST is refused: not allow-listed."),
    ("run_408", "408", "The run POST is answered with a time-out."),
    ("run_409", "409", "The run POST is answered with a conflict."),
    ("run_500", "500", "The run POST is answered with a server error."),
    ("run_502_html", "502 with a page", "The run POST is answered with HTML."),
    ("run_504", "504", "The run POST is answered with a gateway time-out."),
    ("run_302", "302", "The run POST is redirected."),
    ("run_307", "307", "The run POST is redirected, with the method kept."),
    ("reset_before_work", "Reset before the work", "The connection is cut, nothing was done."),
    ("reset_after_work", "Reset after the work", "The connection is cut, the work was done."),
    ("silence", "No answer", "The run is taken and never answered."),
    ("truncated_body", "Answer cut off", "The run is taken, half of the answer arrives."),
    ("no_run_id", "No id", "The run is taken, the answer has no id."),
    ("number_run_id", "A number as id", "The run is taken, its id is a number."),
    ("html_200", "200 with a page", "The run is taken, the answer is HTML."),
    ("slash_run_id", "Slashes in the id", "The run's id is `a/b?c#d e%2F` and more."),
    ("poll_404", "404 on polls", "The run is taken, nobody knows its id."),
    ("no_results", "No results", "The run succeeds, `results` is absent."),
    ("object_results", "Results as object", "The run succeeds, `results` is one object."),
    ("success_with_errors", "Success with errors", "The run succeeds and lists an error."),
    ("upper_case_status", "SUCCESS", "The status is written in capitals."),
    ("fields_fail", "Form fails", "The form is answered with 500."),
)
_WITH_WAIT = (
    ("run_429", "429", "The run POST is answered with 429 and Retry-After."),
    ("run_503", "503", "The run POST is answered with 503 and Retry-After."),
)


def _action(
    key: str, title: str, description: str, *more: Json,
    perform: Callable[[Call], Sequence[Json]] = _mark,
    takes_s: Callable[[Call], float] | None = None,
) -> Action:  # fmt: skip
    sample = {"marks": 1, "note": ""}
    return Action(
        key, title, description, "WRITE", perform, lambda _: (*more, _NOTE),
        sample=sample, takes_s=takes_s,
    )  # fmt: skip


def _options(count: int) -> Callable[[Call], Sequence[Choice]]:
    return lambda _: [Choice(f"option_{number}", f"Option {number}") for number in range(count)]


FAULT_LAB = App(
    id=APP_ID,
    key="SandboxFaultLab",
    title="Fault Lab",
    description="One action for each way in which a run can go wrong.",
    hex_color="c92a2a",
    categories=("testing", "developer-tools"),
    schema=_SCHEMA,
    actions=(
        _action("mark", "Works", "Counts a mark and succeeds."),
        *(
            _action(f"error_{code}", f"Error: {code}", detail, perform=_fails(code, title, detail))
            for code, title, detail in _FAILURES
        ),
        _action(
            "error_throttled", "Error: throttled", "The third party limits, and says how long.",
            text("delay", "Delay in seconds", kind="INTEGER", default="45"),
            perform=_fails("throttled", "Slow down", "Tidepool allows 5 writes a minute."),
        ),
        _action(
            "slow", "Slow", "Takes as long as you say, a day at most.",
            text("seconds", "Seconds", kind="NUMBER", default="5"), takes_s=_seconds,
        ),
        _action(
            "waiting_forever", "Waiting for Ever", "Never comes to an end.",
            takes_s=lambda _: math.inf,
        ),
        _action("empty_result", "Empty Result", "Succeeds with nothing.", perform=_nothing),
        _action(
            "many_results", "Odd Results", "Big numbers, deep nesting, odd names.",
            text("count", "How many", kind="INTEGER", default="3"), perform=_many,
        ),
        _action(
            "huge_result", "Huge Result", "One result as large as you say, 30 MB at most.",
            text("size_mb", "Size in MB", kind="NUMBER", default="5"),
        ),
        _action(
            "unknown_status", "Unknown Status", "A status word that nobody knows, then success.",
            text("word", "Word", default="percolating"),
            takes_s=lambda _: 3.0,
        ),
        _action(
            "poll_500", "500 on Polls", "So many polls fail, then they work.",
            text("times", "How often", kind="INTEGER", default="3"),
        ),
        _action(
            "run_400_fields", "400 with pointers",
            "The run POST is refused for every value that begins with “bad”, and says which.",
            text("name", "Name"),
            text("e-mail/work~1", "E-mail"),
            text("tags", "Tags", kind="ARRAY", items="STRING"),
        ),
        *(
            _action(key, title, detail, text("retry_after", "Retry-After", default="30"))
            for key, title, detail in _WITH_WAIT
        ),
        *(_action(key, title, detail) for key, title, detail in _HTTP),
        Action(
            "choices_loop", "Choices that Loop", "Page 2 leads to page 1 again.", "WRITE", _mark,
            lambda _: (select("choice", "Choice"), _NOTE), {"choice": _options(100)},
        ),
        Action(
            "choices_fail_page_3", "Choices that Fail", "Page 3 of them is a server error.",
            "WRITE", _mark, lambda _: (select("choice", "Choice"), _NOTE),
            {"choice": _options(500)},
        ),
        Action(
            "choices_other_host", "Choices from Elsewhere", "The next page is on another host.",
            "WRITE", _mark,
            lambda _: (info("why", "That page must not be followed."), select("choice", "Choice")),
            {"choice": _options(500)},
        ),
    ),
)  # fmt: skip
