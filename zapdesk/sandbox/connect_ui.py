"""The Connect page of White Label: a partner's end user connects an account of one app.

A connect token opens it once. What came of it is told at the redirect address, where one that is
registered was given: ``authentication_id`` and ``service``, or ``error``.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.responses import RedirectResponse, Response

from zapdesk.sandbox import pages
from zapdesk.sandbox.envelopes import not_found
from zapdesk.sandbox.guard import Asked, own_origin
from zapdesk.sandbox.site import Site
from zapdesk.sandbox.white_label import ConnectPage

_ONCE = "This link was used already, or is older than six minutes. Ask for another one."


async def show(site: Site, asked: Asked) -> Response:
    """GET /to/{app}: uses the token up, whatever comes of the page."""
    app_key = asked.path("app_key")
    nonce = site.white_label.open_page(app_key, asked.query, asked.at)
    if nonce is None:
        return pages.note("This link is over", _ONCE, 403)
    shown = site.white_label.pages[nonce]
    app = site.registry.with_key(app_key)
    if app is None or not app.needs_connection or not _may_reconnect(site, shown, app.id):
        del site.white_label.pages[nonce]
        return _end(shown, "Nothing to connect", error="invalid_request")
    old = site.store.authentication(shown.reconnect_id) if shown.reconnect_id else None
    return pages.connect_for(
        app.title, shown.person.partition("/")[2], app_key, nonce, old["title"] if old else ""
    )


async def decide(site: Site, asked: Asked) -> Response:
    """POST /to/{app}: the page's own form, once."""
    form = parse_qs(asked.body.decode("utf-8", "replace"), keep_blank_values=True)
    shown = site.white_label.pages.pop(form.get("nonce", [""])[0], None)
    app = site.registry.with_key(asked.path("app_key"))
    if shown is None or app is None or not own_origin(asked.request, site.base_url):
        raise not_found()
    if form.get("decision") != ["allow"]:
        return _end(shown, "Nothing was connected", error="access_denied")
    title = form.get("title", [""])[0].strip()[:255] or f"My {app.title}"
    if shown.reconnect_id:
        connection = shown.reconnect_id
        site.store.expire(connection, False)
    else:
        connection = site.store.add_authentication(app.id, title)
        site.white_label.own(connection, shown.person)
    return _end(shown, "Connected", authentication_id=connection, service=app.key)


async def refuse(site: Site, asked: Asked) -> Response:
    """GET /engine/auth/start/{app}: where people with an account of their own connect."""
    sentence = "A partner's end users connect on the Connect page, with a connect token."
    return pages.note("Not for end users", sentence, 403)


def _may_reconnect(site: Site, shown: ConnectPage, app_id: str) -> bool:
    if not shown.reconnect_id:
        return True
    row = site.store.authentication(shown.reconnect_id)
    is_own = site.white_label.owns(shown.reconnect_id, shown.person)
    return row is not None and row["app"] == app_id and is_own


def _end(shown: ConnectPage, title: str, **answer: str) -> Response:
    if address := shown.back(**answer):
        return RedirectResponse(address, 303)
    return pages.note(title, "Close this window.", 400 if "error" in answer else 200)
