"""The apps of the sandbox in their order of popularity, and the looking up of them."""

from __future__ import annotations

from collections.abc import Sequence

from zapdesk.sandbox.apps import directory
from zapdesk.sandbox.apps.contacts import CONTACTS
from zapdesk.sandbox.apps.fault_lab import FAULT_LAB
from zapdesk.sandbox.apps.field_zoo import FIELD_ZOO
from zapdesk.sandbox.apps.formatter import FORMATTER
from zapdesk.sandbox.apps.mail import MAIL
from zapdesk.sandbox.apps.tables import TABLES
from zapdesk.sandbox.apps.webhook import WEBHOOK
from zapdesk.sandbox.definitions import Action, App, Connection

BUILT_IN = (TABLES, MAIL, CONTACTS, FORMATTER, WEBHOOK, FIELD_ZOO, FAULT_LAB)


class Registry:
    """The built-in apps and, behind them, ``generated`` apps of the directory."""

    def __init__(self, generated: int = 0) -> None:
        self._by_id = {app.id: app for app in BUILT_IN}
        self._directory = directory.Directory(generated)

    def app(self, app_id: str) -> App | None:
        """The app with this id, None where there is none."""
        number = self._directory.number(app_id)
        return self._by_id.get(app_id) if number is None else directory.app(number)

    def with_key(self, key: str) -> App | None:
        """The app that Zapier's own pages call by ``key``."""
        number = self._directory.number_of_key(key)
        if number is not None:
            return directory.app(number)
        return next((app for app in BUILT_IN if app.key == key), None)

    def action(self, app_id: str, action_type: str, key: str) -> Action | None:
        app = self.app(app_id)
        return app.action(action_type, key) if app else None

    def connection(self, app_id: str) -> Connection | None:
        """The account that a generated app came with."""
        number = self._directory.number(app_id)
        return None if number is None else directory.connection(number)

    def page(
        self, *, query: str, category: str, ids: Sequence[str] | None, offset: int, limit: int
    ) -> tuple[list[App], int]:
        """A part of the apps that fit, most popular first, and how many fit in all."""
        wanted = query.casefold().strip()
        if ids is not None:
            known = [app for app in map(self.app, dict.fromkeys(ids)) if app is not None]
            fitting: list[App | int] = [app for app in known if wanted in app.title.casefold()]
        else:
            fitting = [
                app
                for app in BUILT_IN
                if wanted in app.title.casefold() and (not category or category in app.categories)
            ]
            fitting += self._directory.find(wanted, category)
        part = fitting[offset : offset + limit]
        return [directory.app(one) if isinstance(one, int) else one for one in part], len(fitting)
