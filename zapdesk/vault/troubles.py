"""What the errors of stores mean. Their texts stay out of it: a secret may stand in them."""

from __future__ import annotations

import re

from zapdesk.domain.secret_store import Condition, SecretStore
from zapdesk.errors import VaultUnusable

_DENIED = re.compile(r"-(128|25293|67030|25308)\b")
"""Keychain: the person said no; the program is not the one that was allowed; nobody to ask."""
_ABSENT = {"SecretServiceNotAvailableException", "NoKeyringError"}
_LOCKED = {"KeyringLocked", "LockedException", "PromptDismissedException", "InitError"}
CLOSED_QUESTION = "The question for its password was closed."


class Unusable(VaultUnusable):
    """The place for secrets cannot be used, and how it stands."""

    def __init__(self, store: SecretStore) -> None:
        super().__init__(store.title, store.detail, hint=store.hint)
        self.store = store


def unusable(error: Exception, name: str, *, has_asked: bool) -> Unusable:
    """What ``error`` of the store called ``name`` means. ``has_asked``: the person was asked to
    unlock it."""
    if isinstance(error, Unusable):
        return error
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    kinds = {kind.__name__ for link in chain for kind in type(link).__mro__}
    text = str(error)
    if "keychain" in text.casefold() and _DENIED.search(text):
        return Unusable(SecretStore(Condition.DENIED, name))
    if kinds & _ABSENT:
        return Unusable(SecretStore(Condition.ABSENT, name))
    if kinds & _LOCKED or getattr(error, "name", "") == "org.freedesktop.Secret.Error.IsLocked":
        detail = CLOSED_QUESTION if has_asked else ""
        return Unusable(SecretStore(Condition.LOCKED, name, detail))
    return Unusable(SecretStore(Condition.FAILED, name, f"{type(error).__name__}."))
