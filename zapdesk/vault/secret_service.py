"""The Secret Service of a Linux desktop, asked without a dialog coming up.

A keyring without a password counts as locked until somebody asks to unlock it; the service then
opens it at once. Where it would ask the person, the question is taken back: that one is asked
only when the person is about to answer.
"""

from __future__ import annotations

from contextlib import closing
from enum import Enum, auto


class Lock(Enum):
    """How the person's default keyring stands."""

    OPEN = auto()
    LOCKED = auto()
    NONE_YET = auto()
    """There is no keyring: the first unlocking makes one."""


def look() -> Lock:
    """Whether the default keyring is open, or opens by itself. Raises what secretstorage does."""
    from secretstorage import Collection, ItemNotFoundException, dbus_init
    from secretstorage.defines import SS_PATH
    from secretstorage.util import PROMPT_IFACE, SERVICE_IFACE, DBusAddressWrapper

    with closing(dbus_init()) as connection:
        try:
            keyring = Collection(connection)
        except ItemNotFoundException:
            return Lock.NONE_YET
        if not keyring.is_locked():
            return Lock.OPEN
        service = DBusAddressWrapper(SS_PATH, SERVICE_IFACE, connection)
        _, question = service.call("Unlock", "ao", [keyring.collection_path])
        if len(question) > 1:
            DBusAddressWrapper(question, PROMPT_IFACE, connection).call("Dismiss", "")
        return Lock.LOCKED if keyring.is_locked() else Lock.OPEN
