"""Builds everything and closes it in reverse. The only place where the layers meet."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from zapdesk.broadcast import Broadcast
from zapdesk.domain.profile_editing import works_alike
from zapdesk.domain.profiles import BodyShape, Profile, SignInKind
from zapdesk.domain.scopes import barrier
from zapdesk.errors import StorageUnusable
from zapdesk.paths import Paths, resource
from zapdesk.services import network
from zapdesk.services.access import Access, choose_access, read_settings
from zapdesk.services.accounts import Accounts
from zapdesk.services.comparison import ComparisonService
from zapdesk.services.explaining import Explainer
from zapdesk.services.exports.service import ExportService
from zapdesk.services.history import HistoryService
from zapdesk.services.live_guard import LiveGuard
from zapdesk.services.noticing import Noticing
from zapdesk.services.persons import account_of, forget_person
from zapdesk.services.preferences import Preferences
from zapdesk.services.profiles import ProfileService
from zapdesk.services.results import ResultService
from zapdesk.services.routing import Routing
from zapdesk.services.sandbox_process import SandboxProcess
from zapdesk.services.sensitive import SensitiveService
from zapdesk.services.session import Session
from zapdesk.services.sessions import Elsewhere, KeptSessions
from zapdesk.services.ways import NOWHERE, find_way
from zapdesk.settings import Settings
from zapdesk.storage.authentications import AuthenticationStore
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.comparing import ComparisonStore
from zapdesk.storage.database import Database
from zapdesk.storage.definition_history import DefinitionHistory
from zapdesk.storage.drafts import Drafts
from zapdesk.storage.foreign_runs import ForeignRuns
from zapdesk.storage.open_tabs import OpenTabs
from zapdesk.storage.owners import Owner
from zapdesk.storage.profile_data import ProfileData
from zapdesk.storage.result_filters import ResultFilters
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.sensitive_fields import SensitiveFields
from zapdesk.vault import Vault

if TYPE_CHECKING:  # whoever looks into the log only must not pay 150 ms for the HTTP library
    from zapdesk.api.signs import ServerSigns
    from zapdesk.services.diagnosis import Diagnosis
    from zapdesk.services.watching import RunsChange

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Program:
    """The parts that live as long as the program. Use ``Program.start``."""

    paths: Paths
    preferences: Preferences
    database: Database
    log: RunLog
    history: HistoryService
    cache: CatalogCache
    owner: Owner
    accounts: Accounts
    profiles: ProfileService
    sandbox: SandboxProcess
    access: Access
    exports: ExportService
    sensitive: SensitiveService
    explainer: Explainer
    comparison: ComparisonService
    results: ResultService
    guard: LiveGuard = field(default_factory=LiveGuard)
    session: Session | None = None
    switched: Broadcast[Session] = field(default_factory=Broadcast)
    _kept: KeptSessions[Session] = field(init=False)
    _elsewhere: Elsewhere = field(init=False)
    _noticing: Noticing = field(init=False)
    _switching: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._kept = KeptSessions(self._tell_of)
        self._elsewhere = Elsewhere(self.database.changed_elsewhere)
        parts = (self.preferences, self.profiles, self.accounts)
        self._noticing = Noticing(*parts, lambda: self._kept.all(self.session))

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.preferences.settings

    @classmethod
    async def start(cls, paths: Paths, settings: Settings, access: Access) -> Program:
        """Open the store and what else does not depend on a server.

        Raises StorageUnusable where there is no place to keep anything.
        """
        try:
            paths.create()
            owner = await asyncio.to_thread(Owner.acquire, paths.owners)
        except OSError as error:
            raise StorageUnusable(
                "zapdesk has no place to keep its files.",
                str(error),
                hint="Make the folder writable, or set ZAPDESK_HOME to another one.",
            ) from None
        try:
            database = await Database.open(paths.database, paths.backups)
        except BaseException:  # whatever it is, it goes on; the claim must not stay
            owner.release()
            raise
        log = RunLog(database, owner.id)
        sensitive = SensitiveService(SensitiveFields(database))
        with suppress(StorageUnusable):  # the log itself says what is wrong with it
            await sensitive.load()
        history = HistoryService(database, log, owner.id, paths)
        history.follow_settings(settings)
        preferences = Preferences(paths.settings, settings)
        preferences.changed.subscribe(history.follow_settings)
        network.follow(settings, preferences.changed)
        explainer = Explainer(resource("explanations.toml"))
        sandbox = SandboxProcess(paths.sandbox)
        vault, cache = Vault(folder=paths.secrets), CatalogCache(database)
        routing = Routing(settings, vault)
        preferences.changed.subscribe(routing.follow_settings)
        accounts = Accounts(vault, paths.settings, paths.owners, sandbox, routing)
        accounts.whose = account_of
        accounts.forget_person = partial(forget_person, cache)
        profiles = ProfileService(preferences, ProfileData(database))
        profiles.leaves_server = accounts.leave_server
        accounts.notes.was_kept = profiles.was_kept
        return cls(
            paths=paths,
            preferences=preferences,
            database=database,
            log=log,
            history=history,
            cache=cache,
            owner=owner,
            profiles=profiles,
            accounts=accounts,
            sandbox=sandbox,
            access=access,
            exports=ExportService(log, ForeignRuns(database), sensitive, explainer),
            sensitive=sensitive,
            explainer=explainer,
            comparison=ComparisonService(log, ComparisonStore(database), history, sensitive),
            results=ResultService(ResultFilters(database)),
        )

    async def open_session(self, *, watch: bool) -> Session:
        """Speak to the profile's server. ``watch``: look after waiting runs, as the window does.

        Raises ZapdeskError where the sandbox cannot be started or the store cannot be read.
        """
        from zapdesk.api.client import ZapierClient
        from zapdesk.api.transport import Transport
        from zapdesk.services import body_shapes
        from zapdesk.services.budget import Budget
        from zapdesk.services.catalog import CatalogService
        from zapdesk.services.connect_links import ConnectLinks
        from zapdesk.services.connections import ConnectionService
        from zapdesk.services.credentials import Credentials
        from zapdesk.services.drafts import DraftService
        from zapdesk.services.form_service import FormService
        from zapdesk.services.open_tabs import TabService
        from zapdesk.services.pieces import Pieces
        from zapdesk.services.runs import RunService

        profile = self.access.profile
        signs: Broadcast[ServerSigns] = Broadcast()
        way = await find_way(self.access, self.accounts, self.sandbox)
        budget = Budget.of(profile, self.paths.owners, self.preferences)

        def observe(told: ServerSigns) -> None:
            if told.wait_s:
                budget.pause(told.wait_s)
            signs.announce(told)

        transport = Transport(
            way.base_url,
            token=way.token,
            renew=way.renew,
            admit=budget.admit,
            observe=observe,
            client_id=profile.client_id or None,
            find_barrier=partial(barrier, profile),
            find_route=self.accounts.routing.route,
        )
        client = ZapierClient(
            transport, profile.body_shape, partial(self._remember_shape, profile.id)
        )
        is_stored = self.profiles.get(profile.id) is not None
        await body_shapes.recall(client, self.log, profile.id, transport.base_url, keeps=is_stored)
        catalog = CatalogService(
            profile.id, client, self.cache, keeps_connections=self.access.token is None
        )
        new_pieces = partial(Pieces, profile, self.log, sensitive=self.sensitive)
        definitions = DefinitionHistory(self.database)
        authentications = AuthenticationStore(self.database)
        forms = FormService(
            profile, client, catalog, self.cache, definitions, new_pieces, self.sensitive
        )
        no_runs = barrier(profile, "action:run")
        session = Session(
            profile=profile,
            transport=transport,
            client=client,
            catalog=catalog,
            connections=ConnectionService(
                profile.id,
                catalog,
                authentications,
                self.log,
                ConnectLinks(self.accounts, profile, catalog).address
                if profile.sign_in is SignInKind.PARTNER
                else None,
            ),
            credentials=Credentials(profile.id, self.owner.id, client, catalog, authentications),
            forms=forms,
            drafts=DraftService(profile.id, forms, Drafts(self.database)),
            definitions=definitions,
            pieces=new_pieces(),
            tabs=TabService(profile.id, OpenTabs(self.database)),
            runs=RunService(
                profile.id,
                client,
                self.log,
                catalog,
                blocked=lambda: self.database.read_only_reason,
                blocked_changed=self.database.trouble,
                try_again=self.database.try_again,
                elsewhere=self._elsewhere.asker(),
                living=lambda: Owner.living(self.paths.owners),
                budget=budget,
                sensitive=self.sensitive,
                account=way.account,
                server=profile.base_url,
                not_allowed=no_runs.remedy if no_runs else "",
                lost=way.lost,
            ),
            guard=self.guard,
            history=self.history,
            budget=budget,
            signs=signs,
            exports=self.exports,
            explainer=self.explainer,
            comparison=self.comparison,
            results=self.results,
            sandbox_page=way.page,
            way=way,
        )
        signs.subscribe(session.runs.hear)
        self.session = session
        await catalog.load()
        if watch:
            try:
                await session.credentials.recover(lambda: Owner.living(self.paths.owners))
                await session.runs.recover()
            except StorageUnusable as error:  # a log that can only be read shows what it has
                _logger.info("nothing was recovered: %s", error)
            session.runs.start_housekeeping()
            self.history.start_housekeeping()
            self._noticing.start()
        self.switched.announce(session)
        self._noticing.check(session)
        return session

    def _remember_shape(self, profile_id: str, shape: BodyShape) -> None:
        if self.access.profile.id == profile_id:  # else it was left while it was sending
            self.access = replace(self.access, profile=self.access.profile.with_shape(shape))
        profile = self.profiles.get(profile_id)
        if profile is not None:  # that of an address from the environment is told by the log
            self.accounts.notes.keep_shape(profile.with_shape(shape))

    def diagnosis(self) -> Diagnosis:
        """The self-test of the profile in use."""
        from zapdesk.services.diagnosis import Diagnosis, Surroundings

        health = partial(self.history.health, full=False)
        budget = None if self.session is None else self.session.budget
        parts = (self.paths, self.access, self.accounts, self.sandbox, health)
        return Diagnosis(Surroundings.of(*parts, budget=budget))

    @property
    def lacks_server(self) -> bool:
        """Whether the session was opened offline and does not know its server's address."""
        return self.session is not None and self.session.transport.base_url == NOWHERE

    async def settle_abandoned(self) -> None:
        """Call *unknown* what dead processes were sending, in every profile; nothing is watched."""
        try:
            living = partial(Owner.living, self.paths.owners)
            await self.log.recover(living, time.time_ns() // 1_000_000, "")
        except StorageUnusable as error:
            _logger.info("nothing was recovered: %s", error)

    async def go_to(self, profile: Profile) -> Session:
        """Use another profile from now on, and at the next start.

        The session of the one that is left goes on while runs of it are on their way, and is the
        same one when its profile is used again.
        """
        async with self._switching:
            await self._leave(profile)
            kept = await self._kept.resume(profile)
            if kept is None:
                return await self.open_session(watch=True)
            self.session = kept
            self.switched.announce(kept)
            return kept

    async def switch(self, profile: Profile, *, watch: bool = True) -> Session:
        """As ``go_to``, with a new session in any case: something about it is another now."""
        async with self._switching:
            return await self._begin_anew(profile, watch=watch)

    async def take_up(self, profile: Profile) -> None:
        """Use the profile in use as it is now: with a new session where it works differently."""
        async with self._switching:
            used = self.access.profile
            if used.id != profile.id or await self._noticing.awaits_choice(self.session):
                return
            if not works_alike(used, profile):
                await self._begin_anew(profile, watch=True)
                return
            self.access = replace(self.access, profile=profile)
            if self.session is not None:
                self.session.profile = profile
            self.guard.changed.announce(profile.id)

    async def _begin_anew(self, profile: Profile, *, watch: bool) -> Session:
        await self._leave(profile)
        await self._kept.drop(profile.id)
        return await self.open_session(watch=watch)

    async def _leave(self, profile: Profile) -> None:
        left, self.session = self.session, None
        if left is not None:
            is_same = left.profile.id == profile.id
            await (self._kept.end(left) if is_same else self._kept.leave(left))
        self.access = Access(profile)
        try:
            await self.accounts.notes.keep_used(profile)
        except OSError as error:
            _logger.warning("the profile could not be remembered: %s", error)

    async def sign_out(self, profile: Profile) -> None:
        """Forget the secrets of a profile. What is being sent ends as it would; what waits is not
        asked for any more. Raises VaultUnusable where a secret stays in the store."""
        try:
            await self.accounts.sign_out(profile)
        finally:  # also where something stays: the session that there was has no token any more
            if self.session is not None and self.session.profile.id == profile.id:
                await self.switch(replace(profile, granted=()))

    async def forget(self, profile: Profile) -> None:
        """Let go of what is under way for a profile that is not the one in use."""
        await self._kept.drop(profile.id)

    def _tell_of(self, change: RunsChange) -> None:
        # A view of all profiles shows these runs, and who waits for their end is told.
        if self.session is not None:
            self.session.runs.changed.announce(change)

    async def close(self) -> None:
        """Close in reverse: what sends, then the store, then the claim on its rows."""
        await self._noticing.close()
        if self.session is not None:
            await self.session.close()
        await self._kept.close()
        await self.accounts.close()
        self.sandbox.release()
        await self.history.close()
        await self.database.close()
        self.owner.release()
        await self.accounts.notes.close()


def routing(paths: Paths, settings: Settings) -> Routing:
    """How servers are reached, where there is no program."""
    return Routing(settings, Vault(folder=paths.secrets))


__all__ = ["Program", "Session", "choose_access", "read_settings"]
