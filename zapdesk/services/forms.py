"""Forms: fetching definitions and choices for a FormState, and never letting an old answer win.

One FormSession is one open form; the window and the command line use it alike. The rules about
values are in domain/form.py, what goes over the wire is in api/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zapdesk.api.client import ZapierClient
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.definitions import write_definition
from zapdesk.domain.fields import FormNode
from zapdesk.domain.filling import Filling
from zapdesk.domain.form import FormState
from zapdesk.domain.form_facts import Change, Origin
from zapdesk.domain.payload import HIDDEN_PASSWORD, without_secrets, write_json
from zapdesk.domain.profiles import Profile
from zapdesk.domain.refusals import refused_inputs
from zapdesk.domain.runs import RunKind, RunOrder
from zapdesk.errors import ErrorItem, InvalidInput, ZapdeskError
from zapdesk.services.choice_labels import ChoiceLabels
from zapdesk.services.choices import ChoiceList
from zapdesk.services.form_changes import ChangeKind, FormChange
from zapdesk.services.form_choices import FormChoices
from zapdesk.services.form_definition import DefinitionChange, FormDefinition
from zapdesk.services.form_sending import FRESH_ID, check_complete
from zapdesk.services.pieces import Pieces
from zapdesk.tasks import TaskOwner

DEBOUNCE_S = 0.15
PAYLOAD_DEBOUNCE_S = 0.8
"""For JSON that is edited as a whole: its end is not told."""
_MOST_ROUNDS = 6
"""How often a form may ask for itself again because of its own defaults."""


class FormSession:
    """One open form: its state, and the fetches that keep it right.

    ``definition_change`` says how the form differs from the last time it was seen, if it does.
    ``again_of`` is the run that it was filled from, empty once the form was sent.
    """

    def __init__(
        self,
        profile: Profile,
        client: ZapierClient,
        state: FormState,
        definition: FormDefinition,
        choices: FormChoices,
        pieces: Pieces,
        app: App,
        authentication: Authentication | None,
    ) -> None:
        self._profile = profile
        self._client = client
        self._definition = definition
        self._choices = choices
        self._owner = TaskOwner()
        self._generation = 0
        self.is_stale = False
        self._quiet = asyncio.Event()
        self._defaults: asyncio.Task[None] | None = None
        self._settled = 0
        self.app = app
        self.authentication = authentication
        self.state = state
        self.pieces = pieces
        self.labels = ChoiceLabels(state, choices.known)
        self.definition_change: DefinitionChange | None = None
        self.is_loading = self.is_loaded = False
        self.again_of = ""
        self.trouble: ZapdeskError | None = None
        self.changed: Broadcast[FormChange] = Broadcast()
        state.resolver = pieces.resolve
        choices.use(self._authentication_id)
        choices.changed.subscribe(lambda id: self._announce("choices", id))

    @property
    def action(self) -> Action:
        """The action, with the id that is used now."""
        return self._definition.action

    async def close(self) -> None:
        """Drop every fetch that is still under way."""
        self._generation += 1
        await self._owner.close()
        self.is_loading = False
        self._quiet.set()

    # The definition

    async def load(self) -> None:
        """Fetch the form for the values there are; trouble ends up in ``trouble``. The last
        definition known is shown meanwhile; an answer that a later ``load`` overtook is dropped.
        """
        self._generation += 1
        generation = self._generation
        self.is_stale = False
        self._set_loading(True, None)
        trouble: ZapdeskError | None = None
        try:
            await self._fetch(generation)
        except ZapdeskError as error:
            trouble = error
        except asyncio.CancelledError:
            self.is_stale = True
            raise
        finally:
            if generation == self._generation:
                self.is_stale = self.is_stale or trouble is not None
                self._set_loading(False, trouble)
        if generation == self._generation and trouble is None:
            self._defaults = self._owner.start(self._settle_defaults(generation), "defaults")
            for field_id in self._choices.lost():
                self._owner.start(self.choices(field_id), "choices")

    async def _fetch(self, generation: int) -> None:
        if not self.is_loaded:
            nodes = await self._definition.last_known(self._authentication_id)
            if nodes and generation == self._generation and not self.is_loaded:
                self.take(nodes)
        for _ in range(_MOST_ROUNDS):
            await self.prepare()
            # The first call is made with nothing filled in.
            inputs = self._inputs() if self.is_loaded else {}
            authentication_id, secret_ids = self._authentication_id, self.state.secret_ids
            nodes = await self._definition.fetch(authentication_id, inputs, secret_ids)
            if generation != self._generation:
                return
            self.is_loaded = True
            self._definition.made_for = inputs
            self.take(nodes)
            brought_by = without_secrets(self.state.deciding(inputs), self.state.secret_ids)
            change = await self._definition.keep(authentication_id, brought_by, nodes)
            self.definition_change = change or self.definition_change
            if self._suits():
                break

    def take(self, nodes: tuple[FormNode, ...]) -> None:
        replacement = self.state.replace_fields(self._definition.marked(nodes))
        for field in self.state.fields.values():
            # A new definition brings a default as it was written; what it means is known here.
            if field.has_choices and (known := self.known_choices(field.id)) is not None:
                self.state.settle_default(field.id, known.choices)
        changed = (*replacement.added, *replacement.changed, *replacement.parked)
        self._announce("fields", *changed)

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
                    self._announce("values", field.id)
                    if self.state.deciding({field.id: None}) and self._settled < _MOST_ROUNDS:
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
        self._announce("loading")

    def _announce(self, kind: ChangeKind, *field_ids: str) -> None:
        self.changed.announce(FormChange(kind, field_ids))

    # Values

    def edit(self, field_id: str, value: Any) -> None:
        """Hold a value. What it makes stale is cleared now and fetched after ``finish_edit``.

        Raises InvalidInput for a field that does not exist or takes no input.
        """
        change = self.state.set(field_id, value)
        self._hold(change)
        self._announce("values", field_id, *change.cleared)

    def finish_edit(self, field_id: str) -> None:
        """Editing of a field ended: fetch the form again where its change made it stale."""
        self._announce("problems", field_id)
        self._fetch_soon(DEBOUNCE_S)

    def edit_payload(self, inputs: Mapping[str, Any]) -> None:
        """Take over edited JSON: what is to be sent. Inputs that no field asks for are kept as
        extra inputs, and a PASSWORD that still stands there as its marker stays as it is.

        Raises InvalidInput for a field that is for reading only.
        """
        wanted = dict(inputs)
        now = self._inputs()
        for name in self.state.secret_ids & wanted.keys():
            if wanted[name] == HIDDEN_PASSWORD:
                del wanted[name]
                if name in now:
                    wanted[name] = now[name]
        self._hold(self.state.set_payload(wanted, native=self._profile.sends_native_values))
        self._announce("values")
        self._fetch_soon(PAYLOAD_DEBOUNCE_S)

    def filling(self) -> Filling:
        """What a person put into the form, without PASSWORD values, and how it is called."""
        return replace(self.labels.added_to(self.state.filling()), again_of=self.again_of)

    def prefill(self, filling: Filling, origin: Origin = Origin.TYPED) -> None:
        """Put a filling into a form that was just opened; ``load`` comes next."""
        self.state.fill(filling, origin)
        self.labels.remember(filling)
        self.again_of = filling.again_of

    def fill(
        self, filling: Filling, authentication: Authentication | None, origin: Origin = Origin.TYPED
    ) -> None:
        """Put a filling in, in the place of everything there is but PASSWORD values, and use
        this connection with it. The form is fetched again where it is another one for that."""
        self.prefill(filling, origin)
        if authentication != self.authentication:
            self.set_authentication(authentication)
        self._hold(Change(needs_refetch=self.is_loading or not self._suits()))
        self._announce("fields")
        self._fetch_soon(DEBOUNCE_S)

    def why(self, name: str) -> str:
        """Why an input is among those that are sent; empty where it is not."""
        if self.state.is_mapped(name):
            return "mapped"
        if (origin := self.state.origin(name)) is not None:
            return origin.value
        return "extra input" if name in self.state.extra else ""

    def _hold(self, change: Change) -> None:
        self._settled = 0
        self.is_stale = self.is_stale or change.needs_refetch
        if self.pieces.lacks(self.state.pieces()):
            self._owner.start(self.prepare(), "pieces")

    def _fetch_soon(self, wait_s: float) -> None:
        if self.is_stale:
            self._generation += 1  # answers to what was asked before are void from here on
            self._owner.start(self._load_soon(self._generation, wait_s), "refetch")

    async def _load_soon(self, generation: int, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        if generation == self._generation:
            await self.load()

    async def settle(self) -> None:
        """Fetch the form now where it is stale, and wait until it and its defaults are settled
        and mapped values are worked out for this moment.

        What goes wrong ends up in ``trouble``; the form is then as stale as before.
        """
        self._tell_pieces(await self.pieces.freshen(self.state.pieces()))
        while True:
            if self.is_stale:
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
        self.is_stale = self.is_stale or self.is_loaded or self.is_loading
        self._choices.use(self._authentication_id)

    def apply_refusal(self, items: tuple[ErrorItem, ...]) -> tuple[str, ...]:
        """Put what the server said of single fields at those fields; returns their ids."""
        named = refused_inputs(items, self.state.fields)
        self.state.server_problems.update(named)
        if named:
            self._announce("problems", *named)
        return tuple(named)

    # Mapped values

    async def prepare(self) -> None:
        """Look up the runs that mapped values speak of. ``settle`` does so too."""
        self._tell_pieces(await self.pieces.prepare(self.state.pieces()))

    def _tell_pieces(self, is_new: bool) -> None:
        if not is_new:
            return
        if not self.is_loading and not self._suits():
            self.is_stale = True
            self._fetch_soon(DEBOUNCE_S)
        mapped = self.state.mapped_ids()
        self._announce("values", *mapped)
        self._announce("problems", *mapped)

    # Parked values

    def put_back(self, name: str) -> None:
        """Put a parked value into its field again. Raises InvalidInput where there is none."""
        change = self.state.put_back(name)
        self._hold(change)
        self._announce("values", name, *change.cleared)
        self._fetch_soon(DEBOUNCE_S)

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

    def stop_choices(self, field_id: str) -> None:
        """End the loading of all choices after the page that is under way."""
        self._choices.stop(field_id)

    # Sending

    def preview(self, indent: int | None = None) -> bytes:
        """The inputs that are sent, as the log keeps them: PASSWORD values are markers."""
        return write_json(self._shown_inputs(), indent)

    def body(self) -> bytes:
        """The whole body that starts a run, with ``FRESH_ID`` and PASSWORD markers in it."""
        return self._client.run_body(FRESH_ID, self._authentication_id, self._shown_inputs())

    def order(self, nonce: str, kind: RunKind = RunKind.RUN) -> RunOrder:
        """The order for one run with the values there are; mapped values are new after it.

        Raises InvalidInput where the form has problems, and what kept it from being fetched
        where it is not the form for these values.
        """
        if self.is_stale:
            raise self.trouble or InvalidInput("The form is not up to date yet.")
        check_complete(self.state)
        inputs = self._inputs()
        order = RunOrder(
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
            labels=self.labels.for_run(inputs),
            definition=write_definition(self.state.nodes),
            again_of=self.again_of or None,
        )
        if self.state.mapped_ids():
            self.pieces.renew()
            self._tell_pieces(True)
        return order

    def _suits(self) -> bool:
        return not self.is_loaded or self._definition.suits(self.state, self._inputs())

    def _inputs(self) -> dict[str, Any]:
        return self.state.payload(native=self._profile.sends_native_values)

    def _shown_inputs(self) -> dict[str, Any]:
        return without_secrets(self._inputs(), self.state.secret_ids)

    @property
    def _authentication_id(self) -> str | None:
        return self.authentication.id if self.authentication else None
