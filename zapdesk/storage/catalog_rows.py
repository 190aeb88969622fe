"""Rows of the cached catalogue and the domain's objects, in both directions. No statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import Action, App
from zapdesk.storage.packing import dump, load, storable

if TYPE_CHECKING:
    from collections.abc import Iterable

APP_COLUMNS = (
    "id, title, description, hex_color, image, categories, action_types, connect_url, links_filled"
)
ACTION_COLUMNS = "id, key, app_id, action_type, title, description, is_instant"


def row_of_app(app: App) -> tuple[Any, ...]:
    """An app's ``APP_COLUMNS``."""
    return (
        storable(app.id),
        storable(app.title),
        storable(app.description),
        storable(app.hex_color),
        storable(app.image),
        dump(app.categories),
        dump(app.action_types),
        None if app.connect_url is None else storable(app.connect_url),
        app.links_filled,
    )


def apps_of(rows: Iterable[Any]) -> tuple[App, ...]:
    """The apps in rows of ``APP_COLUMNS``. They share few lists of categories and kinds, so
    each list is read once."""
    lists: dict[str, tuple[str, ...]] = {}

    def words(text: str) -> tuple[str, ...]:
        known = lists.get(text)
        if known is None:
            known = lists[text] = tuple(load(text))
        return known

    return tuple(
        App(id_, title, description, color, image, words(shelves), words(kinds), url, bool(filled))
        for id_, title, description, color, image, shelves, kinds, url, filled in rows
    )


def row_of_action(action: Action) -> tuple[Any, ...]:
    return (
        storable(action.id),
        storable(action.key),
        storable(action.app_id),
        storable(action.action_type),
        storable(action.title),
        storable(action.description),
        action.is_instant,
    )


def action_of(row: Any) -> Action:
    """The action in a row of ``ACTION_COLUMNS``."""
    id_, key, app_id, action_type, title, description, is_instant = row
    return Action(id_, key, app_id, action_type, title, description, bool(is_instant))
