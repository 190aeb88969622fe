"""The window's side of self-test and network: the two pages, and the strip that says *offline*."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal

from zapdesk.errors import StorageUnusable, ZapdeskError
from zapdesk.ui.late_tasks import LateTasks

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Program
    from zapdesk.domain.diagnosis import Finding
    from zapdesk.domain.profiles import Profile
    from zapdesk.paths import Paths
    from zapdesk.services.diagnosis import Diagnosis
    from zapdesk.settings import Settings
    from zapdesk.ui.diagnosis.network_sheet import NetworkSheet
    from zapdesk.ui.diagnosis.self_test import SelfTestSheet
    from zapdesk.ui.shell.main_window import MainWindow

_OFFLINE = "offline"

Start = Callable[[Coroutine[Any, Any, Any]], object]


class Diagnosing(QObject):
    """``offline_chosen`` says what the settings are to keep."""

    offline_chosen = Signal(bool)

    def __init__(
        self, window: MainWindow, start: Start, reopen: Callable[[], Awaitable[None]]
    ) -> None:
        """``reopen`` opens the session anew, which may have begun without its server."""
        super().__init__(window)
        self._window = window
        self._start = start
        self._reopen = reopen
        self._program: Program | None = None
        self._test_alone: tuple[Profile, Diagnosis] | None = None
        self._tests = LateTasks()
        self._sheet: SelfTestSheet | None = None
        self._network: NetworkSheet | None = None
        self._forget_switch: Callable[[], None] = lambda: None
        commands = window.commands
        commands.bind("self_test", self.show_self_test, self._can_test)
        commands.bind("network", self.show_network, lambda: self._program is not None)
        commands.bind("offline", self._toggle, lambda: self._program is not None)
        commands.action("offline").setCheckable(True)

    def begin(self, settings: Settings, *, is_offline: bool) -> None:
        """Be offline from the beginning where the settings, or how it was started, want that."""
        from zapdesk.services import network

        network.switch(settings.offline or is_offline)

    def lacks_program(self, error: ZapdeskError, paths: Paths) -> None:
        """Say why the program could not be started; where it has no place for its files, the test
        can be made all the same."""
        notices = self._window.notices
        if not isinstance(error, StorageUnusable):
            notices.show_error(error, "start")
            return
        from zapdesk.services.access import choose
        from zapdesk.services.diagnosis import Diagnosis, Surroundings
        from zapdesk.settings import Settings

        access = choose(Settings.load(paths.settings), environment={})
        around = Surroundings.without_log(paths, access, error)
        self._test_alone = access.profile, Diagnosis(around)
        self._window.commands.refresh()
        words = " ".join(filter(None, (error.title, error.detail, error.hint)))
        notices.show_notice("start", "error", words, "Self-test…", self.show_self_test)

    def follow(self, program: Program) -> None:
        """From now on there is something to test, and a switch."""
        from zapdesk.services import network

        self._program = program
        self._forget_switch = network.on_switch(self._on_switch)
        program.switched.subscribe(lambda _: self._show())
        self._window.commands.refresh()
        self._show()

    async def close(self) -> None:
        """Hear of the switch no more, and test nothing."""
        self._forget_switch()
        await self._tests.close()

    # The two pages

    def show_self_test(self) -> None:
        """Open the page and test everything."""
        from zapdesk.services.diagnosis import report
        from zapdesk.ui.diagnosis.self_test import SelfTestSheet

        profile, diagnosis = self._subject()
        server = urlsplit(profile.base_url).hostname or "this computer"

        def in_words(findings: dict[str, Finding]) -> str:
            return report(findings, profile.name, server)

        tests = self._tests = LateTasks()
        sheet = self._sheet = SelfTestSheet(
            self._window,
            profile.name,
            lambda ids: tests.start(self._test(diagnosis, ids), "self-test"),
            in_words,
        )
        sheet.finished.connect(self._forget_sheet)
        sheet.finished.connect(lambda: self._start(tests.close()))
        sheet.open()
        sheet.test([])

    def show_network(self) -> None:
        """Open the page of who was spoken to."""
        from zapdesk.ui.diagnosis.network_sheet import NetworkSheet

        sheet = self._network = NetworkSheet(self._window)
        sheet.offline_chosen.connect(self.choose)
        sheet.finished.connect(self._forget_network)
        sheet.open()

    def _can_test(self) -> bool:
        return self._program is not None or self._test_alone is not None

    def _subject(self) -> tuple[Profile, Diagnosis]:
        """Which profile is tested, and what tests it."""
        if self._program is not None:
            return self._program.access.profile, self._program.diagnosis()
        assert self._test_alone is not None, "the command is enabled only where there is one"
        return self._test_alone

    async def _test(self, diagnosis: Diagnosis, ids: Sequence[str]) -> None:
        sheet = self._sheet
        if sheet is None:
            return

        def tell(check_id: str, found: Finding | None) -> None:
            if sheet is self._sheet:
                sheet.tell(check_id, found)

        await diagnosis.run(ids, tell)

    def _forget_sheet(self) -> None:
        self._sheet = None

    def _forget_network(self) -> None:
        self._network = None

    # The switch

    def choose(self, is_offline: bool) -> None:
        """Work offline from now on, or online again, and at the next start too."""
        from zapdesk.services import network

        network.switch(is_offline)
        self.offline_chosen.emit(is_offline)

    def _toggle(self) -> None:
        self.choose(self._window.commands.action("offline").isChecked())

    def _on_switch(self, is_offline: bool) -> None:
        self._show()
        self._start(self._settle(is_offline))

    async def _settle(self, is_offline: bool) -> None:
        from zapdesk.services import network

        if is_offline:
            await network.hang_up()
            return
        program = self._program
        if program is None or program.session is None:
            return
        if program.lacks_server:
            await self._reopen()
        else:
            program.session.catalog.start_refresh()

    def _show(self) -> None:
        from zapdesk.services import network

        window, is_offline = self._window, network.is_offline()
        window.commands.action("offline").setChecked(is_offline)
        window.top_bar.set_switched_off(is_offline)
        if self._network is not None:
            self._network.look()
        if not is_offline:
            window.notices.clear(_OFFLINE)
            return
        window.notices.show_notice(
            _OFFLINE,
            "info",
            "zapdesk works offline: nothing is sent or fetched. What was saved can be read.",
            "Go online",
            lambda: self.choose(False),
            closable=False,
        )
