"""ProfileKeeping: what the window does about profiles, between its wishes and the services.

The switcher under the profile's name, the page of all of them, making, changing and removing one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from zapdesk.domain.catalog import WRITE
from zapdesk.domain.profile_editing import fresh, with_grant_of, works_alike
from zapdesk.domain.profiles import SANDBOX, SANDBOX_ID, Profile, ServerKind
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import InvalidInput, VaultUnusable, ZapdeskError
from zapdesk.ui.accounts.profile_editor import ProfileEditor
from zapdesk.ui.accounts.profile_files import ProfileFiles
from zapdesk.ui.accounts.profile_page import ProfilePage
from zapdesk.ui.accounts.profile_switcher import ProfileSwitcher
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import answered, confirm
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import Sheet

if TYPE_CHECKING:  # imported on a worker thread, see life
    from zapdesk.bootstrap import Program
    from zapdesk.services.profiles import ProfileChange
    from zapdesk.ui.shell.main_window import MainWindow

_SUBJECT = "profiles"
_SHEET_WIDTH = 640
_PAUSE_MIN = 15

Start = Callable[[Coroutine[Any, Any, Any]], object]


class ProfileKeeping(QObject):
    """``started`` brings the program or raises the ZapdeskError that kept it from starting;
    ``do`` carries a wish out and says where that fails; ``sign_in`` signs in to a profile."""

    def __init__(
        self,
        window: MainWindow,
        start: Start,
        started: Callable[[], Awaitable[Program]],
        do: Callable[[Callable[[], Awaitable[object]]], Coroutine[Any, Any, None]],
        sign_in: Callable[[Profile], Coroutine[Any, Any, None]],
    ) -> None:
        super().__init__(window)
        self._window, self._start, self._started = window, start, started
        self._do, self._sign_in = do, sign_in
        self._program: Program | None = None
        self._tasks = LateTasks()
        self._pages: list[ProfilePage] = []
        self._files = ProfileFiles(window, start)
        window.profile_chosen.connect(self.use)
        window.top_bar.chip.clicked.connect(self.show_switcher)
        window.commands.bind("profiles", self.show_switcher, lambda: self._program is not None)
        window.commands.bind("pause_guard", self._pause_guard, self._can_pause_guard)

    def set_program(self, program: Program) -> None:
        """From now on there are profiles."""
        self._program = program
        self._files.profiles = program.profiles
        program.profiles.changed.subscribe(self._on_changed)
        program.switched.subscribe(lambda _: self._show())
        self._window.top_bar.chip.set_opens(True)
        self._window.commands.refresh()
        self._start(self._name_runs(program))

    # Showing them

    def show_switcher(self) -> None:
        """Open the list under the profile's name."""
        program = self._program
        if program is None or not self._window.top_bar.chip.isVisible():
            return
        switcher = ProfileSwitcher(self._window.top_bar.chip)
        switcher.chosen.connect(self.use)
        switcher.new_wanted.connect(self.make)
        switcher.edit_wanted.connect(self.edit)
        switcher.sign_in_wanted.connect(self.sign_in)
        switcher.all_wanted.connect(self.show_all)
        switcher.open_with(self._known(program), program.access.profile.id, self._kept(program))
        self._start(program.profiles.reload())  # another process may have written some

    def show_all(self) -> None:
        """Open the page of all profiles as a dialog."""
        sheet = Sheet(self._window, "Profiles", _SHEET_WIDTH)
        sheet.column.addWidget(PlainLabel("Profiles", size="title", bold=True))
        page = self.page()
        sheet.column.addWidget(page)
        sheet.finish()
        page.list.setFocus()
        sheet.open()

    def page(self) -> ProfilePage:
        """A page of all profiles that works, to be put into a dialog."""
        page = ProfilePage()
        page.use_wanted.connect(self.use)
        page.new_wanted.connect(self.make)
        page.edit_wanted.connect(self.edit)
        page.sign_in_wanted.connect(self.sign_in)
        page.duplicate_wanted.connect(lambda profile_id: self._start(self._duplicate(profile_id)))
        page.delete_wanted.connect(lambda profile_id: self._start(self._delete(profile_id, page)))
        page.export_wanted.connect(lambda: self._files.ask_where_to_export(page))
        page.import_wanted.connect(lambda: self._files.ask_what_to_import(page))
        self._pages = [known for known in self._pages if isValid(known)] + [page]
        self._show()
        return page

    def _show(self) -> None:
        program = self._program
        if program is None:
            return
        self._pages = [page for page in self._pages if isValid(page)]
        for page in self._pages:
            page.show_profiles(self._known(program), program.access.profile.id, self._kept(program))

    @staticmethod
    def _kept(program: Program) -> frozenset[str]:
        return frozenset(profile.id for profile in program.profiles.all)

    @staticmethod
    def _known(program: Program) -> tuple[Profile, ...]:
        # One that the environment names is in use without being kept.
        used = program.access.profile
        is_kept = program.profiles.get(used.id) is not None
        return program.profiles.all if is_kept else (*program.profiles.all, used)

    async def _name_runs(self, program: Program) -> None:
        """Let the history name the profiles of runs, and the end users they were sent for."""
        used = program.access.profile
        names: Mapping[str, str] = {used.id: used.name, **await program.profiles.names()}
        self._window.panels.runs.set_profiles(names)
        partners = (profile.partner for profile in self._known(program))
        self._window.panels.detail.set_end_users(
            {partner.party: partner.user_name for partner in partners if partner.user_name}
        )

    def _on_changed(self, change: ProfileChange) -> None:
        program = self._program
        if program is None:
            return
        self._show()
        self._start(self._name_runs(program))
        after, used = change.after, program.access.profile
        if after is None or after.id != used.id:
            return
        after = with_grant_of(used, after)
        if works_alike(after, used):
            self._window.show_profile(after.name, after.colour, after.is_live, after.acts_for)
            self._start(program.take_up(after))
        else:
            self._start(self._do(lambda: program.take_up(after)))

    # The live guard

    def _can_pause_guard(self) -> bool:
        program = self._program
        return program is not None and program.guard.asks(program.access.profile, WRITE)

    def _pause_guard(self) -> None:
        if self._program is not None:
            self._program.guard.pause(self._program.access.profile.id, _PAUSE_MIN)

    # What is wished

    def use(self, profile_id: str) -> None:
        """Go to another profile."""

        async def switch() -> None:
            program = await self._started()
            profile = program.profiles.get(profile_id)
            is_new = program.session is None or program.access.profile.id != profile_id
            if profile is not None and is_new:
                await program.go_to(profile)

        self._start(self._do(switch))

    def make(self) -> None:
        """Let a person make a new profile."""
        if self._program is not None:
            others = self._program.profiles.all
            self._start(self._edit(fresh("", ServerKind.ZAPIER, others)))

    def edit(self, profile_id: str) -> None:
        """Let a person change a profile."""
        profile = None if self._program is None else self._program.profiles.get(profile_id)
        if profile is not None:
            self._start(self._edit(profile))

    def sign_in(self, profile_id: str) -> None:
        """Let a person sign in to a profile."""
        profile = None if self._program is None else self._program.profiles.get(profile_id)
        if profile is not None:
            self._start(self._sign_in(profile))

    async def _edit(self, profile: Profile) -> None:
        program = await self._started()
        kept: list[Profile] = []

        async def keep(changed: Profile) -> None:
            service = program.profiles
            if changed.id and changed.base_url != profile.base_url:
                counts = await program.log.counts(RunFilter(changed.id))
                sentence = move_words(counts, profile)
                if sentence and not await confirm(editor, "Change the server?", sentence, "Change"):
                    raise InvalidInput("The server was not changed.")
            done = service.edit(changed, profile) if changed.id else service.create(changed)
            kept.append(await done)

        await program.profiles.reload()  # another process may have changed it
        profile = program.profiles.get(profile.id) or profile
        parent = QApplication.activeModalWidget() or self._window
        editor = ProfileEditor(parent, self._tasks, profile, program.profiles.all, keep)
        await answered(editor)
        if not kept:
            return
        if editor.wants_sign_in:
            await self._sign_in(kept[-1])
        elif not profile.id:
            self.use(kept[-1].id)

    async def _duplicate(self, profile_id: str) -> None:
        program = await self._started()
        profile = program.profiles.get(profile_id)
        if profile is None:
            return
        try:
            copy = await program.profiles.duplicate(profile)
        except ZapdeskError as error:
            self._window.notices.show_error(error, _SUBJECT)
        else:
            for page in self._pages:
                page.list.mark(copy.id)

    async def _delete(self, profile_id: str, parent: QWidget) -> None:
        program = await self._started()
        profile = program.profiles.get(profile_id)
        if profile is None:
            return
        name = one_line(profile.name, 60)
        counts = await program.log.counts(RunFilter(profile.id))
        sentence = deletion_words(counts, is_in_use=profile.id == program.access.profile.id)
        if not await confirm(parent.window(), f"Delete {name}?", sentence, "Delete"):
            return
        if program.access.profile.id == profile.id:
            sandbox = program.profiles.get(SANDBOX_ID) or SANDBOX
            await self._do(lambda: program.switch(sandbox))
        await program.forget(profile)
        try:
            if profile.kind is not ServerKind.SANDBOX:  # its token is its own
                await program.accounts.sign_out(profile)
        except VaultUnusable as error:
            text = f"{error} Its token may stay in the keyring."
            question = f"Delete {name} all the same?"
            if not await confirm(parent.window(), question, text, "Delete"):
                return
        try:
            await program.profiles.delete(profile)
        except ZapdeskError as error:
            self._window.notices.show_error(error, _SUBJECT)

    async def close(self) -> None:
        """End what still runs for a dialog."""
        await self._tasks.close()


def move_words(counts: Mapping[RunStatus, int], before: Profile) -> str:
    """What another server means for the runs of a profile; empty where it means nothing."""
    open_runs = sum(count for status, count in counts.items() if status.is_open)
    if not open_runs:
        return ""
    server = before.base_url or "the sandbox"
    which = "One run is" if open_runs == 1 else f"{open_runs:,} runs are"
    return (
        f"{which} still on the way at {server}. How that ends is known there alone, and is not "
        "seen here until the profile is at that server again."
    )


def deletion_words(counts: Mapping[RunStatus, int], *, is_in_use: bool) -> str:
    """What goes with a profile, and what stays."""
    runs = sum(counts.values())
    open_runs = sum(count for status, count in counts.items() if status.is_open)
    parts = ["Its drafts, presets and tabs go with it, and it is signed out on this computer."]
    if runs:
        which = "Its run stays" if runs == 1 else f"Its {runs:,} runs stay"
        parts.append(f"{which} in the history, under All profiles.")
    if open_runs:
        which = "One is" if open_runs == 1 else f"{open_runs:,} are"
        parts.append(f"{which} still on the way: how that ends will not be seen here.")
    if is_in_use:
        parts.append("zapdesk goes to the sandbox.")
    return " ".join(parts)
