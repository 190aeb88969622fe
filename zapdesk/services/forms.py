"""Forms: fetching definitions and choices for a FormState, and never letting an old answer win.

One FormSession is one open form; the window and the command line use it alike. The rules about
values are in domain/form.py, what goes over the wire is in api/.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

from zapdesk.api.client import ZapierClient
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.definitions import read_definition, write_definition
from zapdesk.domain.fields import FormNode
from zapdesk.domain.form import FormState, Origin
from zapdesk.domain.payload import write_json
from zapdesk.domain.profiles import Profile
from zapdesk.domain.runs import RunKind, RunOrder
from zapdesk.errors import ErrorItem, InvalidInput, Refused, ZapdeskError
from zapdesk.services.app_list import kept
from zapdesk.services.catalog import CatalogService
from zapdesk.services.choices import ChoiceList
from zapdesk.services.form_choices import FormChoices
from zapdesk.services.watching import now_ms
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

T = TypeVar("T")

DEBOUNCE_S = 0.15
_MOST_ROUNDS = 6
"""How often a form may ask for itself again because of its own defaults."""


@dataclass(frozen=True, slots=True)
class FormChange:
    """What became different, and in which fields (none named: in any)."""

    kind: Literal["fields", "loading", "values", "choices", "problems"]
    field_ids: tuple[str, ...] = ()


class FormService:
    """Opens forms for one profile."""

    def __init__(
        self,
        profile: Profile,
        client: ZapierClient,
        catalog: CatalogService,
        cache: CatalogCache,
    ) -> None:
        self._profile = profile
        self._client = client
        self._catalog = catalog
        self._cache = cache

    def open(self, app: App, action: Action, authentication: Authentication | None) -> FormSession:
        """A form for ``action``; nothing is fetched before its ``load``."""
        return FormSession(
            self._profile, self._client, self._catalog, self._cache, app, action, authentication
        )


class FormSession:
    """One open form: its state, and the fetches that keep it right."""

    def __init__(
        self,
        profile: Profile,
        client: ZapierClient,
        catalog: CatalogService,
        cache: CatalogCache,
        app: App,
        action: Action,
        authentication: Authentication | None,
    ) -> None:
        self._profile = profile
        self._client = client
        self._catalog = catalog
        self._cache = cache
        self._owner = TaskOwner()
        self._generation = 0
        self._is_stale = False
        self._quiet = asyncio.Event()
        self._defaults: asyncio.Task[None] | None = None
        self._settled = 0
        self.app = app
        self.action = action
        self.authentication = authentication
        self.state = FormState()
        self.is_loading = False
        self.is_loaded = False
        self.trouble: ZapdeskError | None = None
        self.changed: Broadcast[FormChange] = Broadcast()
        self._choices = FormChoices(
            profile, client, cache, action.reference, self.state, self._with_action_id
        )
        self._choices.use(self._authentication_id)
        self._choices.changed.subscribe(
            lambda id: self.changed.announce(FormChange("choices", (id,)))
        )

    async def close(self) -> None:
        """Drop every fetch that is still under way."""
        self._generation += 1
        await self._owner.close()
        self.is_loading = False
        self._quiet.set()

    # The definition

    async def load(self) -> None:
        """Fetch the form for the values there are; trouble ends up in ``trouble``.

        The last definition known is shown while the server is asked. An answer that was
        overtaken by a later ``load`` is dropped.
        """
        self._generation += 1
        generation = self._generation
        self._is_stale = False
        self._set_loading(True, None)
        trouble: ZapdeskError | None = None
        try:
            await self._fetch(generation)
        except ZapdeskError as error:
            trouble = error
        except asyncio.CancelledError:
            self._is_stale = True
            raise
        finally:
            if generation == self._generation:
                self._is_stale = self._is_stale or trouble is not None
                self._set_loading(False, trouble)
        if generation == self._generation and trouble is None:
            self._defaults = self._owner.start(self._settle_defaults(generation), "defaults")

    async def _fetch(self, generation: int) -> None:
        if not self.is_loaded:
            cached = await self._cache.fields(
                self._profile.id, self.action.reference, self._authentication_id
            )
            if cached is not None and generation == self._generation and not self.is_loaded:
                self._take_cached(cached.value)
        for _ in range(_MOST_ROUNDS):
            inputs = self.state.payload(native=self._profile.sends_native_values)
            if not self.is_loaded:
                inputs = {}  # the first call is made with nothing filled in
            nodes = await self._with_action_id(partial(self._fetch_fields, inputs))
            if generation != self._generation:
                return
            self.is_loaded = True
            self._take(nodes)
            if not inputs:
                await kept(
                    self._cache.put_fields(
                        self._profile.id,
                        self.action.reference,
                        self._authentication_id,
                        write_definition(nodes),
                        now_ms(),
                    )
                )
            if not self._defaults_invalidate(inputs):
                break

    async def _fetch_fields(self, inputs: dict[str, Any], action_id: str) -> tuple[FormNode, ...]:
        return await self._client.input_fields(
            action_id, self._authentication_id, inputs, secret_ids=self.state.secret_ids
        )

    def _take_cached(self, text: str) -> None:
        try:
            self._take(read_definition(text))
        except (ZapdeskError, KeyError, ValueError, TypeError):
            # Written by another version; what the server answers takes its place at once.
            _logger.info("a cached form could not be read")

    def _take(self, nodes: tuple[FormNode, ...]) -> None:
        replacement = self.state.replace_fields(nodes)
        for field in self.state.fields.values():
            # A new definition brings a default as it was written; what it means is known here.
            if field.has_choices and (known := self.known_choices(field.id)) is not None:
                self.state.settle_default(field.id, known.choices)
        changed = (*replacement.added, *replacement.changed, *replacement.parked)
        self.changed.announce(FormChange("fields", changed))

    def _defaults_invalidate(self, sent: dict[str, Any]) -> bool:
        # A default that brings other fields must be told to the server once, as if typed.
        payload = self.state.payload(native=self._profile.sends_native_values)
        return any(
            field.invalidates_input_fields
            and field.id in payload
            and write_json(payload[field.id]) != write_json(sent.get(field.id, []))
            for field in self.state.fields.values()
        )

    async def _settle_defaults(self, generation: int) -> None:
        # A default may be a label; only the field's choices tell which id it means.
        for field in tuple(self.state.fields.values()):
            if (
                field.has_choices
                and self.state.origin(field.id) is Origin.DEFAULT
                and not self.state.missing_dependencies(field.id)
            ):
                known = await self.choices(field.id)
                if generation != self._generation:
                    return
                if field.id not in self.state.fields:
                    continue
                if self.state.settle_default(field.id, known.choices):
                    self.changed.announce(FormChange("values", (field.id,)))
                    brings_others = field.invalidates_input_fields or bool(
                        self.state.dependants(field.id)
                    )
                    if brings_others and self._settled < _MOST_ROUNDS:
                        # The form was made for the default as written, not for what it means.
                        self._settled += 1
                        await self.load()
                        return

    def _set_loading(self, is_loading: bool, trouble: ZapdeskError | None) -> None:
        self.is_loading = is_loading
        self.trouble = trouble
        if is_loading:
            self._quiet.clear()
        else:
            self._quiet.set()
        self.changed.announce(FormChange("loading"))

    # Values

    def edit(self, field_id: str, value: Any) -> None:
        """Hold a value. What it makes stale is cleared now and fetched after ``finish_edit``.

        Raises InvalidInput for a field that does not exist or takes no input.
        """
        change = self.state.set(field_id, value)
        self._settled = 0
        self._is_stale = self._is_stale or change.needs_refetch
        self.changed.announce(FormChange("values", (field_id, *change.cleared)))

    def finish_edit(self, field_id: str) -> None:
        """Editing of a field ended: fetch the form again where its change made it stale."""
        self.changed.announce(FormChange("problems", (field_id,)))
        if self._is_stale:
            self._generation += 1  # answers to what was asked before are void from here on
            self._owner.start(self._load_soon(self._generation), "refetch")

    async def _load_soon(self, generation: int) -> None:
        await asyncio.sleep(DEBOUNCE_S)
        if generation == self._generation:
            await self.load()

    async def settle(self) -> None:
        """Fetch the form now where it is stale, and wait until it and its defaults are settled.

        What goes wrong ends up in ``trouble``; the form is then as stale as before.
        """
        while True:
            if self._is_stale:
                await self.load()
                if self.trouble is not None:
                    return
            elif self.is_loading:
                await self._quiet.wait()
            elif self._defaults is not None and not self._defaults.done():
                await asyncio.wait([self._defaults])  # it may put another in its place
            else:
                return

    def set_authentication(self, authentication: Authentication | None) -> None:
        """Use another connection: its choices differ, and the form may. ``load`` comes next."""
        self.authentication = authentication
        self._choices.use(self._authentication_id)

    def apply_refusal(self, items: tuple[ErrorItem, ...]) -> tuple[str, ...]:
        """Put what the server said of single fields at those fields; returns their ids."""
        named = {}
        for item in items:
            for prefix in ("/data/inputs/", "/data/input/", "/inputs/", "/input/"):
                if item.pointer.startswith(prefix):
                    rest = item.pointer[len(prefix) :]
                    name = rest.replace("~1", "/").replace("~0", "~")
                    if name not in self.state.fields:
                        name = rest.split("/")[0].replace("~1", "/").replace("~0", "~")
                    if name in self.state.fields:
                        named[name] = item.text or "The server did not accept this value."
        self.state.server_problems.update(named)
        if named:
            self.changed.announce(FormChange("problems", tuple(named)))
        return tuple(named)

    # Choices

    def known_choices(self, field_id: str) -> ChoiceList | None:
        """What is known of the choices for the values there are now, without asking."""
        return self._choices.known(field_id)

    async def choices(
        self, field_id: str, *, more: bool = False, refresh: bool = False, all: bool = False
    ) -> ChoiceList:
        """The field's choices: the first page, one page ``more``, or ``all`` of them.

        Never raises ZapdeskError: the list says what went wrong.
        """
        return await self._choices.fetch(field_id, more=more, refresh=refresh, all=all)

    # Sending

    def order(self, nonce: str, kind: RunKind = RunKind.RUN) -> RunOrder:
        """The order for one run with the values there are.

        Raises InvalidInput where the form has problems, and what kept it from being fetched
        where it is not the form for these values.
        """
        if self._is_stale and self.trouble is not None:
            raise self.trouble
        problems = self.state.problems()
        if problems:
            lines = [f"{self.state.field(p.field_id).name}: {p.text}" for p in problems]
            raise InvalidInput("The form is not complete.", " ".join(lines))
        inputs = self.state.payload(native=self._profile.sends_native_values)
        return RunOrder(
            profile_id=self._profile.id,
            action=self.action.reference,
            app_title=self.app.title,
            action_title=self.action.title,
            authentication_id=self._authentication_id,
            authentication_title=self.authentication.title if self.authentication else "",
            inputs=inputs,
            nonce=nonce,
            kind=kind,
            secret_ids=self.state.secret_ids,
            labels=self._labels(inputs),
        )

    def _labels(self, inputs: dict[str, Any]) -> dict[str, str]:
        labels = {}
        for name, value in inputs.items():
            if name not in self.state.fields or not isinstance(value, str):
                continue
            known = self.known_choices(name)
            for choice in known.choices if known else ():
                if choice.id == value and choice.text != value:
                    labels[name] = choice.text
                    break
        return labels

    # The id of the action

    @property
    def _authentication_id(self) -> str | None:
        return self.authentication.id if self.authentication else None

    async def _with_action_id(self, call: Callable[[str], Awaitable[T]]) -> T:
        # How long an id lives is undocumented: when an old one may be the cause of a refusal,
        # look the action up again and repeat the (read-only) call once.
        used = self.action.id
        try:
            return await call(used)
        except Refused as error:
            if error.status not in {400, 404, 410} or any(
                "/inputs/" in item.pointer for item in error.items
            ):
                raise
            fresh = await self._catalog.fresh_action(self.action.reference)
            if fresh.id == used:
                raise
            self.action = fresh
            return await call(fresh.id)
