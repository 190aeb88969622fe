"""Signing in by consent in the browser, with an integration's own client id and secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.domain.profiles import Profile
from zapdesk.domain.redirects import FIXED_PORTS, redirect_address
from zapdesk.domain.scopes import SCOPES, Scope
from zapdesk.ui.accounts.scopes_box import ScopesBox
from zapdesk.ui.accounts.waiting_page import WaitingPage
from zapdesk.ui.accounts.way import Way
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.look.metrics import XS, L, M
from zapdesk.ui.parts import CheckBox, DisclosureButton, PlainLabel
from zapdesk.ui.parts.copy_button import CopyButton

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts, SignedIn


class ConsentWay(Way):
    """First the registration and what to ask for; then, while it is waited for, the link."""

    word = "In the browser"
    verb = "Open the browser"
    can_ask_again = True

    def __init__(self, accounts: Accounts, profile: Profile) -> None:
        super().__init__(accounts, profile)
        holder, self.form = self.column, QWidget()
        holder.setContentsMargins(0, 0, 0, 0)
        self.column = QVBoxLayout(self.form)
        self.column.setContentsMargins(0, M, 0, 0)
        self.column.setSpacing(XS)
        self._build()
        self.waiting = WaitingPage()
        holder.addWidget(self.form)
        holder.addWidget(self.waiting)
        self.waiting.hide()

    def _build(self) -> None:
        self.add_text(
            "You agree in the browser; the sign-in then renews itself. It takes the client id and "
            "the secret of an integration of your own: both stand in its settings at Zapier, "
            "under Embed."
        )
        self.client_id = self.add_line("Client id", "From the settings of your integration")
        self.client_id.setText(self.profile.client_id)
        self.secret = self.add_line("Client secret", "Paste the secret", is_secret=True)
        self.column.addSpacing(M)
        self.scopes = ScopesBox(self.profile.scopes)
        self.scopes.changed.connect(self._show_count)
        self.scopes_button = DisclosureButton("")
        self.ports_button = DisclosureButton("Where the browser comes back to")
        self._fold(self.scopes_button, self.scopes)
        self._fold(self.ports_button, self._ports())
        self.column.addStretch(1)
        self._show_count()

    def _fold(self, button: DisclosureButton, widget: QWidget) -> None:
        self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(widget)
        button.folds(widget)
        button.toggled.connect(lambda _: self._fold_others(button))

    def _fold_others(self, opened: DisclosureButton) -> None:
        """One at a time, so that the dialog fits on small screens."""
        for button in (self.scopes_button, self.ports_button):
            if button is not opened and opened.isChecked():
                button.setChecked(False)

    def _ports(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(L + XS, 0, 0, M)
        column.setSpacing(XS)
        column.addWidget(
            PlainLabel(
                "zapdesk listens on this computer alone, on a free port, while you sign in. Where "
                "the integration's settings want every redirect address to the letter, use fixed "
                "ports and register these; the first that is free is taken.",
                size="small",
                tone="muted",
                wrap=True,
            )
        )
        self.fixed = CheckBox("Use fixed ports")
        self.fixed.setChecked(bool(self.profile.redirect_ports))
        column.addWidget(self.fixed)
        self._fixed_ports = self.profile.redirect_ports or FIXED_PORTS
        addresses = "\n".join(map(redirect_address, self._fixed_ports))
        column.addWidget(PlainLabel(addresses, size="small", mono=True, selectable=True))
        copy = CopyButton("Copy these addresses", lambda: copy_text(addresses), look="link")
        column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        return page

    def _show_count(self) -> None:
        chosen = sum(box.isChecked() for box in self.scopes.boxes.values())
        self.scopes_button.set_text(f"What to ask for: {chosen} of {len(SCOPES)} permissions")

    async def prepare(self) -> None:
        if await self.accounts.has_client_secret(self.profile) and isValid(self):
            self.secret.setPlaceholderText("Kept already; paste another one to replace it")

    async def perform(self) -> SignedIn:
        profile = replace(
            self.profile,
            client_id=self.client_id.text().strip(),
            scopes=self.scopes.scopes,
            redirect_ports=self._fixed_ports if self.fixed.isChecked() else (),
        )
        secret = self.secret.text()
        attempt = await self.accounts.begin_sign_in(profile, secret)
        try:
            self._show(is_waiting=True)
            self.waiting.begin(attempt, profile.name)
            return await self.accounts.finish_sign_in(profile, attempt, secret)
        finally:
            if isValid(self):
                self.waiting.end()
                self._show(is_waiting=False)
            await attempt.close()

    def _show(self, *, is_waiting: bool) -> None:
        self.form.setHidden(is_waiting)
        self.waiting.setVisible(is_waiting)
        self.is_waiting = is_waiting
        self.verb = "" if is_waiting else type(self).verb
        self.stage_changed.emit()

    def ask_for(self, scopes: Iterable[Scope]) -> None:
        for scope in scopes:
            self.scopes.boxes[scope].setChecked(True)

    def missing(self) -> str:
        return "" if self.client_id.text().strip() else "A client id is needed."

    def focus_first(self) -> None:
        (self.secret if self.client_id.text().strip() else self.client_id).setFocus()

    def forget(self) -> None:
        self.secret.clear()
