"""What a command works with: the program, and the session once a server is needed."""

from __future__ import annotations

import asyncio
import shlex
import time
from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zapdesk.bootstrap import Program, Session, choose_access, read_settings
from zapdesk.cli import codes, documents, output
from zapdesk.cli.inputs import Inputs, fill, parse
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.facts import facts_of
from zapdesk.errors import Failed, InvalidInput, Side, Unreachable, ZapdeskError
from zapdesk.paths import Paths
from zapdesk.services import network

if TYPE_CHECKING:  # it brings the HTTP library, which the commands for the log do not need
    from zapdesk.services.forms import FormSession


@dataclass(slots=True)
class Context:
    """One command in its surroundings. ``run_id`` is the run it is about, once there is one."""

    options: Namespace
    program: Program
    run_id: str | None = None

    @classmethod
    async def open(cls, options: Namespace, paths: Paths) -> Context:
        """Open the local store; no server is spoken to yet."""
        settings = read_settings(paths)
        access = choose_access(
            settings, getattr(options, "profile", None), getattr(options, "sandbox", False)
        )
        network.switch(settings.offline or getattr(options, "offline", False))
        context = cls(options, await Program.start(paths, settings, access))
        for notice in context.program.database.notices:
            output.say(f"zapdesk: {notice}")
        return context

    @property
    def is_json(self) -> bool:
        """Whether one JSON document is wanted."""
        return getattr(self.options, "json", False)

    async def session(self) -> Session:
        """The session with the profile's server, opened when it is first asked for."""
        if self.program.session is None:
            session = await self.program.open_session(watch=False)
            session.budget.held_up.subscribe(output.held_up)
            return session
        return self.program.session

    async def close(self) -> None:
        """Close everything; what is being sent ends as what is known of it."""
        await asyncio.shield(self.program.close())

    async def interrupted(self) -> int | None:
        """Ctrl-C: settle what was being sent, say how it stands, and return the exit code;
        ``None`` where there is no run to speak of."""
        if self.program.session is not None:
            await self.program.session.runs.close()
        if self.run_id is None:
            return None
        code = await self.print_run(self.run_id)
        return codes.INTERRUPTED if code == codes.NOT_SENT else code

    async def print_run(self, id: str) -> int:
        """Print a run from the log and return the exit code for it."""
        record = await self.program.log.record(id)
        assert record is not None, "the log never loses a run"
        kept = await self.program.log.exchanges(id)
        record, exchanges = await self.program.sensitive.without(record, kept)
        facts = facts_of(record.run, record, time.time_ns() // 1_000_000)
        explanation = await self.program.explainer.explain(record, exchanges)
        if self.is_json:
            document = documents.run(record, explanation) | {"facts": documents.facts(facts)}
            output.document({"run": document})
        else:
            output.run(record, facts, explanation)
        return codes.of_run(record.run)

    # What the arguments mean

    async def app(self) -> App:
        """The app meant by APP."""
        return await (await self.session()).catalog.find_app(self.options.app)

    async def actions(self, app: App) -> tuple[Action, ...]:
        """Every action of an app; those that were seen last, with a word about it, offline."""
        fetched = await (await self.session()).catalog.latest_actions(app.id)
        if fetched.trouble is not None:
            warn_of_age(fetched.trouble)
        return fetched.value

    async def action(self, app: App) -> Action:
        """The action meant by ACTION. Raises InvalidInput where none or several are meant."""
        actions = await self.actions(app)
        text: str = self.options.action
        kind, _, key = text.partition(":")
        found = [a for a in actions if a.key == text] or [
            a for a in actions if a.key == key and a.action_type.casefold() == kind.casefold()
        ]
        if len(found) == 1:
            return found[0]
        if found:
            ways = ", ".join(f"{a.action_type}:{a.key}" for a in found)
            raise InvalidInput(f"Several actions are called '{text}'.", f"Say which: {ways}.")
        keys = ", ".join(a.key for a in actions) or "none"
        raise InvalidInput(f"{app.title} has no action '{text}'.", f"Its actions: {keys}.")

    async def connection(self, app: App) -> Authentication | None:
        """The connection to use: the one named, or the only one that can be used."""
        catalog = (await self.session()).catalog
        wanted: str | None = self.options.connection
        if wanted is None and app.needs_authentication is False:
            return None
        known = await catalog.connections(app.id)
        if not any(not c.is_expired and wanted in (None, c.id) for c in known.items):
            # It may have been made, or revived, since the list was kept.
            known = await catalog.connections(app.id, refresh=True)
        if wanted is not None:
            for connection in known.items:
                if connection.id == wanted:
                    if connection.is_expired and known.trouble is None:
                        raise _expired(connection, app)
                    return connection
            if known.trouble is not None or app.needs_authentication is None:
                # The list could not be had; the server will say whether the id can be used.
                return Authentication(wanted, app.id, wanted)
            ids = ", ".join(f"{c.id} ({c.title})" for c in known.items) or "none"
            raise InvalidInput(
                f"You have no connection '{wanted}' with {app.title}.", f"Yours: {ids}."
            )
        if len(known.usable) == 1:
            return known.usable[0]
        if known.usable:
            ids = ", ".join(f"{c.id} ({c.title})" for c in known.usable)
            raise InvalidInput(
                f"There are several connections with {app.title}.",
                f"Choose with --connection: {ids}.",
            )
        if app.needs_authentication is None:
            return None
        if known.trouble is not None:
            raise InvalidInput(
                f"Your connections with {app.title} could not be listed: {known.trouble.title}",
                hint="Name one with --connection.",
            )
        expired = " All of yours have expired." if known.items else ""
        raise InvalidInput(
            f"{app.title} needs a connection.{expired}",
            hint=f"Make one in your browser: zapdesk connect {shlex.quote(app.title)}",
        )

    async def form(self, *, may_be_old: bool = False) -> FormSession:
        """The form meant by APP and ACTION, filled with the inputs given.

        ``may_be_old``: where the server cannot be reached, the form as it was kept will do.
        Raises what its definition could not be fetched for, and InvalidInput for bad inputs.
        """
        inputs: Inputs = parse(
            self.options.pairs, self.options.inputs, resolve=self.options.resolve
        )
        app = await self.app()
        action = await self.action(app)
        form = (await self.session()).forms.open(app, action, await self.connection(app))
        await form.load()
        trouble = form.trouble
        if trouble is not None and not (may_be_old and _is_kept(form, trouble)):
            raise trouble
        if trouble is not None:
            warn_of_age(trouble)
            await fill(form, inputs, fetches=False)
            return form
        await fill(form, inputs)
        if form.trouble is not None:
            raise form.trouble
        return form


def _expired(connection: Authentication, app: App) -> InvalidInput:
    words = f"zapdesk connect {shlex.quote(app.title)} --renew {shlex.quote(connection.id)}"
    where = f"in your browser: {words}"
    return InvalidInput(
        f"The connection '{connection.title}' has expired.",
        f"{app.title} would not accept it.",
        side=Side.CONNECTION,
        hint=f"Reconnect it {where}",
    )


def _is_kept(form: FormSession, trouble: ZapdeskError) -> bool:
    return isinstance(trouble, Unreachable | Failed) and bool(form.state.nodes)


def warn_of_age(trouble: ZapdeskError) -> None:
    """Say that what follows comes from the cache, and why."""
    output.say(f"zapdesk: {trouble.title} This was saved earlier.")
