"""The commands. Each returns an exit code; errors are raised and end in main."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from zapdesk.cli import (
    account_commands,
    codes,
    comparing,
    connection_commands,
    documents,
    exporting,
    keyring_command,
    log_commands,
    output,
    partner_commands,
    profile_commands,
    run_commands,
)
from zapdesk.cli.context import Context, warn_of_age
from zapdesk.cli.filters import run_filter
from zapdesk.domain.definitions import document
from zapdesk.domain.facts import facts_of


async def _apps(context: Context) -> int:
    options = context.options
    found = await (await context.session()).catalog.list_apps(options.query, options.limit)
    if found.trouble is not None:
        warn_of_age(found.trouble)
    if context.is_json:
        output.document({"apps": [documents.app(app) for app in found.value]})
    else:
        output.table(
            [(app.title, app.id, app.description) for app in found.value],
            f"No app matches '{options.query}'." if options.query else "There are no apps.",
        )
    return codes.DONE


async def _actions(context: Context) -> int:
    app = await context.app()
    actions = await context.actions(app)
    kind = context.options.type
    found = [a for a in actions if kind is None or a.action_type == kind]
    if context.is_json:
        output.document({"actions": [documents.action(action) for action in found]})
    else:
        output.table(
            [(a.title, a.action_type, a.key, a.description) for a in found],
            f"{app.title} has no actions of this kind.",
        )
    return codes.DONE


async def _fields(context: Context) -> int:
    form = await context.form(may_be_old=True)
    for oddity in form.state.oddities():
        output.say(f"zapdesk: {oddity}")
    if context.is_json:
        output.document(
            {
                "fields": [document(node) for node in form.state.nodes],
                "values": documents.json_value(form.preview()),
                "problems": [documents.problem(p) for p in form.state.problems()],
            }
        )
    else:
        problems = {p.field_id: p.text for p in form.state.problems()}
        output.form(form.state.nodes, documents.json_value(form.preview()), problems)
    await form.close()
    return codes.DONE


async def _choices(context: Context) -> int:
    options = context.options
    form = await context.form(may_be_old=True)
    form.state.field(options.field)
    known = await form.choices(options.field, all=options.all or options.search is not None)
    wanted = (options.search or "").casefold()
    found = [c for c in known.choices if wanted in c.text.casefold() or wanted in c.id.casefold()]
    await form.close()
    if known.note:
        output.say(f"zapdesk: {known.note}")
    if known.trouble is not None and not known.choices:
        raise known.trouble
    if context.is_json:
        output.document(
            {"choices": [documents.choice(c) for c in found], "has_more": known.has_more}
        )
    else:
        output.table([(c.id, c.text) for c in found], "There is nothing to choose from.")
        if known.has_more:
            output.say("There are more; --all loads them.")
    return codes.DONE


async def _runs(context: Context) -> int:
    await context.program.settle_abandoned()
    options, wanted = context.options, await run_filter(context)
    found = await context.program.log.page(wanted, None, options.limit)
    now_ms = time.time_ns() // 1_000_000
    if context.is_json:
        listed = [
            documents.summary(run) | {"facts": documents.facts(facts_of(run, None, now_ms))}
            for run in found
        ]
        output.document({"runs": listed})
    else:
        output.runs(found, now_ms)
    return codes.DONE


async def _show(context: Context) -> int:
    if exporting.names_file(context.options.run):
        return await exporting.show_file(context)
    await context.program.settle_abandoned()
    run = await context.program.log.find(context.options.run)
    return await context.print_run(run.id)


COMMANDS: Mapping[str, Callable[[Context], Awaitable[int]]] = {
    "apps": _apps,
    "actions": _actions,
    "connections": connection_commands.connections,
    "connect": connection_commands.connect,
    "fields": _fields,
    "choices": _choices,
    "run": run_commands.run,
    "test": run_commands.test,
    "runs": _runs,
    "show": _show,
    "watch": run_commands.watch,
    "resolve": run_commands.resolve,
    "export": exporting.export,
    "import": exporting.import_,
    "log": log_commands.log,
    "backup": log_commands.backup,
    "restore": log_commands.restore,
    "compare": comparing.compare,
    "baseline": comparing.baseline,
    "profiles": profile_commands.profiles,
    "sign-in": account_commands.sign_in,
    "sign-out": account_commands.sign_out,
    "whoami": account_commands.whoami,
    "keyring": keyring_command.keyring,
    "act-for": partner_commands.act_for,
}
