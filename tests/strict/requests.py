"""What every request must look like, whatever it asks for: headers, path, query, JSON text.

Each check returns sentences about what is wrong; none means that the request is right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

_PATH_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*\Z")
_QUERY_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~!$'()*+,;:@/?&=]|%[0-9A-Fa-f]{2})*\Z")
_USER_AGENT = re.compile(r"zapdesk/\d[\w.+-]*( \([ -~]*\))?( [\w.]+/[\w.]+)*\Z")
_HEADERS = frozenset(
    {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
        "authorization",
        "content-type",
        "content-length",
    }
)
DOCUMENTED_QUERY = {
    "apps": {"category", "ids", "limit", "offset", "query"},
    "actions": {"app", "action_type"},
    "authentications": {"app", "limit", "offset"},
    "choices": {"page"},
    "categories": {"limit", "offset"},
}
ACTION_TYPES = {"READ", "READ_BULK", "SEARCH", "SEARCH_AND_WRITE", "SEARCH_OR_WRITE", "WRITE"}


@dataclass(slots=True)
class Request:
    """One request as it came and what became of it. Times are monotonic seconds."""

    at: float
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    endpoint: str = ""
    token: str = ""
    json: Any = None
    status: int = 0
    answer: bytes = b""
    answered_at: float = 0.0

    def header(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        text = self.target.partition("?")[2]
        return parse_qsl(text, keep_blank_values=True) if text else []

    @property
    def segments(self) -> list[str]:
        """The path's parts, each decoded by itself."""
        return [unquote(part, errors="replace") for part in self.path.split("/")[1:]]

    @property
    def data(self) -> Any:
        """What stands under ``data`` in the body."""
        return self.json.get("data") if isinstance(self.json, Mapping) else None


def header_faults(request: Request, host: str) -> list[str]:
    found = []
    names = [name.lower() for name, _ in request.headers]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(f"the header {name} was sent {names.count(name)} times")
    if "cookie" in names:
        found.append("a cookie was sent")
    for name in sorted(set(names) - _HEADERS - {"cookie"}):
        found.append(f"the header {name} is not documented")
    if request.header("host") != [host]:
        found.append(f"the request was meant for {request.header('host')}, not for {host}")
    if not _USER_AGENT.fullmatch(" ".join(request.header("user-agent"))):
        found.append(f"the User-Agent {request.header('user-agent')} does not name zapdesk")
    accepted = ",".join(request.header("accept")).replace(" ", "").split(",")
    if "application/json" not in [item.partition(";")[0] for item in accepted]:
        found.append(f"Accept is {request.header('accept')}, not application/json")
    for value in request.header("authorization"):
        if not re.fullmatch(r"Bearer [A-Za-z0-9\-._~+/]+=*", value):
            found.append("Authorization is not of the form Bearer <token>")
    if request.method == "POST":
        types = [value.partition(";")[0].strip() for value in request.header("content-type")]
        if types != ["application/json"]:
            found.append(f"Content-Type is {request.header('content-type')}, not application/json")
    elif request.body or request.header("content-type"):
        found.append(f"a {request.method} carried a body or a Content-Type")
    return found


def target_faults(request: Request, next_links: set[str]) -> list[str]:
    """Path and query; ``next_links`` are the targets this server gave to this token."""
    found = []
    path, mark, query = request.target.partition("?")
    if not path.startswith("/") or "//" in path:
        return [f"the path {path!r} has empty parts"]
    if not _PATH_CHARACTERS.fullmatch(path.replace("/", "")):
        found.append(f"the path {path!r} is not percent-encoded")
    try:
        for part in path.split("/"):
            unquote(part, errors="strict")
    except UnicodeDecodeError:
        found.append(f"the path {path!r} is not UTF-8 when decoded")
    if path.endswith("/"):
        found.append("the path ends with a slash, which no document of ours names")
    if request.target in next_links:
        return found
    if mark and not query:
        found.append("the query is empty but for its question mark")
    if not _QUERY_CHARACTERS.fullmatch(query):
        found.append(f"the query {query!r} is not percent-encoded")
    names = [name for name, _ in request.query]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(f"the query names {name} more than once")
    for name in sorted(set(names) - DOCUMENTED_QUERY.get(request.endpoint, set())):
        found.append(f"the query parameter {name} is not documented for {request.endpoint}")
    values = dict(request.query)
    if not 1 <= _number(values.get("limit", "10")) <= 100:
        found.append(f"limit is {values['limit']!r}")
    if _number(values.get("offset", "0")) < 0:
        found.append(f"offset is {values['offset']!r}")
    if _number(values.get("offset", "0")) > 0 and request.endpoint == "apps":
        found.append("a later page was asked for by an offset of the client's own")
    if "ids" in values and "category" in values:
        found.append("ids and category were combined")
    if values.get("action_type", "READ") not in ACTION_TYPES:
        found.append(f"action_type is {values['action_type']!r}")
    if request.endpoint in {"actions", "authentications"} and not values.get("app"):
        found.append("the query does not name the app")
    return found


def read_body(request: Request) -> list[str]:
    """Read the JSON of a POST into the request; says what is wrong with its text."""
    found: list[str] = []

    def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        found.extend(
            f"the body has {name!r} twice" for name in {n for n in names if names.count(n) > 1}
        )
        return dict(pairs)

    def constant(word: str) -> None:
        found.append(f"the body holds {word}")

    try:
        request.json = json.loads(
            request.body.decode("utf-8"),
            object_pairs_hook=without_duplicates,
            parse_constant=constant,
        )
        json.dumps(request.json, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        return ["the body is not Unicode text in UTF-8"]
    except ValueError as error:
        return [f"the body is not JSON: {error}"]
    return found


def data_faults(
    request: Request, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> list[str]:
    """Whether the body is ``{"data": {…}}`` with these keys and no others."""
    if not isinstance(request.json, dict) or set(request.json) != {"data"}:
        return [f"the body of {request.endpoint} is not wrapped in data alone"]
    if not isinstance(request.data, dict):
        return [f"data of {request.endpoint} is no object"]
    keys = set(request.data)
    found = [f"data.{key} is missing" for key in sorted(required - keys)]
    found += [f"data.{key} is not documented" for key in sorted(keys - required - optional)]
    if "inputs" in required & keys and not isinstance(request.data["inputs"], dict):
        found.append("data.inputs is no object")
    return found


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else -1
