"""Renewing a token: once for all who need it, stored before use, and never at another's cost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import FULL, ROOT, ExpectLog
from tests.services.token_family import Family, Shared, token_server
from tests.vault.stores import Memory
from zapdesk.api.oauth import Grant
from zapdesk.errors import ErrorItem, NotSignedIn, OutcomeUnknown, Unreachable, ZapdeskError
from zapdesk.file_lock import Turn
from zapdesk.services.entries import Entries
from zapdesk.services.tokens import PAUSE_S, TokenKeeper
from zapdesk.vault import Vault

ENTRIES = Entries("access", "refresh", "secret")
DEAD = NotSignedIn("Over.", status=400, items=(ErrorItem(code="invalid_grant"),))


class Stand:
    """A keeper over a fake store and a fake clock; ``answers`` come from the token endpoint."""

    def __init__(self, folder: Path, *answers: Grant | ZapdeskError) -> None:
        self.backend = Memory()
        self.backend.kept = {("zapdesk", "access"): "a-1", ("zapdesk", "refresh"): "r-1"}
        self.now = 1000.0
        self.asked: list[str] = []
        self.answers = list(answers)
        self.during: Callable[[], Awaitable[None]] | None = None
        self.turn = folder / "turn"
        self.keeper = self.another()
        self.lost: list[ZapdeskError] = []
        self.keeper.lost.subscribe(self.lost.append)

    def another(self) -> TokenKeeper:
        """As another process would have it."""
        return TokenKeeper(
            ENTRIES, Vault(self.backend), self.turn, self._refresh, clock=lambda: self.now
        )

    @property
    def stored(self) -> tuple[str | None, str | None]:
        kept = self.backend.kept
        return kept.get(("zapdesk", "access")), kept.get(("zapdesk", "refresh"))

    async def _refresh(self, token: str) -> Grant:
        self.asked.append(token)
        if self.during is not None:
            await self.during()
        answer = self.answers.pop(0)
        if isinstance(answer, Grant):
            return answer
        raise answer


def second(life_s: float = 36_000.0) -> Grant:
    return Grant("a-2", "r-2", life_s)


def test_a_hundred_requests_refused_together_renew_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, second())
        assert await stand.keeper.token() == "a-1"
        found = await asyncio.gather(*(stand.keeper.renew("a-1") for _ in range(100)))
        assert set(found) == {"a-2"}
        assert stand.asked == ["r-1"]
        assert stand.stored == ("a-2", "r-2")
        assert await stand.keeper.token() == "a-2"

    asyncio.run(scenario())


def test_a_token_that_another_process_renewed_is_taken_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, second())
        other = stand.another()
        assert await other.token() == "a-1"
        await stand.keeper.renew("a-1")
        assert await other.renew("a-1") == "a-2"
        assert stand.asked == ["r-1"]

    asyncio.run(scenario())


def test_a_new_pair_that_the_store_does_not_take_is_used_and_stored_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zapdesk.vault.vault.REST_S", 0.0)  # the vault has a clock of its own

    async def scenario() -> None:
        stand = Stand(tmp_path, second())
        await stand.keeper.token()

        def refuses() -> None:
            raise OSError("locked")

        async def lock_store() -> None:
            stand.backend.fault = refuses

        stand.during = lock_store
        assert await stand.keeper.renew("a-1") == "a-2"
        assert await stand.keeper.token() == "a-2"
        assert stand.stored == ("a-1", "r-1")
        assert stand.lost == []
        stand.backend.fault = lambda: None
        stand.now += PAUSE_S
        assert await stand.keeper.token() == "a-2"
        assert stand.stored == ("a-2", "r-2")

    asyncio.run(scenario())


def test_a_token_that_is_out_of_reach_is_told_from_one_that_there_is_not(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path)

        class KeyringLocked(Exception):
            """Named as keyring's own."""

        def locked() -> None:
            raise KeyringLocked

        stand.backend.fault = locked
        with pytest.raises(NotSignedIn, match="is locked") as caught:
            await stand.keeper.token()
        assert caught.value.status == 0
        assert "Unlock it" in caught.value.hint
        stand.backend.kept.clear()
        stand.backend.fault = lambda: None
        assert await stand.another().token() is None

    asyncio.run(scenario())


def test_a_dead_refresh_token_ends_the_sign_in_and_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, DEAD)
        await stand.keeper.token()
        assert await stand.keeper.renew("a-1") is None
        assert stand.stored == (None, None)
        assert stand.lost == [DEAD]
        assert await stand.keeper.token() is None

    asyncio.run(scenario())


def test_a_dead_refresh_token_is_forgotten_only_if_nobody_stored_a_newer_one(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, DEAD, Grant("a-9", "r-9", 60.0))

        async def signs_in_elsewhere() -> None:
            stand.backend.kept["zapdesk", "refresh"] = "r-8"
            stand.during = None

        stand.during = signs_in_elsewhere
        assert await stand.keeper.renew("a-1") == "a-9"
        assert stand.asked == ["r-1", "r-8"]
        assert stand.lost == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "trouble",
    [
        Unreachable("No network."),
        OutcomeUnknown("No answer."),
        NotSignedIn("Wrong secret.", status=401, items=(ErrorItem(code="invalid_client"),)),
    ],
)
def test_trouble_that_says_nothing_of_the_token_keeps_it_and_is_not_repeated_within_a_minute(
    tmp_path: Path, trouble: ZapdeskError
) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, trouble, second())
        for _ in range(20):
            assert await stand.keeper.renew("a-1") is None
        assert stand.stored == ("a-1", "r-1")
        assert stand.asked == ["r-1"]
        stand.now += PAUSE_S
        assert await stand.keeper.renew("a-1") == "a-2"

    asyncio.run(scenario())


