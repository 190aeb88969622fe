"""The commands that send runs, wait for them and close them: run, test, watch, resolve."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from zapdesk.cli import asking, codes, output
from zapdesk.cli.context import Context
from zapdesk.domain.explanation import server_of
from zapdesk.domain.outlook import WaitsFor
from zapdesk.domain.runs import ActionRun, Resolution, RunKind, RunOrder, RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.services import network
from zapdesk.services.access import Access
from zapdesk.services.live_guard import live_words, names_app
from zapdesk.tasks import TaskOwner

if TYPE_CHECKING:  # they bring the HTTP library, which the commands for the log do not need
    from zapdesk.services.runs import RunService
    from zapdesk.services.watching import RunsChange

RESOLUTIONS = {
    "happened": Resolution.HAPPENED,
    "did-not": Resolution.DID_NOT,
    "leave": Resolution.LEFT,
}
"""How they are spelt in the terminal."""

_LOOK_S = 1.0


async def run(context: Context) -> int:
    """Run an action."""
    return await _send(context, RunKind.RUN)


async def test(context: Context) -> int:
    """Run an action as a step test."""
    output.say("A step test really executes the action.")
    return await _send(context, RunKind.TEST)


async def _send(context: Context, kind: RunKind) -> int:
    form = await context.form()
    order = form.order(uuid.uuid4().hex, kind)
    await form.close()
    runs = (await context.session()).runs
    order = await _asked_about(context, runs, order)
    await _be_sure(context, order)

    def note(change: RunsChange) -> None:
        # From the moment it is written down Ctrl-C has to say what became of it.
        context.run_id = context.run_id or (change.run.id if change.run else None)

    runs.changed.subscribe(note)
    sent = await runs.start(order)
    profile = context.program.access.profile
    whom = f", for {profile.partner.shown}" if profile.acts_for else ""
    output.say(f"Run {sent.id}: sending to {sent.app_title} › {sent.action_title}{whom}.")
    # At least until it is known whether it was accepted, however short the wait.
    sent = await runs.wait_until_sent(sent.id)
    if (unsaved := runs.unsaved(sent.id)) is not None:
        server = server_of(sent)
        known = f"{server} took it as {unsaved.run_id}" if unsaved.run_id else "it was sent"
        output.problem(unsaved.trouble)
        output.say(f"zapdesk: This could not be saved, so keep it: {known}.")
    if sent.status is RunStatus.WAITING and not context.options.no_wait:
        output.say(f"Accepted as {sent.run_id}. Waiting for its end…")
        with _telling(runs, sent):
            await runs.wait(sent.id, context.options.wait)
        _say_trouble(runs, sent.id)
    await runs.flush()
    return await context.print_run(sent.id)


async def _asked_about(context: Context, runs: RunService, order: RunOrder) -> RunOrder:
    """``order``, linked to the run that it repeats where a person wants it to be sent again.

    A person at a terminal is asked. A script is told on stderr and goes on: what it repeats it
    means to repeat, and nothing would answer it. Raises InvalidInput where the answer is no.
    """
    earlier = await runs.earlier_attempt(order)
    if earlier is None:
        return order
    if not context.options.again:
        now_ms = time.time_ns() // 1_000_000
        output.say(f"zapdesk: {earlier.sentence(now_ms)} (Run {earlier.run.id[:12]}.)")
        if context.is_json or not asking.is_possible():
            return order
        output.say(earlier.warning())
        if not await asking.yes("Send it again?"):
            raise InvalidInput(
                "Nothing was sent.",
                "The same inputs were sent a short while ago.",
                hint="With --again they are sent without a question.",
            )
    return replace(order, again_of=earlier.run.id)


async def _be_sure(context: Context, order: RunOrder) -> None:
    """Have a person at a terminal type the app's name before something is written in a live
    profile. A script is not asked: nothing would answer it. Raises InvalidInput where the answer
    is another, and Offline where nothing can be sent anyway.
    """
    profile = context.program.access.profile
    is_asked = not (context.options.yes or context.is_json) and asking.is_possible()
    if not is_asked or not context.program.guard.asks(profile, order.action.action_type):
        return
    network.ensure_online()
    output.say(f"zapdesk: {profile.name} is live. {live_words(profile, order)}")
    typed = await asking.line(f"Type {order.app_title} to run it:")
    if not names_app(typed, order.app_title):
        raise InvalidInput(
            "Nothing was sent.",
            f"{profile.name} is a live profile, and what was typed is not the app's name.",
            hint="With --yes it is sent without a question.",
        )


def _say_trouble(runs: RunService, id: str) -> None:
    if (trouble := runs.trouble(id)) is not None:
        output.say(f"zapdesk: Its end cannot be asked for. {trouble}")


@contextmanager
def _telling(runs: RunService, waiting: ActionRun) -> Iterator[None]:
    """Say on stderr when something else than time is waited for."""
    owner = TaskOwner()
    owner.start(_tell_waits(runs, waiting), "tell what is waited for")
    try:
        yield
    finally:
        owner.cancel()


async def _tell_waits(runs: RunService, waiting: ActionRun) -> None:
    told = WaitsFor.RHYTHM
    while True:
        await asyncio.sleep(_LOOK_S)  # first of all, until it is known who looks after it
        outlook = runs.outlook(waiting)
        if outlook is None or outlook.waits_for is told:
            continue
        told = outlook.waits_for
        if told not in {WaitsFor.RHYTHM, WaitsFor.NOBODY}:
            when = f" The next look is in {outlook.seconds:.0f} s." if outlook.seconds else ""
            output.say(f"zapdesk: {outlook.sentence(server_of(waiting))}{when}")


async def watch(context: Context) -> int:
    """Wait for the end of a run, whoever looks after it."""
    await context.program.settle_abandoned()
    found = await context.program.log.find(context.options.run)
    context.run_id = found.id
    if found.status.is_open and not found.is_foreign and network.is_offline():
        output.say("zapdesk: It is offline, so the end of the run is not asked for.")
    elif found.status.is_open and not found.is_foreign:
        _use_profile_of(context, found)
        runs = (await context.session()).runs
        output.say(f"Run {found.id} is not over. Waiting for its end…")
        with _telling(runs, found):
            await runs.follow(found.id, context.options.wait)
        _say_trouble(runs, found.id)
        await runs.flush()
    return await context.print_run(found.id)


def _use_profile_of(context: Context, run: ActionRun) -> None:
    if context.program.access.profile.id == run.profile_id:
        return
    profile = context.program.profiles.get(run.profile_id)
    if profile is None:
        raise InvalidInput(
            f"This run belongs to '{run.profile_id}', which is not set up here.",
            hint="Set ZAPDESK_BASE_URL and ZAPDESK_TOKEN as when it was sent.",
        )
    context.program.access = Access(profile)


async def resolve(context: Context) -> int:
    """Close a run whose outcome is not known with what a person found out."""
    await context.program.settle_abandoned()
    log, options = context.program.log, context.options
    found = await log.find(options.run)
    resolution = RESOLUTIONS[options.resolution]
    await log.resolve(found.id, resolution, options.note.strip(), time.time_ns() // 1_000_000)
    await context.print_run(found.id)
    return codes.DONE
