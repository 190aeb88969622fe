"""Secrets in the system's store, reached off the GUI thread and with a deadline.

keyring blocks for as long as its daemon likes, and picks backends that keep secrets in plain text
or nowhere; so only known good ones are used, on a thread that is given up when it hangs. Where
there is none, secrets live in memory until the program ends, and ``trouble`` says so.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import queue
import re
import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zapdesk.errors import InvalidInput, VaultUnusable

if TYPE_CHECKING:  # keyring costs 40 ms to import; it is imported on its own thread
    from keyring.backend import KeyringBackend

_logger = logging.getLogger(__name__)

SERVICE = "zapdesk"
DEADLINE_S = 3.0
UNLOCK_DEADLINE_S = 30.0
"""For writing, which happens while a person signs in and may have to unlock the store."""
BREAK_S = 60.0
"""For so long a store that did not answer in time is not asked for a secret again."""

PART = 1_000
"""Characters of a secret in one entry. Windows takes 2,560 bytes of UTF-16, some stores less."""
MOST = 64 * 1024
"""Characters of a secret that are kept at all."""
_PARTED = "zapdesk parts "
_FORM = re.compile(_PARTED + r"(?P<set>[0-9a-f]{16}) (?P<count>\d{1,3}) (?P<digest>[0-9a-f]{64})")

_TRUSTED = frozenset(
    {
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
    }
)


class _Worker:
    """One daemon thread that does one call at a time. A ThreadPoolExecutor would hang at exit."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="keyring", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._calls.get()()

    def submit(self, call: Callable[[], None]) -> None:
        self._calls.put(call)


class Vault:
    """Reads and writes secrets by name. ``backend`` is for tests; ``None`` finds the system's.

    Deadlines are in seconds: for reading, and for writing.
    """

    def __init__(
        self,
        backend: KeyringBackend | None = None,
        *,
        deadline_s: float = DEADLINE_S,
        unlock_deadline_s: float = UNLOCK_DEADLINE_S,
    ) -> None:
        self._backend = backend
        self._deadline_s = deadline_s
        self._unlock_deadline_s = unlock_deadline_s
        self._silent_until = 0.0
        self._worker: _Worker | None = None
        self._lock = asyncio.Lock()
        self._memory: dict[str, str] = {}
        self.trouble = ""
        self.store_name = ""

    async def get(self, name: str) -> str | None:
        """The secret called ``name``; from memory where the store cannot be used."""
        if name in self._memory:
            return self._memory[name]
        if time.monotonic() < self._silent_until:
            return None  # every request needs the token: none of them shall wait for this again
        try:
            value = await self._call(lambda backend: _read(backend, name))
        except VaultUnusable as error:
            self.trouble = str(error)
            return None
        return value if isinstance(value, str) else None

    async def put(self, name: str, secret: str) -> bool:
        """Keep ``secret``; False where it is kept for this session only.

        Raises InvalidInput for one that is longer than ``MOST``.
        """
        if len(secret) > MOST:
            raise InvalidInput("This is too long for a secret.")

        def write(backend: KeyringBackend) -> bool:
            _write(backend, name, secret)
            return _read(backend, name) == secret

        try:
            kept = await self._call(write, self._unlock_deadline_s)
            self.trouble = "" if kept else f"{self.store_name} forgets what it is given."
        except VaultUnusable as error:
            self.trouble = str(error)
            kept = False
        if kept:
            self._memory.pop(name, None)
        else:
            self._memory[name] = secret
        return bool(kept)

    async def remove(self, name: str) -> None:
        """Forget the secret called ``name``. Raises VaultUnusable where the store keeps it."""
        self._memory.pop(name, None)

        await self._call(lambda backend: _delete(backend, name))

    async def _call(
        self, work: Callable[[KeyringBackend], Any], deadline_s: float | None = None
    ) -> Any:
        deadline_s = deadline_s or self._deadline_s
        async with self._lock:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[Any] = loop.create_future()

            def settle(value: Any, error: BaseException | None) -> None:
                if not answer.done():
                    answer.set_exception(error) if error else answer.set_result(value)

            def run() -> None:
                value: Any = None
                failure: BaseException | None = None
                try:
                    value = work(self._found())
                except VaultUnusable as error:
                    failure = error
                except Exception as error:  # backends raise whatever their platform raises
                    failure = VaultUnusable(
                        "The system's secret store did not work.", type(error).__name__
                    )
                try:
                    loop.call_soon_threadsafe(settle, value, failure)
                except RuntimeError:
                    _logger.debug("the loop ended before the secret store answered")

            self._worker = self._worker or _Worker()
            self._worker.submit(run)
            try:
                async with asyncio.timeout(deadline_s):
                    return await answer
            except TimeoutError:
                self._worker = None  # it may hang for ever; the next call gets a new thread
                self._silent_until = time.monotonic() + BREAK_S
                raise VaultUnusable(
                    "The system's secret store does not answer.",
                    f"Waited {deadline_s:.0f} seconds.",
                    hint="Unlock or restart it; until then secrets last for this session only.",
                ) from None

    def _found(self) -> KeyringBackend:
        if self._backend is None:
            self._backend = _system_backend()
        self.store_name = str(getattr(self._backend, "name", type(self._backend).__name__))
        return self._backend


