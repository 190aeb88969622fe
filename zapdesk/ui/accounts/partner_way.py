"""Signing in as a White Label partner, for one of its end users."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QWidget
from shiboken6 import isValid

from zapdesk.domain.partner import check
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.errors import InvalidInput
from zapdesk.ui.accounts.way import Way
from zapdesk.ui.look.metrics import XS, L, M
from zapdesk.ui.parts import Button, DisclosureButton, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts, SignedIn

_MOST_KEY = 64 * 1024


class PartnerWay(Way):
    """Who is acted for comes first; what the partner is registered with is folded away once it is
    known. The sandbox has a partner of its own, so nothing has to be registered there."""

    word = "As a partner"
    verb = "Act for this person"

    def __init__(self, accounts: Accounts, profile: Profile) -> None:
        super().__init__(accounts, profile)
        self._is_sandbox = profile.kind is ServerKind.SANDBOX
        self.has_secret = not self._is_sandbox
        self._key_file: Path | None = None
        self.lines: dict[str, QLineEdit] = {}
        partner = profile.partner
        self.add_text(
            "Everything is then seen and run in the name of this end user, with that person's own "
            "connections. A partner of Zapier's White Label programme signs for its end users "
            "with a key."
        )
        self.column.addSpacing(M)
        grid = self._grid()
        self._pair(
            grid,
            ("user", "End user", "The person's id with you", partner.user),
            ("user_name", "Name", "What to call that person", partner.user_name),
        )
        self.column.addLayout(grid)
        if self._is_sandbox and profile.acts_for:
            self.add_text("Without an end user you are yourself again.")
        if self._is_sandbox:
            self.lines["user"].textEdited.connect(self._show_verb)
        else:
            self._pair(
                grid,
                ("tenant", "Organisation", "Its id with you", partner.tenant),
                ("tenant_claim", "Claim", "As agreed with Zapier", partner.tenant_claim),
            )
            self._add_registration(profile)
        self.column.addStretch(1)

    def _show_verb(self) -> None:
        """Nobody is a choice too, where one has an account of one's own beside."""
        is_nobody = self.profile.acts_for and not self.lines["user"].text().strip()
        verb = "Be yourself again" if is_nobody else type(self).verb
        if verb != self.verb:
            self.verb = verb
            self.stage_changed.emit()

    def _add_registration(self, profile: Profile) -> None:
        page = QWidget()
        grid = self._grid()
        grid.setContentsMargins(L + XS, 0, 0, 0)
        page.setLayout(grid)
        partner = profile.partner
        self._pair(
            grid,
            ("issuer", "Issuer", "https://…", partner.issuer),
            ("key_id", "Key id", "The kid of the public key", partner.key_id),
        )
        self._pair(
            grid,
            ("client_id", "Client id", "From Zapier", profile.client_id),
            ("secret", "Client secret", "Paste the secret", ""),
        )
        self.lines["secret"].setEchoMode(QLineEdit.EchoMode.Password)
        title = PlainLabel("Private key", bold=True)
        self.key = PlainLabel("None chosen", tone="muted", wrap=True)
        choose = self.choose_button = Button("Choose the file…")
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(M)
        row.addWidget(self.key, 1)
        row.addWidget(choose)
        at = grid.rowCount()
        grid.addWidget(title, at, 0, 1, 2)
        grid.addLayout(row, at + 1, 0, 1, 2)
        is_known = profile.client_id and partner.issuer and partner.key_id
        button = DisclosureButton("What you are registered with", is_open=not is_known)
        self.registered_button = button
        self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(page)
        button.folds(page)

    @staticmethod
    def _grid() -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(L)
        grid.setVerticalSpacing(XS)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _pair(self, grid: QGridLayout, *fields: tuple[str, str, str, str]) -> None:
        """Two lines beside each other, each under its name: place, name, hint and content."""
        at = grid.rowCount()
        for column, (place, name, hint, text) in enumerate(fields):
            label, line = PlainLabel(name, bold=True), QLineEdit(text)
            label.setObjectName(place)
            label.setBuddy(line)
            line.setAccessibleName(name)
            line.setPlaceholderText(hint)
            line.textEdited.connect(self.edited)
            grid.addWidget(label, at, column)
            grid.addWidget(line, at + 1, column)
            self.lines[place] = line
        grid.setRowMinimumHeight(at + 2, M)

    async def prepare(self) -> None:
        if self._is_sandbox:
            return
        if await self.accounts.has_client_secret(self.profile) and isValid(self):
            self.lines["secret"].setPlaceholderText("Kept; paste another to replace it")
        if await self.accounts.has_partner_key(self.profile) and isValid(self):
            if self._key_file is None:
                self.key.setText("Kept with the secrets.")
            self.choose_button.set_text("Choose another…")

    def missing(self) -> str:
        is_somebody = self.verb == type(self).verb
        is_missing = is_somebody and not self.lines["user"].text().strip()
        return "The id of an end user is needed." if is_missing else ""

    async def perform(self) -> SignedIn:
        typed = {
            place: check(place, line.text())
            for place, line in self.lines.items()
            if place not in ("client_id", "secret")
        }
        if not typed["user"] and self.verb != type(self).verb:
            return await self.accounts.enter_sandbox(self.profile)
        profile = replace(self.profile, partner=replace(self.profile.partner, **typed))
        if self._is_sandbox:
            return await self.accounts.use_partner(profile)
        client_id, secret = (self.lines[place].text() for place in ("client_id", "secret"))
        pem = "" if self._key_file is None else await asyncio.to_thread(_read, self._key_file)
        profile = replace(profile, client_id=client_id.strip())
        return await self.accounts.use_partner(profile, secret=secret, pem=pem)

    def _choose(self) -> None:
        dialog = QFileDialog(
            self, "The partner's private key", str(Path.home()), "Keys (*.pem *.key);;All files (*)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_key(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take_key(self, file: Path) -> None:
        """Use the key in ``file``; it is read when signing in."""
        self._key_file = file
        self.key.setText(one_line(file.name, 60))
        self.edited.emit()

    def focus_first(self) -> None:
        self.lines["user"].setFocus()
        self.lines["user"].selectAll()

    def forget(self) -> None:
        if not self._is_sandbox:
            self.lines["secret"].clear()
        self._key_file = None


def _read(file: Path) -> str:
    try:
        with file.open(encoding="ascii") as opened:
            return opened.read(_MOST_KEY)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(f"The key cannot be read: {reason}.") from None
