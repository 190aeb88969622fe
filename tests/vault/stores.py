"""A store for tests: in memory, with faults that are switched on."""

from __future__ import annotations

from typing import Any

from keyring.backend import KeyringBackend


class Memory(KeyringBackend):
    """Keeps what it is given; each fault is switched on by a test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's is not typed
        self.kept: dict[tuple[str, str], str] = {}
        self.fault: Any = lambda: None

    def get_password(self, service: str, username: str) -> str | None:
        self.fault()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.fault()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.fault()
        del self.kept[service, username]
