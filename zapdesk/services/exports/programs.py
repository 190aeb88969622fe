"""A run as a program: Python with httpx, JavaScript with fetch.

Inputs are values of the language where these become the same bytes again, and JSON text where they
would not: numbers that the language rounds, names that it sorts or takes as its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from zapdesk.domain.payload import write_json
from zapdesk.domain.runs import RunKind
from zapdesk.services.exports.requests import ADDRESS, TOKEN, Request, Variable, comment

_ACTION_ID = Variable("action_id")
_SAFE_INTEGER = 2**53 - 1
_INDEX = re.compile(r"0|[1-9][0-9]*")
_WIDTH = 88

_PYTHON = """\
# {title}. It has real effects. Needs httpx.
# Set first: {variables}.
import json
import os

import httpx

client = httpx.Client(
    base_url={address},
    headers={{"Authorization": "Bearer " + os.environ["{token}"]}},
    timeout=60.0,
)
# An action id is good for one run: a new one is fetched each time.
query = {query}
found = client.get("/v2/actions", params=query).raise_for_status().json()
listed = found[0] if isinstance(found, list) else found
wanted = {wanted}
action_id = next(a["id"] for a in listed["data"] if (a["key"], a["action_type"]) == wanted)

{body}
answer = client.post(
    {path},
    content=text.encode(),
    headers={{"Content-Type": "application/json"}},
)
print(answer.status_code, answer.text)
"""

_JAVASCRIPT = """\
// {title}. It has real effects. For Node 18 or later, as a module (.mjs).
// Set first: {variables}.
const address = {address};
const headers = {{ Authorization: `Bearer ${{process.env.{token}}}` }};

// An action id is good for one run: a new one is fetched each time.
const query = new URLSearchParams({query});
const found = await (await fetch(`${{address}}/v2/actions?${{query}}`, {{ headers }})).json();
const listed = Array.isArray(found) ? found[0] : found;
const action_id = listed.data.find(
  (action) => action.key === {key} && action.action_type === {action_type},
).id;

{body}
const answer = await fetch({path}, {{
  method: "POST",
  headers: {{ ...headers, "Content-Type": "application/json" }},
  body: text,
}});
console.log(answer.status, await answer.text());
"""


def python(request: Request) -> str:
    """The run as a program in Python."""
    action = request.action
    if _is_exact_in_python(request):
        body = f"body = {_literal(request.body(_ACTION_ID), _python_word, 0)}\n"
        body += 'text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))'
    else:
        body = _pieces(request, "text = (\n    ", "\n    ", "\n)", _python_word, "json.dumps({})")
    is_run = request.kind is RunKind.RUN
    return _PYTHON.format(
        title=comment(request.title),
        variables=", ".join(request.variables),
        address=_python_word(request.address or Variable(ADDRESS)),
        token=TOKEN,
        query=_literal(_query(request), _python_word, 0),
        wanted=f"({_python_word(action.key)}, {_python_word(action.action_type)})",
        body=body,
        path='"/v2/action-runs"' if is_run else 'f"/v2/actions/{action_id}/test"',
    )


def javascript(request: Request) -> str:
    """The run as a program in JavaScript."""
    if _is_exact_in_javascript(request.inputs):
        body = f"const body = {_literal(request.body(_ACTION_ID), _javascript_word, 0, step=2)};\n"
        body += "const text = JSON.stringify(body);"
    else:
        start, between = "const text =\n  ", " +\n  "
        body = _pieces(request, start, between, ";", _javascript_word, "JSON.stringify({})")
    is_run = request.kind is RunKind.RUN
    return _JAVASCRIPT.format(
        title=comment(request.title),
        variables=", ".join(request.variables),
        address=_javascript_word(request.address or Variable(ADDRESS)),
        token=TOKEN,
        query=_literal(_query(request), _javascript_word, 0, step=2),
        key=_javascript_word(request.action.key),
        action_type=_javascript_word(request.action.action_type),
        body=body,
        path="`${address}/v2/"
        + ("action-runs`" if is_run else "actions/${encodeURIComponent(action_id)}/test`"),
    )


def _query(request: Request) -> dict[str, str]:
    return {"app": request.action.app_id, "action_type": request.action.action_type}


def _pieces(
    request: Request, start: str, between: str, end: str, word: Callable[[Any], str], json_of: str
) -> str:
    """The body as JSON text, put together where variables are."""
    written = [
        word(piece) if isinstance(piece, str) else json_of.format(word(piece))
        for piece in request.body_pieces(_ACTION_ID)
    ]
    joined = between if between.strip() else f"{between}+ "
    return start + joined.join(written) + end


def _literal(value: Any, word: Callable[[Any], str], level: int, *, step: int = 4) -> str:
    """``value`` as a literal; what does not fit on a line is spread over several."""
    if not isinstance(value, Mapping | list) or not value:
        return word(value) if not isinstance(value, Mapping) else "{}"
    inside = " " * (step * (level + 1))
    if isinstance(value, Mapping):
        items = [f"{word(k)}: {_literal(v, word, level + 1, step=step)}" for k, v in value.items()]
        pair = "{}"
    else:
        items = [_literal(item, word, level + 1, step=step) for item in value]
        pair = "[]"
    line = pair[0] + ", ".join(items) + pair[1]
    if len(line) + step * level <= _WIDTH and "\n" not in line:
        return line
    lines = "".join(f"{inside}{item},\n" for item in items)
    return f"{pair[0]}\n{lines}{' ' * (step * level)}{pair[1]}"


def _python_word(value: Any) -> str:
    if isinstance(value, Variable):
        return value.name if value is _ACTION_ID else f'os.environ["{value.name}"]'
    if isinstance(value, str) and '"' not in value and "'" not in value:
        return f'"{repr(value)[1:-1]}"'
    return repr(value)


def _javascript_word(value: Any) -> str:
    if isinstance(value, Variable):
        return value.name if value is _ACTION_ID else f"process.env.{value.name}"
    text = json.dumps(value, ensure_ascii=False)
    # What cannot be seen is escaped, so that the program does what it shows.
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _is_exact_in_python(request: Request) -> bool:
    """Whether ``json.dumps`` of the values gives the bytes that zapdesk sends."""
    values = {n: v for n, v in request.inputs.items() if not isinstance(v, Variable)}
    try:
        text = json.dumps(json.loads(write_json(values)), ensure_ascii=False, separators=(",", ":"))
        return text.encode() == write_json(values) and not _has_exact_number(values)
    except (ValueError, RecursionError):
        return False


def _has_exact_number(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_exact_number(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_exact_number(item) for item in value)
    return not isinstance(value, str | int | float | Variable | None)


def _is_exact_in_javascript(value: Any) -> bool:
    match value:
        case Mapping():
            return all(
                not _INDEX.fullmatch(name) and name != "__proto__" and _is_exact_in_javascript(item)
                for name, item in value.items()
            )
        case list():
            return all(map(_is_exact_in_javascript, value))
        case str():
            return not any("\ud800" <= c <= "\udfff" for c in value)
        case bool() | None | Variable():
            return True
        case int():
            return abs(value) <= _SAFE_INTEGER
        case _:
            return False