def _read(backend: KeyringBackend, name: str) -> str | None:
    """The secret called ``name``; ``None`` also where its parts are not all there any more."""
    head = backend.get_password(SERVICE, name)
    form = _FORM.fullmatch(head) if head else None
    if form is None:
        return head
    parts = [backend.get_password(SERVICE, part) for part in _part_names(name, form)]
    secret = "".join(part or "" for part in parts)
    return secret if _digest(secret) == form["digest"] else None


def _write(backend: KeyringBackend, name: str, secret: str) -> None:
    """Keep ``secret``, in parts where it is long. Until all of them are there, what was kept
    before stays what is read."""
    before = _FORM.fullmatch(backend.get_password(SERVICE, name) or "")
    if len(secret) <= PART and not secret.startswith(_PARTED):
        backend.set_password(SERVICE, name, secret)
    else:
        parts = [secret[at : at + PART] for at in range(0, len(secret), PART)]
        head = f"{_PARTED}{secrets.token_hex(8)} {len(parts)} {_digest(secret)}"
        form = _FORM.fullmatch(head)
        assert form is not None, "what was just written in this form"
        for part_name, part in zip(_part_names(name, form), parts, strict=True):
            backend.set_password(SERVICE, part_name, part)
        backend.set_password(SERVICE, name, head)
    _delete_parts(backend, name, before)


def _delete(backend: KeyringBackend, name: str) -> None:
    head = backend.get_password(SERVICE, name)
    if head is not None:
        backend.delete_password(SERVICE, name)
        _delete_parts(backend, name, _FORM.fullmatch(head))


def _delete_parts(backend: KeyringBackend, name: str, form: re.Match[str] | None) -> None:
    for part_name in _part_names(name, form) if form is not None else ():
        if backend.get_password(SERVICE, part_name) is not None:
            backend.delete_password(SERVICE, part_name)


def _part_names(name: str, form: re.Match[str]) -> list[str]:
    return [f"{name} #{form['set']}.{number}" for number in range(int(form["count"]))]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _system_backend() -> KeyringBackend:
    import keyring

    chosen = keyring.get_keyring()
    candidates = getattr(chosen, "backends", None) or (chosen,)
    for backend in candidates:
        if type(backend).__module__ in _TRUSTED:
            return backend
    raise VaultUnusable(
        "This computer has no secret store that zapdesk trusts.",
        f"Found: {type(chosen).__module__}.",
        hint="Secrets last for this session only.",
    )
