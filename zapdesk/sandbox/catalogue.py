"""Endpoints that show what there is: apps, actions, connections, categories, the profile."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from dataclasses import replace
from urllib.parse import quote, urlencode

from zapdesk.sandbox.bodies import data_of, object_at, text_at
from zapdesk.sandbox.definitions import App, Json
from zapdesk.sandbox.envelopes import (
    ApiError,
    JsonAnswer,
    Page,
    envelope,
    invalid,
    listing,
    required,
)
from zapdesk.sandbox.guard import Asked, Caller
from zapdesk.sandbox.site import Site

ACTION_TYPES = ("READ", "READ_BULK", "SEARCH", "SEARCH_AND_WRITE", "SEARCH_OR_WRITE", "WRITE")

CATEGORIES: dict[str, str] = {
    "spreadsheets": "Spreadsheets",
    "productivity": "Productivity",
    "email": "Email",
    "developer-tools": "Developer Tools",
    "crm": "CRM (Customer Relationship Management)",
    "communication": "Communication",
    "testing": "Testing",
    "files": "File Management & Storage",
    "calendar": "Calendar",
    "commerce": "eCommerce",
    "marketing": "Marketing",
    "accounting": "Accounting",
}


def connect_key(site: Site, app_id: str) -> str:
    """What a link must carry to open the page that connects an account of this app."""
    return hmac.new(site.page_key.encode(), app_id.encode(), hashlib.sha256).hexdigest()[:32]


def _connect_url(site: Site, app: App, caller: Caller) -> str:
    if caller.person:  # connects on the Connect page; this one is for people with an account
        return f"{site.base_url}/engine/auth/start/{app.key}@1.0.0"
    return f"{site.base_url}/connect/{app.id}?{urlencode({'key': connect_key(site, app.id)})}"


def _app_json(site: Site, app: App, caller: Caller) -> Json:
    image = f"{site.base_url}/images/{app.id}"
    sizes = (16, 32, 64, 128)
    link = _connect_url(site, app, caller) if caller.is_user and app.needs_connection else None
    return {
        "id": app.id,
        "type": "app",
        "title": app.title,
        "description": app.description,
        "image": f"{image}/128.svg",
        "images": {f"url_{size}x{size}": f"{image}/{size}.svg" for size in sizes},
        "hex_color": app.hex_color,
        "categories": [{"slug": slug} for slug in app.categories],
        "action_types": app.action_types,
        "links": {"connect_new_authentication": link},
    }


async def list_apps(site: Site, asked: Asked) -> JsonAnswer:
    """GET /v2/apps: most popular first."""
    query = asked.query
    ids = query.get("ids")
    category = query.get("category", "")
    if ids is not None and category:
        raise invalid("ids: May not be combined with category.", parameter="ids")
    wanted = None if ids is None else [part.strip() for part in ids.split(",")]
    page = Page.of(query)
    apps, total = site.registry.page(
        query=query.get("query", ""), category=category, ids=wanted,
        offset=page.offset, limit=page.limit,
    )  # fmt: skip
    part = [_app_json(site, app, asked.caller) for app in apps]
    body = page.envelope(f"{site.base_url}/v2/apps", query, total, part)
    return listing(site.options.dialect, body, wrapped=True)


def _wanted_app(site: Site, asked: Asked) -> App:
    app_id = asked.query.get("app")
    if not app_id:
        raise invalid("app: This field is required.", parameter="app")
    app = site.registry.app(app_id)
    if app is None:
        raise invalid("app: There is no such app.", parameter="app")
    return app


async def list_actions(site: Site, asked: Asked) -> JsonAnswer:
    """GET /v2/actions: each look-up hands out new ids."""
    app = _wanted_app(site, asked)
    wanted = asked.query.get("action_type")
    if wanted is not None and wanted not in ACTION_TYPES:
        raise invalid("action_type: Not a valid choice.", parameter="action_type")
    actions = [action for action in app.actions if wanted in (None, action.action_type)]
    data = [
        {
            "id": action_id,
            "key": action.key,
            "app": app.id,
            "type": "action",
            "action_type": action.action_type,
            "is_instant": action.is_instant,
            "title": action.title,
            "description": action.description,
        }
        for action_id, action in zip(
            site.store.issue(app.id, actions, asked.at), actions, strict=True
        )
    ]
    return listing(site.options.dialect, envelope(data), wrapped=True)


def _authentication_json(row: sqlite3.Row) -> Json:
    return {
        "type": "authentication",
        "id": row["id"],
        "app": row["app"],
        "is_expired": bool(row["is_expired"]),
        "title": row["title"],
    }


async def list_authentications(site: Site, asked: Asked) -> JsonAnswer:
    """GET /v2/authentications of one app."""
    app = _wanted_app(site, asked)
    site.settle(app.id)
    query = asked.query
    page = Page.of(query)
    person = asked.caller.person
    rows = [r for r in site.store.authentications(app.id) if site.white_label.owns(r["id"], person)]
    part = rows[page.offset : page.offset + page.limit]
    data = [_authentication_json(row) for row in part]
    return JsonAnswer(page.envelope(f"{site.base_url}/v2/authentications", query, len(rows), data))


KEY_MARK = "sbx-"
"""What the key of a sandbox's account begins with; nothing more is asked of it."""


