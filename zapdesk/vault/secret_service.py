"""The Secret Service of a Linux desktop: whether its keyring is open, and the question for it.

A keyring without a password counts as locked until somebody asks to unlock it; the service then
opens it at once. Where it would ask the person, the question is taken back, unless the person is
there to answer.
"""

from __future__ import annotations

from contextlib import closing
from enum import Enum, auto


class Lock(Enum):
    """How the person's default keyring stands."""

    OPEN = auto()
    LOCKED = auto()
    CLOSED_QUESTION = auto()
    """It is locked, and the person closed the question for its password."""
    NONE_YET = auto()
    """There is no keyring: the first unlocking makes one."""


def look(*, asks: bool) -> Lock:
    """Whether the default keyring is open now; ``asks`` lets the service ask for its password.

    Raises what secretstorage does.
    """
    from secretstorage import (
        Collection,
        ItemNotFoundException,
        PromptDismissedException,
        create_collection,
        dbus_init,
    )
    from secretstorage.defines import SS_PATH
    from secretstorage.util import PROMPT_IFACE, SERVICE_IFACE, DBusAddressWrapper

    with closing(dbus_init()) as connection:
        try:
            keyring = Collection(connection)
        except ItemNotFoundException:
            if not asks:
                return Lock.NONE_YET
            try:
                keyring = create_collection(connection, "Default", "default")
            except PromptDismissedException:
                return Lock.CLOSED_QUESTION
        if not keyring.is_locked():
            return Lock.OPEN
        if asks:
            keyring.unlock()
            return Lock.CLOSED_QUESTION if keyring.is_locked() else Lock.OPEN
        service = DBusAddressWrapper(SS_PATH, SERVICE_IFACE, connection)
        _, question = service.call("Unlock", "ao", [keyring.collection_path])
        if len(question) > 1:
            DBusAddressWrapper(question, PROMPT_IFACE, connection).call("Dismiss", "")
        return Lock.LOCKED if keyring.is_locked() else Lock.OPEN
