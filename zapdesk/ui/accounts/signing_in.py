"""SigningIn: what the window does about accounts, between its wishes and the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from zapdesk.domain.profile_editing import signed_in_as
from zapdesk.domain.profiles import ZAPIER, ZAPIER_ID, Profile, ServerKind, SignInKind
from zapdesk.domain.scopes import Scope, can_ask, missing
from zapdesk.errors import ZapdeskError
from zapdesk.services.endings import AccountReplaced, ProfileDeleted, SignedInAgain
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.partner_way import PartnerWay
from zapdesk.ui.accounts.sign_in_dialog import sign_in
from zapdesk.ui.accounts.token_way import TokenWay
from zapdesk.ui.accounts.way import ASK_AGAIN, Way
from zapdesk.ui.notices import Kind, confirm

if TYPE_CHECKING:  # imported on a worker thread, see life
    from zapdesk.bootstrap import Program, Session
    from zapdesk.ui.shell.main_window import MainWindow

_WAYS: dict[str, type[Way]] = {
    SignInKind.OAUTH.value: ConsentWay,
    SignInKind.TOKEN.value: TokenWay,
    SignInKind.PARTNER.value: PartnerWay,
}


_SUBJECT = "sign-in"


class SigningIn:
    """Listens to ``window``, and says there how the sign-in of the profile in use stands.

    ``started`` brings the program or raises the ZapdeskError that kept it from starting; ``do``
    carries a wish out and says where that fails.
    """

    def __init__(
        self,
        window: MainWindow,
        start: Callable[[Coroutine[Any, Any, None]], object],
        started: Callable[[], Awaitable[Program]],
        do: Callable[[Callable[[], Awaitable[object]]], Awaitable[None]],
    ) -> None:
        self._window = window
        self._start = start
        self._started = started
        self._do = do
        self._unsubscribe: Callable[[], None] = lambda: None
        window.sign_in_requested.connect(lambda id_, kind: start(self._asked(id_, kind)))
        window.panels.action.sign_in_wanted.connect(lambda kind: start(self._asked("", kind)))
        window.sign_out_requested.connect(lambda: start(self._sign_out()))
        act_for = window.commands.bind("act_for", lambda: start(self._asked("", "partner")))
        act_for.setVisible(False)

    def follow(self, program: Program) -> None:
        """Tell of this program's sign-ins from now on."""
        program.switched.subscribe(self._on_switched)

    def _on_switched(self, session: Session) -> None:
        # In the sandbox anybody can be acted for; elsewhere that takes a partner's key.
        can_act = session.profile.kind is ServerKind.SANDBOX or session.profile.acts_for
        self._window.commands.action("act_for").setVisible(bool(can_act))
        self._start(self._look(session))

    async def _look(self, session: Session) -> None:
        """Say what the sign-in of a session does not allow, and when it ends."""
        self._unsubscribe()
        self._unsubscribe = session.way.lost.subscribe(lambda error: self._tell_end(session, error))
        if session.runs.ending is not None:  # before anybody could listen
            self._tell_end(session, session.runs.ending)
            return
        profile, is_closable = session.profile, True
        lost = missing(profile.granted) if profile.granted else ()
        if profile.sign_in is SignInKind.CLIENT_ID and profile.kind is not ServerKind.SANDBOX:
            text = "A client id alone: apps and actions can be seen, and nothing can be run."
        elif not await _has_token(session):
            if (await self._started()).accounts.vault.out_of_reach is not None:
                self._window.notices.clear(_SUBJECT)
                return  # whether somebody is signed in only the keyring knows, which has a strip
            text, is_closable = f"You are not signed in to {profile.name}.", False
        elif lost:
            text = f"Not everything was allowed. {_costs(lost)}"
            if can_ask(profile):
                self._tell(profile, "info", text, "Ask again", is_closable=True, ask_for=lost)
                return
        else:
            self._window.notices.clear(_SUBJECT)
            return
        self._tell(profile, "info", text, "Sign in…", is_closable=is_closable)

    def _tell_end(self, session: Session, error: ZapdeskError) -> None:
        name = session.profile.name
        text = f"{name}: {error.title} What is in the form stays there."
        if isinstance(error, AccountReplaced | SignedInAgain):
            is_other = isinstance(error, AccountReplaced)
            self._window.notices.show_notice(
                _SUBJECT,
                "warning",
                text,
                "Use that account" if is_other else "Use that sign-in",
                lambda: self._start(self._use_other(session.profile)),
                closable=False,
            )
        elif isinstance(error, ProfileDeleted):
            self._show_lasting("warning", text, "Choose a profile…", self._choose_another)
        else:
            self._tell(session.profile, "warning", text, "Sign in again", is_closable=False)

    def _choose_another(self) -> None:
        self._window.commands.action("profiles").trigger()

    def _tell(
        self,
        profile: Profile,
        kind: Kind,
        text: str,
        action: str,
        *,
        is_closable: bool,
        ask_for: Sequence[Scope] = (),
    ) -> None:
        self._show_lasting(
            kind,
            text,
            action,
            lambda: self._start(self.sign_in(profile, ask_for=ask_for)),
            is_closable=is_closable,
        )

    def _show_lasting(
        self,
        kind: Kind,
        text: str,
        action: str,
        act: Callable[[], object],
        *,
        is_closable: bool = False,
    ) -> None:
        notice = self._window.notices.show_notice(
            _SUBJECT, kind, text, closable=is_closable, action=action
        )
        # It stays until it is true no more: whoever cancels finds it where it was.
        notice.action_requested.disconnect()
        notice.action_requested.connect(act)

    async def _asked(self, profile_id: str, kind: str) -> None:
        try:
            program = await self._started()
        except ZapdeskError as error:
            self._window.notices.show_error(error, "start")
            return
        profile = program.profiles.get(profile_id) if profile_id else program.access.profile
        if profile is None:
            return
        if kind == ASK_AGAIN:
            await self.sign_in(profile, ask_for=missing(profile.granted))
            return
        if profile.kind is ServerKind.SANDBOX and not profile_id and kind != SignInKind.PARTNER:
            # The sandbox in use asks nobody to sign in.
            profile = program.profiles.get(ZAPIER_ID) or ZAPIER
        await self.sign_in(profile, _WAYS.get(kind))

    async def sign_in(
        self, profile: Profile, first: type[Way] | None = None, ask_for: Sequence[Scope] = ()
    ) -> None:
        """Let a person sign in to ``profile``, and use it from then on."""
        program = await self._started()
        outcome = await sign_in(self._window, program.accounts, profile, first, ask_for)
        if outcome is None:
            return
        session, profile = program.session, outcome.profile
        if (kept := program.profiles.get(profile.id)) is not None:  # as it is by now
            profile = signed_in_as(kept, profile)
        if outcome.goes_on and session is not None and session.profile == profile:
            self._window.notices.clear(_SUBJECT)
            session.catalog.start_refresh()
            await session.runs.recover()  # what was given up for want of a token
        else:
            await self._do(lambda: program.switch(profile))
        await program.profiles.reload()  # it was written past them

    async def _use_other(self, profile: Profile) -> None:
        """Go on with the account that somebody signed in to elsewhere."""
        program = await self._started()
        await program.profiles.reload()
        program.accounts.let_go(profile)
        await self._do(lambda: program.switch(program.profiles.get(profile.id) or profile))

    async def _sign_out(self) -> None:
        program = await self._started()
        profile = program.access.profile
        if profile.kind is ServerKind.SANDBOX:
            return
        if not await confirm(
            self._window,
            f"Sign out of {profile.name}?",
            "Its token and its secrets are removed from this computer. The log, drafts and presets "
            "stay. Runs that are on their way go on at the server and are not followed until "
            "somebody signs in again.",
            "Sign out",
        ):
            return

        async def leave() -> None:
            self._window.panels.action.forget_secrets()
            await program.sign_out(profile)  # raises where something of it stays
            self._window.notices.show_notice(
                "signed-out",
                "info",
                f"Signed out of {profile.name}. The server still knows the access: to end it there "
                "too, remove the integration in your account's settings.",
            )

        await self._do(leave)


async def _has_token(session: Session) -> bool:
    try:
        return await session.way.token() is not None
    except ZapdeskError:
        return False


def _costs(lost: Sequence[Scope]) -> str:
    """The heaviest loss, which is the last in the table, and how many more there are."""
    others = len(lost) - 1
    more = f" Also missing: {others} other permission{'s' * (others > 1)}." if others else ""
    return lost[-1].lost + more
