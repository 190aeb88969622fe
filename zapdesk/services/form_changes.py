"""What an open form announces when something about it became different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChangeKind = Literal["fields", "loading", "values", "choices", "problems"]


@dataclass(frozen=True, slots=True)
class FormChange:
    """What became different, and in which fields (none named: in any)."""

    kind: ChangeKind
    field_ids: tuple[str, ...] = ()
