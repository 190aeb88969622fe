"""The ASGI application: finds the endpoint, lets only the right callers in, shapes refusals."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from zapdesk.sandbox import actions, browser, catalogue, connect_ui, runs, sign_in
from zapdesk.sandbox.bodies import read_body
from zapdesk.sandbox.definitions import Json
from zapdesk.sandbox.envelopes import ApiError, JsonAnswer, not_found, parse_error
from zapdesk.sandbox.guard import (
    Asked,
    Caller,
    GatewayRefusal,
    RateLimit,
    caller,
    host_is_ours,
)
from zapdesk.sandbox.site import Site

_log = logging.getLogger(__name__)

Endpoint: TypeAlias = Callable[[Site, Asked], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """A path of the API. ``scope`` empty needs no token at all."""

    method: str
    path: str
    endpoint: Endpoint
    scope: str
    client_id_will_do: bool = False

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The variable parts of a path, None where it is another path."""
        pattern = self.path.split("/")
        if len(pattern) != len(segments):
            return None
        found = {}
        for part, segment in zip(pattern, segments, strict=True):
            if part.startswith("{"):
                found[part[1:-1]] = segment
            elif part != segment:
                return None
        return found


async def _received(site: Site, _: Asked) -> Response:
    """GET /sandbox/received: every body that arrived to be executed, as it arrived."""
    return JsonAnswer({"received": site.store.received()})


async def _effects(site: Site, _: Asked) -> Response:
    """GET /sandbox/effects: everything that was really done, once each."""
    return JsonAnswer({"effects": site.store.effects()})


async def _requests(site: Site, _: Asked) -> Response:
    """GET /sandbox/requests: the latest API calls with their time and their answer's status."""
    return JsonAnswer({"requests": list(site.requests)})


ROUTES = (
    Route("GET", "v2/apps", catalogue.list_apps, "zap", client_id_will_do=True),
    Route("GET", "v2/actions", catalogue.list_actions, "zap", client_id_will_do=True),
    Route("GET", "v2/authentications", catalogue.list_authentications, "connection:read"),
    Route("POST", "v2/authentications", catalogue.create_authentication, "connection:write"),
    Route("POST", "v2/actions/{action_id}/inputs", actions.list_inputs, "zap:write"),
    Route("POST", "v2/actions/{action_id}/inputs/{input_id}/choices", actions.list_choices, "zap"),
    Route("POST", "v2/actions/{action_id}/outputs", actions.list_outputs, "zap:write"),
    Route("POST", "v2/actions/{action_id}/test", actions.test_action, "zap:write"),
    Route("POST", "v2/action-runs", runs.create_run, "action:run"),
    Route("GET", "v2/action-runs/{run_id}", runs.show_run, "action:run"),
    Route("GET", "v1/categories", catalogue.list_categories, ""),
    Route("GET", "v1/profiles/me", catalogue.show_profile, "profile"),
    Route("GET", "v2/authorize", sign_in.authorize, ""),
    Route("GET", "oauth/authorize/", sign_in.ask_consent, ""),
    Route("POST", "oauth/consent", sign_in.decide, ""),
    Route("POST", "oauth/token/", sign_in.exchange, ""),
    Route("POST", "oauth/token", sign_in.exchange, ""),
    Route("GET", "", browser.show_page, ""),
    Route("GET", "connect/{app_id}", browser.show_connect, ""),
    Route("POST", "connect/{app_id}", browser.connect, ""),
    Route("POST", "connections/{id}", browser.change_connection, ""),
    Route("GET", "engine/auth/start/{app}", connect_ui.refuse, ""),
    Route("GET", "to/{app_key}", connect_ui.show, ""),
    Route("POST", "to/{app_key}", connect_ui.decide, ""),
    *(
        Route(method, "hooks/{key}/{name}", browser.catch_hook, "")
        for method in ("POST", "PUT", "PATCH", "GET", "DELETE")
    ),
    Route("GET", "images/{app_id}/{file}", browser.picture, ""),
    Route("GET", "sandbox/received", _received, "action:run"),
    Route("GET", "sandbox/effects", _effects, "action:run"),
    Route("GET", "sandbox/requests", _requests, "action:run"),
)


