"""``zapdesk doctor``: the self-test in a terminal. It works where nothing else does."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from typing import Any

from zapdesk import log
from zapdesk.bootstrap import Program, choose_access, read_settings
from zapdesk.cli import codes, output
from zapdesk.domain.diagnosis import CHECKS, Finding, State, verdict, worst
from zapdesk.errors import StorageUnusable
from zapdesk.paths import Paths
from zapdesk.redaction import REDACTOR
from zapdesk.services import network
from zapdesk.services.diagnosis import Diagnosis, Surroundings

_SIGNS = {State.PASSED: "ok", State.WARNING: "warns", State.FAILED: "FAILS", State.SKIPPED: "–"}


def doctor(options: Namespace) -> int:
    """Test everything and print what was found; 1 where a check failed."""
    paths = Paths.find()
    try:
        paths.create()
        log.set_up(paths.logs)
    except OSError:
        pass  # the checks say so
    return asyncio.run(_doctor(options, paths))


async def _doctor(options: Namespace, paths: Paths) -> int:
    settings = read_settings(paths)
    access = choose_access(
        settings, getattr(options, "profile", None), getattr(options, "sandbox", False)
    )
    network.switch(settings.offline or getattr(options, "offline", False))
    try:
        program = await Program.start(paths, settings, access)
    except StorageUnusable as error:
        findings = await Diagnosis(Surroundings.without_log(paths, access, error)).run()
    else:
        try:
            findings = await program.diagnosis().run()
        finally:
            await program.close()
    profile = access.profile
    if getattr(options, "json", False):
        output.document({"diagnosis": {"profile": profile.name, **_document(findings)}})
    else:
        _print(profile.name, findings)
    return codes.RUN_ERROR if worst(findings.values()) is State.FAILED else codes.DONE


def _document(findings: dict[str, Finding]) -> dict[str, Any]:
    return {
        "state": worst(findings.values()),
        "checks": [
            {
                "id": known.id,
                "name": known.name,
                "state": found.state,
                "summary": REDACTOR.text(found.summary),
                "meaning": REDACTOR.text(found.meaning),
                "fix": REDACTOR.text(found.fix),
                "details": {name: REDACTOR.text(text) for name, text in found.details},
            }
            for known in CHECKS
            if (found := findings.get(known.id)) is not None
        ],
    }


def _print(profile: str, findings: dict[str, Finding]) -> None:
    output.line(f"Profile: {profile}")
    group = ""
    is_wide = not sys.stdout.isatty()
    for known in CHECKS:
        found = findings[known.id]
        if known.group != group:
            group = known.group
            output.line()
            output.line(group)
        output.line(f"  {_SIGNS[found.state]:<6}{known.name:<22}{REDACTOR.text(found.summary)}")
        for text in (found.meaning, found.fix):
            if text and (is_wide or found.state is not State.PASSED):
                output.line(f"{'':<30}{REDACTOR.text(text)}")
    output.line()
    output.line(verdict(findings))
