"""How a secret is laid out in a store: in one entry, or in parts where that takes no more.

Windows takes 2,560 bytes of UTF-16 in one entry. Each part costs a call or several, so stores that
take more get larger ones. Until all parts of a set are
there, what was kept before stays what is read.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Protocol

SERVICE = "zapdesk"
PART = 1_000
"""Characters of a secret in one entry of a store that takes little."""
LARGE_PART = 16_000
_PARTED = "zapdesk parts "
_FORM = re.compile(_PARTED + r"(?P<set>[0-9a-f]{16}) (?P<count>\d{1,3}) (?P<digest>[0-9a-f]{64})")

_PART_NAME = re.compile(r".+ #[0-9a-f]{16}\.\d+", re.DOTALL)


class Entries(Protocol):
    """What a store does, in keyring's words."""

    def get_password(self, service: str, username: str) -> str | None:
        """The entry; ``None`` where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the entry in place of what it was."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove the entry."""


def read(store: Entries, name: str) -> str | None:
    """The secret called ``name``; ``None`` also where somebody damaged it from outside."""
    head = _entry(store, name)
    form = _FORM.fullmatch(head) if head else None
    if form is None:
        return head
    parts = [_entry(store, part) for part in _part_names(name, form)]
    secret = "".join(part or "" for part in parts)
    return secret if _digest(secret) == form["digest"] else None


def write(store: Entries, name: str, secret: str, part: int = PART) -> None:
    """Keep ``secret`` in place of what was called so before; ``part`` is the size of a part."""
    before = _FORM.fullmatch(_entry(store, name) or "")
    if len(secret) <= part and not secret.startswith(_PARTED):
        store.set_password(SERVICE, name, secret)
    else:
        parts = [secret[at : at + part] for at in range(0, len(secret), part)]
        head = f"{_PARTED}{secrets.token_hex(8)} {len(parts)} {_digest(secret)}"
        form = _FORM.fullmatch(head)
        assert form is not None, "what was just written in this form"
        for part_name, text in zip(_part_names(name, form), parts, strict=True):
            store.set_password(SERVICE, part_name, text)
        store.set_password(SERVICE, name, head)
    _delete_parts(store, name, before)


def delete(store: Entries, name: str) -> None:
    """Remove the secret called ``name``, where there is one."""
    if not _is_there(store, name):
        return
    form = _FORM.fullmatch(_entry(store, name) or "")
    store.delete_password(SERVICE, name)
    _delete_parts(store, name, form)


def is_part(name: str) -> bool:
    """Whether an entry is no secret of its own."""
    return _PART_NAME.fullmatch(name) is not None


def _delete_parts(store: Entries, name: str, form: re.Match[str] | None) -> None:
    for part_name in _part_names(name, form) if form is not None else ():
        if _is_there(store, part_name):
            store.delete_password(SERVICE, part_name)


def _entry(store: Entries, name: str) -> str | None:
    """The entry; what is no text is damage, and as good as none."""
    try:
        return store.get_password(SERVICE, name)
    except UnicodeDecodeError:
        return None


def _is_there(store: Entries, name: str) -> bool:
    try:
        return store.get_password(SERVICE, name) is not None
    except UnicodeDecodeError:
        return True


def _part_names(name: str, form: re.Match[str]) -> list[str]:
    return [f"{name} #{form['set']}.{number}" for number in range(int(form["count"]))]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
