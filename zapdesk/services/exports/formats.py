"""Every form in which a run can leave this computer, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from zapdesk.redaction import Shown, shown_marks
from zapdesk.services import capsules
from zapdesk.services.dossiers import Dossier
from zapdesk.services.environment import environment
from zapdesk.services.exports import har, programs, report, run_json, shell, table, ticket
from zapdesk.services.exports.requests import request


class Format(StrEnum):
    """A form of export, by the word that the command line uses."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HAR = "har"
    MARKDOWN = "markdown"
    CURL = "curl"
    PYTHON = "python"
    JAVASCRIPT = "javascript"
    CLI = "cli"
    CAPSULE = "capsule"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class FormatFacts:
    """What a format is called, how its files end, and what it is for."""

    title: str
    suffix: str
    write: Callable[[Dossier], str]
    is_snippet: bool = False
    takes_many: bool = False


FORMATS: Mapping[Format, FormatFacts] = {
    Format.JSON: FormatFacts("JSON", ".json", run_json.run_json, takes_many=True),
    Format.JSONL: FormatFacts("JSON lines", ".jsonl", run_json.run_line, takes_many=True),
    Format.CSV: FormatFacts(
        "CSV table", ".csv", lambda d: table.heading() + table.row(d), takes_many=True
    ),
    Format.HAR: FormatFacts("HTTP archive", ".har", har.har),
    Format.MARKDOWN: FormatFacts("Markdown report", ".md", report.report),
    Format.CURL: FormatFacts("cURL", ".sh", lambda d: shell.curl(request(d)), True),
    Format.PYTHON: FormatFacts(
        "Python (httpx)", ".py", lambda d: programs.python(request(d)), True
    ),
    Format.JAVASCRIPT: FormatFacts(
        "JavaScript (fetch)", ".mjs", lambda d: programs.javascript(request(d)), True
    ),
    Format.CLI: FormatFacts(
        "zapdesk command", ".sh", lambda d: shell.command_line(request(d)), True
    ),
    Format.CAPSULE: FormatFacts("Run capsule", capsules.SUFFIX, capsules.write_text),
    Format.TICKET: FormatFacts("Support ticket", ".md", lambda d: ticket.text(d, environment())),
}


def written(dossier: Dossier, format: Format) -> Shown:
    """``dossier`` in that format, with every place where something is hidden.

    Raises InvalidInput for a snippet where a part of an input is hidden.
    """
    return shown_marks(FORMATS[format].write(dossier))