def test_a_known_end_is_forestalled_by_the_monotonic_clock(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, second(3600), Grant("a-3", "r-3", 3600))
        await stand.keeper.renew("a-1")
        stand.now += 3500
        assert await stand.keeper.token() == "a-2"
        stand.now += 50
        assert await stand.keeper.token() == "a-3"
        assert stand.asked == ["r-1", "r-2"]

    asyncio.run(scenario())


@pytest.mark.parametrize("life_s", [60.0, 90.0])
def test_a_short_life_is_lived_before_the_token_is_renewed(tmp_path: Path, life_s: float) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, second(life_s), Grant("a-3", "r-3", life_s))
        await stand.keeper.renew("a-1")
        for _ in range(10):
            assert await stand.keeper.token() == "a-2"
        stand.now += life_s - 1
        assert await stand.keeper.token() == "a-3"
        assert stand.asked == ["r-1", "r-2"]

    asyncio.run(scenario())


@pytest.mark.parametrize("jump_s", [-3600.0, 600.0, 8 * 86_400.0])
def test_wall_clock_that_jumps_renews_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    async def scenario() -> None:
        asked: list[str] = []

        async def refresh(token: str) -> Grant:
            asked.append(token)
            return second()

        backend = Memory()
        backend.kept = {("zapdesk", "access"): "a-1", ("zapdesk", "refresh"): "r-1"}
        keeper = TokenKeeper(ENTRIES, Vault(backend), tmp_path / "turn", refresh)
        await keeper.renew("a-1")
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump_s)
        for _ in range(10):
            assert await keeper.token() == "a-2"
        assert asked == ["r-1"]

    asyncio.run(scenario())


def test_a_sign_out_during_a_renewal_stores_nothing_afterwards(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path, second())

        async def signs_out() -> None:
            stand.keeper.close()
            stand.backend.kept.clear()

        stand.during = signs_out
        assert await stand.keeper.renew("a-1") is None
        assert stand.stored == (None, None)

    asyncio.run(scenario())


def test_a_lock_that_somebody_keeps_is_waited_for_in_vain_and_a_dead_holder_frees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: ExpectLog
) -> None:
    monkeypatch.setattr("zapdesk.services.tokens.TURN_WAIT_S", 0.1)
    expected_log("cannot be renewed now")
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX)"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold + "; print('held', flush=True); input()", tmp_path / "turn"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"

    async def scenario() -> None:
        stand = Stand(tmp_path, second())
        assert await stand.keeper.renew("a-1") is None
        holder.kill()
        holder.wait()
        assert await stand.keeper.renew("a-1") == "a-2"

    asyncio.run(scenario())
    holder.stdin.close()
    holder.stdout.close()


def test_cancelling_while_waiting_for_the_turn_leaves_no_lock_behind(tmp_path: Path) -> None:
    async def scenario() -> None:
        with Turn(tmp_path / "turn", 1):
            stand = Stand(tmp_path, second())
            task = asyncio.ensure_future(stand.keeper.renew("a-1"))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await stand.keeper.renew("a-1") == "a-2"

    asyncio.run(scenario())


class Worker:
    """One of many processes that renew the same token."""

    def __init__(self, folder: Path, address: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.token_family", folder, address],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def begin(self, failed: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{failed}\n")
        self.process.stdin.flush()

    @property
    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[tuple[Family, Callable[[], Worker], Shared]]:
    """The token endpoint, a maker of processes, and the store that they share."""
    made = Family()
    store = Shared(tmp_path)
    store.set_password("zapdesk", "access", "access-1")
    store.set_password("zapdesk", "refresh", "refresh-1")
    workers: list[Worker] = []
    with token_server(made) as address:

        def worker() -> Worker:
            workers.append(Worker(tmp_path, address))
            return workers[-1]

        yield made, worker, store
        made.may_answer.set()
        for one in workers:
            one.kill()


@pytest.mark.parametrize("has_counted", [True, False])
def test_a_holder_of_the_lock_that_is_killed_in_the_middle_of_its_renewal_frees_the_next(
    family: tuple[Family, Callable[[], Worker], Shared], has_counted: bool
) -> None:
    tokens, worker, store = family
    tokens.may_answer.clear()
    tokens.is_lost_before_it_counts = not has_counted
    first, second = worker(), worker()
    first.begin("access-1")
    assert tokens.arrived.wait(30)
    second.begin("access-1")  # it waits for the lock
    first.kill()
    tokens.may_answer.set()
    # What the dead one was given is lost with it: where it was given any, people sign in anew.
    assert second.answer == ("None" if has_counted else "access-2")
    kept = [store.get_password("zapdesk", name) for name in ("access", "refresh")]
    assert kept == ([None, None] if has_counted else ["access-2", "refresh-2"])
    assert (tokens.refreshes, tokens.replays) == ((1, 1) if has_counted else (1, 0))


def test_eight_processes_whose_token_ends_together_refresh_it_once_each_time(
    family: tuple[Family, Callable[[], Worker], Shared],
) -> None:
    rounds = 100 if FULL else 6
    tokens, worker, _ = family
    workers = [worker() for _ in range(8)]
    for number in range(1, rounds + 1):
        for one in workers:
            one.begin(f"access-{number}")
        assert [one.answer for one in workers] == [f"access-{number + 1}"] * 8
    assert (tokens.refreshes, tokens.replays) == (rounds, 0)
