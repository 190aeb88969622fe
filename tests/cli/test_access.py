"""Which server is spoken to, with which token, and what stays secret."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.fault_server import free_port
from tests.cli.program import Done, ended, interrupt, line_with, started, zapdesk
from tests.sandbox_server import Address
from tests.services.script_server import Asked, Script, action, errors, scripted
from zapdesk.domain.profiles import SANDBOX, ZAPIER
from zapdesk.errors import InvalidInput
from zapdesk.services.access import choose
from zapdesk.settings import Settings

TOKEN = "tok-canary-5511aa"  # made up


def _against(
    script_of: dict[str, object], home: Path, *commands: tuple[str, ...], token: str = TOKEN
) -> tuple[list[Done], Script]:
    """Run commands one after the other against a scripted server given by the environment."""

    async def scenario() -> tuple[list[Done], Script]:
        async with scripted(**script_of) as script:
            env = {"ZAPDESK_BASE_URL": script.url, "ZAPDESK_TOKEN": token}
            done = [
                await asyncio.to_thread(zapdesk, home, *command, env=env) for command in commands
            ]
            return done, script

    return asyncio.run(scenario())


def _apps(_: object) -> tuple[int, object]:
    return 200, {"data": [{"type": "app", "id": "app-1", "title": "Some App", "links": {}}]}


def _form(_: object) -> tuple[int, object]:
    return 200, {"data": []}


ROUTES = {"/v2/apps": _apps, "/v2/actions/": _form}


def test_token_and_address_from_the_environment_are_used_and_never_stored(tmp_path: Path) -> None:
    (ran, shown, listed), script = _against(
        {"routes": ROUTES},
        tmp_path,
        ("run", "app-1", "act", "--json"),
        ("show", "last", "--json"),
        ("runs", "--json"),
    )
    assert (ran.code, ran.json["run"]["status"]) == (0, "success")
    assert shown.json == ran.json
    assert len(listed.json["runs"]) == 1
    assert {a.headers["authorization"] for a in script.asked} == {f"Bearer {TOKEN}"}
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes(), file


def _takes_shape(is_taken: Callable[[dict[str, Any]], bool]) -> Any:
    def answer(asked: Asked) -> tuple[int, object]:
        if asked.path == "/v2/action-runs" and not is_taken(asked.json):
            return 400, errors("invalid", "This is no run.", "/data")
        data = {"type": "run", "id": "r-1", "status": "success", "results": [], "errors": []}
        return 200, {"data": data}

    return answer


@pytest.mark.parametrize(
    ("is_taken", "codes", "posts"),
    [
        (lambda body: "inputs" in body.get("data", {}), [0, 0, 0], 3),
        (lambda body: "input" in body, [0, 0, 0], 4),
        (lambda body: "input" in body.get("data", {}), [3, 0, 0], 5),
    ],
)
def test_body_that_a_server_wants_is_known_to_the_next_command(
    tmp_path: Path, is_taken: Any, codes: list[int], posts: int
) -> None:
    routes = ROUTES | {"/v2/action-runs": _takes_shape(is_taken)}
    run = ("run", "app-1", "act", "--json")
    done, script = _against({"routes": routes}, tmp_path, run, run, run)
    assert [one.code for one in done] == codes
    assert len(script.posts) == posts


def test_whoever_signed_in_at_an_address_is_known_there_afterwards(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(routes={"/v2/apps": _apps}) as script:
            env = {"ZAPDESK_BASE_URL": script.url}
            sign_in = ("sign-in", "--client-id", "cid-1", "--client-id-only")
            first = await asyncio.to_thread(zapdesk, tmp_path, *sign_in, env=env)
            seen = await asyncio.to_thread(zapdesk, tmp_path, "apps", "--json", env=env)
            assert (first.code, seen.code) == (0, 0), seen.err
            assert "client_id=cid-1" in script.asked[-1].target
            assert "authorization" not in script.asked[-1].headers
            given = env | {"ZAPDESK_TOKEN": TOKEN}
            await asyncio.to_thread(zapdesk, tmp_path, "apps", "--json", env=given)
            assert script.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"

    asyncio.run(scenario())


def test_command_that_has_to_wait_for_its_turn_says_how_long(tmp_path: Path) -> None:
    zapdesk(tmp_path, "settings", "set", "calls_a_minute", "5")

    async def scenario() -> None:
        async with scripted(routes={"/v2/apps": _apps}) as script:
            env = {"ZAPDESK_BASE_URL": script.url, "ZAPDESK_TOKEN": TOKEN}
            for _ in range(5):
                assert (await asyncio.to_thread(zapdesk, tmp_path, "apps", env=env)).code == 0
            process = started(tmp_path, "apps", env=env)
            line = await asyncio.to_thread(line_with, process, "only so often in a minute")
            assert re.search(r"This goes on in \d+ s\.", line)
            interrupt(process)
            assert (await asyncio.to_thread(ended, process)).code == 130

    asyncio.run(scenario())


def test_token_goes_to_the_address_given_even_where_its_profile_was_moved() -> None:
    address = "https://api.example.com"
    moved = {f"at {address}": {"name": "Moved", "base_url": "https://elsewhere.example"}}
    settings = Settings(profiles=moved)
    environment = {"ZAPDESK_BASE_URL": address, "ZAPDESK_TOKEN": TOKEN}
    assert choose(settings, environment=environment).profile.base_url == address


def test_action_that_two_kinds_share_has_to_be_named_with_its_kind(tmp_path: Path) -> None:
    both = (200, {"data": [action("1"), action("2", action_type="SEARCH")], "links": {}})
    (unclear, clear), script = _against(
        {"routes": ROUTES, "on_actions": [both]},
        tmp_path,
        ("run", "app-1", "act", "--json"),
        ("run", "app-1", "SEARCH:act", "--json"),
    )
    assert unclear.code == 2
    assert "WRITE:act, SEARCH:act" in unclear.json["error"]["detail"]
    assert (clear.code, clear.json["run"]["action"]["action_type"]) == (0, "SEARCH")
    assert script.action_ids() == ["2"]


@pytest.mark.parametrize(("status", "code"), [(401, 3), (403, 3), (404, 3), (500, 4), (200, 0)])
def test_read_that_fails_exits_by_its_reason(tmp_path: Path, status: int, code: int) -> None:
    body = {"data": []} if status == 200 else errors("no", "Not now.")
    (done,), _ = _against(
        {"routes": {"/v2/": lambda asked: (status, body)}}, tmp_path, ("apps", "--json")
    )
    assert done.code == code, done.err
    assert set(done.json) == ({"apps"} if code == 0 else {"error"})


def test_read_that_is_rate_limited_exits_3(tmp_path: Path) -> None:
    (done,), _ = _against(
        {"routes": {"/v2/": lambda asked: (429, {})}}, tmp_path, ("apps", "--json")
    )
    assert done.code == 3
    assert "60 seconds" in done.json["error"]["title"]


def test_refused_connection_exits_4_and_says_that_nothing_was_sent(tmp_path: Path) -> None:
    env = {"ZAPDESK_BASE_URL": f"http://127.0.0.1:{free_port()}", "ZAPDESK_TOKEN": TOKEN}
    done = zapdesk(tmp_path, "run", "app-1", "act", "--json", env=env)
    assert done.code == 4
    assert "refused the connection" in done.json["error"]["title"]


def test_offline_what_was_seen_last_is_shown_with_a_word_about_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        commands = [
            ("apps", "--json"),
            ("actions", "app-1", "--json"),
            ("fields", "app-1", "act", "--json"),
        ]
        async with scripted(routes=ROUTES) as script:
            env = {"ZAPDESK_BASE_URL": script.url, "ZAPDESK_TOKEN": TOKEN}
            before = [await asyncio.to_thread(zapdesk, tmp_path, *c, env=env) for c in commands]
        for command, online in zip(commands[:2], before, strict=False):
            offline = await asyncio.to_thread(zapdesk, tmp_path, *command, env=env)
            assert (offline.code, offline.json) == (0, online.json)
            assert "This was saved earlier." in offline.err

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "address", ["http://example.com", "ftp://127.0.0.1", "nonsense", "https://u@h"]
)
def test_address_that_a_token_may_not_go_to_is_refused(tmp_path: Path, address: str) -> None:
    env = {"ZAPDESK_BASE_URL": address, "ZAPDESK_TOKEN": TOKEN}
    done = zapdesk(tmp_path, "apps", "--json", env=env)
    assert done.code == 2
    assert TOKEN not in done.out + done.err


@pytest.mark.parametrize("token", ["two words", "new\nline", "ümlaut", "x" * 70_000])
def test_token_that_cannot_be_one_is_refused_without_quoting_it(tmp_path: Path, token: str) -> None:
    done = zapdesk(tmp_path, "apps", "--json", env={"ZAPDESK_TOKEN": token})
    assert done.code == 2
    assert token not in done.out + done.err


def test_token_of_the_environment_never_reaches_the_sandbox(
    shared_home: Path, sandbox: Address
) -> None:
    done = zapdesk(shared_home, "--sandbox", "apps", "--json", env={"ZAPDESK_TOKEN": TOKEN})
    assert done.code == 0


def test_address_without_a_token_is_not_signed_in(tmp_path: Path) -> None:
    env = {"ZAPDESK_BASE_URL": f"http://127.0.0.1:{free_port()}",
           "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}  # fmt: skip
    done = zapdesk(tmp_path, "apps", "--json", env=env)
    assert done.code == 3
    assert done.json["error"]["title"] == "You are not signed in."


def test_state_directory_that_cannot_be_made_exits_7(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    done = zapdesk(file / "home", "runs", "--json")
    assert done.code == 7
    assert "no place to keep its files" in done.json["error"]["title"]


def test_home_that_cannot_be_written_exits_7() -> None:
    # Not even root can make a folder there.
    done = zapdesk(Path("/proc/zapdesk-home"), "runs", "--json")
    assert done.code == 7
    assert "no place to keep its files" in done.json["error"]["title"]


# The choice itself


def _settings(**profiles: dict[str, object]) -> Settings:
    return Settings(profiles=profiles)


def test_profile_is_chosen_by_flag_then_environment_then_habit() -> None:
    work: dict[str, object] = {"base_url": "https://work.example"}
    known = Settings(profile="work", profiles={"work": work})
    address = {"ZAPDESK_BASE_URL": "https://other.example"}
    assert choose(known, sandbox=True, environment=address).profile == SANDBOX
    assert choose(known, environment=address).profile.base_url == "https://other.example"
    assert choose(known, environment={"ZAPDESK_TOKEN": "t"}).profile == ZAPIER
    assert choose(known, environment={}).profile.id == "work"
    assert choose(known, name="zapier", environment={}).profile == ZAPIER
    assert choose(Settings(), environment={}).profile == SANDBOX


def test_flag_and_address_together_are_refused() -> None:
    with pytest.raises(InvalidInput, match="both name a server"):
        choose(Settings(), name="zapier", environment={"ZAPDESK_BASE_URL": "https://x.example"})


def test_profile_that_cannot_be_used_does_not_spoil_the_others() -> None:
    settings = _settings(broken={"name": "no address"}, work={"base_url": "https://w.example"})
    assert choose(settings, name="work", environment={}).profile.id == "work"
    with pytest.raises(InvalidInput, match="'broken' has no base_url"):
        choose(settings, name="broken", environment={})


def test_sandbox_gets_no_token_from_outside() -> None:
    environment = {"ZAPDESK_TOKEN": "t"}
    assert choose(Settings(), sandbox=True, environment=environment).token is None
    assert choose(Settings(), name="sandbox", environment=environment).token is None