def refused_credentials(app: App, fields: Json) -> list[ApiError]:
    """What is wrong with credentials. Apps that ask for none by name take them as they are."""
    found = []
    for name in app.credentials:
        pointer = f"/data/authentication_fields/{name}"
        value = fields.get(name)
        if not isinstance(value, str) or not value:
            found.append(required(name, pointer))
        elif not value.startswith(KEY_MARK):
            refusal = invalid(f"{app.title} does not accept this {name}.", pointer=pointer)
            found.append(replace(refusal, third_party=True))
    return found


async def create_authentication(site: Site, asked: Asked) -> JsonAnswer:
    """POST /v2/authentications: from raw credentials."""
    data = data_of(asked.body)
    title = text_at(data, "title")
    if len(title) > 255:
        raise invalid("title: At most 255 characters.", pointer="/data/title")
    app = site.registry.app(text_at(data, "app"))
    if app is None or not app.needs_connection:
        raise invalid("app: This app takes no connections.", pointer="/data/app")
    if "authentication_fields" not in data:
        raise required("authentication_fields", "/data/authentication_fields")
    refusals = refused_credentials(app, object_at(data, "authentication_fields"))
    if refusals:
        raise replace(refusals[0], more=tuple(refusals[1:]))
    site.white_label.own(site.store.add_authentication(app.id, title), asked.caller.person)
    body = envelope([_authentication_json(site.store.authentications(app.id)[-1])])
    body["meta"]["limit"] = 1
    return JsonAnswer(body, status_code=201)


async def list_categories(site: Site, asked: Asked) -> JsonAnswer:
    """GET /v1/categories: open to everyone, in the v1 envelope. v1 knows no 400, so that numbers
    which are none count as not given."""
    query = asked.query
    try:
        page = Page.of(query)
    except ApiError:
        page = Page.of({})
    rows = list(enumerate(CATEGORIES.items(), start=1))
    following, previous = page.links(f"{site.base_url}/v1/categories", query, len(rows))
    objects = [
        {
            "id": number,
            "title": title,
            "slug": slug,
            "description": f"Apps for {title}.",
            "url": f"{site.base_url}/#{slug}",
            "type_of": "curated",
            "featured_entry_slug": None,
            "role": "child",
        }
        for number, (slug, title) in rows[page.offset : page.offset + page.limit]
    ]
    body = {"next": following, "previous": previous, "count": len(rows), "objects": objects}
    return listing(site.options.dialect, body, wrapped=True)


async def show_profile(site: Site, asked: Asked) -> JsonAnswer:
    """GET /v1/profiles/me: the sandbox's user, or the end user whom a partner acts for."""
    if person := asked.caller.person:
        name = person.partition("/")[2]
        body = {
            "id": int(hashlib.sha256(person.encode()).hexdigest()[:8], 16),
            "first_name": name,
            "last_name": "",
            "full_name": name,
            "email": f"{quote(name, safe='')}@endusers.example",
            "email_confirmed": True,
            "timezone": None,
        }
        return listing(site.options.dialect, body, wrapped=True)
    body = {
        "id": 1,
        "first_name": "Sandbox",
        "last_name": "User",
        "full_name": "Sandbox User",
        "email": "sandbox@localhost.example",
        "email_confirmed": True,
        "timezone": "UTC",
    }
    return listing(site.options.dialect, body, wrapped=True)
