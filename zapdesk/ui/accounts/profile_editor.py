"""ProfileEditor: the dialog in which a profile is made or changed. It closes once that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.domain.profile_editing import problems
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.errors import ZapdeskError
from zapdesk.ui.accounts.profile_fields import ProfileFields
from zapdesk.ui.fitting import FittingScroller, keep_on_screen
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XL, L, M, S
from zapdesk.ui.parts import Button, PlainLabel, button_row
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

_WIDTH = 520
_MOST_HEIGHT = 640

Keep = Callable[[Profile], Awaitable[None]]


class ProfileEditor(QDialog):
    """``keep`` is given the profile and raises ZapdeskError where it cannot be kept; ``others``
    are those whose names are taken. ``wants_sign_in`` says that signing in is to follow."""

    def __init__(
        self,
        parent: QWidget,
        tasks: LateTasks,
        profile: Profile,
        others: Sequence[Profile],
        keep: Keep,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._others, self._keep = tasks, others, keep
        self._is_new = not profile.id
        self.wants_sign_in = False
        title = "New profile" if self._is_new else f"Edit {one_line(profile.name, 60)}"
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self.fields = ProfileFields(profile)
        self._scroller = FittingScroller(self.fields, _WIDTH - 2 * XL, most=_MOST_HEIGHT)
        self.problem = PlainLabel(tone="error", wrap=True)
        self.problem.hide()
        self.cancel_button = Button("Cancel")
        self.sign_in_button = Button("", tip="Keep the profile, and sign in to it")
        self.keep_button = Button("Create" if self._is_new else "Save", look="primary")
        self.keep_button.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="title", bold=True, wrap=True))
        column.addSpacing(S)
        column.addWidget(self._scroller)
        column.addWidget(self.problem)
        column.addSpacing(M)
        column.addLayout(
            button_row(self.cancel_button, self.keep_button, beside=[self.sign_in_button])
        )
        self._fitting = QTimer(self)  # once the layouts have taken up what changed
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)
        self.fields.resized.connect(self._fitting.start)
        self.fields.changed.connect(self._on_changed)
        self.cancel_button.clicked.connect(self.reject)
        self.keep_button.clicked.connect(lambda: self._go(wants_sign_in=False))
        self.sign_in_button.clicked.connect(lambda: self._go(wants_sign_in=True))
        self._on_changed()
        self.fields.name.setFocus()
        self.fields.name.selectAll()
        tasks.start(self._find_zones(), "find the time zones")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as what is in it, and no higher than is comfortable: then it scrolls."""
        self._scroller.fit()
        self.adjustSize()
        keep_on_screen(self)

    def _on_changed(self) -> None:
        self.problem.hide()
        is_sandbox = self.fields.kind is ServerKind.SANDBOX
        self.sign_in_button.set_text("Create and sign in…" if self._is_new else "Sign in…")
        self.sign_in_button.setHidden(is_sandbox)

    def _go(self, *, wants_sign_in: bool) -> None:
        profile = self.fields.profile()
        found = problems(profile, self._others)
        self.fields.show_problems(found)
        if not found:
            self.wants_sign_in = wants_sign_in
            self._tasks.start(self._do(profile), "keep a profile")

    async def _do(self, profile: Profile) -> None:
        self._set_busy(True)
        try:
            await self._keep(profile)
        except ZapdeskError as error:
            if isValid(self):  # not closed meanwhile
                words = " ".join(filter(None, (error.title, error.detail, error.hint)))
                self.problem.setText(words)
                self.problem.show()
                self._fitting.start()
        else:
            if isValid(self):
                self.accept()
        finally:
            if isValid(self):
                self._set_busy(False)

    def _set_busy(self, is_busy: bool) -> None:
        for widget in (self.fields, self.keep_button, self.sign_in_button):
            widget.setEnabled(not is_busy)

    async def _find_zones(self) -> None:
        from zoneinfo import available_timezones

        names = sorted(await asyncio.to_thread(available_timezones))  # it looks through folders
        if isValid(self):
            self.fields.set_zones(names)
