"""SigningIn: what the window does about accounts, between its wishes and the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from zapdesk.domain.profiles import ZAPIER, Profile, ServerKind
from zapdesk.errors import ZapdeskError
from zapdesk.ui.accounts.sign_in_dialog import sign_in
from zapdesk.ui.accounts.vault_dialog import find_home

if TYPE_CHECKING:  # imported on a worker thread, see life
    from zapdesk.bootstrap import Program
    from zapdesk.ui.shell.main_window import MainWindow


class SigningIn:
    """Listens to ``window``. ``started`` brings the program or raises the ZapdeskError that kept
    it from starting; ``do`` carries a wish out and says where that fails."""

    def __init__(
        self,
        window: MainWindow,
        start: Callable[[Coroutine[Any, Any, None]], object],
        started: Callable[[], Awaitable[Program]],
        do: Callable[[Callable[[], Awaitable[object]]], Awaitable[None]],
    ) -> None:
        self._window = window
        self._started = started
        self._do = do
        window.token_given.connect(lambda token: start(self._use_token(token)))
        window.sign_in_requested.connect(lambda: start(self.sign_in()))

    async def sign_in(self, profile: Profile | None = None) -> None:
        """Let a person sign in: to ``profile``, else to the one in use, or Zapier's where that
        is the sandbox."""
        try:
            program = await self._started()
        except ZapdeskError as error:
            self._window.notices.show_error(error, "start")
            return
        wanted = profile or program.access.profile
        if wanted.kind is ServerKind.SANDBOX:
            wanted = ZAPIER
        outcome = await sign_in(self._window, program.accounts, wanted)
        if outcome is None:
            return
        await self._do(lambda: program.switch(outcome.profile))

    async def _use_token(self, token: str) -> None:
        async def use() -> None:
            program = await self._started()
            if not await find_home(self._window, program.accounts):
                return
            outcome = await program.accounts.use_token(ZAPIER, token)
            await program.switch(outcome.profile)

        await self._do(use)
