"""What the window says about the sign-in of the profile in use, and what it offers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from tests.conftest import RunOnQt
from tests.ui.form_desk import until
from zapdesk.broadcast import Broadcast
from zapdesk.domain.profiles import SANDBOX, ZAPIER, Profile, SignInKind
from zapdesk.domain.scopes import Scope
from zapdesk.errors import NotSignedIn, VaultUnusable, ZapdeskError
from zapdesk.services.accounts import SignedIn
from zapdesk.services.endings import (
    AccountReplaced,
    ProfileDeleted,
    SignedInAgain,
    SignedOutElsewhere,
)
from zapdesk.tasks import TaskOwner
from zapdesk.ui.accounts import signing_in
from zapdesk.ui.accounts.signing_in import SigningIn
from zapdesk.ui.accounts.way import ASK_AGAIN
from zapdesk.ui.notices import Notice
from zapdesk.ui.parts import Button
from zapdesk.ui.shell.main_window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

pytestmark = pytest.mark.qt_log_ignore("does not support")


class Stand:
    """Signing in over a program that only notes what it is asked for."""

    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window = window
        self.owner = TaskOwner()
        self.asked: list[Any] = []
        self.outcome: SignedIn | None = None
        self.token: str | None = "t"
        self.lost: Broadcast[ZapdeskError] = Broadcast()
        self.program = SimpleNamespace(
            accounts=SimpleNamespace(
                let_go=lambda profile: self.asked.append("let go"),
                vault=SimpleNamespace(out_of_reach=None),
            ),
            profiles=SimpleNamespace(reload=self._note("reload"), get=lambda id_: None),
            switched=Broadcast[Any](),
            switch=self._note("switch"),
            sign_out=self._note("sign out"),
            session=None,
            access=SimpleNamespace(profile=ZAPIER),
        )
        monkeypatch.setattr(signing_in, "sign_in", self._sign_in)
        self.signing = SigningIn(window, self.owner.start, self._started, self._do)
        self.signing.follow(self.program)  # type: ignore[arg-type]  # as much of it as is asked

    def use(self, profile: Profile = ZAPIER) -> None:
        async def token() -> str | None:
            return self.token

        async def recover() -> None:
            self.asked.append("recover")

        session = SimpleNamespace(
            profile=profile,
            way=SimpleNamespace(lost=self.lost, token=token),
            catalog=SimpleNamespace(start_refresh=lambda: self.asked.append("refresh")),
            runs=SimpleNamespace(recover=recover, ending=None),
        )
        self.program.session = session
        self.program.access.profile = profile
        self.program.switched.announce(session)

    @property
    def strip(self) -> str:
        return " | ".join(self.window.notices.texts)

    def press(self) -> None:
        (notice,) = self.window.notices.findChildren(Notice)
        notice.findChildren(Button)[0].click()

    def _note(self, what: str) -> Callable[..., Awaitable[None]]:
        async def note(*_: object) -> None:
            self.asked.append(what)

        return note

    async def _started(self) -> Any:
        return self.program

    async def _do(self, wish: Callable[[], Awaitable[object]]) -> None:
        try:
            await wish()
        except ZapdeskError:
            self.asked.append("failed")

    async def _sign_in(
        self,
        parent: QWidget,
        accounts: object,
        profile: Profile,
        first: object = None,
        ask_for: Sequence[Scope] = (),
    ) -> SignedIn | None:
        self.asked.append(("sign in", profile.id, *(scope.name for scope in ask_for)))
        return self.outcome


@pytest.fixture
def stand(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Stand:
    return Stand(window, monkeypatch)


def test_a_profile_deleted_elsewhere_is_said_and_another_can_be_chosen(
    stand: Stand, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        opened: list[str] = []
        stand.window.commands.bind("profiles", lambda: opened.append("profiles"))
        stand.use(replace(ZAPIER, name="Work"))
        await asyncio.sleep(0.05)
        stand.lost.announce(SignedOutElsewhere())
        said = "Work: This profile was signed out in another window or a terminal."
        assert stand.strip == f"{said} What is in the form stays there."
        stand.lost.announce(ProfileDeleted())
        said = "Work: This profile was deleted in another window or a terminal."
        assert stand.strip == f"{said} What is in the form stays there."
        area = stand.window.notices
        await until(lambda: len(area.findChildren(Notice)) == 1, "the end of the one before")
        stand.press()
        assert opened == ["profiles"]
        assert stand.strip.startswith(said)  # until another one is in use
        stand.use()
        await until(lambda: stand.strip == "", "the end")

    qt_run(scenario())


def test_a_sign_in_that_ends_is_said_until_somebody_signs_in_and_the_session_goes_on(
    stand: Stand, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        stand.use()
        await asyncio.sleep(0.05)
        assert stand.strip == ""
        stand.lost.announce(NotSignedIn("The sign-in is over.", status=401))
        assert stand.strip == "Zapier: The sign-in is over. What is in the form stays there."
        stand.press()  # and leave the dialog
        await until(lambda: stand.asked, "the dialog")
        await asyncio.sleep(0.05)
        assert stand.strip.startswith("Zapier: The sign-in is over.")
        stand.outcome = SignedIn(ZAPIER, goes_on=True)
        stand.press()
        await until(lambda: "reload" in stand.asked, "the end")
        assert stand.strip == ""
        assert stand.asked == [
            *(("sign in", "zapier"), ("sign in", "zapier")),
            *("refresh", "recover", "reload"),
        ]
        await stand.owner.close()

    qt_run(scenario())


def test_what_became_of_a_profile_during_a_sign_in_is_what_is_used_after_it(
    stand: Stand, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        used: list[Profile] = []

        async def switch(profile: Profile) -> None:
            used.append(profile)

        stand.token = None
        stand.use()
        await until(lambda: stand.strip, "the strip")
        by_now = replace(ZAPIER, name="Renamed", is_live=True, time_zone="UTC")
        stand.program.profiles.get = lambda id_: by_now
        stand.program.switch = switch
        stand.outcome = SignedIn(replace(ZAPIER, is_live=False, granted=("zap",)))
        stand.press()
        await until(lambda: used, "the switch")
        assert used == [replace(by_now, granted=("zap",))]

    qt_run(scenario())


def test_another_account_opens_a_new_session(stand: Stand, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        stand.token = None
        stand.use()
        await until(lambda: stand.strip, "the strip")
        assert stand.strip == "You are not signed in to Zapier."
        stand.outcome = SignedIn(replace(ZAPIER, sign_in=SignInKind.OAUTH))
        stand.press()
        await until(lambda: "reload" in stand.asked, "the end")
        assert stand.asked == [("sign in", "zapier"), "switch", "reload"]
        await stand.owner.close()

    qt_run(scenario())


@pytest.mark.parametrize("ending", [AccountReplaced, SignedInAgain])
def test_a_sign_in_elsewhere_can_be_used_from_the_strip(
    stand: Stand, qt_run: RunOnQt, ending: type[AccountReplaced] | type[SignedInAgain]
) -> None:
    async def scenario() -> None:
        stand.use()
        await asyncio.sleep(0.05)
        stand.lost.announce(ending())
        assert "in another window or a terminal" in stand.strip
        stand.press()
        await until(lambda: "switch" in stand.asked, "the switch")
        assert stand.asked == ["reload", "let go", "switch"]
        await stand.owner.close()

    qt_run(scenario())


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (
            replace(ZAPIER, sign_in=SignInKind.CLIENT_ID, client_id="c"),
            "A client id alone: apps and actions can be seen, and nothing can be run.",
        ),
        (
            replace(ZAPIER, granted=("profile", "zap", "zap:write", "authentication")),
            "Not everything was allowed. Nothing can be run. Also missing: 1 other permission.",
        ),
    ],
)
def test_what_a_sign_in_does_not_allow_is_said_once_and_can_be_closed(
    stand: Stand, qt_run: RunOnQt, profile: Profile, said: str
) -> None:
    async def scenario() -> None:
        stand.use(profile)
        await until(lambda: stand.strip, "the strip")
        assert stand.strip == said
        (notice,) = stand.window.notices.findChildren(Notice)
        assert notice.is_closable
        await stand.owner.close()

    qt_run(scenario())


LESS = ("profile", "zap", "zap:write", "authentication", "connection:write")


@pytest.mark.parametrize(
    ("profile", "asks"),
    [
        (replace(ZAPIER, sign_in=SignInKind.OAUTH, granted=LESS), "Ask again"),
        (replace(SANDBOX, granted=LESS), "Ask again"),
        # A partner's token has what the partner was given, whoever is asked.
        (replace(ZAPIER, sign_in=SignInKind.PARTNER, granted=LESS), "Sign in…"),
    ],
)
def test_where_a_person_said_what_is_allowed_the_strip_asks_again_for_what_is_missing(
    stand: Stand, qt_run: RunOnQt, profile: Profile, asks: str
) -> None:
    async def scenario() -> None:
        stand.program.access.profile = profile
        stand.use(profile)
        await until(lambda: stand.strip, "the strip")
        (notice,) = stand.window.notices.findChildren(Notice)
        assert notice.findChildren(Button)[0].text() == asks
        stand.press()
        await until(lambda: stand.asked, "the dialog")
        wanted = ("action:run",) if asks == "Ask again" else ()
        assert stand.asked == [("sign in", profile.id, *wanted)]
        stand.window.panels.action.sign_in_wanted.emit(ASK_AGAIN)  # under a form
        await until(lambda: len(stand.asked) == 2, "the dialog")
        assert stand.asked[1] == ("sign in", profile.id, "action:run")
        await stand.owner.close()

    qt_run(scenario())


def test_signing_out_asks_first(stand: Stand, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        stand.use()
        action: Any = stand.window.panels.action
        for answer, then in (("cancel_button", []), ("action_button", ["sign out"])):
            stand.window.sign_out_requested.emit()
            await until(lambda: dialogs(stand.window), "the question")
            getattr(dialogs(stand.window)[0], answer).click()
            await until(lambda: not dialogs(stand.window), "the answer")
            await asyncio.sleep(0.05)
            assert stand.asked == then
        assert "Signed out of Zapier." in stand.strip
        assert "forget secrets" in action.calls
        await stand.owner.close()

    qt_run(scenario())


def test_a_sign_out_that_leaves_something_is_not_called_done(stand: Stand, qt_run: RunOnQt) -> None:
    async def refuses(_: Profile) -> None:
        raise VaultUnusable("The keyring is locked.")

    async def scenario() -> None:
        stand.use()
        stand.program.sign_out = refuses
        stand.window.sign_out_requested.emit()
        await until(lambda: dialogs(stand.window), "the question")
        dialogs(stand.window)[0].action_button.click()
        await until(lambda: stand.asked, "the answer")
        assert stand.asked == ["failed"]
        assert "Signed out" not in stand.strip
        await stand.owner.close()

    qt_run(scenario())


def dialogs(window: QWidget) -> list[Any]:
    from zapdesk.ui.notices import ConfirmDialog

    return window.findChildren(ConfirmDialog)
