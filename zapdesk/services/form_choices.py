"""The choices of one open form: a list for each field and each set of values it depends on.

An answer that belongs to values which have changed meanwhile never becomes a field's choices.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

from zapdesk.api.client import ZapierClient
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.fields import Choice, ChoicePage
from zapdesk.domain.form import FormState
from zapdesk.domain.payload import write_json
from zapdesk.domain.profiles import Profile
from zapdesk.domain.values import UNSET
from zapdesk.services.app_list import kept
from zapdesk.services.choices import ChoiceList, KeptChoices, PagedChoices
from zapdesk.services.watching import now_ms
from zapdesk.storage.catalog_cache import CatalogCache

T = TypeVar("T")

_MOST_ROUNDS = 6
"""How often choices are asked for again because what they depend on went on changing."""
_MOST_PAGES = 500


class CallWithActionId(Protocol):
    """Makes a call that needs an action's id, once more with a new id where the old one is
    refused."""

    def __call__(self, call: Callable[[str], Awaitable[T]], /) -> Awaitable[T]: ...


class FormChoices:
    """Fetches and keeps the choices of a form's fields. ``changed`` announces a field's id."""

    def __init__(
        self,
        profile: Profile,
        client: ZapierClient,
        cache: CatalogCache,
        action: ActionKey,
        state: FormState,
        with_action_id: CallWithActionId,
    ) -> None:
        self._profile = profile
        self._client = client
        self._cache = cache
        self._action = action
        self._state = state
        self._with_action_id = with_action_id
        self._authentication_id: str | None = None
        self._lists: dict[tuple[str, str], PagedChoices] = {}
        self._asked_for: set[str] = set()
        self._stopped: set[str] = set()
        self.changed: Broadcast[str] = Broadcast()

    def use(self, authentication_id: str | None) -> None:
        """Ask with this connection; what was fetched with another is void."""
        self._authentication_id = authentication_id
        self._lists.clear()

    def known(self, field_id: str) -> ChoiceList | None:
        """What is known for the values there are now."""
        paged = self._lists.get(self._key(field_id))
        return paged.list if paged and (paged.is_begun or paged.list.trouble) else None

    def lost(self) -> tuple[str, ...]:
        """The fields whose choices were asked for once, and are not known for the values there
        are now although they could be asked for."""
        return tuple(
            name
            for name, field in self._state.fields.items()
            if name in self._asked_for
            and field.has_choices
            and self._key(name) not in self._lists
            and not self._state.missing_dependencies(name)
        )

    def stop(self, field_id: str) -> None:
        """End the loading of all pages after the one that is under way."""
        self._stopped.add(field_id)

    async def fetch(
        self, field_id: str, *, more: bool = False, refresh: bool = False, all: bool = False
    ) -> ChoiceList:
        """The first page, one page ``more``, or ``all`` of them; the list says what went wrong.

        Where what the choices depend on changes meanwhile, they are asked for again.
        """
        if all:
            self._stopped.discard(field_id)
        for _ in range(_MOST_ROUNDS):
            if field_id not in self._state.fields:
                return ChoiceList(note="This field is no longer part of the form.")
            self._asked_for.add(field_id)
            if missing := self._state.missing_dependencies(field_id):
                names = " and ".join(field.name for field in missing)
                return ChoiceList(note=f"Nothing here: needs {names} first.")
            key = self._key(field_id)
            if refresh:
                self._lists.pop(key, None)
            if key not in self._lists:
                self._lists[key] = self._new_list(field_id, key[1])
            paged = self._lists[key]
            await self._fetch_pages(paged, field_id, more=more, all=all)
            if self._lists.get(key) is paged and self._is_current(field_id, key):
                self.changed.announce(field_id)
                return paged.list
            more = refresh = False
        return ChoiceList(has_more=True, note="What these choices depend on keeps changing.")

    async def _fetch_pages(
        self, paged: PagedChoices, field_id: str, *, more: bool, all: bool
    ) -> None:
        if more and paged.is_begun:
            await paged.more()
        else:
            await paged.begin()
        pages = 0
        while (
            all
            and field_id not in self._stopped
            and paged.list.has_more
            and not paged.list.trouble
            and pages < _MOST_PAGES
        ):
            pages += 1
            await paged.more()
            self.changed.announce(field_id)

    def _new_list(self, field_id: str, depends_on: str) -> PagedChoices:
        inputs = self._state.payload(native=self._profile.sends_native_values)
        secret_ids = self._state.secret_ids
        authentication_id = self._authentication_id
        action = self._action
        place = (self._profile.id, action, authentication_id, field_id, depends_on)

        def fetch(page: str) -> Awaitable[ChoicePage]:
            return self._with_action_id(
                lambda id: self._client.choices(
                    id, field_id, authentication_id, inputs, page, secret_ids=secret_ids
                )
            )

        async def write(choices: tuple[Choice, ...]) -> None:
            if not self._depends_on_secret(field_id):  # the values name the list in the cache
                await kept(self._cache.put_choices(*place, choices, now_ms()))

        return PagedChoices(fetch, KeptChoices(partial(self._cache.choices, *place), write))

    def _depends_on_secret(self, field_id: str) -> bool:
        fields = self._state.fields
        return field_id not in fields or any(
            name in fields and fields[name].is_secret for name in fields[field_id].depends_on
        )

    def _is_current(self, field_id: str, key: tuple[str, str]) -> bool:
        return field_id in self._state.fields and self._key(field_id) == key

    def _key(self, field_id: str) -> tuple[str, str]:
        field = self._state.field(field_id)
        values = (self._state.worked_out(n) for n in field.depends_on if n in self._state.fields)
        held = [None if value is UNSET else [value] for value in values]
        return field_id, write_json(held).decode()
