"""A run as commands for a POSIX shell: curl, and zapdesk's own command line.

Every text of a run is quoted, so that pasting a snippet runs nothing but what is seen to be there.
"""

from __future__ import annotations

import json
import re
from shlex import quote
from typing import Any

from zapdesk.domain.payload import write_json
from zapdesk.domain.profiles import SANDBOX_ID
from zapdesk.domain.runs import RunKind
from zapdesk.services.exports.requests import ADDRESS, TOKEN, Request, Variable, comment

_ACTION_ID = "ACTION_ID"
_LONGEST_ARGUMENT = 100_000
"""Characters; Linux takes 128 KiB for one argument."""


def curl(request: Request) -> str:
    """The run as two calls of curl: one for a new action id (read by jq), one that sends."""
    action = request.action
    condition = (
        f".key == {json.dumps(action.key)} and .action_type == {json.dumps(action.action_type)}"
    )
    listed = 'if type == "array" then .[0] else . end | .data[]'  # some documents wrap it
    found = f"first({listed} | select({condition})) | .id"
    if request.kind is RunKind.TEST:
        found += " | @uri"  # it goes into the path
    header = f'-H "Authorization: Bearer ${TOKEN}"'
    path = "action-runs" if request.kind is RunKind.RUN else f"actions/${_ACTION_ID}/test"
    lines = [
        *_heading(request, "curl and jq"),
        *([f"{ADDRESS}={quote(request.address)}"] if request.address else []),
        "# An action id is good for one run: a new one is fetched each time.",
        f'{_ACTION_ID}="$(curl -sS -G "${ADDRESS}/v2/actions" {header} \\',
        f"  --data-urlencode {quote('app=' + action.app_id)}"
        f" --data-urlencode {quote('action_type=' + action.action_type)} |",
        f'  jq -er {quote(found)})" &&',
        f"printf %s {_text_of(request)} |",
        f'curl -sS -X POST "${ADDRESS}/v2/{path}" {header} \\',
        "  -H 'Content-Type: application/json' --data-binary @-",
    ]
    return "\n".join(lines) + "\n"


def command_line(request: Request) -> str:
    """The run as a call of zapdesk itself."""
    action = request.action
    word = "run" if request.kind is RunKind.RUN else "test"
    server = _server(request)
    parts = [
        f"{server[0]}zapdesk {word} {quote(action.app_id)} {quote(_action(request))}{server[1]}"
    ]
    if request.authentication_id is not None:
        parts.append(_option("--connection", request.authentication_id))
    rest: dict[str, Any] = {}
    for name, value in request.inputs.items():
        words = _words(name, value)
        if words is None:
            rest[name] = value
        else:
            parts += words
    lines = _heading(request, "zapdesk", has_own_token=not server[0])
    if not rest:
        return "\n".join([*lines, " \\\n  ".join(parts)]) + "\n"
    document = write_json(rest, indent=2).decode()
    end = "END"
    while re.search(rf"^{end}$", document, re.MULTILINE):
        end += "_"
    return (
        "\n".join([*lines, " \\\n  ".join([*parts, f"--inputs - <<'{end}'"]), document, end]) + "\n"
    )


def _heading(request: Request, needs: str, *, has_own_token: bool = False) -> list[str]:
    variables = [v for v in request.variables if not (has_own_token and v in {TOKEN, ADDRESS})]
    lines = [f"# {comment(request.title)}. It has real effects. Needs {needs}."]
    if variables:
        lines.append(f"# Set first: {', '.join(variables)}.")
    return lines


def _text_of(request: Request) -> str:
    words = ""
    for piece in request.body_pieces(Variable(_ACTION_ID)):
        if isinstance(piece, str):
            words += quote(piece)
        elif piece.name == _ACTION_ID:
            words += f"'\"'\"${_ACTION_ID}\"'\"'"
        else:
            words += f'"$(printf %s "${piece.name}" | jq -Rs .)"'
    return words


def _server(request: Request) -> tuple[str, str]:
    """What stands before and behind the command so that it goes to the same server."""
    if request.profile_id == SANDBOX_ID:
        return "", " --sandbox"
    if request.profile_id.startswith("at "):
        return f'ZAPDESK_BASE_URL={quote(request.address)} ZAPDESK_TOKEN="${TOKEN}" ', ""
    return "", " " + _option("--profile", request.profile_id)


def _action(request: Request) -> str:
    return f"{request.action.action_type}:{request.action.key}"


def _option(name: str, text: str) -> str:
    return f"{name}={quote(text)}" if text.startswith("-") else f"{name} {quote(text)}"


def _words(name: str, value: Any) -> list[str] | None:
    """``--input`` for one field; ``None`` where only a JSON document can say it."""
    key = name.replace("=", "\\=")
    if not name or name.endswith((":", "\\")) or "\x00" in name:
        return None
    option = "--input=" if name.startswith("-") else "--input "
    match value:
        case Variable(variable):
            return [f'{option}{quote(key + "=")}"${variable}"']
        case str() if _fits(value):
            return [option + quote(f"{key}={value}")]
        case list() if len(value) > 1 and all(isinstance(v, str) and _fits(v) for v in value):
            return [option + quote(f"{key}={item}") for item in value]
        case _:
            text = write_json(value).decode()
            return [option + quote(f"{key}:={text}")] if _fits(text) else None


def _fits(text: str) -> bool:
    is_text = "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
    return is_text and len(text) <= _LONGEST_ARGUMENT
