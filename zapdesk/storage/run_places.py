"""Places: the combinations of profile, app, action and connection that there are runs of.

They are few, so whatever is asked for of these four is a short list of numbers, and what there is
to filter by is read without looking at any run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.history import ActionFound, ConnectionFound, Occurring

if TYPE_CHECKING:
    import apsw

    from zapdesk.domain.runs import RunFilter


def assign(connection: apsw.Connection, number: int) -> None:
    """Give run ``number`` its place, in the caller's transaction."""
    connection.execute(
        "INSERT INTO run_places (profile_id, app_id, action_type, action_key, authentication_id,"
        " app_title, action_title, authentication_title)"
        " SELECT profile_id, app_id, action_type, action_key, coalesce(authentication_id, ''),"
        " app_title, action_title, authentication_title FROM runs WHERE number = ?"
        " ON CONFLICT DO UPDATE SET app_title = excluded.app_title,"
        " action_title = excluded.action_title,"
        " authentication_title = excluded.authentication_title"
        " WHERE (app_title, action_title, authentication_title) IS NOT"
        " (excluded.app_title, excluded.action_title, excluded.authentication_title)",
        (number,),
    )
    connection.execute(
        "UPDATE runs SET place = (SELECT number FROM run_places AS p WHERE (p.profile_id, p.app_id,"
        " p.action_type, p.action_key, p.authentication_id) = (runs.profile_id, runs.app_id,"
        " runs.action_type, runs.action_key, coalesce(runs.authentication_id, '')))"
        " WHERE number = ?",
        (number,),
    )


def forget_empty(connection: apsw.Connection) -> None:
    """Drop places that no run is left of, and their titles with them."""
    connection.execute(
        "DELETE FROM run_places WHERE NOT EXISTS"
        " (SELECT 1 FROM runs WHERE place = run_places.number)"
    )


def narrows(wanted: RunFilter) -> bool:
    """Whether it asks for more of a place than its profile."""
    return bool(wanted.app_id or wanted.action or wanted.connection_id)


def fitting(connection: apsw.Connection, wanted: RunFilter) -> list[int]:
    """The places that fit."""
    sql, bindings = "SELECT number FROM run_places WHERE TRUE", list[str]()

    def also(column: str, value: str) -> None:
        nonlocal sql
        sql += f" AND {column} = ?"
        bindings.append(value)

    if wanted.profile_id:
        also("profile_id", wanted.profile_id)
    if wanted.app_id:
        also("app_id", wanted.app_id)
    if wanted.action:
        also("app_id", wanted.action.app_id)
        also("action_type", wanted.action.action_type)
        also("action_key", wanted.action.key)
    if wanted.connection_id:
        also("authentication_id", wanted.connection_id)
    return [row[0] for row in connection.execute(f"{sql} ORDER BY number", bindings)]


def count(connection: apsw.Connection) -> int:
    """How many places there are."""
    number = connection.execute("SELECT count(*) FROM run_places").get
    assert isinstance(number, int)
    return number


def profiles(connection: apsw.Connection) -> list[str]:
    """The profiles that there are runs of."""
    found = connection.execute("SELECT DISTINCT profile_id FROM run_places ORDER BY profile_id")
    return [row[0] for row in found]


def occurring(connection: apsw.Connection, profile_id: str) -> Occurring:
    """What there is to filter by in a profile; in all of them where it is empty."""
    rows: list[Any] = connection.execute(
        "SELECT app_id, action_type, action_key, authentication_id, app_title, action_title,"
        " authentication_title FROM run_places WHERE ? IN ('', profile_id) ORDER BY number",
        (profile_id,),
    ).fetchall()
    apps: dict[str, str] = {}
    actions: dict[ActionKey, ActionFound] = {}
    connections: dict[str, ConnectionFound] = {}
    for app_id, kind, key, connection_id, app_title, action_title, connection_title in rows:
        apps[app_id] = app_title
        action = ActionKey(app_id, kind, key)
        actions[action] = ActionFound(action, action_title, app_title)
        if connection_id:
            connections[connection_id] = ConnectionFound(connection_id, connection_title, app_id)
    return Occurring(
        apps=tuple(sorted(apps.items(), key=lambda app: (app[1].casefold(), app[0]))),
        actions=tuple(
            sorted(actions.values(), key=lambda a: (a.app_title.casefold(), a.title.casefold()))
        ),
        connections=tuple(sorted(connections.values(), key=lambda c: c.title.casefold())),
        labels=tuple(_labels(connection)),
    )


def _labels(connection: apsw.Connection) -> list[str]:
    """Every label, by leaps over the index: a million labelled runs are not walked through."""
    rows = connection.execute(
        "WITH RECURSIVE known(label) AS ("
        " SELECT min(label) FROM run_labels UNION ALL"
        " SELECT (SELECT min(label) FROM run_labels WHERE label > known.label)"
        " FROM known WHERE known.label IS NOT NULL)"
        " SELECT label FROM known WHERE label IS NOT NULL"
    )
    return sorted((row[0] for row in rows), key=str.casefold)
