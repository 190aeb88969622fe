"""The whole window with planted secrets: signed in, used, failed, and crashed in the end.

Run as a program. The secrets come on stdin: argv and environment are searched for them. After each
step every text that the window holds or paints is searched too, and what was found is printed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import traceback
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

import zapdesk.ui.shell.life as module
from tests.cli.test_accounts import agree
from tests.conftest import FULL
from tests.services.canaries import found
from tests.tour_guide import Tour
from tests.ui.every_text import every_text
from zapdesk import log
from zapdesk.domain.partner import Partner
from zapdesk.domain.profiles import SANDBOX
from zapdesk.paths import Paths
from zapdesk.services.entries import Entries
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog
from zapdesk.ui.connections.credentials_dialog import CredentialsDialog
from zapdesk.ui.shell.life import Life


class Story:
    """``given`` has the secrets and where the server is."""

    def __init__(self, life: Life, given: dict[str, Any]) -> None:
        self.tour = Tour(life)
        self.life = life
        self.given = given
        self.secrets: dict[str, str] = given["secrets"]
        self.searched: dict[str, int] = {}
        self.found: list[str] = []

    async def tell(self) -> None:
        await self.sign_in()
        await self.run()
        await self.fail()
        await self.connect()
        await self.act_for_somebody()
        await self.renew()
        await self.break_something()
        await self.switch()

    async def look(self, step: str) -> None:
        """Search everything that is shown now."""
        await asyncio.sleep(0.2)
        every = list(every_text())
        every.append(("clipboard", QApplication.clipboard().text().encode()))
        self.searched[step] = len(every)
        whole = b"\n".join(text for _, text in every)
        for name, secret in self.secrets.items():
            if found(secret, [(step, whole)]):
                self.found += [f"{step}: {name}: {place}" for place in found(secret, every)]

    async def sign_in(self) -> None:
        program = await self.life._started()
        profile = program.profiles.named("own")
        task = asyncio.ensure_future(self.life._signing_in.sign_in(profile, ConsentWay))
        await self.tour.until(lambda: self.dialog(SignInDialog))
        dialog = self.dialog(SignInDialog)
        way = dialog.way
        way.secret.setText(self.secrets["client secret"])
        await self.look("the secret is typed")
        dialog.go_button.click()
        await self.tour.until(lambda: way.waiting.link.text())
        link = way.waiting.link.text().replace(self.given["proxy"], self.given["sandbox"])
        await asyncio.to_thread(agree, link)
        await self.tour.until(lambda: task.done() or dialog.outcome is not None)
        if isValid(dialog) and dialog.isVisible():
            dialog.go_button.click()
        await task
        await self.tour.session_with_apps()
        await self.remember_tokens()
        await self.look("signed in")

    async def remember_tokens(self) -> None:
        program = self.tour.program
        entries = Entries.of(program.profiles.named("own"))
        for kind, name in (("access", entries.access), ("refresh", entries.refresh)):
            token = await program.accounts.vault.get(name)
            assert token, f"there is no {kind} token"
            self.secrets[f"{kind} {token[-4:]}"] = token

    async def run(self) -> None:
        values = {"advanced": True, "kept": "x", "secret": self.secrets["password"]}
        await self.tour.open("Field Zoo", self.given["action"], values)
        await self.look("a form with a password")
        await self.tour.run("Field Zoo", self.given["action"], values)
        await self.look_at_tabs("a run")

    async def fail(self) -> None:
        session = await self.tour.session_with_apps()
        app = await session.catalog.find_app("Fault Lab")
        actions = await session.catalog.actions(app.id)
        for key in [action.key for action in actions if action.key.startswith("error_")][
            : 5 if FULL else 1
        ]:
            await self.tour.run("Fault Lab", key, {})
        await self.look("a failure")
        if FULL:
            await self.look_at_tabs("a failure")

    async def look_at_tabs(self, of: str) -> None:
        tabs = self.tour.panels.detail.content.tabs
        for number in range(tabs.count()):
            tabs.setCurrentIndex(number)
            await self.look(f"tab {number} of {of}")

    async def connect(self) -> None:
        session = await self.tour.session_with_apps()
        app = await session.catalog.find_app("Contacts")
        dialog = CredentialsDialog(self.tour.window, session, app, self.life._owner.start)
        dialog.open()
        dialog.rows[0].value.setText(self.secrets["key"])
        await self.look("a key is typed")
        made: list[object] = []
        dialog.made.connect(made.append)
        dialog.make_button.click()
        await self.tour.until(lambda: made or dialog.make_button.isEnabled())
        await self.look("a connection is made")
        if not made:
            dialog.reject()

    async def act_for_somebody(self) -> None:
        program, given = self.tour.program, self.given
        partner = Partner(given["issuer"], given["key_id"], "org_id", "crew", "marina")
        profile = replace(program.profiles.named("own"), id="partner", partner=partner)
        outcome = await program.accounts.use_partner(
            profile, secret=self.secrets["client secret"], pem=given["pem"]
        )
        assert outcome.is_kept
        token = await program.accounts.vault.get(Entries.of(outcome.profile).access)
        assert token
        self.secrets["token of an end user"] = token.rpartition(" ")[2]
        await self.look("a partner acts")

    async def renew(self) -> None:
        program = self.tour.program
        keeper = await program.accounts.keeper(program.profiles.named("own"))
        before = await keeper.token()
        assert await keeper.renew(before) not in (None, before)
        await self.remember_tokens()
        program.session.catalog.start_refresh()
        await self.tour.session_with_apps()
        await self.look("renewed")

    async def break_something(self) -> None:
        every = " ".join(self.secrets.values())
        logging.getLogger("httpx").warning("somebody logs %s", every)

        def bug() -> None:
            raise RuntimeError(f"a bug with {every}")

        asyncio.get_running_loop().call_soon(bug)
        await asyncio.sleep(0.3)
        await self.look("a bug")

    async def switch(self) -> None:
        """To the sandbox, which is a process of its own."""
        await self.tour.program.switch(SANDBOX)
        await self.tour.session_with_apps()
        await self.look("in the sandbox")

    def dialog(self, kind: type) -> Any:
        return next(iter(self.tour.window.findChildren(kind)), None)


async def tell(life: Life, given: dict[str, Any]) -> None:
    story = Story(life, given)
    trouble = ""
    try:
        await story.tell()
    except Exception:  # the test reads what went wrong from the output
        trouble = traceback.format_exc()
    # No secret may stand in what is printed either: the test searches it as well.
    report = {"searched": story.searched, "found": story.found, "trouble": trouble}
    print(json.dumps(report), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    os.abort()


def main() -> None:
    given = json.loads(sys.stdin.readline())
    log.set_up(Paths.find().create().logs, level=1)
    for name in ("httpx", "httpcore", "asyncio", "zapdesk"):
        logging.getLogger(name).setLevel(1)
    begin = module.Life._begin

    def begin_and_tell(life: Life) -> None:
        begin(life)
        life._closer.start(tell(life, given))

    setattr(module.Life, "_begin", begin_and_tell)  # noqa: B010  # it is led from inside
    from zapdesk.ui.shell.application import run_window

    run_window(["--profile", "own"])


if __name__ == "__main__":
    main()
