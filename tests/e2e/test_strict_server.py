"""The strict server itself: it finds nothing wrong with a right client, and names each wrong thing.

Without these, an empty list of violations would prove nothing.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from tests.strict.dialect import DIALECTS
from tests.strict.server import StrictZapier, strict_zapier
from tests.strict.tokens import Fault, Plan, Token

TIDEPOOL = "0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c001"
SUNDIAL = "0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c002"
_HEADERS = {
    "Accept": "application/json",
    "User-Agent": "zapdesk/1.0",
    "Authorization": "Bearer t1",
}


@dataclass
class Talk:
    """A client that does only what it is told, by default rightly."""

    server: StrictZapier
    token: Token
    headers: dict[str, str] = field(default_factory=lambda: dict(_HEADERS))

    def send(self, method: str, target: str, content: Any = None, **headers: str) -> Any:
        body = None if content is None else json.dumps(content).encode()
        return self.send_raw(method, target, body, **headers)

    def send_raw(self, method: str, target: str, body: bytes | None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        typed = {} if body is None else {"Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self.server.host)
        try:
            connection.request(method, target, body, {**self.headers, **typed, **named})
            answer = connection.getresponse().read()
        finally:
            connection.close()
        return json.loads(answer) if answer else None

    def action_id(self, key: str = "tag_page", app: str = TIDEPOOL) -> str:
        (page,) = self.send("GET", f"/v2/actions?app={app}")
        return next(str(item["id"]) for item in page["data"] if item["key"] == key)

    def form(self, id: str, inputs: dict[str, Any], auth: str | None = "", **more: Any) -> Any:
        content = {"data": {"authentication": self.auth(auth), "inputs": inputs, **more}}
        return self.send("POST", f"/v2/actions/{quote(id, safe='')}/inputs", content)

    def choices(self, id: str, field_id: str, inputs: dict[str, Any], query: str = "") -> Any:
        target = f"/v2/actions/{quote(id, safe='')}/inputs/{quote(field_id, safe='')}/choices"
        content = {"data": {"authentication": self.auth(""), "inputs": inputs}}
        return self.send("POST", target + query, content)

    def run(self, id: str, inputs: dict[str, Any], auth: str | None = "") -> str:
        data = {"action": id, "authentication": self.auth(auth), "inputs": inputs}
        answer = self.send("POST", "/v2/action-runs", {"data": data})
        return str(answer.get("data", {}).get("id", ""))  # none where it was refused

    def expect(self, key: str = "tag_page", **more: Any) -> Plan:
        return self.server.expect(self.token, TIDEPOOL, f"WRITE:{key}", **more)

    def prepared(self, key: str = "tag_page", inputs: dict[str, Any] | None = None) -> str:
        """A form fetched for these values, an order made, and the fresh id for it."""
        id = self.action_id(key)
        self.form(id, {})
        if inputs:
            self.form(id, inputs)
        self.expect(key)
        return self.action_id(key)

    def auth(self, given: str | None) -> str | None:
        app = self.server.judge.apps[TIDEPOOL]
        return self.token.connections(app)[0].id if given == "" else given


@pytest.fixture
def talk() -> Iterator[Talk]:
    with strict_zapier() as server:
        yield Talk(server, server.add_token("t1"))


def test_a_right_client_is_not_blamed(talk: Talk) -> None:
    (apps,) = talk.send("GET", "/v2/apps?limit=100")
    pages = 1
    while apps["links"]["next"]:
        (apps,) = talk.send("GET", apps["links"]["next"].removeprefix(talk.server.base_url))
        pages += 1
    assert pages == -(-len(talk.server.judge.apps) // talk.token.dialect.page_size)
    (person,) = talk.send("GET", "/v1/profiles/me")
    assert person["email"] == "marina@harbour.example"
    talk.send("GET", f"/v2/authentications?app={TIDEPOOL}&limit=100")

    id = talk.action_id("book_berth")
    talk.form(id, {})
    inputs: dict[str, Any] = {}
    for name in ("region", "harbour", "berth"):
        (page,) = talk.choices(id, name, inputs)
        if page["links"]["next"]:
            next_target = page["links"]["next"].removeprefix(talk.server.base_url)
            (page,) = talk.choices(id, name, inputs, "?" + next_target.partition("?")[2])
        inputs[name] = page["data"][-1]["id"]
        if name == "region":
            talk.form(id, inputs)
    talk.expect("book_berth", inputs=inputs)
    run_id = talk.run(talk.action_id("book_berth"), inputs)
    time.sleep(0.85)
    answer = talk.send("GET", f"/v2/action-runs/{run_id}")
    assert answer["data"]["status"] == "success"
    assert talk.server.violations == []


def test_to_go_on_with_choices_that_were_begun_for_earlier_values_is_no_fault(talk: Talk) -> None:
    id = talk.action_id("book_berth")
    talk.form(id, {})
    first, second = (c["id"] for c in talk.choices(id, "region", {})[0]["data"][:2])
    for region in (first, second):
        talk.form(id, {"region": region})
    begun = [talk.choices(id, "harbour", {"region": region})[0] for region in (first, second)]
    paged = [
        (region, page["links"]["next"])
        for region, page in zip((first, second), begun, strict=True)
        if page["links"]["next"]
    ]
    assert paged
    for region, following in paged:
        talk.choices(id, "harbour", {"region": region}, "?" + following.partition("?")[2])
    assert talk.server.violations == []


def _wrong_requests() -> dict[str, tuple[Callable[[Talk], object], str]]:
    """By name: what a client does wrong, and a piece of the sentence that must say so."""
    tags = {"tags": ["a"]}
    apps = "/v2/apps"

    def twice(talk: Talk) -> None:
        talk.server.fail_next(talk.token, "create_run", Fault(503, body=b"{}"))
        talk.run(talk.prepared(), tags)
        talk.run(talk.action_id(), tags)

    def same_id(talk: Talk) -> None:
        id = talk.prepared()
        talk.run(id, tags)
        talk.expect()
        talk.run(id, tags)

    def early_id(talk: Talk) -> None:
        id = talk.action_id()
        talk.form(id, {})
        talk.expect()
        talk.run(id, tags)

    def early_look(talk: Talk) -> None:
        talk.send("GET", f"/v2/action-runs/{talk.run(talk.prepared(), tags)}")

    def late_look(talk: Talk) -> None:
        run_id = talk.run(talk.prepared(), tags)
        for pause in (0.85, 2.5):
            time.sleep(pause)
            talk.send("GET", f"/v2/action-runs/{run_id}")

    def impatient(talk: Talk) -> None:
        talk.server.fail_next(talk.token, "apps", Fault(429, {"Retry-After": "5"}))
        talk.send("GET", apps)
        talk.send("GET", apps)

    def impatient_elsewhere(talk: Talk) -> None:
        talk.server.fail_next(talk.token, "apps", Fault(429, {"Retry-After": "5"}))
        talk.send("GET", apps)
        time.sleep(0.3)
        talk.action_id()

    def hasty(talk: Talk) -> None:
        for _ in range(51):
            talk.send("GET", apps)

    def lost_mark(talk: Talk) -> None:
        page = talk.send("GET", f"/v2/authentications?app={TIDEPOOL}")
        target = page["links"]["next"].removeprefix(talk.server.base_url)
        talk.send("GET", target.replace("mark=m", "mark=n"))

    def later_page(talk: Talk, page: str, inputs: dict[str, Any]) -> None:
        id = talk.action_id("book_berth")
        talk.form(id, {})
        first = talk.choices(id, "region", {})[0]["data"][0]["id"]
        talk.choices(id, "harbour", {"region": first})
        talk.choices(id, "harbour", {"region": first, **inputs}, f"?page={page}")

    def no_refetch(talk: Talk) -> None:
        talk.run(talk.prepared("send_word"), {"channel": "mail", "address": "a"})

    def stale_choice(talk: Talk) -> None:
        id = talk.action_id("book_berth")
        talk.form(id, {})
        first, second = (c["id"] for c in talk.choices(id, "region", {})[0]["data"][:2])
        harbour = talk.choices(id, "harbour", {"region": first})[0]["data"][0]["id"]
        talk.form(id, {"region": second, "harbour": harbour})

    def other_shape(talk: Talk) -> None:
        id = talk.prepared()
        talk.send(
            "POST",
            "/v2/action-runs",
            {"action": id, "authentication": talk.auth(""), "input": tags},
        )

    def run(key: str, inputs: dict[str, Any]) -> Callable[[Talk], object]:
        return lambda talk: talk.run(talk.prepared(key), inputs)

    def get(target: str, **headers: str) -> Callable[[Talk], object]:
        return lambda talk: talk.send("GET", target, **headers)

    def form(inputs: dict[str, Any], **more: Any) -> Callable[[Talk], object]:
        def act(talk: Talk) -> None:
            id = talk.action_id()
            talk.form(id, {})
            talk.form(id, inputs, **more)

        return act

    tide = {"height": "1", "at": "now"}
    return {
        "a cookie": (get(apps, Cookie="s=1"), "a cookie was sent"),
        "an undocumented header": (get(apps, X_Client="7"), "x-client is not documented"),
        "an idempotency key": (get(apps, Idempotency_Key="7"), "is not documented"),
        "another user agent": (get(apps, User_Agent="python-httpx/0.28"), "does not name zapdesk"),
        "another Accept": (get(apps, Accept="*/*"), "not application/json"),
        "a basic login": (get(apps, Authorization="Basic dDE6"), "not of the form Bearer"),
        "an unknown token": (get(apps, Authorization="Bearer t2"), "no token that was ever"),
        "another host": (get(apps, Host="localhost:1"), "meant for ['localhost:1']"),
        "a form type": (
            lambda t: t.send_raw("POST", apps, b"a=1", Content_Type="text/plain"),
            "Content-Type is ['text/plain']",
        ),
        "a slash": (get("/v2/apps/"), "ends with a slash"),
        "a raw bracket": (get("/v2/action-runs/a[0]"), "not percent-encoded"),
        "broken UTF-8": (get("/v2/action-runs/%ff"), "not UTF-8"),
        "an unknown path": (get("/v2/zaps"), "no such endpoint"),
        "a wrong method": (lambda t: t.send("PUT", apps, {}), "no such endpoint"),
        "an unknown parameter": (get("/v2/apps?search=a"), "search is not documented"),
        "a limit of 1000": (get("/v2/apps?limit=1000"), "limit is '1000'"),
        "an offset": (get("/v2/apps?offset=10"), "offset of the client's own"),
        "ids and category": (get("/v2/apps?ids=a&category=b"), "were combined"),
        "a doubled parameter": (get("/v2/apps?limit=1&limit=2"), "limit more than once"),
        "a kind of action": (get(f"/v2/actions?app={SUNDIAL}&action_type=DO"), "action_type is"),
        "no app": (get("/v2/actions"), "does not name the app"),
        "a changed next link": (lost_mark, "mark is not documented"),
        "no JSON": (lambda t: t.send_raw("POST", "/v2/action-runs", b"{"), "is not JSON"),
        "a key twice": (
            lambda t: t.send_raw("POST", "/v2/action-runs", b'{"a":1,"a":2}'),
            "'a' twice",
        ),
        "NaN": (lambda t: t.send_raw("POST", "/v2/action-runs", b'{"a":NaN}'), "holds NaN"),
        "half a character": (
            lambda t: t.send_raw("POST", "/v2/action-runs", b'{"a":"\\ud800"}'),
            "not Unicode",
        ),
        "an extra key": (form({}, limit=1), "data.limit is not documented"),
        "an invented action id": (lambda t: t.form("core:1", {}), "never given"),
        "no authentication": (form({}, auth=None), "and null was sent"),
        "a foreign authentication": (form({}, auth="foreign"), "not of this person"),
        "an authentication for none": (
            lambda t: t.form(t.action_id("now", SUNDIAL), {}),
            "an app that needs none",
        ),
        "an expired authentication": (
            lambda t: t.form(
                t.action_id(),
                {},
                auth=t.token.connections(t.server.judge.apps[TIDEPOOL])[1].id,
            ),
            "is expired",
        ),
        "a first form with values": (lambda t: t.form(t.action_id(), tags), "empty inputs"),
        "an id nobody asked for": (form({"what": "x"}), "no form had asked for 'what'"),
        "a number": (run("log_tide", {**tide, "height": 1}), "no JSON string"),
        "a native boolean": (run("log_tide", {**tide, "calm": False}), "no JSON string"),
        "yes for a boolean": (run("log_tide", {**tide, "calm": "no"}), "BOOLEAN but holds 'no'"),
        "a label for an id": (run("default_labels", {"none": "red", "size": "Large"}), "'Large'"),
        "no whole number": (run("log_tide", {**tide, "readings": "1.5"}), "INTEGER but holds"),
        "no number": (run("log_tide", {**tide, "height": "a"}), "NUMBER but holds"),
        "an info field": (run("log_tide", {**tide, "hint": "x"}), "does not ask for 'hint'"),
        "a READONLY field": (run("log_tide", {**tide, "shown": "x"}), "takes no input"),
        "text for a list": (run("tag_page", {"tags": "a"}), "no list"),
        "a list of numbers": (run("tag_page", {"tags": [1]}), "no JSON string"),
        "a deep object": (run("tag_page", {**tags, "extra": {"a": []}}), "no flat map"),
        "rows of text": (run("tag_page", {**tags, "rows": ["a"]}), "holds other things"),
        "null that nobody said": (run("tag_page", {**tags, "extra": None}), "nobody said"),
        "an unknown choice": (run("tag_page", {**tags, "moods": ["9"]}), "neither one of its"),
        "a missing value": (run("tag_page", {}), "'tags' is missing"),
        "an empty value": (run("tag_page", {"tags": []}), "'tags' is empty"),
        "a stale choice": (stale_choice, "neither one of its choices"),
        "a form not fetched again": (no_refetch, "was not fetched again"),
        "no form at all": (
            lambda t: (t.expect(), t.run(t.action_id(), tags)),
            "the form was never fetched",
        ),
        "a run without an order": (
            lambda t: (t.form(t.action_id(), {}), t.run(t.action_id(), tags)),
            "nobody had ordered it",
        ),
        "other inputs": (
            lambda t: (
                t.form(t.action_id(), {}),
                t.expect(inputs={"tags": ["b"]}),
                t.run(t.action_id(), tags),
            ),
            "not those that were ordered",
        ),
        "a repeated run": (twice, "sent again after 503"),
        "a used id": (same_id, "used before"),
        "an id from before the order": (early_id, "older than"),
        "another body shape": (other_shape, "the first had not been refused"),
        "no body shape": (
            lambda t: t.send("POST", "/v2/action-runs", {"data": {"action": "a"}}),
            "none of the documented shapes",
        ),
        "choices of a text": (
            lambda t: (t.form(id := t.action_id(), {}), t.choices(id, "tags", {})),
            "is no SELECT",
        ),
        "choices too soon": (
            lambda t: (t.form(id := t.action_id("book_berth"), {}), t.choices(id, "berth", {})),
            "before 'harbour' was filled",
        ),
        "a page too far": (lambda t: later_page(t, "3", {}), "the page due was '2'"),
        "a page of other values": (lambda t: later_page(t, "2", {"note": "x"}), "another body"),
        "a look at once": (early_look, "were due"),
        "a look after the end": (late_look, "the run had ended"),
        "an unknown run": (get("/v2/action-runs/1"), "no such run"),
        "no wait": (impatient, "before the wait it was told"),
        "no wait elsewhere": (impatient_elsewhere, "had been told to wait"),
        "51 calls a minute": (hasty, "call number 51"),
    }


_WRONG = _wrong_requests()


@pytest.mark.parametrize("name", sorted(_WRONG))
def test_the_judge_names(name: str, talk: Talk) -> None:
    act, sentence = _WRONG[name]
    act(talk)
    assert any(sentence in line for line in talk.server.violations), talk.server.violations


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_a_dialect_only_words_things_differently(dialect: str) -> None:
    with strict_zapier() as server:
        talk = Talk(server, server.add_token("t1", dialect=DIALECTS[dialect]))
        answer = talk.send("GET", f"/v2/actions?app={TIDEPOOL}")
        page = answer[0] if isinstance(answer, list) else answer
        keys = [item["key"] for item in page["data"]]
        assert keys == [action.key for action in server.judge.apps[TIDEPOOL].actions]
        assert server.violations == []
