"""What is written into the log about a run goes through here: no live secret reaches the file.

A server may repeat a token or a PASSWORD value in a result or an error. Results are kept as they
were received but for that; where hiding would make JSON unreadable, the values in it are hidden one
by one.
"""

from __future__ import annotations

from typing import Any

from zapdesk.domain.payload import ExactNumber, read_json, write_json
from zapdesk.errors import InvalidInput
from zapdesk.redaction import HIDDEN, REDACTOR


def hidden(text: str) -> str:
    """Words, without live secrets."""
    return REDACTOR.exact(text)


def hidden_body(body: bytes) -> bytes:
    """A body, without live secrets; the same object where there are none."""
    text = body.decode("utf-8", "surrogateescape")
    shown = REDACTOR.exact(text)
    if shown == text:
        return body
    if _is_json(text) and not _is_json(shown):
        return write_json(_hidden_values(read_json(text)))
    return shown.encode("utf-8", "surrogateescape")


def _is_json(text: str) -> bool:
    try:
        read_json(text)
    except InvalidInput:
        return False
    return True


def _hidden_values(value: Any) -> Any:
    match value:
        case dict():
            return {REDACTOR.exact(name): _hidden_values(item) for name, item in value.items()}
        case list():
            return [_hidden_values(item) for item in value]
        case str():
            return REDACTOR.exact(value)
        case bool() | None:
            return value
        case ExactNumber():
            return HIDDEN if REDACTOR.exact(value.text) != value.text else value
        case _:
            return HIDDEN if REDACTOR.exact(str(value)) != str(value) else value
