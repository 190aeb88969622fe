"""Endpoints for browsers and other programs of this machine: page, connect, hooks, images."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse, Response

from zapdesk.sandbox import pages
from zapdesk.sandbox.catalogue import KEY_MARK, connect_key, refused_credentials
from zapdesk.sandbox.definitions import App
from zapdesk.sandbox.envelopes import JsonAnswer, not_found
from zapdesk.sandbox.guard import Asked, own_origin, same
from zapdesk.sandbox.site import Site

_RUNS_SHOWN = 100


async def show_page(site: Site, asked: Asked) -> Response:
    """GET /: the page. A link with the key is exchanged for a cookie that no other site sends."""
    if same(asked.query.get("key", ""), site.page_key):
        answer = RedirectResponse("/", 303, headers=pages.HEADERS)
        answer.set_cookie(_cookie(site), site.page_cookie, httponly=True, samesite="strict")
        return answer
    if not _is_page_user(site, asked):
        return _not_opened()
    runs = [(_title_of(site, run.app), run) for run in site.store.latest_runs(_RUNS_SHOWN)]
    accounts = [(_title_of(site, row["app"]), row) for row in site.store.every_authentication()]
    return pages.overview(site.store.db, runs, accounts, asked.at)


async def change_connection(site: Site, asked: Asked) -> Response:
    """POST /connections/{id}: the page's buttons that let an account expire, or work again."""
    if not _is_page_user(site, asked) or not own_origin(asked.request, site.base_url):
        return _not_opened()
    row = site.store.authentication(asked.path("id"))
    if row is None:
        raise not_found()
    site.store.expire(row["id"], _form(asked).get("state") == "expired")
    return RedirectResponse("/#connections", 303, headers=pages.HEADERS)


def _cookie(site: Site) -> str:
    return f"zapdesk_sandbox_{site.base_url.rpartition(':')[2]}"


def _is_page_user(site: Site, asked: Asked) -> bool:
    return same(asked.request.cookies.get(_cookie(site), ""), site.page_cookie)


def _not_opened() -> Response:
    sentence = "Open this page from zapdesk, or by the link that the sandbox printed."
    return pages.note("zapdesk sandbox", sentence, 403)


def _title_of(site: Site, app_id: str) -> str:
    app = site.registry.app(app_id)
    return app.title if app else app_id


def _form(asked: Asked) -> dict[str, str]:
    text = asked.body.decode("utf-8", "replace")
    return {name: values[0].strip() for name, values in parse_qs(text).items()}


def _app_to_connect(site: Site, asked: Asked) -> App:
    app = site.registry.app(asked.path("app_id"))
    if app is None or not app.needs_connection:
        raise not_found()
    if not same(asked.query.get("key", ""), connect_key(site, app.id)):
        raise not_found()
    return app


async def show_connect(site: Site, asked: Asked) -> Response:
    """GET /connect/{app}: asks which account to use: one that has expired, or a new one."""
    app = _app_to_connect(site, asked)
    site.settle(app.id)
    expired = [
        row
        for row in site.store.authentications(app.id)
        if row["is_expired"] and site.white_label.owns(row["id"], "")
    ]
    return pages.connect(
        app, f"/connect/{app.id}?key={connect_key(site, app.id)}", expired, KEY_MARK
    )


async def connect(site: Site, asked: Asked) -> Response:
    """POST /connect/{app}: makes the account, or lets one work again."""
    app = _app_to_connect(site, asked)
    if not own_origin(asked.request, site.base_url):
        raise not_found()
    form = _form(asked)
    refusals = refused_credentials(app, form)
    if refusals:
        return pages.note("Not connected", f"{refusals[0].detail} Go back and try again.", 400)
    renewed = site.store.authentication(form["renew"]) if form.get("renew") else None
    if renewed is not None and renewed["app"] == app.id:
        site.store.expire(renewed["id"], False)
        title = renewed["title"]
        return pages.note("Connected again", f"{title} works again. Close this window.")
    title = form.get("title", "")[:255]
    if not title:
        return pages.note("A name is needed", "Go back and give the account a name.", 400)
    site.store.add_authentication(app.id, title)
    return pages.note("Connected", f"{title} is connected to {app.title}. Close this window.")


async def catch_hook(site: Site, asked: Asked) -> Response:
    """POST /hooks/{key}/{name}: keeps what was sent, for the page and the Webhook app."""
    if not same(asked.path("key"), site.store.fact("hook_key")):
        raise not_found()
    site.store.db.execute(
        "INSERT INTO hooks (at, name, method, content_type, body) VALUES (?, ?, ?, ?, ?)",
        (
            asked.at,
            asked.path("name"),
            asked.request.method,
            asked.request.headers.get("content-type", ""),
            asked.body.decode("utf-8", "replace"),
        ),
    )
    return JsonAnswer({"status": "success", "name": asked.path("name")})


async def picture(site: Site, asked: Asked) -> Response:
    """GET /images/{app}/{file}: a monogram in the app's colour."""
    app = site.registry.app(asked.path("app_id"))
    if app is None:
        raise not_found()
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
        f"<rect width='32' height='32' rx='7' fill='#{escape(app.hex_color)}'/>"
        "<text x='16' y='22' font-family='sans-serif' font-size='17' fill='#fff'"
        f" text-anchor='middle'>{escape(app.title[:1])}</text></svg>"
    )
    return Response(svg, media_type="image/svg+xml")
