"""ZapierClient: one method for each endpoint, domain objects in and out.

Nothing here repeats a request with effects. What each answer may look like is wire's concern, how
it is fetched is the transport's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from zapdesk.api import calls, endpoints, off_loop, refusals, wire
from zapdesk.api.calls import Answer, Call
from zapdesk.api.recording import Recorder, SendWitness
from zapdesk.api.shapes import Shapes, rejects_body
from zapdesk.api.transport import Admission, Transport
from zapdesk.domain.catalog import Action, App, Authentication, Category, Person
from zapdesk.domain.fields import ChoicePage, FormNode, OutputField
from zapdesk.domain.profiles import BodyShape
from zapdesk.domain.runs import RunError
from zapdesk.errors import InvalidInput, Unreadable

__all__ = ["Page", "RunAnswer", "SendWitness", "StepTest", "ZapierClient", "rejects_body"]

_logger = logging.getLogger(__name__)

T = TypeVar("T")

_MAX_PAGES = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. ``next_url`` leads to the next one, always on the same server."""

    items: tuple[T, ...]
    next_url: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """How a run stands. ``server_status`` is the word as received.

    ``results`` is a JSON array of what came, byte for byte: an object is wrapped, nothing is
    ``[]``.
    """

    server_status: str
    is_ended: bool
    is_success: bool
    results: bytes
    errors: tuple[RunError, ...]


@dataclass(frozen=True, slots=True)
class StepTest:
    """What a step test returned: a JSON array as received."""

    results: bytes


