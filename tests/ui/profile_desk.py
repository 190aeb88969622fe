"""The window's side of profiles over a real program, with placeholders for the panels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.placeholders import Panel, destroy, make_window, placeholder_panels
from zapdesk.bootstrap import Program, choose_access, read_settings
from zapdesk.domain.profiles import Profile
from zapdesk.paths import Paths
from zapdesk.tasks import TaskOwner
from zapdesk.ui.accounts.profile_keeping import ProfileKeeping
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels

W = TypeVar("W", bound=QWidget)


@dataclass(slots=True)
class ProfileDesk:
    """``went_to`` are the profiles the window went to, ``signed_in`` those it let sign in to."""

    window: MainWindow
    program: Program
    keeping: ProfileKeeping
    owner: TaskOwner
    went_to: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [profile.name for profile in self.program.profiles.all]

    @property
    def named_in_history(self) -> dict[str, str]:
        calls = cast("Panel", self.window.panels.runs).calls
        return dict([c[1] for c in calls if c[0] == "profiles"][-1])

    async def until(self, is_so: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not is_so():
                await asyncio.sleep(0.01)

    async def shown(self, kind: type[W]) -> W:
        """The visible widget of a kind, once there is one."""
        found: list[W] = []

        def is_there() -> bool:
            found[:] = [w for w in _all(kind) if w.isVisible()]
            return bool(found)

        await self.until(is_there)
        return found[0]


def _all(kind: type[W]) -> list[W]:
    return [w for w in QApplication.allWidgets() if isinstance(w, kind)]


@asynccontextmanager
async def profile_desk(look: Theme, panels: Panels | None = None) -> AsyncIterator[ProfileDesk]:
    """A program that has started, in the profile that the settings name, with the ``panels`` given
    or placeholders for them."""
    paths = Paths.find().create()
    settings = read_settings(paths)
    program = await Program.start(paths, settings, choose_access(settings, None, False))
    window = make_window(look, panels or placeholder_panels(), paths)
    window.show()
    owner = TaskOwner()
    window.own_tasks(owner)
    signed_in: list[str] = []

    async def started() -> Program:
        return program

    async def do(wish: Callable[[], Awaitable[object]]) -> None:
        await wish()

    async def sign_in(profile: Profile) -> None:
        signed_in.append(profile.name)

    keeping = ProfileKeeping(window, owner.start, started, do, sign_in)
    keeping.set_program(program)
    desk = ProfileDesk(window, program, keeping, owner, signed_in=signed_in)
    program.switched.subscribe(lambda session: desk.went_to.append(session.profile.name))
    if panels is not None:
        program.switched.subscribe(window.set_session)
    try:
        yield desk
    finally:
        await owner.close()
        await keeping.close()
        window.set_session(None)
        await window.close_tasks()
        await program.close()
        destroy(window)
