"""The window's side of self-test and network: the two pages, and the strip that says *offline*."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Program
    from zapdesk.domain.diagnosis import Finding
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
        self._sheet: SelfTestSheet | None = None
        self._network: NetworkSheet | None = None
        self._forget_switch: Callable[[], None] = lambda: None
        commands = window.commands
        commands.bind("self_test", self.show_self_test, lambda: self._program is not None)
        commands.bind("network", self.show_network, lambda: self._program is not None)
        commands.bind("offline", self._toggle, lambda: self._program is not None)
        commands.action("offline").setCheckable(True)

    def follow(self, program: Program) -> None:
        """From now on there is something to test, and a switch."""
        from zapdesk.services import network

        self._program = program
        self._forget_switch = network.on_switch(self._on_switch)
        program.switched.subscribe(lambda _: self._show())
        self._window.commands.refresh()
        self._show()

    def close(self) -> None:
        """Hear of the switch no more."""
        self._forget_switch()

    # The two pages

    def show_self_test(self) -> None:
        """Open the page and test everything."""
        from zapdesk.services.diagnosis import report
        from zapdesk.ui.diagnosis.self_test import SelfTestSheet

        program = self._program
        if program is None:
            return
        profile = program.access.profile
        server = urlsplit(profile.base_url).hostname or "this computer"

        def in_words(findings: dict[str, Finding]) -> str:
            return report(findings, profile.name, server)

        sheet = self._sheet = SelfTestSheet(
            self._window, profile.name, lambda ids: self._start(self._test(ids)), in_words
        )
        sheet.finished.connect(self._forget_sheet)
        sheet.open()
        sheet.test([])

    def show_network(self) -> None:
        """Open the page of who was spoken to."""
        from zapdesk.ui.diagnosis.network_sheet import NetworkSheet

        sheet = self._network = NetworkSheet(self._window)
        sheet.offline_chosen.connect(self.choose)
        sheet.finished.connect(self._forget_network)
        sheet.open()

    async def _test(self, ids: Sequence[str]) -> None:
        program, sheet = self._program, self._sheet
        if program is None or sheet is None:
            return

        def tell(check_id: str, found: Finding | None) -> None:
            if sheet is self._sheet:
                sheet.tell(check_id, found)

        await program.diagnosis().run(ids, tell)

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
        program = self._program
        if program is None or program.session is None:
            return
        if is_offline:
            await program.hang_up()
        elif program.lacks_server:
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