class ZapierClient:
    """The Workflow API of one server."""

    def __init__(
        self,
        transport: Transport,
        body_shape: BodyShape = BodyShape.SPEC,
        on_shape: Callable[[BodyShape], None] = lambda shape: None,
    ) -> None:
        self._transport = transport
        self._shapes = Shapes(body_shape, on_shape)

    async def apps(
        self,
        *,
        query: str = "",
        category: str = "",
        ids: Iterable[str] = (),
        limit: int = endpoints.PAGE_SIZE,
        offset: int = 0,
        next_url: str | None = None,
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
    ) -> Page[App]:
        """A page of apps, most popular first. ``next_url`` continues from an earlier page."""
        call = endpoints.apps(query, category, ids, limit, offset)
        if next_url is not None:
            call = self._continued(call, next_url)
        answer = await self._transport.read(call, admission=admission, record=record)
        by_token = answer.token is not None
        page, apps = await _parsed(answer, lambda b: wire.apps(b, links_filled=by_token))
        return Page(apps, self._next(call, page), page.total)

    async def actions(
        self,
        app_id: str,
        action_type: str = "",
        *,
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
    ) -> tuple[Action, ...]:
        """An app's actions, with ids that are good for one run each."""
        call = endpoints.actions(app_id, action_type)
        return await self._every(
            call, lambda b: wire.actions(b, app_id, action_type), admission, record
        )

    async def authentications(
        self,
        app_id: str,
        *,
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
    ) -> tuple[Authentication, ...]:
        """A person's own authentications for an app."""
        call = endpoints.authentications(app_id)
        return await self._every(call, lambda b: wire.authentications(b, app_id), admission, record)

    async def create_authentication(
        self,
        app_id: str,
        title: str,
        fields: Mapping[str, Any],
        *,
        record: Recorder | None = None,
        witness: SendWitness | None = None,
    ) -> Authentication:
        """Make an authentication from credentials, once. Every field counts as secret."""
        call = endpoints.new_authentication(app_id, title, fields)
        answer = await self._transport.send(call, record=record, witness=witness)
        try:
            return wire.created_authentication(answer.body, app_id)
        except Unreadable as error:
            raise refusals.unreadable_success(answer, call, error) from None

    async def categories(
        self, *, admission: Admission = Admission.PERSON, record: Recorder | None = None
    ) -> tuple[Category, ...]:
        """The shelves of the app directory. Needs no sign-in."""
        call = endpoints.categories()
        return await self._every(call, wire.categories, admission, record)

    async def me(
        self, *, admission: Admission = Admission.PERSON, record: Recorder | None = None
    ) -> Person:
        """Whose token it is."""
        call = endpoints.profile()
        return await self._read(call, wire.person, admission, record)

    async def input_fields(
        self,
        action_id: str,
        authentication_id: str | None,
        inputs: Mapping[str, Any],
        *,
        secret_ids: Iterable[str] = (),
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
    ) -> tuple[FormNode, ...]:
        """The form of an action, given what is filled in so far."""
        call = endpoints.below_action(
            "input fields", ("inputs",), action_id, authentication_id, inputs, secret_ids
        )
        return await self._read(call, wire.form, admission, record)

    async def choices(
        self,
        action_id: str,
        field_id: str,
        authentication_id: str | None,
        inputs: Mapping[str, Any],
        page: str = "1",
        *,
        secret_ids: Iterable[str] = (),
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
    ) -> ChoicePage:
        """A page of what a SELECT field offers. ``page`` is a ``next_page`` given before.

        A server that sends no links is asked on until a page is empty: who loads all pages
        stops where a page brings nothing new.
        """
        call = endpoints.below_action(
            "choices",
            ("inputs", field_id, "choices"),
            action_id,
            authentication_id,
            inputs,
            secret_ids,
            scope="zap",
        )
        if page.startswith(("https://", "http://")):
            call = self._continued(call, page)
        else:
            call = replace(call, query=(("page", page),))
        address = call.address(self._transport.base_url)
        return await self._read(call, lambda b: wire.choices(b, page, address), admission, record)

    async def output_fields(
        self,
        action_id: str,
        authentication_id: str | None,
        inputs: Mapping[str, Any],
        fetch_live_samples: bool = False,
        *,
        secret_ids: Iterable[str] = (),
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
    ) -> tuple[OutputField, ...]:
        """What the action will return. Live samples may ask the app and take longer."""
        call = endpoints.below_action(
            "output fields",
            ("outputs",),
            action_id,
            authentication_id,
            inputs,
            secret_ids,
            fetch_live_samples=fetch_live_samples,
        )
        return await self._read(call, wire.outputs, admission, record)

    @property
    def shape(self) -> BodyShape:
        """The shape in which a run's body is sent."""
        return self._shapes.current

    def next_shape(self) -> BodyShape | None:
        """Another shape to try after the current one was refused; ``None`` once all were."""
        return self._shapes.next()

    def recall_shapes(self, kept: BodyShape | None, refused: Iterable[BodyShape]) -> None:
        """Take over what earlier runs have found out; ``kept`` ``None`` changes nothing of it."""
        self._shapes.recall(kept, refused)

    def use_shape(self, shape: BodyShape) -> None:
        """Send the next runs in ``shape``; it is announced for keeping once one was accepted."""
        self._shapes.current = shape

    async def renew(self) -> bool:
        """Get a new token after the last one was refused; whether there is one now."""
        return await self._transport.renew_rejected()

    def run_body(
        self, action_id: str, authentication_id: str | None, inputs: Mapping[str, Any]
    ) -> bytes:
        """Exactly what ``start_run`` sends, in the current shape. Raises InvalidInput."""
        return endpoints.run_body(self.shape, action_id, authentication_id, inputs)

    async def start_run(
        self,
        action_id: str,
        authentication_id: str | None,
        inputs: Mapping[str, Any],
        *,
        secret_ids: Iterable[str] = (),
        record: Recorder | None = None,
        witness: SendWitness | None = None,
    ) -> str:
        """Start a run, once, and return its id.

        Raises Unreachable (nothing left), Refused and its kinds (nothing ran), OutcomeUnknown.
        The values of ``secret_ids`` are hidden in the record.
        """
        shape = self.shape
        call = endpoints.new_run(shape, action_id, authentication_id, inputs, secret_ids)
        answer = await self._transport.send(call, record=record, witness=witness)
        self._shapes.worked(shape)
        try:
            return await off_loop.call(wire.created_run, answer.body)
        except Unreadable as error:
            raise refusals.unreadable_success(answer, call, error) from None

    async def test_action(
        self,
        action_id: str,
        authentication_id: str | None,
        inputs: Mapping[str, Any],
        *,
        secret_ids: Iterable[str] = (),
        record: Recorder | None = None,
        witness: SendWitness | None = None,
    ) -> StepTest:
        """Execute an action at once, for real. Raises as ``start_run`` does.

        A failure at the app is Refused with the code ``test_failed``.
        """
        call = endpoints.below_action(
            "step test",
            ("test",),
            action_id,
            authentication_id,
            inputs,
            secret_ids,
            limit=10,
            offset=0,
        )
        answer = await self._transport.send(call, record=record, witness=witness)
        try:
            return StepTest(await off_loop.call(wire.step_results, answer.body))
        except Unreadable as error:
            raise refusals.unreadable_success(answer, call, error) from None

    async def run(
        self,
        run_id: str,
        *,
        record: Recorder | None = None,
        admission: Admission = Admission.BACKGROUND,
    ) -> RunAnswer:
        """How a run stands. Only success and error end it; every other word means waiting.

        Asked once: whoever watches runs has a rhythm, and repeats it.
        """
        answer = await self._transport.read(
            endpoints.run(run_id), admission=admission, record=record, repeats=False
        )
        state = await _parsed(answer, wire.run_state)
        word = state.status.strip().lower()
        return RunAnswer(
            server_status=state.status,
            is_ended=word in {"success", "error"},
            is_success=word == "success",
            results=state.results,
            errors=state.errors,
        )

    def _next(self, call: Call, page: wire.Listing) -> str | None:
        """Where the page after ``page`` is; ``None`` where there is none that could be asked for.

        A link to another server is not followed. Where no link says anything, the entries that
        are still to come are asked for by their number.
        """
        asked = call.address(self._transport.base_url)
        if page.next_url:
            own = calls.own_url(asked, page.next_url)
            if own is None:
                _logger.warning("the next page is on another server and is not fetched")
            return own
        if page.is_last or page.total is None:
            return None
        return calls.at_offset(asked, len(page.entries), page.total)

    def _continued(self, call: Call, next_url: str) -> Call:
        """``call`` at the address of a next page. Raises InvalidInput for another server's."""
        own = calls.own_url(self._transport.base_url, next_url)
        if own is None:
            raise InvalidInput("The next page is on another server and is not fetched.")
        return replace(call, url=own, query=())

    async def _read(
        self,
        call: Call,
        parse: Callable[[bytes], T],
        admission: Admission,
        record: Recorder | None,
    ) -> T:
        answer = await self._transport.read(call, admission=admission, record=record)
        return await _parsed(answer, parse)

    async def _every(
        self,
        call: Call,
        parse: Callable[[bytes], tuple[wire.Listing, tuple[T, ...]]],
        admission: Admission,
        record: Recorder | None,
    ) -> tuple[T, ...]:
        """Every page of a list that is short enough to be fetched whole."""
        found: dict[T, None] = {}
        seen: set[str] = set()
        for _ in range(_MAX_PAGES):
            page, entries = await self._read(call, parse, admission, record)
            following = self._next(call, page)
            known = len(found)
            found |= dict.fromkeys(entries)
            is_repeated = bool(entries) and len(found) == known
            if following is None:
                return tuple(found)
            if following in seen or is_repeated:
                break
            seen.add(following)
            call = self._continued(call, following)
        _logger.warning("stopped after %d pages of the %s", len(seen), call.purpose)
        return tuple(found)


async def _parsed(answer: Answer, parse: Callable[[bytes], T]) -> T:
    """What ``parse`` makes of the body; large ones are read off the event loop."""
    try:
        return await off_loop.call(parse, answer.body)
    except Unreadable as error:
        error.status = answer.status
        error.technical = error.technical or refusals.evidence(answer)
        raise
