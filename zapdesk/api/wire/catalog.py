"""Apps, actions, authentications, categories and profiles as Zapier sends them."""

from __future__ import annotations

import msgspec

from zapdesk.api.wire.json_text import (
    NULL,
    Raw,
    flag,
    identifier,
    items,
    members,
    piece,
    read,
    text,
    texts,
)
from zapdesk.api.wire.listing import Listing, kept, listing, single, unexpected
from zapdesk.domain.catalog import ACTION_TYPES, Action, App, Authentication, Category, Person

_CONNECT = "connect_new_authentication"


class _App(msgspec.Struct):
    id: Raw = NULL
    title: Raw = NULL
    description: Raw = NULL
    hex_color: Raw = NULL
    image: Raw = NULL
    images: Raw = NULL
    categories: Raw = NULL
    action_types: Raw = NULL
    links: Raw = NULL


class _Images(msgspec.Struct):
    url_64x64: Raw = NULL


class _Slug(msgspec.Struct):
    slug: Raw = NULL
    title: Raw = NULL
    description: Raw = NULL


class _Action(msgspec.Struct):
    id: Raw = NULL
    key: Raw = NULL
    app: Raw = NULL
    action_type: Raw = NULL
    is_instant: Raw = NULL
    title: Raw = NULL
    description: Raw = NULL


class _Authentication(msgspec.Struct):
    id: Raw = NULL
    app: Raw = NULL
    title: Raw = NULL
    is_expired: Raw = NULL


class _Person(msgspec.Struct):
    id: Raw = NULL
    email: Raw = NULL
    full_name: Raw = NULL
    first_name: Raw = NULL
    last_name: Raw = NULL
    timezone: Raw = NULL


def apps(body: bytes, *, links_filled: bool) -> tuple[Listing, tuple[App, ...]]:
    """A page of apps. ``links_filled`` is false where the request carried no person's token."""

    def app(raw: Raw) -> App | None:
        wire = piece(raw, _App)
        app_id = identifier(wire.id) if wire else None
        if wire is None or app_id is None:
            return None
        images, links = piece(wire.images, _Images), members(wire.links)
        slugs = (piece(c, _Slug) for c in items(wire.categories))
        return App(
            id=app_id,
            title=text(wire.title) or app_id,
            description=text(wire.description),
            hex_color=text(wire.hex_color).removeprefix("#"),
            image=(text(images.url_64x64) if images else "") or text(wire.image),
            categories=tuple(slug for s in slugs if s and (slug := text(s.slug))),
            action_types=tuple(t.upper() for t in texts(wire.action_types)),
            connect_url=text(links.get(_CONNECT, NULL)) or None,
            links_filled=links_filled and _CONNECT in links,
        )

    page = listing(body)
    return page, kept("apps", page.entries, app)


def actions(body: bytes, app_id: str, asked_type: str) -> tuple[Listing, tuple[Action, ...]]:
    """A page of an app's actions.

    A kind outside the documented ones is replaced by the kind that was asked for: the API's own
    example says ``action``.
    """

    def action(raw: Raw) -> Action | None:
        wire = piece(raw, _Action)
        action_id = identifier(wire.id) if wire else None
        key = identifier(wire.key) if wire else None
        if wire is None or action_id is None or key is None:
            return None
        kind = text(wire.action_type)
        if kind.upper() in ACTION_TYPES:
            kind = kind.upper()
        elif asked_type:
            kind = asked_type
        return Action(
            id=action_id,
            key=key,
            app_id=_app_id(wire.app) or app_id,
            action_type=kind,
            title=text(wire.title) or key,
            description=text(wire.description),
            is_instant=flag(wire.is_instant),
        )

    page = listing(body)
    return page, kept("actions", page.entries, action)


def authentications(body: bytes, app_id: str) -> tuple[Listing, tuple[Authentication, ...]]:
    """A page of a person's authentications for one app."""

    def authentication(raw: Raw) -> Authentication | None:
        wire = piece(raw, _Authentication)
        found = identifier(wire.id) if wire else None
        if wire is None or found is None:
            return None
        owner = _app_id(wire.app) or app_id
        return Authentication(found, owner, text(wire.title) or found, flag(wire.is_expired))

    page = listing(body)
    return page, kept("authentications", page.entries, authentication)


def created_authentication(body: bytes, app_id: str) -> Authentication:
    """The authentication that was just made. Raises Unreadable where none can be read."""
    found = authentications(body, app_id)[1]
    if not found:
        raise unexpected("the new connection")
    return found[0]


def categories(body: bytes) -> tuple[Listing, tuple[Category, ...]]:
    """A page of the directory's categories."""

    def category(raw: Raw) -> Category | None:
        wire = piece(raw, _Slug)
        slug = identifier(wire.slug) if wire else None
        if wire is None or slug is None:
            return None
        return Category(slug, text(wire.title) or slug, text(wire.description))

    page = listing(body)
    return page, kept("categories", page.entries, category)


def person(body: bytes) -> Person:
    """Whose token it is. Raises Unreadable where no id is given."""
    root = read(body)
    for candidate in (root, single(root), *items(root)):
        wire = piece(candidate, _Person)
        found = identifier(wire.id) if wire else None
        if wire is not None and found is not None:
            name = text(wire.full_name) or f"{text(wire.first_name)} {text(wire.last_name)}"
            return Person(found, name.strip(), text(wire.email), text(wire.timezone) or None)
    raise unexpected("a profile")


def _app_id(raw: Raw) -> str | None:
    """The id of an app that is given by its id or as a whole app object."""
    app = piece(raw, _App)
    return identifier(app.id if app else raw)
