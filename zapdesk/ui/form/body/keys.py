"""The keys of a body: on which line each stands, why it is there, who changed it. No widgets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zapdesk.domain.payload import read_json, write_json
from zapdesk.errors import InvalidInput

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*+"(\s*:)?|[{}\[\]\n]')

REASONS = {
    "typed": "It was typed or chosen in the form.",
    "default": "It is the app's default. Choose 'Not sent' at the field to leave it out.",
    "preset": "It came with a preset.",
    "mapped": "It holds a mapped value, worked out anew for each run.",
    "extra input": "No field of the form asks for it; it is sent all the same.",
}
"""What FormSession.why says of a key, as a sentence."""


def top_level_keys(text: str) -> Iterator[tuple[int, str]]:
    """Line number (from 0) and key of everything the outermost object holds.

    Text that is not JSON yet gives as many as can be made out.
    """
    line = depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "\n":
            line += 1
        elif token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        else:
            if depth == 1 and match[1] is not None:
                try:
                    key = read_json(token[: token.rindex('"') + 1])
                except InvalidInput:
                    continue
                yield line, key
            line += token.count("\n")


def merged(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> dict[str, Any]:
    """What is wanted where a text that stood for ``base`` was edited to ``mine`` while the form
    came to hold ``theirs``: a key that the editing did not touch is the form's.
    """
    wanted = {}
    for key in dict.fromkeys([*mine, *theirs]):
        is_touched = (key in mine) is not (key in base) or (
            key in mine and write_json(mine[key]) != write_json(base[key])
        )
        source = mine if is_touched else theirs
        if key in source:
            wanted[key] = source[key]
    return wanted
