"""VaultStrip: says in the window where secrets have no home, and leads to what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from zapdesk.domain.profiles import ServerKind, SignInKind
from zapdesk.domain.secret_store import Condition
from zapdesk.ui.accounts.vault_dialog import ask_for_home

if TYPE_CHECKING:  # imported on a worker thread, see life
    from zapdesk.bootstrap import Program
    from zapdesk.ui.shell.main_window import MainWindow

_SUBJECT = "vault"


class VaultStrip:
    """A strip as long as the profile in use needs a secret and the keyring cannot be used."""

    def __init__(
        self,
        window: MainWindow,
        start: Callable[[Coroutine[Any, Any, None]], object],
        reopen: Callable[[], Awaitable[None]],
    ) -> None:
        """``reopen`` opens the session anew, which may have begun without its secrets."""
        self._window = window
        self._start = start
        self._reopen = reopen
        self._program: Program | None = None

    def follow(self, program: Program) -> None:
        """Tell of this program's vault from now on."""
        self._program = program
        program.accounts.vault.changed.subscribe(lambda _: self._show())
        program.switched.subscribe(lambda _: self._show())

    def _show(self) -> None:
        program = self._program
        if program is None:
            return
        state = program.accounts.vault.state
        if state.is_usable or not _needs_secrets(program):
            self._window.notices.clear(_SUBJECT)
            return
        can_unlock = state.condition is Condition.LOCKED
        self._window.notices.show_notice(
            _SUBJECT,
            "info" if state.is_chosen else "warning",
            state.text,
            "Unlock…" if can_unlock else "Choose…",
            lambda: self._start(self._ask(program, can_unlock)),
        )

    async def _ask(self, program: Program, unlocks: bool) -> None:
        vault = program.accounts.vault
        await ask_for_home(self._window, program.accounts, unlocks=unlocks)
        if vault.state.condition is Condition.READY:
            await self._reopen()
        else:
            self._show()


def _needs_secrets(program: Program) -> bool:
    access = program.access
    return (
        access.token is None
        and access.profile.kind is not ServerKind.SANDBOX
        and access.profile.sign_in is not SignInKind.CLIENT_ID
    )
