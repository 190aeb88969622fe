"""NetworkPage: proxy, certificates and patience; name and password of a proxy; trying it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.domain.profiles import ZAPIER_URL
from zapdesk.errors import ZapdeskError
from zapdesk.settings import Settings
from zapdesk.settings.table import SETTINGS
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.settings.page import SettingsPage

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.routing import Routing


class ProxyLogin(QWidget):
    """The name and the password that the proxy is told, kept in the keyring."""

    def __init__(self) -> None:
        super().__init__()
        self.user, self.password = QLineEdit(), QLineEdit()
        self.user.setAccessibleName("Name for the proxy")
        self.user.setPlaceholderText("Name")
        self.password.setAccessibleName("Password for the proxy")
        self.password.setPlaceholderText("Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep = Button("Keep")
        self.forget = Button("Forget")
        self.state = PlainLabel(tone="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, M, 0, M)
        column.setSpacing(XS)
        column.addWidget(PlainLabel("Name and password", bold=True))
        column.addWidget(
            PlainLabel(
                "For a proxy that asks for them. They go to that proxy only, and are kept in the"
                " system's keyring.",
                tone="muted",
                wrap=True,
            )
        )
        column.addSpacing(XS)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.user, 1)
        row.addWidget(self.password, 1)
        row.addWidget(self.keep)
        row.addWidget(self.forget)
        column.addLayout(row)
        column.addWidget(self.state)

    def show_user(self, user: str, words: str = "") -> None:
        """Show whose password is kept; never the password."""
        self.user.setText(user)
        self.password.clear()
        self.password.setPlaceholderText("Password (kept)" if user else "Password")
        self.forget.setEnabled(bool(user))
        self.state.setText(words)
        self.state.setVisible(bool(words))


class NetworkPage(SettingsPage):
    """Asks ``routing``; ``base_url`` tells which server is tried, Zapier's where it is empty."""

    def __init__(
        self, title: str, routing: Routing, base_url: Callable[[], str], tasks: LateTasks
    ) -> None:
        super().__init__(title, [row for row in SETTINGS.values() if row.page == "network"])
        self._routing = routing
        self._base_url = base_url
        self._tasks = tasks
        self._proxy = ""
        self.login = ProxyLogin()
        self.login.keep.clicked.connect(self._keep)
        self.login.password.returnPressed.connect(self._keep)
        self.login.forget.clicked.connect(self._forget)
        self._insert_after("proxy", self.login)
        self._is_testing = False
        self.test = Button("Test", icon="connection")
        self.test.clicked.connect(self._begin_test)
        self.told = PlainLabel("", tone="muted", wrap=True, selectable=True)
        self.add(HLine())
        self.add(self._test_line())

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
        has_address = settings.proxy not in ("none", "system")
        self.login.setVisible(has_address)
        if settings.proxy != self._proxy:
            self._proxy = settings.proxy
            self.login.show_user("")
            if has_address:
                self._tasks.start(self._look_up_user(settings.proxy), "look up the proxy's name")

    def _insert_after(self, name: str, widget: QWidget) -> None:
        row = self.row(name)
        if row is not None:
            self._end.insertWidget(self._end.indexOf(row) + 1, widget)

    def _test_line(self) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, M, 0, M)
        row.setSpacing(M)
        row.addWidget(self.test)
        row.addWidget(self.told, 1)
        self._tell(
            "Asks the server of the profile for an answer, without a token."
            " In the sandbox Zapier is asked."
        )
        return line

    async def _look_up_user(self, proxy: str) -> None:
        user = await self._routing.proxy_user()
        if proxy == self._proxy:
            self.login.show_user(user)

    def _keep(self) -> None:
        user, password = self.login.user.text().strip(), self.login.password.text()
        if not user or not password:
            self.login.state.setText("Both are needed.")
            self.login.state.show()
            return
        self._tasks.start(self._keep_login(user, password), "keep the proxy's password")

    def _forget(self) -> None:
        self._tasks.start(self._keep_login("", ""), "forget the proxy's password")

    async def _keep_login(self, user: str, password: str) -> None:
        try:
            is_kept = await self._routing.keep_proxy_login(user, password)
        except ZapdeskError as error:
            self.login.state.setText(str(error))
            self.login.state.show()
            return
        words = "" if is_kept else "Kept for this session only: no keyring can be used."
        self.login.show_user(user, words)

    def _begin_test(self) -> None:
        if self._is_testing:
            return  # the button stays enabled: it keeps the focus
        self._is_testing = True
        self._tell("Asking…")
        address = self._base_url() or ZAPIER_URL
        self._tasks.start(self._try(lambda: self._routing.test(address)), "test the network")

    async def _try(self, ask: Callable[[], Awaitable[object]]) -> None:
        try:
            reached = await ask()
            self._tell(str(getattr(reached, "words", "")), "success")
        except ZapdeskError as error:
            words = " ".join(filter(None, (error.title, error.detail, error.hint)))
            self._tell(words, "error")
        finally:
            self._is_testing = False

    def _tell(self, words: str, tone: str = "muted") -> None:
        self.told.setText(words)
        self.told.set_tone(tone)
