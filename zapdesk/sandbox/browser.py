"""Endpoints for browsers and other programs of this machine: page, connect, hooks, images."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse, Response

from zapdesk.sandbox import pages
from zapdesk.sandbox.catalogue import connect_key
from zapdesk.sandbox.definitions import App
from zapdesk.sandbox.envelopes import JsonAnswer, not_found
from zapdesk.sandbox.guard import Asked, own_origin, same
from zapdesk.sandbox.site import Site

_RUNS_SHOWN = 100


async def show_page(site: Site, asked: Asked) -> Response:
    """GET /: the page. A link with the key is exchanged for a cookie that no other site sends."""
    cookie = f"zapdesk_sandbox_{site.base_url.rpartition(':')[2]}"
    if same(asked.query.get("key", ""), site.page_key):
        answer = RedirectResponse("/", 303, headers=pages.HEADERS)
        answer.set_cookie(cookie, site.page_cookie, httponly=True, samesite="strict")
        return answer
    if not same(asked.request.cookies.get(cookie, ""), site.page_cookie):
        sentence = "Open this page from zapdesk, or by the link that the sandbox printed."
        return pages.note("zapdesk sandbox", sentence, 403)
    runs = []
    for run in site.store.latest_runs(_RUNS_SHOWN):
        app = site.registry.app(run.app)
        runs.append((app.title if app else run.app, run))
    return pages.overview(site.store.db, runs, asked.at)


def _app_to_connect(site: Site, asked: Asked) -> App:
    app = site.registry.app(asked.path("app_id"))
    if app is None or not app.needs_connection:
        raise not_found()
    if not same(asked.query.get("key", ""), connect_key(site, app.id)):
        raise not_found()
    return app


async def show_connect(site: Site, asked: Asked) -> Response:
    """GET /connect/{app}: asks for the name of the new account."""
    app = _app_to_connect(site, asked)
    return pages.connect(app.title, f"/connect/{app.id}?key={connect_key(site, app.id)}")


async def connect(site: Site, asked: Asked) -> Response:
    """POST /connect/{app}: makes the account."""
    app = _app_to_connect(site, asked)
    if not own_origin(asked.request, site.base_url):
        raise not_found()
    title = parse_qs(asked.body.decode("utf-8", "replace")).get("title", [""])[0].strip()[:255]
    if not title:
        return pages.note("A name is needed", "Go back and give the account a name.", 400)
    site.store.add_authentication(app.id, title, {})
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
