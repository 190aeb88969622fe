"""Records failures anew: ``python -m tests.failures.recording``.

Each is caused for real, by a server that answers as the API's documents, its gateway or a network
do, or by sockets and certificates that are broken; what the program then has in its log is kept.
"""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tests.api.fault_server import free_port, hangs, serving
from tests.failures import documents
from tests.failures.certificates import Authority, speaking_tls
from tests.failures.documents import Failure
from tests.failures.situations import ANSWERS, LOOKED_UP, LOOKS, RUN_ERRORS, TESTS, WRITTEN
from tests.services.desk import Desk, desk, order, waiting
from tests.services.script_server import ended, scripted, sends
from zapdesk.domain.runs import RunKind
from zapdesk.services import network, polling, watching
from zapdesk.storage.owners import Owner
from zapdesk.storage.run_log import RunLog

_WEEK_MS = 8 * 24 * 3600 * 1000


async def _kept(made: Desk, id: str, name: str, rule: str) -> Failure:
    await made.runs.flush()
    return Failure(name, rule, await made.record(id), await made.runs.exchanges(id))


async def _ended(home: Path, url: str, name: str, rule: str, **more: Any) -> Failure:
    async with desk(home, url, *more.pop("tokens", ())) as made:
        run = await made.runs.start(order(**more))
        await made.runs.wait(run.id, 3.0)
        return await _kept(made, run.id, name, rule)


async def _answered(home: Path) -> list[Failure]:
    """Every answer to what is sent, to what is looked up before it, to tests and to looks."""
    found: list[Failure] = []
    number = 0

    async def record(name: str, rule: str, kind: RunKind = RunKind.RUN, **script: Any) -> None:
        nonlocal number
        number += 1
        async with scripted(**script) as server:
            found.append(await _ended(home / str(number), server.url, name, rule, kind=kind))

    for name, rule, reply in ANSWERS:
        await record(name, rule, on_run=[reply])
    for name, rule, reply in LOOKED_UP:
        await record(name, rule, on_actions=[reply])
    for name, rule, reply in TESTS:
        await record(name, rule, kind=RunKind.TEST, on_test=[reply])
    for name, rule, errors in RUN_ERRORS:
        await record(name, rule, on_poll=[ended([], "error", errors)])
    for name, rule, reply in LOOKS:
        await record(name, rule, on_poll=[reply])
    return found


async def _lost(home: Path) -> list[Failure]:
    found = []
    for name, rule, reply in (
        ("404 for a run of yesterday", "lost-not-known", (404, {"detail": "Not found."})),
        ("a run that waits after seven days", "lost-too-old", ended([], "waiting")),
    ):
        age_ms = _WEEK_MS if "seven" in name else 24 * 3600 * 1000
        async with scripted(on_poll=[reply]) as script, desk(home / rule, script.url) as made:
            run = await waiting(made, order(), "run-1", watching.now_ms() - age_ms)
            made.runs.watch(run)
            await made.runs.wait(run.id, 5.0)
            found.append(await _kept(made, run.id, name, rule))
    return found


async def _of_zapdesk_itself(home: Path) -> list[Failure]:
    found = []
    async with scripted(on_run=[hangs]) as script:
        async with desk(home / "closed", script.url) as made:
            run = await made.runs.start(order())
            while not script.posts:
                await asyncio.sleep(0.01)
            await made.runs.close()
            kept = await _kept_closed(made, run.id, "closed-while-sending")
        found.append(kept)
    async with scripted(on_actions=[hangs]) as script, desk(home / "early", script.url) as made:
        run = await made.runs.start(order())
        while not script.asked:
            await asyncio.sleep(0.01)
        await made.runs.close()
        found.append(await _kept_closed(made, run.id, "closed-before-sending"))
    async with scripted() as script, desk(home / "dead", script.url) as made:
        dead = Owner.acquire(home / "dead" / "owners")
        run, _ = await RunLog(made.database, dead.id).add(order(), watching.now_ms(), b"{}")
        dead.release()
        await made.runs.recover()
        found.append(await _kept(made, run.id, "the power failed", "ended-while-sending"))
    network.switch(True)
    try:
        url = f"http://127.0.0.1:{free_port()}"
        found.append(await _ended(home / "offline", url, "switched offline", "working-offline"))
    finally:
        network.switch(False)
    async with scripted() as script, desk(home / "bug", script.url) as made:
        found.append(await _failing(made, made.catalog, "fresh_action", "bug-before-sending"))
        found.append(await _failing(made, made.client, "start_run", "bug-while-sending"))
    async with scripted() as script:
        found += [
            await _ended(home / "none", script.url, "no token", "no-sign-in", tokens=("",)),
            await _ended(
                home / "odd", script.url, "a token with a line break", "token-unusable",
                tokens=("tok\nabc",),
            ),
            await _ended(home / "gone", script.url, "the action is gone", "action-gone", key="old"),
        ]  # fmt: skip
        script.authentications.append(
            {"type": "authentication", "id": "9", "title": "Mine", "app": "app-1",
             "is_expired": True}
        )  # fmt: skip
        found.append(
            await _ended(
                home / "expired", script.url, "an expired connection", "connection-expired",
                authentication_id="9",
            )
        )  # fmt: skip
    return found


