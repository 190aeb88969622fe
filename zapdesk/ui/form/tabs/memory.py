"""What is remembered of tabs: they come back at the next start, also after a crash.

What was typed into PASSWORD fields is remembered in memory alone, from one session of a profile to
the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import Action, App
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import NoticeArea

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    import asyncio

    from zapdesk.bootstrap import Session
    from zapdesk.services.open_tabs import OpenTab
    from zapdesk.ui.form.action_panel import ActionPanel

_STORE = "tabs"


def _new_place() -> str:
    from zapdesk.services.open_tabs import new_place

    return new_place()


@dataclass(slots=True, eq=False)
class Tab:
    """One tab. Without an action it is a new one; ``place`` is where its drafts are kept.

    ``is_due``: the action is to be opened when the tab is shown. ``secrets`` are for the form that
    is opened then.
    """

    app: App | None = None
    action: Action | None = None
    authentication_id: str | None = None
    place: str = field(default_factory=_new_place)
    panel: ActionPanel | None = None
    is_due: bool = False
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def keep_secrets(self) -> None:
        """Remember what was typed into PASSWORD fields, as the panel is about to go."""
        form = self.panel.form_session if self.panel is not None else None
        if form is not None:
            self.secrets = form.state.typed_secrets()

    def take_secrets(self) -> Mapping[str, Any]:
        """Give them to the form that takes the place of the one that went."""
        secrets, self.secrets = self.secrets, {}
        return secrets

    async def look_up(self, session: Session) -> tuple[App, Action]:
        """App and action as they are called by now. The tab must have both."""
        assert self.app is not None
        assert self.action is not None
        app, wanted = session.catalog.app(self.app.id) or self.app, self.action.reference
        try:
            actions = await session.catalog.actions(app.id)
        except ZapdeskError:
            actions = ()  # its form may be in the cache; if not, the panel says what is wrong
        return app, next((a for a in actions if a.reference == wanted), self.action)


class TabMemory:
    """Reads and keeps the tabs of a session's profile; says in ``notices`` where it cannot."""

    def __init__(self, notices: NoticeArea) -> None:
        self._notices = notices
        self._tasks = LateTasks()
        self._unsaved: tuple[Session, list[OpenTab], frozenset[str]] | None = None
        self._saving: asyncio.Task[None] | None = None

    async def read(self, session: Session) -> list[tuple[Tab, bool]] | None:
        """The tabs that were open, and whether each was the one in front.

        ``None`` where they cannot be read.
        """
        try:
            kept = await session.tabs.all()
        except ZapdeskError as error:
            self._notices.show_error(error, _STORE)
            return None
        return [(_tab(record), record.is_current) for record in kept if record.action is not None]

    def keep(
        self, session: Session, tabs: Sequence[Tab], front: Tab, closing: Collection[str]
    ) -> None:
        """These are the tabs now; drafts at the places in ``closing`` may still be wanted."""
        from zapdesk.services.open_tabs import OpenTab

        records = [
            OpenTab(
                tab.place,
                tab.action.reference,
                tab.app.title,
                tab.app.hex_color,
                tab.action.title,
                tab.authentication_id,
                is_current=tab is front,
            )
            for tab in tabs
            if tab.app is not None and tab.action is not None
        ]
        self._unsaved = session, records, frozenset(closing)
        if self._saving is None:
            self._saving = self._tasks.start(self._save(), "save tabs")

    async def close(self) -> None:
        """Save what is not saved yet, and stop."""
        import asyncio

        if self._saving is not None:
            await asyncio.wait([self._saving])
        await self._tasks.close()

    async def _save(self) -> None:
        try:
            while self._unsaved is not None:
                (session, records, closing), self._unsaved = self._unsaved, None
                await session.tabs.keep(records, closing)
            self._notices.clear(_STORE)
        except ZapdeskError as error:
            self._notices.show_error(error, _STORE)
        finally:
            self._saving = None


def _tab(record: OpenTab) -> Tab:
    assert record.action is not None  # asked by the caller
    key = record.action
    # The id is looked up when it is needed: none lives from one start to the next.
    action = Action("", key.key, key.app_id, key.action_type, record.action_title)
    app = App(key.app_id, record.app_title, hex_color=record.hex_color)
    return Tab(app, action, record.authentication_id, record.place, is_due=True)
