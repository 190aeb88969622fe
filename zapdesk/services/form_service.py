"""FormService: opens forms, each with its own state, pieces and choices."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakSet

from zapdesk.api.client import ZapierClient
from zapdesk.domain.catalog import Action, ActionKey, App, Authentication
from zapdesk.domain.form import FormState
from zapdesk.domain.profiles import Profile
from zapdesk.services.catalog import CatalogService
from zapdesk.services.form_choices import FormChoices
from zapdesk.services.form_definition import FormDefinition
from zapdesk.services.forms import FormSession
from zapdesk.services.pieces import Pieces
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.definition_history import DefinitionHistory


class FormService:
    """Opens forms for one profile. Each has pieces of its own, made by ``new_pieces``."""

    def __init__(
        self,
        profile: Profile,
        client: ZapierClient,
        catalog: CatalogService,
        cache: CatalogCache,
        history: DefinitionHistory,
        new_pieces: Callable[[], Pieces],
        sensitive: SensitiveService,
    ) -> None:
        self._profile = profile
        self._client = client
        self._catalog = catalog
        self._cache = cache
        self._history = history
        self._new_pieces = new_pieces
        self.sensitive = sensitive
        self._open: WeakSet[FormSession] = WeakSet()
        self._unsubscribe = sensitive.changed.subscribe(self._mark_again)

    def close(self) -> None:
        """Take over no more marks; forms close themselves."""
        self._unsubscribe()

    def open(self, app: App, action: Action, authentication: Authentication | None) -> FormSession:
        """A form for ``action``; nothing is fetched before its ``load``."""
        definition = FormDefinition(
            self._profile.id, self._client, self._catalog, self._cache, self._history,
            self.sensitive, action,
        )  # fmt: skip
        state = FormState()
        choices = FormChoices(
            self._profile, self._client, self._cache, action.reference, state,
            definition.with_action_id,
        )  # fmt: skip
        session = FormSession(
            self._profile, self._client, state, definition, choices, self._new_pieces(),
            app, authentication,
        )  # fmt: skip
        self._open.add(session)
        return session

    def _mark_again(self, action: ActionKey) -> None:
        for session in tuple(self._open):
            if session.action.reference == action and session.state.nodes:
                session.take(session.state.nodes)
