"""The commands about connections: which there are, and making or renewing one in the browser."""

from __future__ import annotations

import asyncio
import webbrowser
from typing import TYPE_CHECKING

from zapdesk.cli import asking, codes, documents, output
from zapdesk.cli.context import Context, warn_of_age
from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import STATE_WORDS
from zapdesk.errors import InvalidInput, Refused

if TYPE_CHECKING:  # it brings the HTTP library, which the commands for the log do not need
    from zapdesk.services.connections import AppConnections


async def connections(context: Context) -> int:
    """Those with one app as they are now, or of all apps as they were seen last."""
    service = (await context.session()).connections
    if context.options.app is None:
        found = await service.listed()
        looked_at = ", ".join(one.app.title for one in found)
        empty = "No app's connections were looked at so far. Name an app."
        if found:
            empty = f"You have none with the apps that were looked at: {looked_at}."
    else:
        app = await context.app()
        one = await service.look(app)
        found = (one,)
        empty = "You have no connection with it."
        if one.app.needs_authentication is False:
            empty = f"{one.app.title} needs no connection."
        trouble = one.known.trouble
        if trouble is not None:
            if one.known.fetched_ms is None or isinstance(trouble, Refused):
                raise trouble
            warn_of_age(trouble)
    pairs = [(known, connection) for known in found for connection in known.known.items]
    if context.is_json:
        listed = [documents.connection_of(known, connection) for known, connection in pairs]
        output.document({"connections": listed})
    else:
        output.table([_row(known, c, context.options.app is None) for known, c in pairs], empty)
    for known in found:
        for attempt in known.unknown:
            output.say(
                f"zapdesk: We cannot tell whether '{attempt.title}' was made for {known.app.title}."
            )
    return codes.DONE


def _row(known: AppConnections, connection: Authentication, with_app: bool) -> tuple[str, ...]:
    app = (known.app.title,) if with_app else ()
    fetched_ms = known.known.fetched_ms
    when = (documents.when(fetched_ms) or "",) if with_app and fetched_ms is not None else ()
    word = STATE_WORDS[known.state(connection)].lower()
    return (*app, connection.id, word, *when, connection.title)


async def connect(context: Context) -> int:
    """Lead to the page on which an app is connected, and wait until a connection is there."""
    if context.options.key:
        return await _connect_by_key(context)
    service = (await context.session()).connections
    app = await context.app()
    attempt = service.connect(app, await _to_renew(context, app))
    link = await attempt.open()
    output.say(f"Open this link in a browser and connect {app.title}:")
    output.say(f"    {link}")
    if attempt.is_for_once:
        output.say("It is good once, for six minutes.")
    if not context.options.no_browser:
        # Its answer says only whether something was started.
        await asyncio.to_thread(webbrowser.open, link)
    output.say("Waiting for it. Ctrl-C stops waiting; what you do there counts all the same.")
    found: Authentication | None = None
    try:
        async with asyncio.timeout(context.options.wait):
            found = await attempt.watch()
    except TimeoutError:
        attempt.close()
    if found is None:
        if attempt.trouble is not None:
            raise attempt.trouble
        output.say(f"zapdesk: No new connection with {app.title} was seen.")
        return codes.WAITING
    if context.is_json:
        output.document({"connection": documents.connection(found)})
    else:
        word = "works again" if attempt.is_renewed else "is connected"
        output.line(f"{found.title} {word}: {found.id}")
    return codes.DONE


async def _connect_by_key(context: Context) -> int:
    session, app = await context.session(), await context.app()
    fields = {}
    for name in context.options.key:
        fields[name] = (await asking.secret(f"{name}: ", name)).rstrip("\r\n")
    made = await session.credentials.make(app, context.options.title or app.title, fields)
    if context.is_json:
        output.document({"connection": documents.connection(made)})
    else:
        output.line(f"{made.title} is connected: {made.id}")
    return codes.DONE


async def _to_renew(context: Context, app: App) -> Authentication | None:
    wanted: str | None = context.options.renew
    if wanted is None:
        return None
    known = await (await context.session()).catalog.connections(app.id, refresh=True)
    for connection in known.items:
        if connection.id == wanted:
            return connection
    if known.trouble is not None:
        raise known.trouble
    ids = ", ".join(f"{c.id} ({c.title})" for c in known.items) or "none"
    raise InvalidInput(f"You have no connection '{wanted}' with {app.title}.", f"Yours: {ids}.")
