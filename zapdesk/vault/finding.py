"""Which of keyring's backends is used: known good ones only, imported here by name.

keyring's own search imports whatever is installed or named in a file, and needs metadata that a
frozen build has not. What a person has configured is read all the same, without importing it.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zapdesk.domain.secret_store import Condition, SecretStore
from zapdesk.vault.troubles import Unusable

if TYPE_CHECKING:  # keyring costs 40 ms to import; it is imported on its own thread
    from keyring.backend import KeyringBackend


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of store. ``id`` is what is remembered of it; a Secret Service has two clients."""

    id: str
    name: str
    modules: frozenset[str]
    backend: Callable[[], Any]


def _secret_service() -> Any:
    from keyring.backends import SecretService

    return SecretService.Keyring


def _libsecret() -> Any:
    from keyring.backends import libsecret

    return libsecret.Keyring


def _kwallet() -> Any:
    from keyring.backends import kwallet

    return kwallet.DBusKeyring


def _keychain() -> Any:
    from keyring.backends import macOS

    return macOS.Keyring


def _credential_manager() -> Any:
    from keyring.backends import Windows

    return Windows.WinVaultKeyring


_BACKENDS = "keyring.backends"
SECRET_SERVICE = "secret-service"
CREDENTIAL_MANAGER = "credential-manager"
_KINDS = (
    Kind(
        SECRET_SERVICE,
        "the desktop's keyring",
        frozenset({f"{_BACKENDS}.SecretService"}),
        _secret_service,
    ),
    Kind(
        SECRET_SERVICE,
        "the desktop's keyring",
        frozenset({f"{_BACKENDS}.libsecret"}),
        _libsecret,
    ),
    Kind("kwallet", "KWallet", frozenset({f"{_BACKENDS}.kwallet"}), _kwallet),
    Kind("keychain", "the Keychain", frozenset({f"{_BACKENDS}.macOS"}), _keychain),
    Kind(
        CREDENTIAL_MANAGER,
        "the Credential Manager",
        frozenset({f"{_BACKENDS}.Windows"}),
        _credential_manager,
    ),
)
NAMES = {kind.id: kind.name for kind in reversed(_KINDS)}


@dataclass(frozen=True, slots=True)
class Found:
    """A store that can be used."""

    id: str
    name: str
    backend: KeyringBackend


def find(remembered: str) -> Found:
    """The store to use; the one of that id where secrets were kept in one before.

    Raises Unusable where there is none, or another one than that.
    """
    kinds = list(_KINDS)
    if "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":"):
        kinds.sort(key=lambda kind: kind.id != "kwallet")
    if named := _configured():
        module = named.rpartition(".")[0]
        kinds = [kind for kind in kinds if module in kind.modules]
        if not kinds:
            raise Unusable(_not_trusted(named))
    kinds.sort(key=lambda kind: kind.id != remembered)
    found = next(filter(None, map(_made, kinds)), None)
    if found is not None and remembered in ("", found.id):
        return found
    if remembered:
        raise Unusable(_gone(remembered, found))
    raise Unusable(SecretStore(Condition.ABSENT))


def _gone(remembered: str, found: Found | None) -> SecretStore:
    name = NAMES.get(remembered, remembered)
    if found is None:
        detail = f"Secrets were kept in: {name}."
        return SecretStore(Condition.ABSENT, name, detail)
    return SecretStore(Condition.GONE, name, f"There is another: {found.name}.")


def _made(kind: Kind) -> Found | None:
    try:
        backend = kind.backend()
        if not backend.viable:
            return None
        return Found(kind.id, kind.name, backend())
    except (ImportError, RuntimeError):
        return None


def _configured() -> str:
    """The backend that the person's own configuration of keyring names; often none."""
    from keyring.util import platform_

    named = os.environ.get("PYTHON_KEYRING_BACKEND", "").strip()
    if not named:
        config = configparser.RawConfigParser()
        try:
            config.read(platform_.config_root() / "keyringrc.cfg", encoding="utf-8")
            named = config.get("backend", "default-keyring", fallback="").strip()
        except (configparser.Error, OSError, UnicodeDecodeError):
            named = ""
    is_keyrings_own_choice = named.startswith(f"{_BACKENDS}.chainer.")
    return "" if is_keyrings_own_choice else named


def _not_trusted(named: str) -> SecretStore:
    detail = f"It is set to {named}."
    if named in (f"{_BACKENDS}.null.Keyring", f"{_BACKENDS}.fail.Keyring"):
        return SecretStore(Condition.SWITCHED_OFF, detail=detail)
    if "plaintext" in named.casefold():
        return SecretStore(Condition.PLAIN, detail=detail)
    return SecretStore(Condition.FOREIGN, detail=detail)
