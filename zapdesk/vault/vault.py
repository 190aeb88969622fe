"""Vault: reads and writes secrets by name, off the GUI thread and with a deadline.

Where no store can be used, secrets live in memory until the program ends, and ``state`` says why.
They are never put into another store than the one they were in, nor into a file, unless a person
chose so.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zapdesk.broadcast import Broadcast
from zapdesk.domain.secret_store import Condition, SecretStore
from zapdesk.errors import InvalidInput, VaultUnusable
from zapdesk.vault import parts
from zapdesk.vault.calls import Call, on_thread
from zapdesk.vault.marks import Marks
from zapdesk.vault.places import FILE, Place, Places
from zapdesk.vault.troubles import Unusable
from zapdesk.vault.worker import Workers

if TYPE_CHECKING:  # keyring costs 40 ms to import; it is imported on its own thread
    from keyring.backend import KeyringBackend

_logger = logging.getLogger(__name__)
T = TypeVar("T")

DEADLINE_S = 3.0
UNLOCK_DEADLINE_S = 30.0
MOST = 64 * 1024
"""Characters of a secret that are kept at all."""
SILENT_REST_S = 60.0
REST_S = 5.0
"""For so long a store that could not be used is not asked again by what no person waits for."""

_NOTHING = "nothing"
"""The name of an entry that there never is."""
_WITHHOLDING = frozenset(
    {
        Condition.LOCKED,
        Condition.SILENT,
        Condition.GONE,
        Condition.DENIED,
        Condition.FAILED,
    }
)
_NO_STORE = frozenset(
    {Condition.ABSENT, Condition.SWITCHED_OFF, Condition.PLAIN, Condition.FOREIGN}
)


class Vault:
    """The secrets of one person. ``folder`` is where it is noted which store has them, and where
    the file lies for those who chose it; without it nothing is noted.

    ``backend`` is for tests; ``None`` finds the system's. Deadlines are in seconds: for what
    answers by itself, and for what may make the store ask for its password.
    """

    def __init__(
        self,
        backend: KeyringBackend | None = None,
        folder: Path | None = None,
        *,
        deadline_s: float = DEADLINE_S,
        unlock_deadline_s: float = UNLOCK_DEADLINE_S,
    ) -> None:
        self._places = Places(folder, backend)
        self._deadline_s = deadline_s
        self.unlock_deadline_s = unlock_deadline_s
        """So long a person has to unlock the store."""
        self._turn_wait_s = deadline_s + 1.0
        self._rests_until = 0.0
        self._is_asking = False
        self._place: Place | None = None
        self._workers = Workers()
        self._lock = asyncio.Lock()
        self._memory: dict[str, str] = {}
        self._marks = Marks(folder)
        self._known_marks: dict[str, str] = {}  # as they were when what is in memory came there
        self.state = SecretStore()
        self.changed: Broadcast[SecretStore] = Broadcast()

    @property
    def store_name(self) -> str:
        """What the store is called in Settings; empty as long as none was used."""
        return self.state.name[:1].upper() + self.state.name[1:]

    @property
    def trouble(self) -> str:
        """Why secrets last for this session only; empty where they are kept."""
        return self.state.text

    @property
    def out_of_reach(self) -> SecretStore | None:
        """How the store stands where what is kept in it cannot be read now; a missing secret is
        then no sign that there is none."""
        return self.state if self.state.condition in _WITHHOLDING else None

    async def get(self, name: str) -> str | None:
        """The secret called ``name``; from memory where the store cannot be used."""
        is_outdone = self._is_outdone(name)
        if is_outdone and self.is_removed(name):
            self.drop(name)
        held = self._memory.get(name)
        if held is not None and not is_outdone:
            return held
        try:
            stored = await self._call(lambda store: parts.read(store, name), may_rest=True)
        except VaultUnusable:
            return held
        if held is None or stored is None:
            return held or stored
        self.drop(name)
        return stored

    def mark(self, name: str) -> str:
        """Another word whenever the secret called ``name`` was written or removed, by whichever
        process shares the folder. Read at once, as it is asked before each request."""
        return self._marks.of(name)

    def is_removed(self, name: str) -> bool:
        """Whether the last thing that any process did to a secret was to remove it."""
        return self._marks.is_removed(name)

    def _is_outdone(self, name: str) -> bool:
        """Whether another process has done something to a secret since it is in memory here."""
        return name in self._memory and self._known_marks.get(name) != self._marks.of(name)

    async def put(self, name: str, secret: str, *, asks: bool = True) -> bool:
        """Keep ``secret``; False where it is kept for this session only.

        ``asks``: a person waits for it, and can unlock the store. Raises InvalidInput for a
        secret that is longer than ``MOST``.
        """
        if len(secret) > MOST:
            raise InvalidInput("This is too long for a secret.")
        is_kept = False
        if self.state.condition is not Condition.SESSION:
            try:
                async with self._marks.turn(self._turn_wait_s):
                    await self._put(name, secret, asks=asks, may_rest=not asks)
                    await asyncio.to_thread(self._marks.written, name)
                is_kept = True
            except VaultUnusable as error:
                _logger.info("a secret is kept for this session only: %s", error)
        if is_kept:
            self.drop(name)
            await self._note_place()
            await self._keep_rest()
        else:
            self._memory[name] = secret
            self._known_marks[name] = self._marks.of(name)
        return is_kept

    async def remove(self, *names: str) -> None:
        """Forget the secrets called ``names``, each that can be. Raises VaultUnusable where the
        store keeps one of them."""
        self.drop(*names)
        trouble: Unusable | None = None
        async with self._marks.turn(self._turn_wait_s):
            # Whatever the store does: other processes have it in memory.
            await asyncio.to_thread(self._marks.removed, *names)
            for name in names:
                try:
                    await self._call(partial(parts.delete, name=name))
                except Unusable as error:
                    trouble = error
                    if error.store.condition is Condition.SILENT:
                        break  # each further one would cost its deadline
        if trouble is not None:
            is_anywhere = await asyncio.to_thread(self._places.noted)
            if is_anywhere or trouble.store.condition not in _NO_STORE:
                raise trouble

    def drop(self, *names: str) -> None:
        """Forget what is in memory only: what the store has is somebody else's by now."""
        for name in names:
            self._memory.pop(name, None)
            self._known_marks.pop(name, None)

    # Where secrets live

    async def probe(self) -> SecretStore:
        """Whether a secret would stay: a random one is written, read and removed. Asks nobody."""
        if self.state.condition is not Condition.SESSION:
            await self._probe(asks=False)
        return self.state

    async def look(self) -> SecretStore:
        """How the place for secrets stands, as far as reading tells. Asks nobody."""
        await self.get(_NOTHING)
        return self.state

    async def unlock(self) -> SecretStore:
        """As ``probe``, and the store may ask for its password meanwhile; also the way out of
        *this session only*. What was in memory only is kept then. May be cancelled."""
        if self.state.condition is Condition.SESSION:
            self._set(SecretStore())
        await self._probe(asks=True)
        if self.state.condition is Condition.READY and self._memory:
            await self._keep_rest()
            await self._note_place()
        return self.state

    def use_session(self) -> None:
        """Ask no store any more: secrets live in memory until the program ends."""
        self._set(SecretStore(Condition.SESSION))

    async def use_file(self) -> SecretStore:
        """Keep secrets in a file that only their owner can read. Only after a person was warned
        that every program of theirs can read it too. Raises VaultUnusable."""
        await self._choose(FILE)
        return await self.unlock()

    async def use_system(self) -> SecretStore:
        """Keep secrets in the keyring that is there, whatever had them before; what is in the
        file moves there. Where that does not work it tells why, and all is as it was. Raises
        VaultUnusable."""
        before = await asyncio.to_thread(self._places.noted)
        await self._choose("")
        is_chosen = False
        try:
            state = await self.unlock()
            is_chosen = state.condition is Condition.READY
        finally:
            if not is_chosen:  # also where it was cancelled: what had the secrets still has them
                self._place, self._rests_until = None, 0.0
                with suppress(OSError):
                    await asyncio.to_thread(self._places.note, before)
        if not is_chosen:
            await self.probe()
        elif before == FILE:
            await self._empty_file()
        return state

    async def _choose(self, id: str) -> None:
        try:
            await asyncio.to_thread(self._places.note, id)
        except OSError as error:
            raise VaultUnusable(
                "The choice could not be saved.",
                str(error.strerror),
                hint="Give yourself write access to the folder.",
            ) from None

    async def _keep_rest(self) -> None:
        """Keep what is in memory only, now that the store takes secrets; but for what another
        process has written or removed meanwhile, which is newer."""
        for name, secret in tuple(self._memory.items()):
            try:
                async with self._marks.turn(self._turn_wait_s) as is_ours:
                    if not is_ours:
                        return  # the other one may be writing the same secret
                    await self._keep_one(name, secret)
            except VaultUnusable as error:
                _logger.info("secrets stay in memory: %s", error)
                return

    async def _keep_one(self, name: str, secret: str) -> None:
        if self._is_outdone(name) and (
            self.is_removed(name)
            or await self._call(lambda store: parts.read(store, name)) is not None
        ):
            self.drop(name)
        if self._memory.get(name) != secret:
            return  # it was removed meanwhile
        await self._put(name, secret, asks=False)
        await asyncio.to_thread(self._marks.written, name)
        if self._memory.get(name) == secret:
            self.drop(name)

    async def _note_place(self) -> None:
        if self._place is None:
            return
        try:
            await asyncio.to_thread(self._places.note, self._place.id)
        except OSError as error:
            _logger.warning("it could not be noted which store has the secrets: %s", error)

    async def _empty_file(self) -> None:
        file = self._places.file
        for name in await asyncio.to_thread(file.names):
            if parts.is_part(name):
                continue  # it goes with what it is a part of
            secret = await asyncio.to_thread(parts.read, file, name)
            if secret is None or await self.put(name, secret):
                await asyncio.to_thread(parts.delete, file, name)

    async def _probe(self, *, asks: bool) -> None:
        name, secret = f"probe {secrets.token_hex(8)}", secrets.token_urlsafe(24)
        self._place = None  # another one may be there by now
        try:
            await self._put(name, secret, asks=asks)
            await self._call(lambda store: parts.delete(store, name))
        except VaultUnusable as error:
            _logger.info("secrets have no home: %s", error)

    async def _put(self, name: str, secret: str, *, asks: bool, may_rest: bool = False) -> None:
        def write(store: parts.Entries) -> bool:
            part = self._place.part if self._place is not None else parts.PART
            parts.write(store, name, secret, part)
            return parts.read(store, name) == secret

        if not await self._call(write, asks=asks, may_rest=may_rest):
            self._set(replace(self.state, condition=Condition.FORGETFUL))
            raise Unusable(self.state)
        if self.state.condition is Condition.FORGETFUL:
            self._set(replace(self.state, condition=Condition.READY))

    async def _call(
        self, work: Callable[[parts.Entries], T], *, asks: bool = False, may_rest: bool = False
    ) -> T:
        """Do ``work`` with the store. Raises Unusable where that is not possible in time, or
        where it ``may_rest`` and the store was not usable a moment ago."""
        self._rest(may_rest)
        async with self._lock:
            self._rest(may_rest)
            self._is_asking = asks
            try:
                result = await self._answer(work, asks)
            except Unusable as error:
                is_silent = error.store.condition is Condition.SILENT
                self._rests_until = time.monotonic() + (SILENT_REST_S if is_silent else REST_S)
                self._place = None
                self._set(error.store)
                raise
            finally:
                self._is_asking = False
            self._rests_until = 0.0
            if self._place is not None and self.state.condition is not Condition.FORGETFUL:
                is_file = self._place.id == FILE
                self._set(SecretStore(Condition.READY, self._place.name, is_file=is_file))
            return result

    def _rest(self, may_rest: bool) -> None:
        is_session = self.state.condition is Condition.SESSION
        is_early = time.monotonic() < self._rests_until
        if may_rest and (is_session or is_early or self._is_asking):
            raise Unusable(self.state)

    async def _answer(self, work: Callable[[parts.Entries], T], asks: bool) -> T:
        def look(call: Call) -> None:
            self._located(call).look(asks=False)

        def do(call: Call) -> T:
            place = self._located(call)
            place.look(asks=asks)
            return work(call.guarded(place.entries))

        if asks:  # a store that does not answer at all must not have a person wait so long
            try:
                await self._on_thread(look, self._deadline_s, asks=False)
            except Unusable as error:
                if error.store.condition is not Condition.LOCKED:
                    raise
        return await self._on_thread(
            do, self.unlock_deadline_s if asks else self._deadline_s, asks=asks
        )

    async def _on_thread(self, work: Callable[[Call], T], deadline_s: float, *, asks: bool) -> T:
        return await on_thread(
            self._workers, work, name=self._name, deadline_s=deadline_s, asks=asks
        )

    def _located(self, call: Call) -> Place:
        """The place for secrets; on the worker's thread."""
        place = self._place
        # Another process may have been told to use another one; two with secrets are one too many.
        if place is None or self._places.noted() not in ("", place.id):
            place = self._places.find()
            call.go_on()
            self._place = place
        return place

    def _name(self) -> str:
        return self._place.name if self._place is not None else self.state.name

    def _set(self, state: SecretStore) -> None:
        if self.state.condition is Condition.SESSION and state.condition not in (
            Condition.SESSION,
            Condition.UNTRIED,
        ):
            return  # the choice stands until a person takes it back
        if state != self.state:
            self.state = state
            self.changed.announce(state)
