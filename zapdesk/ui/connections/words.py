"""How connections are spoken of and drawn: states, lists, ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import STATE_WORDS, ConnectionState
from zapdesk.domain.profiles import Profile
from zapdesk.ui.look.signs import StatusLook
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.times import now_ms, started_text

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.connections import AppConnections

_LONGEST, _SHORT = 120, 40

STATE_LOOKS = {
    ConnectionState.WORKS: StatusLook(STATE_WORDS[ConnectionState.WORKS], "success", "success"),
    ConnectionState.EXPIRED: StatusLook(STATE_WORDS[ConnectionState.EXPIRED], "warning", "waiting"),
    ConnectionState.UNKNOWN: StatusLook(STATE_WORDS[ConnectionState.UNKNOWN], "unknown", "unknown"),
}


def owner_words(profile: Profile) -> str:
    """Whose the connections of a profile are: the API lists no others."""
    if profile.acts_for:
        person = one_line(profile.partner.shown, _SHORT)
        return f"{person}, for whom you act. Only that person's own are listed."
    return "You. Only connections that you own are listed."


def name_of(connection: Authentication) -> str:
    """A connection's name, or its id where it has none."""
    return one_line(connection.title, _LONGEST) or one_line(connection.id, _LONGEST)


def short_name_of(connection: Authentication) -> str:
    """The same for the middle of a sentence."""
    return one_line(name_of(connection), _SHORT)


def title_of(app: App) -> str:
    """An app's title on one line."""
    return one_line(app.title, _LONGEST) or one_line(app.id, _LONGEST)


def looked_text(fetched_ms: int | None) -> str:
    """When a list was fetched."""
    return "Not looked at yet." if fetched_ms is None else f"Looked at {when(fetched_ms)}."


def when(at_ms: int) -> str:
    """A moment as it is told here."""
    return started_text(at_ms, now_ms())


def count_text(known: AppConnections) -> str:
    """How many connections an app has, in a few words."""
    connections = known.known
    if connections.needs_one is False:
        return "needs none"
    if connections.items:
        return str(len(connections.items))
    if connections.fetched_ms is None:
        return "not looked at yet"
    return "none"


def spoken(known: AppConnections, connection: Authentication | None) -> str:
    """All of a row of the list, for those who cannot see it."""
    if connection is None:
        count = count_text(known)
        if count.isdigit():
            count = f"{count} connection{'s' if count != '1' else ''}"
        return f"{title_of(known.app)}, {count}"
    state = STATE_WORDS[known.state(connection)].lower()
    return f"{name_of(connection)}, {state}, {title_of(known.app)}"


def sentence_of(known: AppConnections, connection: Authentication) -> str:
    """What the state of a connection means."""
    fetched_ms = known.known.fetched_ms
    if fetched_ms is None or known.state(connection) is not ConnectionState.UNKNOWN:
        return looked_text(fetched_ms)
    then = "had expired" if connection.is_expired else "worked"
    return f"It {then} when it was looked at, {when(fetched_ms)}. How it is now is not known."
