"""Endpoints of OAuth: the way to the consent page, the page, and the exchange for tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlencode

from starlette.responses import RedirectResponse, Response

from zapdesk.sandbox import pages
from zapdesk.sandbox.envelopes import ApiError, JsonAnswer
from zapdesk.sandbox.guard import Asked, own_origin, same
from zapdesk.sandbox.oauth import SCOPES, Consent, OAuthError, client_of, redirect_allowed
from zapdesk.sandbox.site import Site
from zapdesk.sandbox.white_label import EXCHANGE

_MOST_PENDING = 100


async def authorize(site: Site, asked: Asked) -> Response:
    """GET /v2/authorize: no page itself, it leads to the one that asks."""
    for name in ("client_id", "redirect_uri", "response_type", "scope"):
        if not asked.query.get(name):
            source = {"parameter": name}
            detail = f"{name}: This field is required."
            raise ApiError(400, "required", "ValidationError", detail, source)
    return RedirectResponse(f"/oauth/authorize/?{urlencode(asked.query, quote_via=quote)}", 302)


async def ask_consent(site: Site, asked: Asked) -> Response:
    """GET /oauth/authorize/: the consent page. Nothing is led to an address that is not ours."""
    query = asked.query
    redirect_uri = query.get("redirect_uri", "")
    if not same(query.get("client_id", ""), site.client_id):
        return pages.note("Unknown program", "This sandbox does not know that client id.", 400)
    registered = site.options.redirect_uris
    if not redirect_allowed(redirect_uri) or (registered and redirect_uri not in registered):
        which = ", ".join(registered) or "loopback addresses with a port"
        sentence = f"Registered as redirect addresses are only: {which}."
        return pages.note("Address not registered", sentence, 400)
    consent = Consent(
        redirect_uri, tuple(dict.fromkeys(query.get("scope", "").split())), query.get("state")
    )
    if query.get("response_type") != "code":
        return RedirectResponse(consent.back(error="unsupported_response_type"), 302)
    if not consent.scopes or not set(consent.scopes) <= set(SCOPES):
        return RedirectResponse(consent.back(error="invalid_scope"), 302)
    nonce = secrets.token_urlsafe(24)
    while len(site.consents) >= _MOST_PENDING:
        site.consents.pop(next(iter(site.consents)))
    site.consents[nonce] = consent
    return pages.consent("zapdesk", nonce, [(scope, SCOPES[scope]) for scope in consent.scopes])


async def decide(site: Site, asked: Asked) -> Response:
    """POST /oauth/consent: the page's own form, once."""
    form = _form(asked.body)
    consent = site.consents.pop(form.get("nonce", [""])[0], None)
    if consent is None or not own_origin(asked.request, site.base_url):
        return pages.note("Too late", "This page was used already. Sign in again.", 400)
    granted = [scope for scope in consent.scopes if scope in form.get("scope", [])]
    if form.get("decision") != ["allow"] or not granted:
        return RedirectResponse(consent.back(error="access_denied"), 302)
    code = site.grants.code(consent.redirect_uri, " ".join(granted), asked.at)
    return RedirectResponse(consent.back(code=code), 302)


async def exchange(site: Site, asked: Asked) -> Response:
    """POST /oauth/token/: a code, a refresh token or a partner's JWT for new tokens."""
    form = {name: values[0] for name, values in _form(asked.body).items()}
    headers: Mapping[str, str] = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    try:
        name, secret = client_of(asked.request.headers.get("authorization", ""), form)
        if not (same(name, site.client_id) and same(secret, site.client_secret)):
            raise OAuthError("invalid_client", "The client id or its secret is wrong.", 401)
        if form.get("grant_type") == EXCHANGE:
            told = site.white_label.exchange(form, site.base_url, asked.at)
        else:
            told = site.grants.exchange(form, asked.at)
        return JsonAnswer(told, headers=headers)
    except OAuthError as error:
        body = {"error": error.code, "error_description": error.description}
        return JsonAnswer(body, status_code=error.status, headers=headers)


def _form(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:  # not UTF-8, or too many fields: it has nothing we know
        return {}
