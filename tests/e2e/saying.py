"""How a story in the window's process speaks to the test."""

from __future__ import annotations

import json
from typing import Any


def say(thing: Any) -> None:
    """A line for the test."""
    print(json.dumps(thing), flush=True)
