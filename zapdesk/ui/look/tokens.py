"""What the colours and texts of the two schemes are, without a window. Qt is not imported here."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Literal

from zapdesk.paths import resource

Scheme = Literal["light", "dark"]

_HEX_COLOR = re.compile(r"#[0-9A-Fa-f]{6}\Z")


@cache
def load_tokens(scheme: Scheme) -> dict[str, str]:
    """The colours of a scheme by token. Raises ``ValueError`` where one is not ``#RRGGBB``."""
    tokens = tomllib.loads(resource("themes", f"{scheme}.toml").read_text("utf-8"))
    for token, color in tokens.items():
        if not isinstance(color, str) or not _HEX_COLOR.match(color):
            raise ValueError(f"{scheme}.toml: {token} is not a colour: {color!r}")
    return tokens
