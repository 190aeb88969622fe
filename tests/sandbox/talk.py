"""What the tests of the sandbox say to it, over a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.sandbox_server import Address, running_sandbox


def unwrapped(body: Any) -> Any:
    """The envelope inside the one-element array of some answers."""
    return body[0] if isinstance(body, list) else body


@dataclass(slots=True)
class Talk:
    """A client that keeps the contract, with its token and the shape of its run bodies."""

    address: Address
    http: httpx.Client
    dialect: str = "spec"

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query)

    def apps(self, **query: Any) -> list[Any]:
        return list(unwrapped(self.get("/v2/apps", **{"limit": 100, **query}).json())["data"])

    def app_id(self, title: str) -> str:
        return str(next(app["id"] for app in self.apps(query=title) if app["title"] == title))

    def actions(self, app: str, **query: Any) -> list[Any]:
        return list(
            unwrapped(self.get("/v2/actions", app=self.app_id(app), **query).json())["data"]
        )

    def fresh(self, app: str, key: str, action_type: str | None = None) -> str:
        """A new id of an action."""
        for action in self.actions(app):
            if action["key"] == key and action_type in (None, action["action_type"]):
                return str(action["id"])
        raise LookupError(key)

    def connection(self, app: str) -> str | None:
        """The first usable connection of an app, None where it has none."""
        found = self.get("/v2/authentications", app=self.app_id(app)).json()["data"]
        return next((str(one["id"]) for one in found if not one["is_expired"]), None)

    def form(self, app: str, key: str, part: str = "inputs", **inputs: Any) -> httpx.Response:
        data = {"authentication": self.connection(app), "inputs": inputs}
        return self.http.post(f"/v2/actions/{self.fresh(app, key)}/{part}", json={"data": data})

    def fields(self, app: str, key: str, **inputs: Any) -> list[Any]:
        return list(self.form(app, key, **inputs).json()["data"])

    def choices(self, app: str, key: str, field: str, page: Any = 1, **inputs: Any) -> Any:
        """One page of a drop-down: its envelope."""
        part = f"inputs/{quote(field, safe='')}/choices?page={page}"
        return unwrapped(self.form(app, key, part, **inputs).json())

    def body(self, action: str, connection: str | None, inputs: Any) -> Any:
        """A run's body in the shape of the dialect."""
        name = "inputs" if self.dialect == "spec" else "input"
        data = {"action": action, "authentication": connection, name: inputs}
        return data if self.dialect == "guide" else {"data": data}

    def start(self, app: str, key: str, inputs: Any, action_type: str | None = None,
              connection: str | None = None) -> httpx.Response:  # fmt: skip
        action = self.fresh(app, key, action_type)
        connection = connection or self.connection(app)
        return self.http.post("/v2/action-runs", json=self.body(action, connection, inputs))

    def poll(self, run_id: str) -> httpx.Response:
        return self.http.get(f"/v2/action-runs/{quote(run_id, safe='')}")

    def end(self, run_id: str, patience_s: float = 10) -> Any:
        """The run when it has ended."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            run = self.poll(run_id).json()["data"]
            if run["status"].lower() in ("success", "error"):
                return run
            time.sleep(0.03)
        raise AssertionError(f"the run has not ended: {run}")

    def run(self, app: str, key: str, **inputs: Any) -> Any:
        """Run an action to its end."""
        answer = self.start(app, key, inputs)
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        return self.end(data.get("id") or data["run_id"])

    def result(self, app: str, key: str, **inputs: Any) -> Any:
        """The first result of a run that succeeds."""
        run = self.run(app, key, **inputs)
        assert run["status"] == "success", run
        results = run["results"]
        return results[0] if isinstance(results, list) else results

    def effects(self) -> list[Any]:
        return list(self.get("/sandbox/effects").json()["effects"])


@contextmanager
def talk_to(address: Address, dialect: str = "spec") -> Iterator[Talk]:
    with httpx.Client(
        base_url=address.url, headers=address.headers, trust_env=False, timeout=15
    ) as http:
        yield Talk(address, http, dialect)


@contextmanager
def sandbox(home: Path, **options: Any) -> Iterator[Talk]:
    """A client of a sandbox that runs as long as the block does."""
    with (
        running_sandbox(home, **options) as address,
        talk_to(address, options.get("dialect", "spec")) as talk,
    ):
        yield talk


def error_of(response: httpx.Response) -> Any:
    """The one error of an answer in the v2 shape."""
    (error,) = response.json()["errors"]
    return error
