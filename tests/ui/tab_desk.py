"""A session for tabs over a real store: drafts, presets and open tabs are kept, forms are local."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.ui.form_desk import GOOD, Desk
from tests.ui.form_session import ACTION, APP, LocalForm
from tests.ui.local_pieces import LocalPieces
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.fields import FormNode, InputField
from zapdesk.domain.filling import Filling
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.profiles import SANDBOX, Profile
from zapdesk.errors import ZapdeskError
from zapdesk.services.catalog import Connections
from zapdesk.services.drafts import DraftService
from zapdesk.services.form_changes import FormChange
from zapdesk.services.open_tabs import TabService
from zapdesk.storage.database import Database
from zapdesk.storage.drafts import Drafts
from zapdesk.storage.open_tabs import OpenTabs
from zapdesk.ui.form.tabs.action_tabs import ActionTabs

MAIL = App("app-2", "Mail", hex_color="#157A3E")
SEND = Action("core:2", "send", "app-2", "WRITE", "Send Email")
FIND = replace(ACTION, key="find_row", title="Find Row", action_type="SEARCH")
NODES = (InputField("a", "Name", is_required=True), InputField("b", "Note"))


class KeptForm(LocalForm):
    """A LocalForm that can be filled, as drafts and presets need it."""

    def __init__(self, nodes: tuple[FormNode, ...], app: App, action: Action) -> None:
        super().__init__(nodes)
        self.app, self.action = app, action
        self.pieces = LocalPieces()  # type: ignore[assignment]  # the part that editors use

    async def load(self) -> None:
        self.state.replace_fields(self.state.nodes)  # what is parked comes back, as with any form
        await super().load()

    def fill(
        self,
        filling: Filling,
        authentication: Authentication | None,
        origin: Origin = Origin.TYPED,
    ) -> None:
        self.authentication = authentication
        self.prefill(filling, origin)
        self.changed.announce(FormChange("fields"))


class TabDesk(Desk):
    """``nodes`` are the fields of every form that is opened from now on."""

    def __init__(
        self, database: Database, profile: Profile = SANDBOX, nodes: tuple[FormNode, ...] = NODES
    ) -> None:
        super().__init__(Connections((GOOD,), True), (), profile)
        self.nodes = nodes
        self.opened: list[Any] = []  # each a KeptForm, in the place of a FormSession
        self.is_offline = False
        self.catalog = SimpleNamespace(
            changed=self.catalog.changed,
            connections=self.list_connections,
            actions=self.actions,
            app={APP.id: APP, MAIL.id: MAIL}.get,
        )
        self.drafts = DraftService(profile.id, self.forms, Drafts(database))  # type: ignore[arg-type]  # the part that is used
        self.tabs = TabService(profile.id, OpenTabs(database))

    def open(self, app: App, action: Action, authentication: Authentication | None) -> LocalForm:
        self.form = form = KeptForm(self.nodes, app, action)
        form.authentication = authentication
        self.opened.append(form)
        return form

    async def actions(self, app_id: str) -> tuple[Action, ...]:
        if self.is_offline:
            raise ZapdeskError("There is no network.")
        return (ACTION, FIND, SEND)


@asynccontextmanager
async def store(folder: Path) -> AsyncIterator[Database]:
    """The database of a start of the program."""
    database = await Database.open(folder / "zapdesk.db", folder / "backups")
    try:
        yield database
    finally:
        await database.close()


async def settled(tabs: ActionTabs) -> None:
    """Wait until what was asked of the tabs is done."""
    for _ in range(100):
        await asyncio.sleep(0.02)
        if not len(tabs._tasks) and tabs._memory._saving is None:
            break
    await asyncio.sleep(0.06)


@asynccontextmanager
async def at(tabs: ActionTabs, desk: TabDesk) -> AsyncIterator[TabDesk]:
    """The tabs with a session, and closed as the program closes them."""
    tabs.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
    await settled(tabs)
    try:
        yield desk
    finally:
        tabs.set_session(None)
        await tabs.close_tasks()


def titles(tabs: ActionTabs) -> list[str]:
    return [tabs.strip.bar.tabText(n) for n in range(tabs.strip.bar.count())]


def values(form: Any) -> dict[str, Any]:
    """What a form holds, by field id."""
    return dict(form.state.filling().values)