async def _failing(made: Desk, part: object, call: str, rule: str) -> Failure:
    """A run in which a part of the program fails after it has done what it should."""
    original = getattr(part, call)

    async def fails(*given: Any, **named: Any) -> Any:
        await original(*given, **named)
        raise RuntimeError("made up")

    with mock.patch.object(part, call, fails):
        run = await made.runs.start(order())
        await made.runs.wait(run.id, 3.0)
    return await _kept(made, run.id, rule.replace("-", " "), rule)


async def _kept_closed(made: Desk, id: str, rule: str) -> Failure:
    record = await made.log.record(id)
    assert record is not None
    return Failure(rule.replace("-", " "), rule, record, await made.log.exchanges(id))


@contextmanager
def _broken(name: str, error: BaseException) -> Iterator[None]:
    async def fails(*_given: Any, **_named: Any) -> Any:
        raise error

    with mock.patch.object(asyncio.get_running_loop(), name, fails):
        yield


async def _on_the_way(home: Path) -> list[Failure]:
    found = []
    named = "https://api.zapier.example"
    for number, (call, error, rule) in enumerate(
        (
            ("getaddrinfo", socket.gaierror(-2, "Name or service not known"), "dns-not-found"),
            (
                "getaddrinfo",
                socket.gaierror(-3, "Temporary failure in name resolution"),
                "dns-no-answer",
            ),
            ("getaddrinfo", socket.gaierror(11001, "getaddrinfo failed"), "dns-not-found"),
            (
                "getaddrinfo",
                socket.gaierror(8, "nodename nor servname provided, or not known"),
                "dns-not-found",
            ),
            ("create_connection", OSError(101, "Network is unreachable"), "offline"),
            ("create_connection", OSError(113, "No route to host"), "no-way-to-host"),
            ("create_connection", TimeoutError(), "connect-time-out"),
            ("create_connection", OSError(99, "Cannot assign requested address"),
             "unreachable-otherwise"),
        )
    ):  # fmt: skip
        url = named if call == "getaddrinfo" else "https://127.0.0.1:9"
        with _broken(call, error):
            found.append(await _ended(home / f"way{number}", url, str(error) or "time-out", rule))
    nobody = f"http://127.0.0.1:{free_port()}"
    found.append(await _ended(home / "nobody", nobody, "nobody listens", "connection-refused"))
    return found


async def _encrypted(home: Path) -> list[Failure]:
    found = []
    authority, stranger = Authority(home, "Test Authority"), Authority(home, "Stranger")
    trusted = {"SSL_CERT_FILE": str(authority.certificate_file)}
    cases = (
        ("an expired certificate", "tls-expired", authority.issue("127.0.0.1", days=-3)),
        ("a certificate of next year", "tls-expired", authority.issue("127.0.0.1", starts=300)),
        ("a certificate for another name", "tls-wrong-host", authority.issue("evil.example")),
        ("a self-signed certificate", "tls-self-signed", Authority(home, "127.0.0.1").own()),
        ("an issuer nobody knows", "tls-unknown-issuer", stranger.issue("127.0.0.1")),
        ("a whole chain nobody knows", "tls-self-signed", stranger.issue("127.0.0.1", whole=True)),
    )
    with mock.patch.dict(os.environ, trusted):
        for number, (name, rule, pem) in enumerate(cases):
            async with speaking_tls(pem) as port:
                url = f"https://127.0.0.1:{port}"
                found.append(await _ended(home / f"tls{number}", url, name, rule))
        for name, rule, behaviour in (
            ("plain http where TLS belongs", "tls-not-spoken",
             sends(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
            ("cut off in the handshake", "tls-cut-off", sends(b"")),
        ):  # fmt: skip
            async with serving(behaviour, reads_request=False) as server:
                url = server.url.replace("http:", "https:")
                found.append(await _ended(home / rule, url, name, rule))
    return found


async def record_all(home: Path) -> list[Failure]:
    """Every failure there is, caused anew."""
    with (
        mock.patch.object(polling, "POLLS_S", (0.02, 0.02, 30.0)),
        mock.patch.object(watching, "_LOOK_ELSEWHERE_S", 0.05),
    ):
        found = []
        for number, part in enumerate(
            (_answered, _lost, _of_zapdesk_itself, _on_the_way, _encrypted)
        ):
            found += await part(home / str(number))
        return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        documents.write([*asyncio.run(record_all(Path(folder))), *WRITTEN])
