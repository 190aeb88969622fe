"""The command line as a process, run by run, against the strict server."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.conftest import FULL, ROOT, ReportFigure
from tests.strict.definitions import ActionDefinition, AppDefinition, Node, all_apps
from tests.strict.dialect import DIALECTS
from tests.strict.own_apps import OWN_APPS
from tests.strict.server import StrictZapier, strict_zapier
from tests.strict.tokens import Plan, Token

PROCESSES = 60 if FULL else 16
AT_ONCE = 4
TIMEOUT_S = 60.0
_HIDDEN = {"$hidden": "password"}


def _jobs() -> list[tuple[AppDefinition, ActionDefinition]]:
    every = [(app, action) for app in all_apps() for action in app.actions]
    own = [job for job in every if job[0].id == OWN_APPS[0]["app"]["id"]]
    return own + random.Random(3).sample(every, min(len(every), PROCESSES - len(own)))


def _value(node: Node, choices: list[dict[str, Any]] | None, dice: random.Random) -> Any:
    ids = [choice["id"] for choice in choices or () if choice["id"]]
    by_type = {"INTEGER": "7", "NUMBER": "1.50", "BOOLEAN": "true"}
    by_format = {"FILE": "https://drop.example/a.pdf", "DATETIME": "2026-03-02T05:00:00Z"}
    kind = node["value_type"]
    if kind == "OBJECT":
        return {"a": "b = c"}
    if kind == "ARRAY":
        kind = (node.get("items") or {}).get("type", "STRING")
    text = by_type.get(kind) or by_format.get(node.get("format") or "", "Grüße = 世界\r\n🌊")
    value = {"a": "1"} if kind == "OBJECT" else dice.choice(ids) if ids else text
    return [value, value] if node["value_type"] == "ARRAY" else value


def _inputs_for(action: ActionDefinition, dice: random.Random) -> dict[str, Any]:
    """Values for every required field of the form that these same values bring."""
    given: dict[str, Any] = {}
    while True:
        asked = action.input_fields(given)
        due = [
            nodes[0]
            for id, nodes in asked.items()
            if nodes[0]["is_required"] and not nodes[0]["default_value"] and id not in given
        ]
        if not due:
            return given
        given[due[0]["id"]] = _value(due[0], action.choices_of(due[0]["id"], given), dice)


def _arguments(given: dict[str, Any]) -> tuple[list[str], str]:
    """Half of the texts as --input, everything else as JSON on standard input."""
    arguments: list[str] = []
    rest = {}
    for number, (id, value) in enumerate(given.items()):
        texts = value if isinstance(value, list) else [value]
        if number % 2 and all(isinstance(text, str) for text in texts) and not id.endswith(":"):
            arguments += [f"--input={id.replace('=', chr(92) + '=')}={text}" for text in texts]
        else:
            rest[id] = value
    return arguments, json.dumps(rest)


def _run(
    server: StrictZapier,
    token: Token,
    home: Path,
    app: AppDefinition,
    action: ActionDefinition,
    given: dict[str, Any],
) -> tuple[Plan, subprocess.CompletedProcess[str]]:
    plan = server.expect(token, app.id, action.name)
    for id, value in given.items():
        if action.choices_of(id, given) == []:  # nothing to choose from, so it was typed
            server.said(token, app.id, action.name).typed.add((id, value))
    arguments, text = _arguments(given)
    if app.needs_authentication:
        arguments += ["--connection", token.connections(app)[0].id]
    command = [sys.executable, "-m", "zapdesk", "run", app.id, action.name, "--json"]
    ended = subprocess.run(
        [*command, "--inputs", "-", *arguments],
        cwd=ROOT,
        input=text,
        env={
            **os.environ,
            "ZAPDESK_HOME": str(home),
            "ZAPDESK_BASE_URL": server.base_url,
            "ZAPDESK_TOKEN": token.text,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )
    return plan, ended


def test_runs_of_many_processes_are_sent_as_documented(
    home: Path, report_figure: ReportFigure
) -> None:
    dice = random.Random(5)
    dialect = DIALECTS["openapi"]
    with strict_zapier() as server, ThreadPoolExecutor(AT_ONCE) as pool:
        started = []
        for number, (app, action) in enumerate(_jobs()):
            token = server.add_token(f"Vr5cLi{number:02}", dialect=dialect, person="crew")
            given = _inputs_for(action, dice)
            # A few to each log: all processes of a profile share its calls of a minute.
            log = home / str(number // 4)
            started.append((given, pool.submit(_run, server, token, log, app, action, given)))
        for given, future in started:
            plan, ended = future.result()
            assert ended.returncode == 0, (plan.action.name, ended.stdout, ended.stderr)
            run = json.loads(ended.stdout)["run"]
            assert run["status"] == "success"
            assert run["run_id"] == plan.run_id
            assert run["results"] == list(plan.script.results)
            (post,) = plan.posts
            sent = post.data["inputs"]
            assert {id: sent.get(id) for id in given} == given
            fields = plan.action.input_fields(sent)
            secrets = {id for id, nodes in fields.items() if nodes[0].get("format") == "PASSWORD"}
            assert run["inputs"] == {
                id: _HIDDEN if id in secrets else value for id, value in sent.items()
            }
            assert "Traceback" not in ended.stderr
    assert not server.violations, "\n".join(server.violations)
    report_figure("runs of the command line against the strict server", len(started), "runs")
    report_figure("requests of the command line judged", server.judge.judged, "requests")
