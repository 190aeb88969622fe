"""The browser: one search over apps and actions, and the list of them.

Searching is synchronous, in memory. While the catalogue is incomplete the server is asked too,
behind, once typing pauses. Whatever this panel shows comes from the catalogue service; nothing
of the services is imported before the first frame, for they bring asyncio and the network along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.catalog import (
    READ,
    READ_BULK,
    SEARCH,
    SEARCH_AND_WRITE,
    SEARCH_OR_WRITE,
    WRITE,
    App,
)
from zapdesk.ui.catalog.fetches import CatalogFetches
from zapdesk.ui.catalog.model import CatalogModel, Row, RowKind
from zapdesk.ui.catalog.state import CatalogFoot, NothingListed, Shown
from zapdesk.ui.catalog.view import CatalogList
from zapdesk.ui.look.metrics import ROW_DENSE, XS, S
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.parts import Button, SearchBox, SkeletonRows

if TYPE_CHECKING:  # importing them would delay the first frame
    from zapdesk.bootstrap import Session
    from zapdesk.services.catalog import CatalogChange, CatalogService
    from zapdesk.ui.shell.snapshot import Snapshot

_BOTH = {SEARCH_OR_WRITE, SEARCH_AND_WRITE}
_CHIPS = {
    "Write": frozenset({WRITE} | _BOTH),
    "Search": frozenset({SEARCH} | _BOTH),
    "Read": frozenset({READ, READ_BULK}),
}
_TYPING_MS = 60
_TYPING_PAUSE_MS = 400
_CHANGES_MS = 50
_MINUTE_MS = 60_000
_MOST_HITS = 300
_SHORTEST_QUESTION = 2


class CatalogPanel(QWidget):
    """The left area of the window. ``search_box`` may be moved elsewhere, into the top bar."""

    action_chosen = Signal(object, object)  # App, Action
    new_tab_wanted = Signal(object, object)  # the same, beside what is open

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog: CatalogService | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._profile_id = ""
        self._fetches = CatalogFetches(self.refresh)
        self.model = CatalogModel(self._fetches.known, self._fetches.failure, self)
        self.search_box = SearchBox("Find an app or action…")
        self.chips = [Button(word, tip=f"Only actions that {word.lower()}") for word in _CHIPS]
        self.list = CatalogList(theme, self.model, self)
        self.nothing = NothingListed()
        self.foot = CatalogFoot()
        self.pages = QStackedWidget()
        self._skeleton = SkeletonRows(ROW_DENSE)
        self._typing = self._timer(_TYPING_MS, self._on_typed)
        self._pause = self._timer(_TYPING_PAUSE_MS, self._on_pause)
        self._changes = self._timer(_CHANGES_MS, self.refresh)
        self._minute = self._timer(_MINUTE_MS, self._show_state)
        self._lay_out()
        self._connect()
        self._show_state()

    def _timer(self, wait_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(wait_ms)
        timer.timeout.connect(act)
        return timer

    def _lay_out(self) -> None:
        self.setObjectName("catalog_panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "background")
        chips = QHBoxLayout()
        chips.setSpacing(XS)
        for chip in self.chips:
            chip.setProperty("look", "chip")
            chip.setCheckable(True)
            chips.addWidget(chip)
        chips.addStretch(1)
        head = QVBoxLayout()
        head.setContentsMargins(S, S, S, S)
        head.setSpacing(S)
        head.addWidget(self.search_box)
        head.addLayout(chips)
        for page in (self._skeleton, self.list, self.nothing):
            self.pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.pages, 1)
        whole.addWidget(self.foot)

    def _connect(self) -> None:
        self.search_box.installEventFilter(self)
        self.search_box.textChanged.connect(lambda: self._typing.start())
        self.search_box.returnPressed.connect(self._open_best)
        for chip in self.chips:
            chip.toggled.connect(self.refresh)
        self.list.row_opened.connect(self.open_row)
        self.list.row_opened_apart.connect(lambda row: self.open_row(row, in_new_tab=True))
        self.list.row_folded.connect(self._on_folded)
        self.list.left_upwards.connect(self.focus_search)
        self.list.left.connect(self._on_left)
        self.list.typed.connect(self._on_typed_in_list)
        self.nothing.action_requested.connect(self._on_nothing_action)
        self.nothing.id_requested.connect(self._on_id_requested)
        self.foot.retry_requested.connect(self._fetches.refresh)

    # What is shown

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the most popular apps of the last session until a session comes."""
        if self._catalog is None:
            apps = [App(a.id, a.title, hex_color=a.hex_color) for a in snapshot.apps]
            self.model.show_apps(apps)
            self._show_state()

    def set_session(self, session: Session | None) -> None:
        """Show the catalogue of another profile; ``None`` shows nothing."""
        if self._unsubscribe is not None or session is None:
            self.model.clear()
        self._stop_listening()
        if session is not None:
            if self._profile_id not in ("", session.profile.id):
                self.search_box.clear()  # it was meant for the apps of the profile before
            self._profile_id = session.profile.id
        self._catalog = session.catalog if session else None
        self._fetches.set_catalog(self._catalog)
        # Where calls are not counted a search may find the actions of apps never opened.
        self._fetches.is_free = session is not None and session.budget.limit is None
        if self._catalog is not None:
            self._unsubscribe = self._catalog.changed.subscribe(self._on_changed)
        self.refresh()
        for app in self.model.open_apps:
            self._fetches.fetch_actions(app)
        self._fetches.fetch_free_actions()

    def _stop_listening(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    async def close_tasks(self) -> None:
        """Stop everything this panel has under way."""
        self._stop_listening()
        for timer in (self._typing, self._pause, self._changes, self._minute):
            timer.stop()
        await self._fetches.close()

    def refresh(self) -> None:
        """Show what the catalogue knows now; the row the keys act on stays the same."""
        self._changes.stop()
        catalog = self._catalog
        if catalog is None or (not catalog.apps and catalog.progress.is_loading):
            self._show_state()
            return
        here = self.list.current
        before = self.model.row(here) if here >= 0 else None
        words, kinds = self._text().split(), self._kinds()
        if words or kinds:
            hits = catalog.search(" ".join(words), kinds, self._most(words))
            apps = [hit.app for hit in hits]
            unlisted = self._fetches.unlisted(self._text())
            if unlisted is not None and unlisted not in apps:
                apps.insert(0, unlisted)
            if words:
                found = {hit.app.id: hit.actions for hit in hits}
                self.model.show_found(apps, found, words, kinds)
            else:
                self.model.show_apps(apps, kinds)
        else:
            self.model.show_apps(catalog.apps)
        if before is not None:
            self._stay_at(before)
        self._show_state()

    def _stay_at(self, row: Row) -> None:
        number = self.model.row_of(row.app.id, row.action)
        if number is None:
            self.list.setCurrentIndex(QModelIndex())  # Qt would take a neighbour
        elif number != self.list.current:
            self.list.go_to(number)

    def _most(self, words: list[str]) -> int:
        return _MOST_HITS if words or self._catalog is None else max(len(self._catalog.apps), 1)

    def _show_state(self) -> None:
        catalog = self._catalog
        shown = None
        if catalog is not None:
            text = self._text()
            is_asking = self._will_ask() and self._pause.isActive()
            shown = Shown(
                catalog.progress,
                known=len(catalog.apps),
                listed=self.model.listed,
                text=text,
                has_kinds=bool(self._kinds()),
                has_unopened=bool(text) and self._fetches.has_unopened,
                is_best_only=bool(text) and self.model.listed >= _MOST_HITS,
                is_asking=is_asking or self._fetches.is_asking(text),
                asking_trouble=self._fetches.question_trouble,
            )
        if self.model.listed:
            self.pages.setCurrentWidget(self.list)
        elif shown is not None and self.nothing.explain(shown):
            self.pages.setCurrentWidget(self.nothing)
        else:
            self.pages.setCurrentWidget(self._skeleton)
        self.foot.explain(shown)
        if self.foot.retry.isVisible():
            self._minute.start()

    def _on_changed(self, change: CatalogChange) -> None:
        if change.what != "connections" and not self._changes.isActive():
            self._changes.start()
        if change.what in ("apps", "progress"):
            self._fetches.fetch_free_actions()

    def _kinds(self) -> frozenset[str]:
        chosen = zip(self.chips, _CHIPS.values(), strict=True)
        return frozenset().union(*(kinds for chip, kinds in chosen if chip.isChecked()))

    def _on_nothing_action(self) -> None:
        if self._text():
            self.search_box.clear()
            self.focus_search()
        elif self._kinds():
            for chip in self.chips:
                chip.setChecked(False)
        else:
            self._fetches.refresh()

    # Searching

    def focus_search(self) -> None:
        """Put the keys into the search box, its text selected."""
        self.search_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search_box.selectAll()

    def _text(self) -> str:
        return self.search_box.text().strip()

    def _on_typed(self) -> None:
        self._typing.stop()
        self._fetches.question_trouble = None
        if self._will_ask():
            self._pause.start()
        else:
            self._pause.stop()
        self.refresh()
        if self._text():
            self.list.scrollToTop()
        elif self.list.current >= 0:
            self.list.go_to(self.list.current)

    def _will_ask(self) -> bool:
        is_complete = self._catalog is None or self._catalog.progress.is_complete
        return not is_complete and len(self._text()) >= _SHORTEST_QUESTION

    def _on_pause(self) -> None:
        if self._will_ask():
            self._fetches.ask(self._text())
        self._show_state()

    def _on_id_requested(self) -> None:
        text = self._text()
        self._fetches.find_by_id(text, lambda: self._show_unlisted(text))

    def _show_unlisted(self, app_id: str) -> None:
        if self._text() == app_id:
            self.refresh()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            self.list.go_to(0)
            if not self.model.is_open(app_id):
                self.open_row(0)

    # Opening

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down, in the search box, goes into the list."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
            and self.model.listed
        ):
            self._search_now()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            self.list.go_to(self.list.current if self.list.current > 0 else self._first_found)
            return True
        return super().eventFilter(watched, event)

    @property
    def _first_found(self) -> int:
        """The best action that was found, or else the first app."""
        best = self.model.row(0)
        is_under_app = self.model.is_open(best.app.id) and not self.model.is_named(best.app)
        return 1 if self._text() and is_under_app else 0

    def _search_now(self) -> None:
        if self._typing.isActive():
            self._on_typed()

    def _open_best(self) -> None:
        self._search_now()
        if not self.model.listed:
            return
        if self._first_found:
            self.open_row(self._first_found)
            return
        is_open = self.model.is_open(self.model.row(0).app.id)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self._text():
            self.list.go_to(max(self.list.current, 0))
            return
        if not is_open:
            self.open_row(0)
        self.list.go_to(1 if self.model.rowCount() > 1 else 0)

    def open_in_new_tab(self) -> bool:
        """Open the current action beside what is open; False where the keys are not for this
        panel, or are in an empty search box."""
        if self.list.hasFocus():
            number = self.list.current
        elif self.search_box.hasFocus() and self._text():
            self._search_now()
            found = range(min(2, self.model.rowCount()))  # an app, or the best action of one
            number = next((n for n in found if self.model.row(n).action is not None), -1)
        else:
            return False
        if number >= 0 and self.model.row(number).action is not None:
            self.open_row(number, in_new_tab=True)
        return True

    def open_row(self, number: int, *, in_new_tab: bool = False) -> None:
        """Do what a row is for: fold or unfold an app, choose an action, try again."""
        row = self.model.row(number)
        if row.kind is RowKind.APP:
            self._on_folded(number, self.model.is_open(row.app.id))
        elif row.action is not None:
            self.model.keep_open(row.app.id)
            chosen = self.new_tab_wanted if in_new_tab else self.action_chosen
            chosen.emit(row.app, row.action)
        elif row.kind is RowKind.FAILED:
            self._fetches.fetch_actions(row.app)

    def _on_folded(self, number: int, is_folded: bool) -> None:
        app = self.model.row(number).app
        self.model.open(app.id, not is_folded)
        self.list.go_to(self.model.row_of(app.id) or 0)
        if not is_folded:
            self._fetches.fetch_actions(app)

    def _on_left(self) -> None:
        self.search_box.clear()
        self.focus_search()

    def _on_typed_in_list(self, text: str) -> None:
        self.search_box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search_box.end(False)
        self.search_box.insert(text)
