"""What the sign-in does not allow, as a form shows it: in the place of what cannot be had."""

from __future__ import annotations

from zapdesk.errors import Forbidden, ZapdeskError


def is_barred(trouble: ZapdeskError | None) -> bool:
    """Whether it was known beforehand, so that trying again is of no use."""
    return isinstance(trouble, Forbidden) and trouble.status == 0


def words(trouble: ZapdeskError | None, title: str, sentence: str = "") -> tuple[str, str]:
    """Why something is not there, and what can be done; else ``title`` and ``sentence``."""
    if trouble is not None and is_barred(trouble):
        return trouble.title, trouble.hint
    return title, sentence