class Application:
    """The sandbox as an ASGI application."""

    def __init__(self, site: Site) -> None:
        self._site = site
        limit = site.options.rate_limit
        self._rate_limit = RateLimit(limit) if limit else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        at = time.time()
        response = await self._respond(request, at)
        if _is_api(request):
            self._site.requests.append(
                {
                    "at": at,
                    "method": request.method,
                    "path": request.url.path,
                    "query": request.url.query,
                    "status": response.status_code,
                }
            )
        await response(scope, receive, send)

    async def _respond(self, request: Request, at: float) -> Response:
        site = self._site
        if not host_is_ours(request, site.base_url):
            return JsonAnswer({"detail": "This is not the host you asked for."}, status_code=421)
        if site.options.latency_ms:
            await asyncio.sleep(site.options.latency_ms / 1000)
        try:
            response = await self._api(request, at)
        except GatewayRefusal as refusal:
            body = {"code": "authentication_failed", "detail": refusal.detail}
            response = JsonAnswer(body, status_code=403)
        except ApiError as error:
            response = _refusal(site, request, error)
        except UnicodeEncodeError:
            response = _refusal(site, request, parse_error("A text holds half a character."))
        except Exception:  # whatever goes wrong in an endpoint is answered, and logged here
            _log.exception("%s %s", request.method, request.url.path)
            bug = ApiError(500, "error", "APIException", "A server error occurred.")
            response = _refusal(site, request, bug)
        if self._rate_limit:
            response.headers.update(self._rate_limit.headers)
        return response

    async def _api(self, request: Request, at: float) -> Response:
        # The path as it was sent: an id with a slash must have come percent-encoded.
        before, *segments = (
            unquote(part) for part in request.scope["raw_path"].decode().split("/")
        )
        if before or not segments:
            raise not_found()
        if self._site.options.dialect == "guide" and segments[0] == "v2" and segments[-1] == "":
            segments.pop()
        matches = [
            (route, found) for route in ROUTES if (found := route.match(segments)) is not None
        ]
        chosen = next((pair for pair in matches if pair[0].method == request.method), None)
        who = self._admit(request, chosen[0] if chosen else None, at)
        if chosen is None:
            if not matches:
                raise not_found()
            allowed = ", ".join(sorted(route.method for route, _ in matches))
            raise ApiError(
                405,
                "method_not_allowed",
                "MethodNotAllowed",
                f"Method “{request.method}” not allowed.",
                headers={"Allow": allowed},
            )
        route, found = chosen
        request.scope["path_params"] = found
        body = b"" if route.method == "GET" else await read_body(request)
        return await route.endpoint(self._site, Asked(request, who, body, at))

    def _admit(self, request: Request, route: Route | None, at: float) -> Caller:
        if self._rate_limit and _is_api(request):
            self._rate_limit.admit(at)
        if route and not route.scope:
            return Caller(False)
        who = caller(
            self._site,
            request,
            client_id_will_do=route is not None and route.client_id_will_do,
        )
        if route and who.is_user:
            who.must_have(route.scope)
        return who


def _is_api(request: Request) -> bool:
    """Whether this is a call of the Workflow API, and nothing of the sandbox's own."""
    return request.url.path.startswith(("/v1/", "/v2/"))


def _refusal(site: Site, request: Request, error: ApiError) -> JsonAnswer:
    """A refusal; the v1 endpoints speak in plain sentences."""
    if request.url.path.startswith("/v1/"):
        body: Json = {"errors": [error.detail]}
    else:
        body = error.as_json(site.options.dialect)
    return JsonAnswer(body, status_code=error.status, headers=dict(error.headers))
