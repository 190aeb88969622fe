"""SigningIn: what the window does about accounts, between its wishes and the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from zapdesk.domain.profiles import ZAPIER, Profile, ServerKind, SignInKind
from zapdesk.errors import ZapdeskError
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.sign_in_dialog import sign_in
from zapdesk.ui.accounts.token_way import TokenWay
from zapdesk.ui.accounts.way import Way

if TYPE_CHECKING:  # imported on a worker thread, see life
    from zapdesk.bootstrap import Program
    from zapdesk.ui.shell.main_window import MainWindow

_WAYS: dict[str, type[Way]] = {
    SignInKind.OAUTH.value: ConsentWay,
    SignInKind.TOKEN.value: TokenWay,
}


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
        window.sign_in_requested.connect(lambda id_, kind: start(self._asked(id_, kind)))

    async def _asked(self, profile_id: str, kind: str) -> None:
        try:
            program = await self._started()
        except ZapdeskError as error:
            self._window.notices.show_error(error, "start")
            return
        profile = program.profiles.get(profile_id) if profile_id else program.access.profile
        if profile is None:
            return
        if profile.kind is ServerKind.SANDBOX and not profile_id:
            profile = ZAPIER  # the sandbox in use asks nobody to sign in
        await self.sign_in(profile, _WAYS.get(kind))

    async def sign_in(self, profile: Profile, first: type[Way] | None = None) -> None:
        """Let a person sign in to ``profile``, and use it from then on."""
        program = await self._started()
        outcome = await sign_in(self._window, program.accounts, profile, first)
        if outcome is None:
            return
        await program.profiles.reload()
        await self._do(lambda: program.switch(outcome.profile))
